import Domain
import Foundation
import SQLiteStore
import Subprocess
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Killed in the middle of work", .timeLimit(.minutes(2)))
struct KillTests {
    private static let placeVariable = "AI_CODER_STORE_KILL_TEST"

    @Test("A12: what was acknowledged before kill -9 is there afterwards, each task once")
    func killed() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            // This very test program, told to run nothing but the test below.
            let me = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let result = try await Subprocess.run(
                .path(FilePath(me)), arguments: ["--testing-library", "swift-testing", "--filter", "KillTests/victim"],
                environment: .inherit.updating([.init(stringLiteral: Self.placeVariable): path]), input: .none, output: .sequence,
                error: .discarded
            ) { execution in
                var lines: [String] = []
                var rest: [UInt8] = []
                for try await chunk in execution.standardOutput {
                    chunk.withUnsafeBytes { rest += $0 }
                    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                        let line = String(decoding: rest[..<end], as: UTF8.self)
                        rest.removeSubrange(...end)
                        guard line.hasPrefix("ACK ") else { continue }
                        lines.append(String(line.dropFirst(4)))
                        if lines.count == 200 { try execution.send(signal: .kill) }
                    }
                }
                return lines
            }
            let acknowledged = result.closureResult
            #expect(!result.terminationStatus.isSuccess)
            #expect(acknowledged.count >= 200)
            let store = try SQLiteStore.open(path: path)
            for id in acknowledged {
                #expect(try await store.task(Sample.id("t-\(id)")) != nil, "\(id)")
                #expect(try await store.delivery(id: id)?.result == .accepted)
            }
            // What was written but not acknowledged comes again, and finds itself there.
            let again = try await store.accept(Sample.delivery(acknowledged[0], task: Sample.task("t-again")))
            #expect(again == .duplicate(of: acknowledged[0], try Sample.id("t-\(acknowledged[0])")))
        }
    }

    @Test(
        "the process that is killed: accepts deliveries until then",
        .enabled(if: ProcessInfo.processInfo.environment[placeVariable] != nil, "runs only as another test's child"))
    func victim() async throws {
        let path = try #require(ProcessInfo.processInfo.environment[Self.placeVariable])
        let store = try SQLiteStore.open(path: path)
        await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<16 {
                group.addTask {
                    for number in 0..<1_000_000 {
                        let id = "d\(lane)-\(number)"
                        let task = try Sample.task("t-\(id)", issue: Int64(lane * 1_000_000 + number))
                        guard case .accepted = try await store.accept(Sample.delivery(id, task: task)) else { return }
                        let line = Array("ACK \(id)\n".utf8)
                        // One write, so that a line is there whole or not at all.
                        guard write(1, line, line.count) == line.count else { return }
                    }
                }
            }
        }
        Issue.record("nobody killed this process")
    }
}
