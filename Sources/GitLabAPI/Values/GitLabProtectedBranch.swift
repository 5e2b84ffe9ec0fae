/// A rule that protects branches; its name may have `*` in it.
package struct GitLabProtectedBranch: Sendable, Hashable, Decodable {
    package var id: Int64?
    package var name: String
    package var allowsForcePush: Bool

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = fields.read("id")
        name = try fields.require("name")
        allowsForcePush = fields.read("allow_force_push") ?? false
    }

    package func covers(_ branch: String) -> Bool {
        Self.matches(Array(name.utf8)[...], Array(branch.utf8)[...])
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        // Every star but the last takes as little as it can: enough for a pattern without other wildcards.
        let parts = pattern.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return pattern == text }
        guard text.starts(with: first), text.count >= first.count + last.count,
            text.suffix(last.count).elementsEqual(last)
        else { return false }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
