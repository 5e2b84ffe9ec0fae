/// What in a text would act on a forge when it stands in a commit message, and its harmless form.
enum MessageWords {
    /// The text without characters that can't be seen, without orders to the pipeline, and without closing words.
    static func harmless(_ text: String) -> String {
        var text = visible(text)
        text = text.replacing(skipOrder) { match in "(\(match.output.1))" }
        text = text.replacing(noPipeline) { _ in "(NO CI)" }
        text = text.replacing(closingWord) { match in "\(touching(match.output.1))\(match.output.2)" }
        text = text.replacing(addressOfItem) { match in match.output.1 }
        text = text.replacing(foreignReference) { match in "\(match.output.1) \(match.output.2 == "&" ? "& " : "")\(match.output.3)" }
        return text
    }

    /// Whether a line would be read as a trailer that names people, tasks or a change log.
    static func isTrailer(_ line: some StringProtocol) -> Bool {
        guard let match = String(line).prefixMatch(of: trailer) else { return false }
        let name = match.output.1.lowercased()
        return name.hasSuffix("-by") || name.hasSuffix("-id") || name.hasSuffix("-to")
            || ["changelog", "cc", "author", "committer", "merge-request", "git-tag", "ee", "trailers"].contains(name)
    }

    /// Without spaces at either end; a line of dashes would hide the trailers from git, and one with `diff` the rest.
    static func trimmed(_ line: Substring) -> String {
        var line = line
        while let last = line.last, last.isWhitespace { line = line.dropLast() }
        let start = line.drop { $0.isWhitespace }
        if start.hasPrefix("---") || start.hasPrefix("diff -") || start.hasPrefix("Index: ") { return "- \(start.drop { "- ".contains($0) })" }
        return isTrailer(start) ? String(start) : String(line)
    }

    private static func visible(_ text: String) -> String {
        let text = text.replacing("\r\n", with: "\n")
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.compactMap { scalar in
                    switch scalar.properties.generalCategory {
                    case .control: scalar == "\n" ? "\n" : (scalar == "\t" || scalar == "\r" ? " " : nil)
                    case .lineSeparator, .paragraphSeparator: "\n"
                    case .spaceSeparator: " "
                    case .format, .surrogate, .privateUse, .unassigned: nil
                    default: (0xFE00...0xFE0F).contains(scalar.value) || (0xE0000...0xE0FFF).contains(scalar.value) ? nil : scalar
                    }
                }))
    }

    // A Regex is not Sendable, since it may hold code of the caller's. These hold none and are never changed, which is why
    // each may be `nonisolated(unsafe)`. They look at scalars, as the forge does: a character may hold a letter or a mark
    // together with a bracket or a digit.

    /// `[skip ci]`, `[ci-skip]`, `[no ci]` and their kin, also those of other forges.
    nonisolated(unsafe) private static let skipOrder =
        /\[\s*((?:skip|no)[\s_-]*(?:ci|pipelines?|actions|cd|build|travis|azurepipelines)|(?:ci|actions|pipelines?)[\s_-]*(?:skip|no)[\w\s_-]*)\s*\]/
        .ignoresCase().matchingSemantics(.unicodeScalar)

    nonisolated(unsafe) private static let noPipeline = /\*{2,}\s*NO_CI\s*\*{2,}/.ignoresCase().matchingSemantics(.unicodeScalar)

    /// A word by which GitLab closes issues, in front of something that names an issue: `#1`, `group/project#1`, `[issue:1]`, an address.
    nonisolated(unsafe) private static let closingWord =
        /(clos(?:e[sd]?|ing)|\bfix(?:e[sd]|ing)?|\bresolv(?:e[sd]?|ing)|\bimplement(?:s|ed|ing)?)(:?\s+(?:(?:issues?|work\s*items?|epics?)\s*:?\s+)?(?:[\w.\/-]*[#&!]\d|\[[a-z_]+:|GL-\d|https?:\/\/|[A-Z][A-Z0-9_]+-\d))/
        .ignoresCase().matchingSemantics(.unicodeScalar)

    /// `group/project#1`, or `project#1` of the same group: GitLab would write into another project that it was mentioned.
    nonisolated(unsafe) private static let foreignReference =
        /([\w.-]+(?:\/[\w.-]+)*)([#!&])([0-9]+)/.matchingSemantics(.unicodeScalar)

    /// The same by an address, which without its scheme is only text.
    nonisolated(unsafe) private static let addressOfItem =
        /https?:\/\/(\S*?\/(?:issues(?:\/incident)?|incidents|work_items|merge_requests|epics)\/[0-9]|\S*?\/commit\/[0-9a-f]{7})/
        .ignoresCase().matchingSemantics(.unicodeScalar)

    nonisolated(unsafe) private static let trailer = /\s*([A-Za-z][A-Za-z0-9-]*)\s*:(?:\s|$)/.matchingSemantics(.unicodeScalar)

    /// The same form of a verb that closes nothing.
    private static func touching(_ word: Substring) -> String {
        let lower = word.lowercased()
        let verb = lower.hasSuffix("ing") ? "touching" : lower.hasSuffix("ed") ? "touched" : "touch"
        let form = verb == "touch" && lower.hasSuffix("s") ? "touches" : verb
        return word.first?.isUppercase == true ? form.prefix(1).uppercased() + form.dropFirst() : form
    }
}
