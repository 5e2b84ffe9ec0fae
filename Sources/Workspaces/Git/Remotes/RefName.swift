/// Names of branches and tags, in a grammar stricter than git's: nothing that could be read as an option, a pattern, a
/// revision expression or another kind of ref.
enum RefName {
    /// - Throws: when `name` can't be a branch's or tag's short name.
    static func check(_ name: String) throws(GitFailure) {
        guard isPlain(name) else {
            throw GitFailure(.invalid, "\"\(printable(name))\" can't be used as the name of a branch or tag.")
        }
    }

    static func isPlain(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 244, name != "@", name.uppercased() != "HEAD" else { return false }
        guard !name.hasPrefix("-"), !name.hasPrefix("refs/"), !name.hasSuffix("."), !name.hasSuffix("/") else { return false }
        guard !name.contains(".."), !name.contains("@{"), !name.contains("//") else { return false }
        // A branch called like an object would be taken for one.
        guard CommitID(rawValue: name.lowercased()) == nil else { return false }
        let isClean = name.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .unassigned: false
            default: !"~^:?*[\\\"'`$;&|<>(){}!".unicodeScalars.contains(scalar)
            }
        }
        return isClean
            && name.split(separator: "/").allSatisfy { !$0.hasPrefix(".") && !$0.hasPrefix("-") && !$0.hasSuffix(".lock") }
    }

    /// For messages: bounded and on one line.
    static func printable(_ name: String) -> String {
        let text = String(
            String.UnicodeScalarView(
                name.unicodeScalars.prefix(80).map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
        return text
    }
}
