import Foundation

/// What a test waited for and did not come.
package struct NotSeen: Error, CustomStringConvertible {
    package let description: String
}

/// Looks until it is so.
///
/// Only for what another process does and tells nobody: inside one process, wait for the event itself.
package func eventually(_ what: String, within seconds: Double = 60, _ isSo: () async throws -> Bool) async throws {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
        if try await isSo() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw NotSeen(description: "It did not come to this within \(Int(seconds)) s: \(what).")
}
