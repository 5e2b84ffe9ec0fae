import Foundation

/// "resolve the conflicts, keep both entries", "merge main into this branch": a merge of the target branch, and how it is meant.
/// Whatever is more precise about something else is a request like any other.
struct ConflictRequest: Hashable {
    /// The branch that was named to be merged in; nil where only conflicts were spoken of.
    private(set) var branch: String?
    /// The rest of what was said, in the person's own words.
    let wishes: String
    /// The merge is wanted for itself, and not only where it has conflicts.
    let wantsMerge: Bool
    /// Said in words that mean a merge only when what they name is the target branch: "update this branch with tests".
    private(set) var isVague = false

    init?(_ words: String) {
        let text = words.trimmingCharacters(in: .whitespacesAndNewlines)
        let rest: Substring
        if let match = text.prefixMatch(of: Self.conflicts) {
            (rest, wantsMerge) = (text[match.range.upperBound...], false)
            // "fix the conflict: two users book the same slot" tells of one in the code.
            if rest.first == ":", !text[match.range].lowercased().contains("conflicts") { return nil }
        } else if let match = text.prefixMatch(of: Self.merge) {
            (rest, wantsMerge) = (text[match.range.upperBound...], true)
            branch = String(match.1)
        } else if let match = text.prefixMatch(of: Self.update) {
            (rest, wantsMerge, isVague) = (text[match.range.upperBound...], true, true)
            branch = String(match.1)
        } else if let match = text.prefixMatch(of: /请?(?:解决|处理|修复)(?:所有|全部)?(?:合并)?冲突/) {
            (rest, wantsMerge) = (text[match.range.upperBound...], false)
        } else if let match = text.prefixMatch(of: /请?把?\s*([^\s，,。]+?)\s*(?:分支)?合并(?:到|进|入)(?:这个|当前|本|该)?分支/) {
            (rest, wantsMerge) = (text[match.range.upperBound...], true)
            branch = String(match.1)
        } else {
            return nil
        }
        guard let wishes = Self.wishes(in: rest) else { return nil }
        self.wishes = wishes
        if let branch, Self.noBranch.contains(branch.lowercased()) { return nil }
    }

    /// "merge this into that branch" is nobody's wish for a merge of the target.
    private static let noBranch: Set<String> = ["this", "it", "that", "them", "both", "all", "these"]

    /// Whether the branch that was named is the target; "the target branch" is it by any name.
    func means(_ target: String) -> Bool {
        guard let branch else { return true }
        return [target, "origin/\(target)", "`\(target)`", "target"].contains(branch)
    }

    private static var conflicts: Regex<Substring> {
        /(?:please\s+|pls\s+)?(?:resolve|fix|solve|handle|sort\s+out|clear)(?:\s+(?:all|the|any|these|this|its|our|my))*(?:\s+merge)?\s+conflicts?(?:\s+(?:with|against)\s+(?:the\s+)?[^\s,;:]*[^\s,;:.](?:\s+branch)?)?(?:\s+(?:on|in|of)\s+this\s+(?:mr|merge\s+request))?(?:,?\s+please)?/
            .ignoresCase()
    }

    private static var merge: Regex<(Substring, Substring)> {
        /(?:please\s+|pls\s+)?merge\s+(?:in\s+)?(?:the\s+)?(?:latest\s+)?([^\s,;:]+)(?:\s+branch)?\s+(?:in|into|to)\s+(?:(?:this|the|my|our)\s+(?:source\s+|feature\s+)?(?:branch|mr|merge\s+request)|here)(?:,?\s+please)?/
            .ignoresCase()
    }

    private static var update: Regex<(Substring, Substring)> {
        /(?:please\s+|pls\s+)?(?:update|bring)\s+(?:this|the|my|our)\s+(?:source\s+|feature\s+)?(?:branch|mr|merge\s+request)(?:\s+up\s+to\s+date)?\s+(?:with|from)\s+(?:the\s+)?(?:latest\s+)?([^\s,;:]+?)(?:\s+branch)?(?:,?\s+please)?(?=$|[\s,;:.!])/
            .ignoresCase()
    }

    /// Nil where the sentence goes on and means something else: "resolve the conflicts in the booking calendar".
    private static func wishes(in rest: Substring) -> String? {
        let said = rest.trimmingCharacters(in: .whitespacesAndNewlines.union(.punctuationCharacters))
        guard !said.isEmpty else { return "" }
        let start = rest.first { $0 != " " && $0 != "\t" }
        if let start, start.isNewline || ",;:.!—–-，；：。！(".contains(start) { return said }
        return said.prefixMatch(of: /(?:and|but|by|so|such|keeping|preferring|taking|where|then)\s/.ignoresCase()) == nil ? nil : said
    }
}
