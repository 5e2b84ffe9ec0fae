internal import Synchronization

/// What the scripted model was asked, in order.
package final class ScriptedRequestLog: Sendable {
    package struct Entry: Codable, Sendable, Equatable {
        package var wire: String
        /// Name in the script; empty for a request that was refused before it was recognised.
        package var conversation: String
        package var turn: Int
        package var model: String
        package var status: Int
        /// The fault or the refusal that was given in place of the turn.
        package var trouble: String?
        package var body: String
    }

    private struct State {
        var entries: [Entry] = []
        var bytes = 0
        var asked: [String: Int] = [:]
    }
    private let state = Mutex(State())
    private static let mostBytes = 64 << 20

    package var entries: [Entry] { state.withLock { $0.entries } }

    /// How often each turn was answered in full: more than once means that a turn was paid twice.
    package var answered: [String: Int] {
        entries.reduce(into: [:]) { counts, entry in
            if entry.status == 200 && entry.trouble == nil { counts["\(entry.conversation)/\(entry.turn)", default: 0] += 1 }
        }
    }

    /// - Returns: How often this turn was asked for before.
    func ask(_ key: String) -> Int {
        state.withLock { state in
            defer { state.asked[key, default: 0] += 1 }
            return state.asked[key, default: 0]
        }
    }

    func append(_ entry: Entry) {
        state.withLock { state in
            state.entries.append(entry)
            state.bytes += entry.body.utf8.count
            var first = 0
            while state.bytes > Self.mostBytes, first < state.entries.count {
                state.bytes -= state.entries[first].body.utf8.count
                state.entries[first].body = ""
                first += 1
            }
        }
    }
}
