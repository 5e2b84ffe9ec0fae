import Domain
import Foundation
import Rehearsal
import Testing

/// Ends that nobody planned: a signal, and a kill that leaves no time for anything.
@Suite("A task from the command line that is ended from outside", .serialized)
struct OneShotEndingTests {
    @Test(
        "a signal ends it as cancelled at every stage, and leaves no process and no file", .timeLimit(.minutes(2)),
        arguments: OneShotStage.allCases, [SIGINT, SIGTERM])
    func signalled(at stage: OneShotStage, _ signal: Int32) async throws {
        try await OneShotScene.run(OneShotStage.script(stage), files: OneShotStage.files(stage)) { scene in
            try await stage.hold(scene)
            let process = try scene.start()
            let pipe = try await stage.reached(scene, process)
            defer { if let pipe { close(pipe) } }
            let sent = ContinuousClock.now
            process.signal(signal)
            let outcome = try await process.outcome()
            #expect(sent.duration(to: .now) < .seconds(15))
            #expect(outcome.exitCode == 1, "\(outcome.errors)")
            let result = try OneShotScene.result(outcome)
            #expect(result.status == .failed && result.errorKind == .cancelled, "\(result)")
            let statuses = scene.receiver.statuses(of: "task_001")
            #expect(statuses.last == "cancelled", "\(statuses)")
            #expect(statuses.dropLast().last == (stage == .command ? "coding" : stage.rawValue), "\(statuses)")
            try await scene.eventually("no process is left: \(scene.processes(marker: OneShotStage.marker))", within: 5) {
                scene.processes(marker: OneShotStage.marker).isEmpty
            }
            #expect(scene.leftFiles().isEmpty, "\(scene.leftFiles())")
            if stage != .cloning { #expect(try await scene.git("branch --list 'ai/*'") == "") }
        }
    }

    @Test("a second signal ends it at once, while the first one's farewell takes its time", .timeLimit(.minutes(2)))
    func signalledTwice() async throws {
        let stage = OneShotStage.analyzing
        // Nobody answers there, so the last status is tried again and again.
        try await OneShotScene.run(OneShotStage.script(stage), files: OneShotStage.files(stage), settings: ["WEBHOOK_URL": "http://127.0.0.1:9/status"]) {
            scene in
            let process = try scene.start()
            _ = try await stage.reached(scene, process)
            process.signal(SIGINT)
            try await scene.eventually("it says that it stops: \(process.log)") { process.log.contains("Stopping") }
            let sent = ContinuousClock.now
            process.signal(SIGINT)
            #expect(try await process.outcome().exitCode == 1)
            #expect(sent.duration(to: .now) < .seconds(3))
            #expect(scene.processes(marker: OneShotStage.marker).isEmpty)
        }
    }

    @Test(
        "killed at every stage, a second run cleans up what was left and completes", .timeLimit(.minutes(2)),
        arguments: OneShotStage.allCases)
    func killed(at stage: OneShotStage) async throws {
        try await OneShotScene.run(OneShotStage.script(stage), files: OneShotStage.files(stage)) { scene in
            try await stage.hold(scene)
            let process = try scene.start()
            let pipe = try await stage.reached(scene, process)
            process.signal(SIGKILL)
            _ = try await process.outcome()
            defer { if let pipe { close(pipe) } }
            if stage == .command || stage == .testing {
                try await scene.eventually("the sandbox ends with the program") { scene.processes(marker: OneShotStage.marker).isEmpty }
            }
            try await stage.release(scene)

            let (code, result, log) = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // What hung the first time may do so again, until it is woken.
                    while stage != .committing, !Task.isCancelled {
                        scene.wake(OneShotStage.marker)
                        try? await Task.sleep(for: .milliseconds(50))
                    }
                }
                defer { group.cancelAll() }
                return try await scene.work()
            }
            #expect(code == 0 && result.status == .completed, "\(result.error ?? "") \(log)")
            #expect(try await scene.git("rev-list --count main..ai/task_001") == "1")
            #expect(try await scene.git("for-each-ref --format='%(refname:short)'") == "ai/task_001\nmain")
            #expect(try await scene.git("show ai/task_001:NOTES.md") == "Notes.")
            #expect(scene.receiver.statuses(of: "task_001").last == "completed")
            #expect(scene.leftFiles().isEmpty, "\(scene.leftFiles())")
            #expect(scene.processes(marker: OneShotStage.marker).isEmpty, "\(scene.processes(marker: OneShotStage.marker))")
        }
    }
}
