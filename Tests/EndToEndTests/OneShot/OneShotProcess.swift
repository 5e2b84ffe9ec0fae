import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The built executable doing one task, as a child that a test may signal at any moment.
final class OneShotProcess: Sendable {
    private let processID: Int32
    private let end: Task<Int32, Never>
    private let outputFile: URL
    private let errors: URL

    /// - Parameter input: what it reads from its standard input; nothing when nil.
    init(_ arguments: [String], environment: [String: String], folder: String, input: String? = nil) throws {
        let name = UUID().uuidString
        (outputFile, errors) = (URL(fileURLWithPath: "\(folder)/\(name).out"), URL(fileURLWithPath: "\(folder)/\(name).err"))
        for file in [outputFile, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "ai-coder")
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        if let input {
            let file = URL(fileURLWithPath: "\(folder)/\(name).in")
            try Data(input.utf8).write(to: file)
            process.standardInput = try FileHandle(forReadingFrom: file)
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errors)
        let (codes, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = {
            continuation.yield($0.terminationStatus)
            continuation.finish()
        }
        try process.run()
        processID = process.processIdentifier
        end = Task {
            for await code in codes { return code }
            return -1
        }
    }

    /// The child is not yet waited for when it is signalled: its number can't be another's.
    func signal(_ number: Int32) { _ = kill(processID, number) }

    /// What it has said so far.
    var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }
    var log: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    func outcome() async throws -> Product.Outcome {
        let code = await end.value
        return Product.Outcome(
            exitCode: code, output: String(decoding: try Data(contentsOf: outputFile), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}
