import Foundation

/// GitLab's two ways to write a time.
enum Stamp {
    /// `2026-11-02T09:10:11.123Z`, the REST API's way.
    static func rest(_ date: Date) -> String { date.formatted(restStyle) }

    /// `2026-11-02 09:10:11 UTC`, the way of webhook bodies: whole seconds only.
    static func hook(_ date: Date) -> String {
        let text = date.formatted(secondsStyle)  // 2026-11-02T09:10:11Z
        return text.replacing("T", with: " ").replacing("Z", with: " UTC")
    }

    /// `2026-11-02`.
    static func day(_ date: Date) -> String { String(date.formatted(secondsStyle).prefix(10)) }

    static func date(fromDay text: String) -> Date? {
        try? Date("\(text.prefix(10))T00:00:00Z", strategy: .iso8601)
    }

    static func instant(_ text: String) -> Date? {
        (try? Date(text, strategy: restStyle)) ?? (try? Date(text, strategy: .iso8601)) ?? date(fromDay: text)
    }

    private static let restStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    private static let secondsStyle = Date.ISO8601FormatStyle()
}
