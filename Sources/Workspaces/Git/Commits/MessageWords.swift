/// What in a text would act on a forge when it stands in a commit message, and its harmless form.
enum MessageWords {
    /// More than any message keeps.
    private static let mostScalars = 32 << 10

    /// The text without characters that can't be seen, without orders to the pipeline, and without closing words. What goes beyond
    /// the length of any message is left out: the work must not grow with what a model can write.
    static func harmless(_ text: String) -> String {
        var text = visible(String(text.unicodeScalars.prefix(mostScalars)))
        text = text.replacing(wideGap) { _ in gap }
        text = text.replacing(skipOrder) { match in "(\(match.output.1))" }
        text = text.replacing(noPipeline) { _ in "(NO CI)" }
        text = text.replacing(closingWord) { match in "\(touching(match.output.1))\(match.output.2)" }
        text = text.replacing(addressOfItem) { match in match.output.1 }
        return withoutForeignReferences(text)
    }

    /// `group/project#1`, or `project#1` of the same group: GitLab would write into another project that it was mentioned.
    private static func withoutForeignReferences(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var made = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            guard scalar == "#" || scalar == "!" || scalar == "&", index > 0, endsName(scalars[index - 1]), index + 1 < scalars.count,
                ("0"..."9").contains(scalars[index + 1])
            else {
                made.append(scalar)
                continue
            }
            made.append(contentsOf: (scalar == "&" ? " & " : " ").unicodeScalars)
        }
        return String(made)
    }

    private static func endsName(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_" || scalar == "." || scalar == "-"
    }

    /// Whether a line would be read as a trailer that names people, tasks or a change log.
    static func isTrailer(_ line: some StringProtocol) -> Bool {
        guard let name = trailerName(of: line) else { return false }
        return name.hasSuffix("-by") || name.hasSuffix("-id") || name.hasSuffix("-to")
            || ["changelog", "cc", "author", "committer", "merge-request", "git-tag", "ee", "trailers", "repairs-pipeline"].contains(name)
    }

    /// The word before a line's first colon, in lower case; git wants no space behind it.
    private static func trailerName(of line: some StringProtocol) -> String? {
        let scalars = line.unicodeScalars.drop { $0.properties.isWhitespace }
        let name = scalars.prefix { $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-") }
        guard name.first?.properties.isAlphabetic == true else { return nil }
        guard scalars[name.endIndex...].first(where: { !$0.properties.isWhitespace }) == ":" else { return nil }
        return String(String.UnicodeScalarView(name)).lowercased()
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

    // They look at scalars, as the forge does: a character may hold a letter or a mark together with a bracket or a digit. They are
    // made for each message, since a Regex can't be shared between threads. Each repetition that may be followed by one of the same
    // signs has a bound, so that no text takes more than its length.

    private static let gap = String(repeating: " ", count: 40)
    private static var wideGap: Regex<Substring> {
        /\ {41,}/.matchingSemantics(.unicodeScalar)
    }

    /// `[skip ci]`, `[ci-skip]`, `[no ci]` and their kin, also those of other forges.
    private static var skipOrder: Regex<(Substring, Substring)> {
        /\[\s*((?:skip|no)[\s_-]*(?:ci|pipelines?|actions|cd|build|travis|azurepipelines)|(?:ci|actions|pipelines?)[\s_-]*(?:skip|no)[\w\s_-]{0,100})\s{0,40}\]/
            .ignoresCase().matchingSemantics(.unicodeScalar)
    }

    private static var noPipeline: Regex<Substring> {
        /\*{2,3}\s{0,40}NO_CI\s{0,40}\*{2,3}/.ignoresCase().matchingSemantics(.unicodeScalar)
    }

    /// A word by which GitLab closes issues, in front of something that names an issue: `#1`, `group/project#1`, `[issue:1]`, an address.
    private static var closingWord: Regex<(Substring, Substring, Substring)> {
        /(clos(?:e[sd]?|ing)|\bfix(?:e[sd]|ing)?|\bresolv(?:e[sd]?|ing)|\bimplement(?:s|ed|ing)?)(:?\s{1,80}(?:(?:issues?|work\s{0,40}items?|epics?)(?:\s{0,40}:)?\s{1,80})?(?:[\w.\/-]*[#&!]\d|\[[a-z_]+:|GL-\d|https?:\/\/|[A-Z][A-Z0-9_]+-\d))/
            .ignoresCase().matchingSemantics(.unicodeScalar).wordBoundaryKind(.simple)
    }

    /// An address of an item, which without its scheme is only text.
    private static var addressOfItem: Regex<(Substring, Substring)> {
        /https?:\/\/(\S{0,400}?\/(?:issues(?:\/incident)?|incidents|work_items|merge_requests|epics)\/[0-9]|\S{0,400}?\/commit\/[0-9a-f]{7})/
            .ignoresCase().matchingSemantics(.unicodeScalar)
    }

    /// The same form of a verb that closes nothing.
    private static func touching(_ word: Substring) -> String {
        let lower = word.lowercased()
        let verb = lower.hasSuffix("ing") ? "touching" : lower.hasSuffix("ed") ? "touched" : "touch"
        let form = verb == "touch" && lower.hasSuffix("s") ? "touches" : verb
        return word.first?.isUppercase == true ? form.prefix(1).uppercased() + form.dropFirst() : form
    }
}
