import Foundation

/// A glob over paths: `*` and `?` stay within one part, `**` crosses parts, as a part of its own and within one (`ci/**.yml`). A
/// pattern without a slash means a file of that name in any directory, and one that names a directory means all beneath it. Case
/// does not count, nor does how accents are encoded: on doubt a protected path is protected.
///
/// Matched by scalars: a Swift character may hold a slash together with a sign beside it, which git and GitLab see as two.
package struct PathPattern: Sendable {
    private enum Token: Sendable, Hashable {
        case literal(Unicode.Scalar)
        /// `?`, `*`, and `**` within a part.
        case one, run, crossingRun
        /// `**` as a part of its own with the slash after it: any parts, none included.
        case parts
    }

    /// One for each way in which the pattern can be encoded.
    private let forms: [[Token]]

    package init(_ pattern: String) {
        forms = Self.encodings(of: pattern.lowercased()).map(Self.tokens).filter { !$0.isEmpty }
    }

    package func matches(_ path: String) -> Bool {
        Self.encodings(of: path.lowercased()).contains { path in
            let scalars = path.unicodeScalars.split(separator: "/").joined(separator: ["/" as Unicode.Scalar])
            let whole = Array(scalars)
            return forms.contains { Self.match($0, whole) }
        }
    }

    private static func encodings(of text: String) -> [String] {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return [text] }
        // Not by a set: as strings they are all equal.
        return [text, text.decomposedStringWithCanonicalMapping, text.precomposedStringWithCanonicalMapping]
    }

    private static func tokens(of pattern: String) -> [Token] {
        var text = Array(pattern.unicodeScalars)[...]
        while text.starts(with: [".", "/"]) { text = text.dropFirst(2) }
        let parts = text.split(separator: "/")
        guard !parts.isEmpty else { return [] }
        let isAnywhere = parts.count == 1 && text.first != "/"
        var tokens: [Token] = isAnywhere ? [.parts] : []
        for (number, part) in parts.enumerated() {
            let isLast = number == parts.count - 1
            if part.count > 1, part.allSatisfy({ $0 == "*" }) {
                // At the end it means what is beneath, and not the directory itself.
                tokens += isLast ? [.one, .crossingRun] : [.parts]
            } else {
                tokens += Self.tokens(ofPart: part)
                if !isLast { tokens.append(.literal("/")) }
            }
        }
        return tokens
    }

    private static func tokens(ofPart part: ArraySlice<Unicode.Scalar>) -> [Token] {
        var tokens: [Token] = []
        var rest = part
        while let scalar = rest.popFirst() {
            switch scalar {
            case "?": tokens.append(.one)
            case "*":
                let isCrossing = rest.first == "*"
                rest = rest.drop { $0 == "*" }
                tokens.append(isCrossing ? .crossingRun : .run)
            default: tokens.append(.literal(scalar))
            }
        }
        return tokens
    }

    /// Keeps all places at which the pattern may stand, so that none takes more than its length times the path's. What is left of
    /// the path after the pattern's end must lie beneath what it names.
    private static func match(_ tokens: [Token], _ path: [Unicode.Scalar]) -> Bool {
        var states: [Int] = []
        // In which step a place was last reached.
        var reached = [Int](repeating: -1, count: tokens.count + 1)
        func reach(_ start: Int, _ step: Int, _ states: inout [Int]) {
            var index = start
            while reached[index] != step {
                reached[index] = step
                states.append(index)
                // These may stand for nothing.
                guard index < tokens.count, [.run, .crossingRun, .parts].contains(tokens[index]) else { return }
                index += 1
            }
        }
        reach(0, 0, &states)
        for (step, scalar) in path.enumerated() {
            let isSlash = scalar == "/"
            if isSlash, reached[tokens.count] == step { return true }
            var next: [Int] = []
            for index in states where index < tokens.count {
                switch tokens[index] {
                case .literal(let wanted): if wanted == scalar { reach(index + 1, step + 1, &next) }
                case .one: if !isSlash { reach(index + 1, step + 1, &next) }
                case .run: if !isSlash { reach(index, step + 1, &next) }
                case .crossingRun: reach(index, step + 1, &next)
                case .parts:
                    if isSlash {
                        reach(index, step + 1, &next)
                    } else if reached[index] != step + 1 {
                        // Within a part nothing of what follows can begin.
                        reached[index] = step + 1
                        next.append(index)
                    }
                }
            }
            if next.isEmpty { return false }
            states = next
        }
        return reached[tokens.count] == path.count
    }
}
