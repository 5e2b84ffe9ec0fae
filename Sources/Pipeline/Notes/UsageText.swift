import Domain
import Foundation

/// Tokens always; money only where prices are configured, and then as about.
struct UsageText {
    let text: String

    init(_ usage: Usage) {
        let about = usage.isEstimated ? "about " : ""
        var text = "\(about)\(Self.short(usage.inputTokens)) tokens in (\(Self.short(usage.cachedTokens)) cached), \(Self.short(usage.outputTokens)) out"
        if let cost = usage.cost { text += String(format: ", about $%.2f", cost) }
        self.text = text
    }

    private static func short(_ count: Int) -> String {
        count < 10_000 ? "\(count)" : count < 1_000_000 ? "\(count / 1000)k" : String(format: "%.1fM", Double(count) / 1e6)
    }
}
