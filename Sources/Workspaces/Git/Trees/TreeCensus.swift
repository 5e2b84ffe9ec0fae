import Synchronization

/// Counts a commit's tree while git lists it, before a single file is written, and ends the listing at the first limit
/// that is passed or name that is not safe.
final class TreeCensus: Sendable {
    private struct State {
        var rest: [UInt8] = []
        var entries = 0
        var bytes = 0
        var verdict: GitFailure?
    }

    private let limits: GitLimits
    private let state = Mutex(State())
    /// Ends, with or without a value, as soon as there is nothing more to wait for.
    let stop: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init(limits: GitLimits) {
        self.limits = limits
        (stop, continuation) = AsyncStream.makeStream(of: Void.self)
    }

    var verdict: GitFailure? { state.withLock { $0.verdict } }
    var bytes: Int { state.withLock { $0.bytes } }

    /// The next part of `git ls-tree -r -t -l -z`.
    func take(_ part: [UInt8]) {
        let isOver = state.withLock { state in
            guard state.verdict == nil else { return true }
            state.rest.append(contentsOf: part)
            var start = state.rest.startIndex
            while let end = state.rest[start...].firstIndex(of: 0) {
                state.verdict = count(state.rest[start..<end], in: &state)
                start = end + 1
                if state.verdict != nil { return true }
            }
            state.rest.removeSubrange(..<start)
            if state.rest.count > 1 << 16 {
                state.verdict = GitFailure(.tooLarge, "The repository has a path that is too long.")
            }
            return state.verdict != nil
        }
        if isOver { continuation.yield() }
    }

    func finish() { continuation.finish() }

    /// `mode type object size<TAB>path`
    private func count(_ record: ArraySlice<UInt8>, in state: inout State) -> GitFailure? {
        guard let tab = record.firstIndex(of: UInt8(ascii: "\t")) else {
            return GitFailure(.other, "git listed the repository's files in a form that is not known.")
        }
        let path = record[record.index(after: tab)...]
        let fields = record[..<tab].split(separator: UInt8(ascii: " "))
        state.entries += 1
        guard state.entries <= limits.entries else {
            return GitFailure(.tooLarge, "The repository has more than \(limits.entries) files and directories.")
        }
        guard path.count < 4096, path.split(separator: UInt8(ascii: "/")).allSatisfy({ $0.count < 256 }) else {
            return GitFailure(.tooLarge, "The repository has a path that is too long.")
        }
        guard PathRules.isSafe(path) else {
            let name = RefName.printable(String(decoding: path, as: UTF8.self))
            return GitFailure(.refused, "The repository has a file that could pass for git's own: \(name).")
        }
        let size = fields.count == 4 ? Int(String(decoding: fields[3], as: UTF8.self)) ?? 0 : 0
        guard size <= limits.fileBytes else {
            let name = RefName.printable(String(decoding: path, as: UTF8.self))
            return GitFailure(.tooLarge, "The repository's file \(name) is larger than \(limits.fileBytes >> 20) MiB.")
        }
        state.bytes += size
        guard state.bytes <= limits.treeBytes else {
            return GitFailure(.tooLarge, "The repository's files are larger than \(limits.treeBytes >> 20) MiB in all.")
        }
        return nil
    }
}
