import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The product as a child process that tests may kill at any moment.
final class ServiceProcess: Sendable {
    private let processID: Int32
    private let end: AsyncStream<Void>
    private let isOver = Mutex(false)

    init(_ arguments: [String], environment: [String: String], log: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "ai-coder")
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        if !FileManager.default.fileExists(atPath: log) { try Data().write(to: URL(fileURLWithPath: log)) }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try file.seekToEnd()
        process.standardError = file
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        end = stream
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
        processID = process.processIdentifier
    }

    var hasEnded: Bool { get async { isOver.withLock { $0 } || Glibc.kill(processID, 0) != 0 } }

    func strike() {
        guard !isOver.withLock({ $0 }) else { return }
        _ = Glibc.kill(processID, SIGKILL)
    }

    func kill() async {
        strike()
        for await _ in end {}
        isOver.withLock { $0 = true }
    }
}

enum FreePort {
    /// A port that was free a moment ago.
    static func find() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socketAddress in
                bind(descriptor, socketAddress, length) == 0 && getsockname(descriptor, socketAddress, &length) == 0
            }
        }
        guard isBound else { throw AssembledBot.Trouble("No free port on 127.0.0.1.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
