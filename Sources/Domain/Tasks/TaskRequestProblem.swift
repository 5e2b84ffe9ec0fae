/// Why a task JSON is not taken: one sentence that names the key and says what is expected. It repeats no value.
package struct TaskRequestProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case malformed, unknownKey = "unknown_key", wrongType = "wrong_type", missingKey = "missing_key"
        case invalidValue = "invalid_value", secretNotTaken = "secret_not_taken", notAllowed = "not_allowed"
    }

    package let code: Code
    package let message: String
    package let key: String?

    package init(_ code: Code, _ message: String, key: String? = nil) {
        self.code = code
        self.message = message
        self.key = key
    }

    package var description: String { message }
}
