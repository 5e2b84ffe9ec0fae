/// A glob over paths: `*` and `?` stay within one part, `**` crosses parts, as a part of its own and within one (`ci/**.yml`). A pattern without a slash means a file of that
/// name in any directory, and one that names a directory means all beneath it. Case does not count: on doubt a protected
/// path is protected.
package struct PathPattern: Sendable {
    /// Any of these.
    private let alternatives: [[[Character]]]
    private let isAnywhere: Bool

    package init(_ pattern: String) {
        var text = pattern.lowercased()[...]
        while text.hasPrefix("./") { text = text.dropFirst(2) }
        isAnywhere = !text.drop { $0 == "/" }.dropLast(text.hasSuffix("/") ? 1 : 0).contains("/") && !text.hasPrefix("/")
        alternatives = Self.alternatives(of: text.split(separator: "/").map(Array.init))
    }

    /// `a**b` is `a*b` in one part, or `a*` and `*b` with any parts between.
    private static func alternatives(of parts: [[Character]]) -> [[[Character]]] {
        let most = 16
        var found: [[[Character]]] = [[]]
        for part in parts {
            let star = part.indices.dropLast().first { part[$0] == "*" && part[$0 + 1] == "*" }
            guard let star, part.contains(where: { $0 != "*" }) else {
                let plain = star == nil ? part : ["*", "*"]
                found = found.map { $0 + [plain] }
                continue
            }
            let before = Array(part[..<star])
            let after = Array(part[star...].drop { $0 == "*" })
            var crossing: [[Character]] = before.isEmpty ? [] : [before + ["*"]]
            crossing.append(["*", "*"])
            crossing.append(["*"] + after)
            let within: [[Character]] = [before + ["*"] + after]
            let isFull = found.count * 2 > most
            found = found.flatMap { isFull ? [$0 + crossing] : [$0 + within, $0 + crossing] }
        }
        return found
    }

    package func matches(_ path: String) -> Bool {
        let names = path.lowercased().split(separator: "/").map(Array.init)
        return alternatives.contains { parts in
            guard !parts.isEmpty else { return false }
            if isAnywhere { return names.indices.contains { Self.match(parts[...], names[$0...]) } }
            return Self.match(parts[...], names[...])
        }
    }

    /// What is left of `names` after the pattern's end lies beneath what it names. Goes back to the last `**` only, so that
    /// no pattern of a project's takes more than its length times the path's.
    private static func match(_ parts: ArraySlice<[Character]>, _ names: ArraySlice<[Character]>) -> Bool {
        var (parts, names) = (parts, names)
        var retry: (parts: ArraySlice<[Character]>, names: ArraySlice<[Character]>)?
        while let part = parts.first {
            if part == ["*", "*"] {
                parts = parts.drop { $0 == ["*", "*"] }
                guard !parts.isEmpty else { return !names.isEmpty }
                retry = (parts, names)
            } else if let name = names.first, matchPart(part[...], name[...]) {
                parts = parts.dropFirst()
                names = names.dropFirst()
            } else if let (resumed, seen) = retry, !seen.isEmpty {
                parts = resumed
                names = seen.dropFirst()
                retry = (resumed, names)
            } else {
                return false
            }
        }
        return true
    }

    /// Goes back to the last star only, so that no pattern takes more than its length times the name's.
    private static func matchPart(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        var (pattern, name) = (pattern, name)
        var retry: (pattern: ArraySlice<Character>, name: ArraySlice<Character>)?
        while let character = name.first {
            if pattern.first == "*" {
                pattern = pattern.drop { $0 == "*" }
                retry = (pattern, name)
            } else if let wanted = pattern.first, wanted == "?" || wanted == character {
                pattern = pattern.dropFirst()
                name = name.dropFirst()
            } else if let (resumed, seen) = retry {
                name = seen.dropFirst()
                pattern = resumed
                retry = (resumed, name)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == "*" }
    }
}
