/// What a person asked for in a note.
package enum Command: Sendable, Hashable {
    case change(String)
    case review(String)
    case answer(String)
    case plan(String)
    case approve(String)
    case fix(String)
    case stop, status, retry, help
    /// A word after the trigger that is none of the commands.
    case unknown(word: String)
}
