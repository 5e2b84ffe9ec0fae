/// Why a task ended without its result: a sentence for the person who asked, a kind for programs, a cause for the log.
package struct TaskFailure: Error, Sendable {
    /// The closed list of the result's `error_kind`.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case network, authentication, code, system, configuration, budget, cancelled
    }

    package let kind: Kind
    /// What failed, why, and what to do next. Free of secrets; safe to post in a note.
    package let message: String
    /// It may pass: worth trying again later without anybody changing anything.
    package let isTransient: Bool
    /// For the log only.
    package let cause: (any Error)?

    package init(_ kind: Kind, _ message: String, isTransient: Bool = false, cause: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.isTransient = isTransient
        self.cause = cause
    }
}

extension TaskFailure: CustomStringConvertible {
    package var description: String { "\(kind.rawValue): \(message)" }
}
