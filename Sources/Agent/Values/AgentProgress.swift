package import Domain

/// What the agent is doing this moment, for a live line; nothing of it is kept.
package struct AgentProgress: Sendable, Hashable {
    package enum Event: Sendable, Hashable {
        /// A model call has begun.
        case asking
        /// So many characters of text have arrived in this turn.
        case writing(characters: Int)
        /// A tool runs; its name and the one argument that says most, such as a path.
        case tool(name: String, subject: String)
        /// A turn and its calls are done.
        case turnEnded
    }
    /// `analyze`, `code`, `review` or `answer`.
    package var stage: String
    package var iteration: Int
    package var turn: Int
    package var event: Event
    /// Of the whole task so far.
    package var usage: Usage
}
