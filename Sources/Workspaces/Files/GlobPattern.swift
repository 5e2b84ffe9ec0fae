/// A shell-like pattern over paths: `*` and `?` within a component, `**` across components, `[a-z]` and `[!a-z]`,
/// `{a,b}`.
///
/// Matched without backtracking into exponential time: each alternative keeps the set of positions it may stand at.
package struct GlobPattern: Sendable {
    private enum Part: Sendable {
        case literal(UInt8)
        case any, anyRun, anyPath
        /// `**/`: any number of whole components, none included.
        case anyComponents
        case set([ClosedRange<UInt8>], isNegated: Bool)
    }

    private let alternatives: [[Part]]
    /// Whether it names components, so that it is meant for whole paths.
    package let isAnchored: Bool

    package init(_ text: String) {
        isAnchored = text.utf8.contains(UInt8(ascii: "/"))
        let trimmed = text.hasPrefix("./") ? Array(text.utf8.dropFirst(2)) : text.hasPrefix("/") ? Array(text.utf8.dropFirst()) : Array(text.utf8)
        alternatives = Self.expand(trimmed, budget: 64).map(Self.parse)
    }

    package func matches(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        return alternatives.contains { Self.match($0, bytes) }
    }

    /// Braces become alternatives, at most `budget` of them; what goes beyond is taken literally.
    private static func expand(_ text: [UInt8], budget: Int) -> [[UInt8]] {
        guard budget > 1, let open = text.firstIndex(of: UInt8(ascii: "{")) else { return [text] }
        var depth = 0
        var parts: [[UInt8]] = [[]]
        var index = open
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { break }
            if byte == UInt8(ascii: ","), depth == 1 {
                parts.append([])
            } else if !(byte == UInt8(ascii: "{") && depth == 1) {
                parts[parts.count - 1].append(byte)
            }
            index += 1
        }
        guard depth == 0, index < text.count, parts.count <= budget else { return [text] }
        return parts.flatMap { part in
            expand(Array(text[..<open]) + part + Array(text[(index + 1)...]), budget: budget / parts.count)
        }
    }

    private static func parse(_ text: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"):
                guard rest.first == UInt8(ascii: "*") else {
                    parts.append(.anyRun)
                    continue
                }
                rest = rest.drop { $0 == UInt8(ascii: "*") }
                if rest.first == UInt8(ascii: "/") {
                    rest.removeFirst()
                    parts.append(.anyComponents)
                } else {
                    parts.append(.anyPath)
                }
            case UInt8(ascii: "?"): parts.append(.any)
            case UInt8(ascii: "["): parts.append(set(&rest) ?? .literal(byte))
            case UInt8(ascii: "\\"): parts.append(.literal(rest.popFirst() ?? byte))
            default: parts.append(.literal(byte))
            }
        }
        return parts
    }

    private static func set(_ rest: inout ArraySlice<UInt8>) -> Part? {
        guard let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "]")) else { return nil }
        var body = rest[..<end]
        rest = rest[(end + 1)...]
        let isNegated = body.first == UInt8(ascii: "!") || body.first == UInt8(ascii: "^")
        if isNegated { body.removeFirst() }
        var ranges: [ClosedRange<UInt8>] = []
        while let low = body.popFirst() {
            if body.count >= 2, body.first == UInt8(ascii: "-") {
                body.removeFirst()
                let high = body.removeFirst()
                if low <= high { ranges.append(low...high) }
            } else {
                ranges.append(low...low)
            }
        }
        return .set(ranges, isNegated: isNegated)
    }

    private static func match(_ parts: [Part], _ path: [UInt8]) -> Bool {
        // Which parts may come next; a run stays possible while it consumes.
        var states = Set<Int>()
        func reach(_ index: Int, atStart: Bool) {
            guard states.insert(index).inserted, index < parts.count else { return }
            switch parts[index] {
            case .anyRun, .anyPath: reach(index + 1, atStart: atStart)
            case .anyComponents where atStart: reach(index + 1, atStart: atStart)
            default: break
            }
        }
        reach(0, atStart: true)
        for byte in path {
            let before = states
            states = []
            let isSlash = byte == UInt8(ascii: "/")
            for index in before where index < parts.count {
                switch parts[index] {
                case .literal(let wanted): if wanted == byte { reach(index + 1, atStart: isSlash) }
                case .any: if !isSlash { reach(index + 1, atStart: false) }
                case .anyRun: if !isSlash { reach(index, atStart: false) }
                case .anyPath: reach(index, atStart: isSlash)
                case .anyComponents:
                    states.insert(index)
                    if isSlash { reach(index + 1, atStart: true) }
                case .set(let ranges, let isNegated):
                    if !isSlash, ranges.contains(where: { $0.contains(byte) }) != isNegated { reach(index + 1, atStart: false) }
                }
            }
            if states.isEmpty { return false }
        }
        return states.contains(parts.count)
    }
}
