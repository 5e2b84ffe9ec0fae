/// How to see that a file of a language can be read at all, without running it.
struct SyntaxCheck: Sendable {
    let name: String
    let tool: String
    let endings: [String]
    /// The files' names follow. What the program loads must not be the project's: a module named as one of the language's own, say.
    let command: [String]

    /// Files of this ending that are another language, such as JSON with comments.
    var otherwise: [String] = []

    func covers(_ path: String) -> Bool {
        endings.contains { path.hasSuffix($0) } && !otherwise.contains { path.contains($0) }
    }

    static let all: [SyntaxCheck] = [
        SyntaxCheck(
            name: "python syntax", tool: "python3", endings: [".py"],
            command: [
                "python3", "-I", "-c",
                """
                import ast, sys
                bad = 0
                for name in sys.argv[1:]:
                    try:
                        ast.parse(open(name, 'rb').read(), name)
                    except (SyntaxError, ValueError) as error:
                        bad = 1
                        print(f'{name}: {error}')
                sys.exit(bad)
                """,
            ]),
        SyntaxCheck(
            name: "json syntax", tool: "python3", endings: [".json"],
            command: [
                "python3", "-I", "-c",
                """
                import json, sys
                bad = 0
                for name in sys.argv[1:]:
                    try:
                        json.load(open(name, encoding='utf-8-sig'))
                    except ValueError as error:
                        bad = 1
                        print(f'{name}: {error}')
                sys.exit(bad)
                """,
            ], otherwise: ["tsconfig", "jsconfig", ".vscode/", ".devcontainer/", "fixtures/", "testdata/"]),
        SyntaxCheck(
            name: "shell syntax", tool: "bash", endings: [".sh", ".bash"],
            command: ["sh", "-c", "bad=0; for f; do bash -n -- \"$f\" || bad=1; done; exit $bad", "sh"]),
        SyntaxCheck(
            name: "javascript syntax", tool: "node", endings: [".js", ".mjs", ".cjs"],
            command: ["sh", "-c", "bad=0; for f; do node --check -- \"$f\" || bad=1; done; exit $bad", "sh"]),
        SyntaxCheck(
            name: "swift syntax", tool: "swift", endings: [".swift"],
            command: ["swiftc", "-frontend", "-parse"]),
        SyntaxCheck(name: "go syntax", tool: "gofmt", endings: [".go"], command: ["gofmt", "-e", "-l"]),
        SyntaxCheck(
            name: "ruby syntax", tool: "ruby", endings: [".rb"],
            command: ["sh", "-c", "bad=0; for f; do ruby -c -- \"$f\" >/dev/null || bad=1; done; exit $bad", "sh"]),
        SyntaxCheck(
            name: "php syntax", tool: "php", endings: [".php"],
            command: ["sh", "-c", "bad=0; for f; do php -l -- \"$f\" >/dev/null || bad=1; done; exit $bad", "sh"]),
    ]
}
