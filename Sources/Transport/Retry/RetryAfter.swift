/// What a server says about when to come back.
package enum RetryAfter {
    /// `retry-after-ms`, else `Retry-After` in seconds or as an HTTP date; nil when absent or unreadable.
    package static func read(_ headers: HeaderFields, now: Double) -> Duration? {
        if let text = headers["retry-after-ms"], let value = Double(text.trimmed), value.isFinite, value >= 0 {
            return seconds(value / 1000)
        }
        guard let text = headers["retry-after"]?.trimmed else { return nil }
        if let value = Double(text) { return value.isFinite && value >= 0 ? seconds(value) : nil }
        return HTTPDate.read(text).map { seconds(max(0, $0 - now)) }
    }

    private static func seconds(_ value: Double) -> Duration { .seconds(min(value, 1e9)) }
}
