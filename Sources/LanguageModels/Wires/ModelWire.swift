/// One protocol: how a conversation is written in it, and how its replies are read.
package protocol ModelWire: Sendable {
    associatedtype Reader: ReplyReader
    static var kind: WireKind { get }
    static func body(of request: WireRequest) -> [UInt8]
    static func reader(_ context: ReplyContext) -> Reader
}

/// What one request says, apart from its protocol.
package struct WireRequest: Sendable {
    var conversation: Conversation
    var model: String
    var maxOutputTokens: Int
    /// `ModelTurn.source` of turns that are sent back as they came.
    var source: String
    /// OpenAI's or Anthropic's own service, which knows fields that others refuse.
    var isFirstParty: Bool
    var adaptations: Adaptations
}

/// What a reader has to know of the conversation.
package struct ReplyContext: Sendable {
    /// Ids of calls that exist already: a new one must differ.
    var usedCallIDs: Set<String>
    var turn: Int

    init(_ conversation: Conversation) {
        usedCallIDs = []
        turn = 0
        for case .assistant(let turn) in conversation.messages {
            self.turn += 1
            usedCallIDs.formUnion(turn.calls.map(\.id))
        }
    }

    /// The id as received; made up when empty or taken.
    mutating func unique(_ id: String?, index: Int) -> String {
        var candidate = id ?? ""
        if candidate.isEmpty { candidate = "call_\(turn)_\(index)" }
        let base = candidate
        var number = 2
        while usedCallIDs.contains(candidate) {
            candidate = "\(base)_\(number)"
            number += 1
        }
        usedCallIDs.insert(candidate)
        return candidate
    }
}

/// How much a reply may consist of. A size alone bounds no work: a million parts of one name would be compared with each other.
enum ReplyBounds {
    static let parts = 1_000

    static func check(_ count: Int) throws(ReplyTrouble) {
        guard count <= parts else { throw .broken("it consists of more than \(parts) parts") }
    }
}

/// Puts a reply together from its stream's events, or takes one that came whole.
package protocol ReplyReader: Sendable {
    /// - Returns: Text for people that this event brought.
    mutating func add(_ event: JSONValue) throws(ReplyTrouble) -> String
    /// `data: [DONE]`.
    mutating func addEndMark()
    /// The server has said all.
    var isComplete: Bool { get }
    /// At the stream's end.
    mutating func finish() throws(ReplyTrouble) -> WireReply
    /// A reply that came as plain JSON.
    mutating func read(_ reply: JSONValue) throws(ReplyTrouble) -> WireReply
}

package enum ReplyTrouble: Error, Sendable {
    /// What came is no whole reply; says what is wrong.
    case broken(String)
    /// The service reported an error in place of a reply.
    case service(ServiceError)
}

/// A reply, read.
package struct WireReply: Sendable {
    var text: String
    var calls: [ToolCall]
    var stop: ModelTurn.Stop
    var usage: WireUsage?
    var model: String?
    var raw: String
}

/// Token counts as the service sent them.
package struct WireUsage: Sendable, Hashable {
    /// What a service counts is as little to be trusted as what it says: sums of these must stay within an `Int`.
    static func count(_ value: Int) -> Int { min(max(value, 0), 1 << 40) }

    /// All input, the cached parts included.
    package var input = 0
    package var cacheRead = 0
    /// All cache writes, those for an hour included.
    package var cacheWrite = 0
    package var cacheWriteHour = 0
    package var output = 0
    /// US dollars, where the reply itself says so.
    package var cost: Double?
    package init(
        input: Int = 0, cacheRead: Int = 0, cacheWrite: Int = 0, cacheWriteHour: Int = 0, output: Int = 0,
        cost: Double? = nil
    ) {
        self.input = Self.count(input)
        self.cacheRead = Self.count(cacheRead)
        self.cacheWrite = Self.count(cacheWrite)
        self.cacheWriteHour = Self.count(cacheWriteHour)
        self.output = Self.count(output)
        self.cost = cost.flatMap { $0.isFinite && (0..<1e9).contains($0) ? $0 : nil }
    }
}
