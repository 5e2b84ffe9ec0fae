import Domain
import Foundation
import SQLiteStore
import Subprocess
import TestSupport
import Testing

@Suite("A disk that is full or read-only", .timeLimit(.minutes(1)), .serialized)
struct FullDiskTests {
    private static func run(_ program: String, _ arguments: String...) async throws -> Bool {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments), output: .discarded, error: .discarded)
        return result.terminationStatus.isSuccess
    }

    private static func canMount() async -> Bool {
        (try? await withSmallDisk { _ in true }) ?? false
    }

    /// A file system of one megabyte.
    private static func withSmallDisk<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        try await withTemporaryFolder { folder in
            guard try await run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder) else {
                throw StoreFailure(.unexpected, "mount is not permitted here")
            }
            do {
                let result = try await body(folder)
                _ = try await run("umount", "-l", folder)
                return result
            } catch {
                _ = try? await run("umount", "-l", folder)
                throw error
            }
        }
    }

    @Test(
        "A12: on a full disk nothing is acknowledged that is not kept, and it goes on when there is room again",
        .enabled("needs the right to mount a tmpfs") { await canMount() })
    func full() async throws {
        try await Self.withSmallDisk { folder in
            let filler = folder + "/filler"
            try Data(repeating: 1, count: 400_000).write(to: URL(fileURLWithPath: filler))
            let store = try SQLiteStore.open(path: folder + "/store.sqlite")
            var acknowledged: [String] = []
            var failure: StoreFailure?
            for number in 1...10_000 {
                do {
                    let task = try Sample.task("t\(number)", issue: Int64(number), intent: String(repeating: "x", count: 2_000))
                    _ = try await store.accept(Sample.delivery("d\(number)", task: task))
                    acknowledged.append("t\(number)")
                } catch let error as StoreFailure {
                    failure = error
                    break
                }
            }
            #expect(failure?.code == .full && failure?.isTransient == true)
            #expect(!acknowledged.isEmpty)
            for id in acknowledged { #expect(try await store.task(Sample.id(id)) != nil) }
            #expect(try await store.counts().queued == acknowledged.count)
            try FileManager.default.removeItem(atPath: filler)
            let outcome = try await store.accept(Sample.delivery("after", task: Sample.task("after")))
            #expect(outcome == .accepted(try Sample.id("after"), reason: "command"))
            try store.close()
        }
    }

    @Test("a read-only disk is told in words", .enabled("needs the right to mount a tmpfs") { await canMount() })
    func readOnly() async throws {
        try await Self.withSmallDisk { folder in
            let path = folder + "/store.sqlite"
            try SQLiteStore.open(path: path).close()
            #expect(try await Self.run("mount", "-o", "remount,ro", folder))
            var failure: StoreFailure?
            do {
                _ = try SQLiteStore.open(path: path)
            } catch let error as StoreFailure {
                failure = error
            }
            #expect(failure?.code == .readOnly)
        }
    }
}
