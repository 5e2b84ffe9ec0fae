package import Foundation

/// A point in time as GitLab writes it: `2026-11-02 09:15:00 UTC`, `2026-11-02 11:15:00 +0200` or ISO 8601 with or
/// without a fraction. Which form comes depends on the field and on GitLab's version.
package struct GitLabTime: Sendable, Hashable, Comparable {
    package let date: Date

    package init(_ date: Date) { self.date = date }

    package init?(_ text: String) {
        var reader = Reader(bytes: Array(text.utf8))
        guard text.utf8.count <= 40, let date = reader.date() else { return nil }
        self.date = date
    }

    package static func < (left: GitLabTime, right: GitLabTime) -> Bool { left.date < right.date }
}

extension GitLabTime: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = GitLabTime(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a time"))
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(date.ISO8601Format(.init(includingFractionalSeconds: true)))
    }
}

private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func date() -> Date? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var seconds = Double(Self.days(year: year, month: month, day: day)) * 86_400
        guard position < bytes.count else { return Date(timeIntervalSince1970: seconds) }
        guard take("T") || take(" "), let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60
        else { return nil }
        seconds += Double(hour * 3600 + minute * 60)
        if take(":") {
            guard let second = number(2), second <= 60 else { return nil }
            seconds += Double(second)
            if take(".") { seconds += fraction() }
        }
        _ = take(" ")
        guard let offset = zone() else { return nil }
        return Date(timeIntervalSince1970: seconds - Double(offset))
    }

    /// Seconds east of UTC; a missing zone is UTC.
    private mutating func zone() -> Int? {
        if position == bytes.count { return 0 }
        let rest = String(decoding: bytes[position...], as: UTF8.self)
        if rest == "Z" || rest == "z" || rest == "UTC" { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(2) else { return nil }
        _ = take(":")
        let minutes = position < bytes.count ? number(2) : 0
        guard let minutes, position == bytes.count else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private mutating func fraction() -> Double {
        var scale = 0.1
        var value = 0.0
        while position < bytes.count, let digit = digit(at: position) {
            value += Double(digit) * scale
            scale /= 10
            position += 1
        }
        return value
    }

    private mutating func number(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for _ in 0..<count {
            guard let digit = digit(at: position) else { return nil }
            value = value * 10 + digit
            position += 1
        }
        return value
    }

    private func digit(at index: Int) -> Int? {
        (48...57).contains(bytes[index]) ? Int(bytes[index]) - 48 : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
