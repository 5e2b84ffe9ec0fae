/// `[text](target "title")` on one line.
struct LinkSyntax {
    /// No link that people write is longer; it bounds the search for its end.
    static let longest = 2_000

    let text: ArraySlice<Unicode.Scalar>
    let target: ArraySlice<Unicode.Scalar>
    /// The index after it.
    let end: Int

    static func inline(in source: [Unicode.Scalar], at start: Int, budget: inout Int) -> LinkSyntax? {
        guard let close = closingBracket(in: source, at: start, budget: &budget), close + 1 < source.count, source[close + 1] == "("
        else { return nil }
        var cursor = Cursor(source: source, position: close + 2, limit: min(source.count, start + longest))
        cursor.skipSpaces()
        guard let target = cursor.target() else { return nil }
        let hadSpace = cursor.skipSpaces()
        if hadSpace { cursor.skipTitle() }
        cursor.skipSpaces()
        guard cursor.peek == ")" else { return nil }
        return LinkSyntax(text: source[(start + 1)..<close], target: target, end: cursor.position + 1)
    }

    /// The bracket that closes the one at `start`; code and escapes between don't count.
    static func closingBracket(in source: [Unicode.Scalar], at start: Int, budget: inout Int) -> Int? {
        var depth = 0
        var position = start
        let limit = min(source.count, start + longest)
        while position < limit, budget > 0 {
            budget -= 1
            switch source[position] {
            case "\\": position += 1
            case "`":
                let run = source[position...].prefix { $0 == "`" }.count
                var end = position + run
                while end < limit {
                    let other = source[end...].prefix { $0 == "`" }.count
                    if other == run { break }
                    budget -= 1
                    end += max(1, other)
                }
                position = end < limit ? end + run - 1 : position + run - 1
            case "[": depth += 1
            case "]":
                depth -= 1
                if depth == 0 { return position }
            default: break
            }
            position += 1
        }
        return nil
    }

    private struct Cursor {
        let source: [Unicode.Scalar]
        var position: Int
        let limit: Int

        var peek: Unicode.Scalar? { position < limit ? source[position] : nil }

        @discardableResult
        mutating func skipSpaces() -> Bool {
            let start = position
            while peek == " " || peek == "\t" { position += 1 }
            return position > start
        }

        mutating func target() -> ArraySlice<Unicode.Scalar>? {
            if peek == "<" {
                let start = position + 1
                while let scalar = peek, scalar != ">" { position += scalar == "\\" ? 2 : 1 }
                guard peek == ">" else { return nil }
                defer { position += 1 }
                return source[start..<position]
            }
            let start = position
            var depth = 0
            while let scalar = peek, scalar != " ", scalar != "\t" {
                if scalar == "(" { depth += 1 }
                if scalar == ")" {
                    if depth == 0 { break }
                    depth -= 1
                }
                position += scalar == "\\" ? 2 : 1
            }
            guard position <= limit, depth == 0 else { return nil }
            return source[start..<position]
        }

        mutating func skipTitle() {
            guard let quote = peek, quote == "\"" || quote == "'" || quote == "(" else { return }
            let close: Unicode.Scalar = quote == "(" ? ")" : quote
            let start = position
            position += 1
            while let scalar = peek, scalar != close { position += scalar == "\\" ? 2 : 1 }
            if peek == close { position += 1 } else { position = start }
        }
    }
}
