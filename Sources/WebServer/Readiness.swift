/// Whether the service can take on work, part by part.
package struct ReadinessReport: Sendable, Hashable {
    package struct Part: Sendable, Hashable {
        package var name: String
        package var isReady: Bool
        /// What is wrong and what to do; shown to anybody, so free of addresses and secrets.
        package var message: String?

        package init(_ name: String, isReady: Bool, message: String? = nil) {
            self.name = name
            self.isReady = isReady
            self.message = message
        }
    }

    package var parts: [Part]
    package var isReady: Bool { parts.allSatisfy(\.isReady) }

    package init(_ parts: [Part]) { self.parts = parts }
}
