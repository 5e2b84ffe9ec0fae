import Foundation

/// Files whose change can turn a pipeline, a review rule or the bot itself: never pushed unless the request names them.
enum ProtectedFiles {
    static let builtIn = [
        ".gitlab-ci.yml", "**/.gitlab-ci.yml", "/.gitlab", ".github/workflows/**", "CODEOWNERS", "docs/CODEOWNERS", ".gitattributes",
        "**/.gitattributes", ".gitmodules", ".ai-coder.yml", "AGENTS.md", "CLAUDE.md",
    ]

    /// Whether a request names a path: the whole path or its last part stands in the text as a word.
    static func names(_ path: String, in request: String) -> Bool {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        return [path, last].contains { name in
            var rest = request[...]
            while let found = rest.range(of: name) {
                let before = found.lowerBound == request.startIndex ? nil : request[request.index(before: found.lowerBound)]
                let after = found.upperBound == request.endIndex ? nil : request[found.upperBound]
                let isWord = { (character: Character?) in
                    character.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" } ?? false
                }
                if !isWord(before), !isWord(after) { return true }
                rest = rest[found.upperBound...]
            }
            return false
        }
    }
}
