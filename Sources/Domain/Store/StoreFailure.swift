/// Why the store could not do what was asked: one sentence that says what to do, a code for programs, the cause for the log.
package struct StoreFailure: Error, Sendable {
    package struct Code: Sendable, Hashable, RawRepresentable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The place can't be opened or reached: missing folder, no permission, no server.
        package static let unreachable = Code(rawValue: "store_unreachable")
        /// Another process holds the store for longer than a write waits.
        package static let locked = Code(rawValue: "store_locked")
        package static let full = Code(rawValue: "store_full")
        package static let readOnly = Code(rawValue: "store_read_only")
        package static let corrupt = Code(rawValue: "store_corrupt")
        /// Written by a newer version of the program.
        package static let newerSchema = Code(rawValue: "store_newer_schema")
        /// More is waiting to be written down than is kept in memory.
        package static let overloaded = Code(rawValue: "store_overloaded")
        package static let notFound = Code(rawValue: "not_found")
        /// What was asked contradicts what is written down: a step recorded twice, a running task forgotten.
        package static let conflict = Code(rawValue: "conflict")
        package static let unexpected = Code(rawValue: "store_unexpected")
    }

    package let code: Code
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Worth asking again without anybody changing anything.
    package var isTransient: Bool { code == .locked || code == .overloaded || code == .full }
}

extension StoreFailure: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(message)" }
}
