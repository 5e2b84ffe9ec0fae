import Domain
import Foundation

/// Numbers, times and states in words for the pages.
enum Wording {
    static func age(_ date: Date, now: Date) -> String {
        let seconds = max(0, Int(now.timeIntervalSince(date)))
        return switch seconds {
        case ..<60: "just now"
        case ..<3600: "\(seconds / 60) min ago"
        case ..<86_400: "\(seconds / 3600) h ago"
        default: "\(seconds / 86_400) d ago"
        }
    }

    static func duration(_ seconds: Double) -> String {
        let whole = max(0, Int(seconds.rounded()))
        if seconds < 1 { return "\(Int((max(0, seconds) * 1000).rounded())) ms" }
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    static func time(_ date: Date) -> String { date.formatted(.iso8601) }

    static func clock(_ date: Date) -> String { String(time(date).dropFirst(11).prefix(8)) }

    /// Thousands apart, so that long numbers can be read.
    static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + text
    }

    static func cost(_ usage: Usage) -> String? {
        guard let cost = usage.cost, cost.isFinite else { return nil }
        let cents = (cost * 100).rounded() / 100
        let text = String(format: "%.2f", cents)
        return cost > 0 && cents == 0 ? "under $0.01" : "about $\(text)"
    }

    static func kind(_ kind: CodingTask.Kind) -> String {
        switch kind {
        case .change: "change"
        case .review: "review"
        case .answer: "answer"
        case .plan: "plan"
        case .approve: "approved plan"
        case .fix: "fix"
        case .stop, .status, .retry, .help, .join, .withdraw: kind.rawValue
        }
    }

    static func subject(_ origin: GitLabOrigin) -> String {
        switch origin.subject {
        case .issue(let iid): "#\(iid)"
        case .mergeRequest(let iid): "!\(iid)"
        }
    }

    /// The first words of a text, on one line.
    static func headline(_ text: String, limit: Int = 140) -> String {
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        return line.count > limit ? "\(line.prefix(limit))…" : line
    }

    /// An address that is safe behind a link; nil for anything but http and https.
    static func link(_ url: String?) -> String? {
        guard let url, let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http", parts.host?.isEmpty == false
        else { return nil }
        return url
    }
}
