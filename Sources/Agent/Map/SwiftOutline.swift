/// Declarations of a Swift file, found line by line: universal-ctags does not know the language.
///
/// An outline for orientation, not a parser: types, extensions, functions and initializers are found with their nesting;
/// strings over several lines and comments are skipped.
enum SwiftOutline {
    private static let modifiers: Set<Substring> = [
        "public", "package", "internal", "private", "fileprivate", "open", "final", "static", "class", "override", "mutating",
        "nonmutating", "nonisolated", "indirect", "required", "convenience", "async", "distributed", "prefix", "postfix", "infix",
        "consuming", "borrowing", "sending", "lazy", "weak", "unowned",
    ]
    private static let types: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "extension", "typealias", "macro"]
    private static let functions: Set<Substring> = ["func", "init", "subscript", "deinit"]

    static func symbols(in text: String) -> [SourceSymbol] {
        var symbols: [SourceSymbol] = []
        var depth = 0
        var inString = false
        var commentDepth = 0
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            let trimmed = line.drop(while: { $0 == " " || $0 == "\t" })
            if !inString, commentDepth == 0, !trimmed.hasPrefix("//"), depth <= 3,
                let symbol = symbol(in: trimmed, line: number, depth: depth)
            {
                symbols.append(symbol)
            }
            scan(line, &depth, &inString, &commentDepth)
        }
        return symbols
    }

    private static func symbol(in line: Substring, line number: Int, depth: Int) -> SourceSymbol? {
        var rest = line
        while rest.first == "@" {
            // An attribute, perhaps with arguments.
            rest = rest.drop(while: { $0 != " " && $0 != "(" })
            if rest.first == "(", let close = rest.firstIndex(of: ")") { rest = rest[rest.index(after: close)...] }
            rest = rest.drop(while: { $0 == " " })
        }
        var isClassMember = false
        while true {
            let word = rest.prefix(while: { $0.isLetter || $0.isNumber || $0 == "_" })
            guard !word.isEmpty else { return nil }
            let after = rest[word.endIndex...]
            if types.contains(word) || functions.contains(word) {
                if word == "class", let next = after.nextWord, modifiers.contains(next) || functions.contains(next) || next == "var" {
                    isClassMember = true
                } else {
                    return make(word, after, line: number, depth: depth)
                }
            }
            guard modifiers.contains(word) || isClassMember else { return nil }
            rest = after
            if rest.first == "(", let close = rest.firstIndex(of: ")") { rest = rest[rest.index(after: close)...] }
            rest = rest.drop(while: { $0 == " " })
        }
    }

    private static func make(_ keyword: Substring, _ after: Substring, line: Int, depth: Int) -> SourceSymbol? {
        var head = keyword + after
        if let brace = head.firstIndex(of: "{") { head = head[..<brace] }
        head = head.trimmingSuffix(while: { $0 == " " || $0 == "{" })
        let name = after.nextWord.map(String.init) ?? String(keyword)
        guard keyword != "deinit" else { return nil }
        return SourceSymbol(line: line, text: String(head.prefix(160)), name: name, depth: depth)
    }

    /// Follows braces, comments and strings through a line.
    private static func scan(_ line: Substring, _ depth: inout Int, _ inString: inout Bool, _ commentDepth: inout Int) {
        var inShortString = false
        let bytes = Array(line.utf8)
        var index = 0
        func has(_ text: StaticString) -> Bool {
            guard index + text.utf8CodeUnitCount <= bytes.count else { return false }
            return text.withUTF8Buffer { buffer in (0..<buffer.count).allSatisfy { bytes[index + $0] == buffer[$0] } }
        }
        while index < bytes.count {
            if commentDepth > 0 {
                if has("*/") { commentDepth -= 1; index += 1 } else if has("/*") { commentDepth += 1; index += 1 }
            } else if inString {
                if has("\"\"\"") { inString = false; index += 2 }
            } else if inShortString {
                if bytes[index] == UInt8(ascii: "\\") { index += 1 } else if bytes[index] == UInt8(ascii: "\"") { inShortString = false }
            } else if has("//") {
                return
            } else if has("/*") {
                commentDepth += 1
                index += 1
            } else if has("\"\"\"") {
                inString = true
                index += 2
            } else if bytes[index] == UInt8(ascii: "\"") {
                inShortString = true
            } else if bytes[index] == UInt8(ascii: "{") {
                depth += 1
            } else if bytes[index] == UInt8(ascii: "}") {
                depth = max(0, depth - 1)
            }
            index += 1
        }
    }
}

extension Substring {
    fileprivate var nextWord: Substring? {
        let word = drop(while: { $0 == " " }).prefix(while: { $0.isLetter || $0.isNumber || $0 == "_" })
        return word.isEmpty ? nil : word
    }

    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, predicate(last) { text = text.dropLast() }
        return text
    }
}
