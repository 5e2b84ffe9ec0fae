import Foundation
import Synchronization

/// The demo's processes, so that all of them end with it however it ends.
final class Children: Sendable {
    /// Nil once they have been ended: then none is started any more.
    private let all = Mutex<[Child]?>([])

    func start(_ arguments: [String], environment: [String: String] = [:], log: String) throws -> Child {
        try all.withLock { all in
            guard all != nil else { throw CancellationError() }
            let child = try Child(arguments, environment: environment, log: log)
            all?.append(child)
            return child
        }
    }

    /// The last one first: it uses those before it.
    func end() {
        let started = all.withLock { all in
            defer { all = nil }
            return all ?? []
        }
        for child in started.reversed() { child.end() }
    }
}

/// One of the demo's processes: this executable again, under another command.
final class Child: Sendable {
    private let process = Process()
    private let output = Pipe()

    /// - Parameter log: where its stderr goes.
    init(_ arguments: [String], environment: [String: String] = [:], log: String) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        var all = ProcessInfo.processInfo.environment.filter { !Self.isSetting($0.key) }
        all.merge(environment) { _, new in new }
        process.environment = all
        process.standardOutput = output
        try Data().write(to: URL(fileURLWithPath: log))
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// What the machine's own configuration says must not reach the demo.
    private static func isSetting(_ name: String) -> Bool {
        SettingName.allCases.contains { name == $0.rawValue || name == $0.rawValue + "_FILE" } || name == "AI_CODER_CONFIG"
    }

    /// The address on the first line that it prints.
    func address() throws -> String {
        struct Ready: Decodable { var url: String }
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), let first = byte.first, first != UInt8(ascii: "\n") {
            line.append(first)
        }
        return try JSONDecoder().decode(Ready.self, from: line).url
    }

    var isRunning: Bool { process.isRunning }

    func end() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }
}
