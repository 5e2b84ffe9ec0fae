import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Workspaces

@Suite("Processes that outlived their service", .timeLimit(.minutes(1)))
struct SurvivingProcessesTests {
    @Test("A45: a sandbox that its launcher never finished ends with its task, and nobody else who names the task's folder")
    func forsaken() async throws {
        try await withTemporaryFolder { folder in
            let task = folder + "/task-t1"
            try FileManager.default.createDirectory(atPath: task + "/tree", withIntermediateDirectories: true)
            // Waits for a line that never comes.
            func start(as name: String) throws -> (Process, Pipe) {
                try FileManager.default.copyItem(atPath: URL(fileURLWithPath: "/bin/sh").resolvingSymlinksInPath().path, toPath: "\(folder)/\(name)")
                let process = Process()
                let silence = Pipe()
                process.executableURL = URL(fileURLWithPath: "\(folder)/\(name)")
                process.arguments = ["-c", "read line", "run", "--bind", task + "/tree", "/workspace"]
                process.standardInput = silence
                try process.run()
                return (process, silence)
            }
            let (launcher, _) = try start(as: "bwrap")
            let (other, silence) = try start(as: "editor")
            SurvivingProcesses.end(in: FilePath(task))
            launcher.waitUntilExit()
            #expect(launcher.terminationReason == .uncaughtSignal && launcher.terminationStatus == SIGKILL)
            #expect(other.isRunning)
            try silence.fileHandleForWriting.close()
            other.waitUntilExit()
            #expect(other.terminationReason == .exit)
        }
    }
}
