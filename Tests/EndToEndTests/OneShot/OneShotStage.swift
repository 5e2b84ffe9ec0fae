import Foundation
import Rehearsal
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A stage of a task at which it can be held for as long as a test wants, without the product knowing of it.
enum OneShotStage: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case cloning, analyzing, coding, command, testing, committing

    var testDescription: String { self == .command ? "coding, in a command" : rawValue }

    /// What a held process sleeps for; no other process on the machine does, not even one of an earlier run of the tests.
    static let marker = "31557.\(getpid())"
    /// The same, one session further away from whoever started it.
    private static let sleep = "setsid -w sleep \(marker)"

    static func files(_ held: OneShotStage?) -> [String: String] {
        [
            "README.md": "# Notes\n", ".ai-coder.yml": "test: [\"sh test.sh\"]\n",
            "test.sh": "echo 1..1\n\(held == .testing ? "[ ! -e NOTES.md ] || \(sleep) || true\n" : "")echo 'ok 1 - notes'\n",
        ]
    }

    static func script(_ held: OneShotStage?) -> ModelScript {
        // Only the first answer is held back, so that a second run is not.
        func faults(_ stage: OneShotStage) -> [ModelScript.Fault]? { held == stage ? [.init(.slow, milliseconds: 120_000)] : nil }
        var code: [ModelScript.Turn] = [
            .init(calls: [.init("write_file", ["path": "NOTES.md", "content": "Notes.\n"])], faults: faults(.coding)),
            .init(calls: [.init("finish", ["summary": "Write the notes\n\nAs was asked."])]),
        ]
        if held == .command { code.insert(.init(calls: [.init("run_command", ["command": .string("\(sleep); true")])]), at: 1) }
        return ModelScript(conversations: [
            .init(
                "plan", tool: "submit_plan",
                turns: [
                    .init(
                        calls: [.init("submit_plan", ["summary": "Write the notes.", "files": ["NOTES.md"], "changes": [], "tests": []])],
                        faults: faults(.analyzing))
                ]),
            .init("code", tool: "finish", turns: code),
        ])
    }

    /// Makes the stage hang. Cloning hangs where git opens the remote's HEAD, committing in the remote's hook.
    func hold(_ scene: OneShotScene) async throws {
        switch self {
        case .cloning: try await scene.shell("mv origin.git/HEAD HEAD.kept; mkfifo origin.git/HEAD")
        case .committing:
            try await scene.shell(
                "printf '#!/bin/sh\\nsleep \(Self.marker)\\n' >origin.git/hooks/pre-receive; chmod +x origin.git/hooks/pre-receive")
        case .analyzing, .coding, .command, .testing: break
        }
    }

    /// Waits until the task hangs; the descriptor keeps it there.
    func reached(_ scene: OneShotScene, _ process: OneShotProcess) async throws -> Int32? {
        var pipe: Int32 = -1
        try await scene.eventually("the task hangs while \(testDescription): \(process.log)") {
            switch self {
            case .cloning:
                pipe = open("\(scene.origin)/HEAD", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
                return pipe >= 0
            case .analyzing: return scene.model.log.entries.contains { $0.conversation == "plan" }
            case .coding: return scene.model.log.entries.contains { $0.conversation == "code" }
            case .command, .testing, .committing:
                return scene.processes(marker: Self.marker).contains { $0.hasSuffix(" sleep \(Self.marker)") || $0.contains(" sleep \(Self.marker) ") }
            }
        }
        return pipe >= 0 ? pipe : nil
    }

    /// Lets later runs pass where this one hung.
    func release(_ scene: OneShotScene) async throws {
        if self == .cloning { try await scene.shell("rm origin.git/HEAD; mv HEAD.kept origin.git/HEAD") }
        if self == .committing { try await scene.shell("rm origin.git/hooks/pre-receive") }
    }
}
