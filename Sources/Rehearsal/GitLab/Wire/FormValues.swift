import Foundation

/// Query strings and form bodies as Rails reads them: `scope[]=a&scope[]=b` is a list, `position[new_line]=3` an object.
enum FormValues {
    static func parse(_ text: some StringProtocol) -> [String: GitLabJSON] {
        var result = GitLabJSON.object([:])
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first else { continue }
            let name = decode(first)
            let value = GitLabJSON.string(parts.count > 1 ? decode(parts[1]) : "")
            result = inserting(value, at: path(of: name)[...], into: result)
        }
        return result.object ?? [:]
    }

    static func decode(_ text: some StringProtocol) -> String {
        let spaced = String(text).replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }

    /// `a[b][]` is `a`, `b`, and an empty name for "append".
    private static func path(of name: String) -> [String] {
        guard let bracket = name.firstIndex(of: "["), name.hasSuffix("]") else { return [name] }
        let inner = name[bracket...].dropFirst().dropLast()
        return [String(name[..<bracket])] + inner.split(separator: "][", omittingEmptySubsequences: false).map(String.init)
    }

    private static func inserting(_ value: GitLabJSON, at path: ArraySlice<String>, into whole: GitLabJSON?) -> GitLabJSON {
        guard let name = path.first else { return value }
        let rest = path.dropFirst()
        if name.isEmpty {
            return .list((whole?.list ?? []) + [inserting(value, at: rest, into: nil)])
        }
        var members = whole?.object ?? [:]
        members[name] = inserting(value, at: rest, into: members[name])
        return .object(members)
    }
}
