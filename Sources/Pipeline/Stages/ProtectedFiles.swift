import Foundation

/// Files whose change can turn a pipeline, a review rule or the bot itself: never pushed unless the request names them.
enum ProtectedFiles {
    static let builtIn = [
        ".gitlab-ci.yml", "**/.gitlab-ci.yml", "/.gitlab", ".github/workflows/**", "CODEOWNERS", "docs/CODEOWNERS", ".gitattributes",
        "**/.gitattributes", ".gitmodules", ".lfsconfig", ".ai-coder.yml", "AGENTS.md", "CLAUDE.md",
    ]

    /// Whether a request names a path: the whole path, the end of it or its last part stands in the text as a word, and not as a part
    /// of another path, nor only to be left alone.
    static func names(_ path: String, in request: String) -> Bool {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        var rest = request[...]
        // Who names it more often than that and means none of them can say so once.
        for _ in 0..<mostMentions {
            guard let found = rest.range(of: last, options: .literal) else { return false }
            let (before, after) = (request[..<found.lowerBound].suffix(mostAround), request[found.upperBound...].prefix(mostAround))
            if isWhole(before, after), leads(before, to: path, last), !isLeftAlone(before, after) { return true }
            rest = request[found.upperBound...]
        }
        return false
    }

    private static let mostMentions = 200
    /// Characters that are looked at on either side of a name.
    private static let mostAround = 1_000
    private static let pathSigns = Set("/._-~+@#%:=?&")

    private static func isWord(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" } ?? false
    }

    /// `x.AGENTS.md`, `AGENTS.md.old` and `AGENTS.md/x` are other files.
    private static func isWhole(_ before: Substring, _ after: Substring) -> Bool {
        guard !isWord(before.last), !isWord(after.first) else { return false }
        if before.last == ".", isWord(before.dropLast().last) { return false }
        if let next = after.first, next == "." || next == "/", isWord(after.dropFirst().first) { return false }
        return true
    }

    /// What stands before the last part is nothing, or the path's own folders; in an address, all of them.
    private static func leads(_ before: Substring, to path: String, _ last: String) -> Bool {
        guard before.last == "/" else { return true }
        let start = before.lastIndex { !isWord($0) && !pathSigns.contains($0) }.map(before.index(after:)) ?? before.startIndex
        let named = String(before[start...]) + last
        if named.contains("://") { return named.hasSuffix("/" + path) }
        let plain = named.hasPrefix("./") ? named.dropFirst(2) : named.drop { $0 == "/" }
        return path == plain || path.hasSuffix("/" + plain)
    }

    /// "Do not touch AGENTS.md", "all files except AGENTS.md", "leave AGENTS.md as it is".
    private static func isLeftAlone(_ before: Substring, _ after: Substring) -> Bool {
        let ends: Set<Character> = [".", ",", ";", ":", "!", "?", "\n", "，", "。", "；", "！", "？"]
        // The name's own folders are no end of the sentence.
        let folders = before.lastIndex { !isWord($0) && !pathSigns.contains($0) }.map(before.index(after:)) ?? before.startIndex
        let start = before[..<folders].lastIndex { ends.contains($0) }.map(before.index(after:)) ?? before.startIndex
        let said = before[start..<folders].suffix(80)
        let then = after.prefix { !ends.contains($0) }.prefix(60)
        if said.firstMatch(of: forbidding) != nil || said.firstMatch(of: excepting) != nil { return true }
        return said.firstMatch(of: /\b(?:leave|keep)\b/.ignoresCase()) != nil && then.firstMatch(of: unchanged) != nil
            || then.prefixMatch(of: offLimits) != nil
    }

    private static var forbidding: Regex<Substring> {
        /(?:\b(?:not|never|without|avoid|no)\b|n['’]t\b|\bdont\b)\W{1,3}(?:(?:to|ever|even|please|you|be|mak(?:e|ing)|any|do|need|have|want|try|any\w*)\W{1,3}){0,3}(?:touch|chang|modif|edit|alter|updat|writ|delet|remov|renam|mov|adjust)[a-z]*\b[^\n]{0,40}$|(?:不要|别|勿|不得|不能|不可|不许)[^\n]{0,6}(?:改|动|碰|删|编辑|写)[^\n]{0,8}$/
            .ignoresCase()
    }

    private static var excepting: Regex<Substring> {
        /(?:\b(?:except(?:ing)?(?: for)?|but not|nor|apart from|other than)|除了|除)[\s`'"“(]*(?:the\s+)?[`'"“(]*$/.ignoresCase()
    }

    private static var unchanged: Regex<Substring> { /\b(?:alone|untouched|unchanged|as(?: |-)(?:it |they )?(?:is|are)|intact|out)\b/.ignoresCase() }

    private static var offLimits: Regex<Substring> {
        /[`'"”)\s]*(?:(?:must|should|may|can|shall|is|are)\s*(?:not|n['’]t)\s+(?:to\s+)?be\s+(?:touched|changed|modified|edited|altered|updated)|(?:must|should|has to)\s+(?:stay|remain)\b|is off[- ]limits|不要动|不能动|不要改|不能改)/
            .ignoresCase()
    }
}
