import Agent
import NIOPosix
import Workspaces

/// The files of the reviewed commit as lines, read once each.
actor HeadFiles {
    struct File: Sendable {
        /// Without their ends.
        var lines: [String]
        var hasCarriageReturns: Bool
        var endsWithNewline: Bool
        var code: CodeLines
    }

    private let tree: WorkTree
    private var known: [String: File?] = [:]
    private static let limit = 4 << 20

    init(_ tree: WorkTree) { self.tree = tree }

    /// Nil for what is not there, no text, or too large.
    func file(_ path: String) async throws -> File? {
        if let file = known[path] { return file }
        let tree = tree
        let file = try await NIOThreadPool.singleton.runIfActive { () -> File? in
            guard let bytes = try? tree.read(path, limit: Self.limit), !bytes.contains(0) else { return nil }
            var parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let ends = parts.last?.isEmpty ?? false
            if ends { parts.removeLast() }
            let hasReturns = parts.contains { $0.last == UInt8(ascii: "\r") }
            let lines = parts.map { String(decoding: $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0, as: UTF8.self) }
            return File(lines: lines, hasCarriageReturns: hasReturns, endsWithNewline: ends, code: CodeLines(lines))
        }
        known[path] = .some(file)
        return file
    }
}
