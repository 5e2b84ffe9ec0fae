/// Removes `<think>…</think>` from the start of a text, also while it streams in.
///
/// Only at the start: further in, the words may be what the text is about.
struct ThinkFilter {
    private enum State { case start, inside, after }
    private var state = State.start
    private var held = ""

    private static let open = "<think>"
    private static let close = "</think>"

    /// What people may see of it by now.
    mutating func add(_ text: String) -> String {
        guard state != .after else { return text }
        held += text
        while true {
            switch state {
            case .start:
                let rest = held.drop(while: \.isWhitespace)
                if rest.hasPrefix(Self.open) {
                    held = String(rest.dropFirst(Self.open.count))
                    state = .inside
                } else if Self.open.hasPrefix(rest) {
                    // Blanks without end would be looked through again with each piece.
                    if held.utf8.count > 1_000 { held = String(rest) }
                    return ""
                } else {
                    return flush()
                }
            case .inside:
                guard let end = held.firstRange(of: Self.close) else {
                    held = String(held.suffix(Self.close.count - 1))
                    return ""
                }
                held = String(held[end.upperBound...].drop(while: \.isWhitespace))
                state = .start
            case .after: return flush()
            }
        }
    }

    /// What was held back at the end of the text.
    mutating func finish() -> String { state == .start ? flush() : "" }

    private mutating func flush() -> String {
        state = .after
        defer { held = "" }
        return held
    }

    /// A whole text; one that was begun inside a thought by the server's template has only the closing mark.
    static func visible(_ text: String) -> String {
        if let end = text.firstRange(of: close), text.firstRange(of: open).map({ $0.lowerBound > end.lowerBound }) ?? true {
            return String(text[end.upperBound...].drop(while: \.isWhitespace))
        }
        var filter = ThinkFilter()
        return filter.add(text) + filter.finish()
    }
}
