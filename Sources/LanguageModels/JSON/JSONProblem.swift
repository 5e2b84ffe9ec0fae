/// Why a text is not JSON.
package struct JSONProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Bytes before the trouble.
    package let offset: Int
    package let what: String
    package var description: String { "not valid JSON at byte \(offset): \(what)" }
}
