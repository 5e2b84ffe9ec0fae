/// Why a call has no proper result, said to the model: what is wrong and how to do it right.
struct ToolProblem: Error, Sendable, Hashable {
    let message: String
    init(_ message: String) { self.message = message }
}
