import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("The demo")
struct DemoTests {
    @Test("a comment becomes a tested merge request, and a second comment another commit", .timeLimit(.minutes(5)))
    func wholeLoop() async throws {
        let outcome = try await Product.run(["demo"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("1 new failure"))
        #expect(outcome.output.contains("Merge request !1"))
        #expect(outcome.output.contains("Closes #1"))
        #expect(outcome.output.components(separatedByEnding: "completed") == 2)
    }

    @Test("a signal ends it with all its processes and its files", .timeLimit(.minutes(2)), arguments: [SIGINT, SIGTERM])
    func signalled(_ signal: Int32) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder]
        let demo = try OneShotProcess(["demo"], environment: environment, folder: folder)
        try await eventually("the demo has begun") { demo.output.contains("opens issue #1") }
        demo.signal(signal)
        #expect(try await demo.outcome().exitCode == 1)
        try await eventually("none of its processes is left") { Self.processes(naming: folder).isEmpty }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("ai-coder-demo") } == [])
    }

    private static func processes(naming folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { number in
            Int32(number) != nil && String(decoding: FileManager.default.contents(atPath: "/proc/\(number)/cmdline") ?? Data(), as: UTF8.self).contains(folder)
        }
    }
}

extension String {
    /// How many lines end with a word.
    fileprivate func components(separatedByEnding word: String) -> Int {
        split(separator: "\n").count { $0.hasSuffix(word) }
    }
}
