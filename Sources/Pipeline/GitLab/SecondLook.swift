import Foundation

/// Looks again for what GitLab has just told but does not show: it may answer from a copy that lags a moment behind.
///
/// What was told long ago is looked for once.
struct SecondLook: Sendable {
    /// When it was told.
    let toldAt: Date
    let now: @Sendable () -> Date

    private static let lag: TimeInterval = 60
    private static let looks = 3

    /// Nil when it is not there.
    func find<Found>(_ look: () async throws -> Found?) async throws -> Found? {
        for _ in 1..<Self.looks {
            if let found = try await look() { return found }
            guard now().timeIntervalSince(toldAt) < Self.lag else { return nil }
            try await Task.sleep(for: .seconds(1))
        }
        return try await look()
    }

    func isSo(_ look: () async throws -> Bool) async throws -> Bool { try await find { try await look() ? true : nil } != nil }
}
