import Rehearsal

/// A small project and what the model says about it.
enum LoopScript {
    static let files = [
        "README.md": "# Portal\n", ".ai-coder.yml": "test: [\"sh test.sh\"]\n",
        "test.sh": "echo 1..1\nif grep -q broken NOTES.md 2>/dev/null; then echo 'not ok 1 - notes'; exit 1; fi\necho 'ok 1 - notes'\n",
    ]

    /// Writes one file. Where the request holds the words `take your time`, the answers come late.
    static let script = ModelScript(conversations: [
        .init("plan slowly", containing: ["take your time"], tool: "submit_plan", turns: plan(delay: nil)),
        .init("code slowly", containing: ["take your time"], tool: "finish", turns: code(delay: 2500)),
        .init("think long", containing: ["think about it"], tool: "submit_plan", turns: plan(delay: 45_000)),
        .init("plan", tool: "submit_plan", turns: plan(delay: nil)),
        .init("code", tool: "finish", turns: code(delay: nil)),
    ])

    private static func plan(delay: Int?) -> [ModelScript.Turn] {
        [
            .init(
                calls: [
                    .init(
                        "submit_plan",
                        ["summary": "Write the notes.", "files": ["NOTES.md"], "changes": ["A new file."], "tests": ["test.sh"]])
                ], delayMilliseconds: delay)
        ]
    }

    private static func code(delay: Int?) -> [ModelScript.Turn] {
        [
            .init(calls: [.init("write_file", ["path": "NOTES.md", "content": "Notes.\n"])], delayMilliseconds: delay),
            .init(calls: [.init("finish", ["summary": "Write the notes\n\nAs was asked."])]),
        ]
    }
}
