import Crypto
import Foundation
import GitLabAPI

/// By what a finding is known again, in another round and after a crash: hidden in its comment.
struct FindingMark: Sendable, Hashable, Codable {
    /// Of path, code and title: equal for a finding that was made twice.
    var print: String
    /// Of path and code: equal as long as nobody touches the lines.
    var place: String
    /// How many lines it is about.
    var lines: Int
    /// About removed lines.
    var isOld: Bool

    private static let name = "finding"

    var markdown: Markdown { Markdown.marker(Self.name, "\(print).\(place).\(lines).\(isOld ? "o" : "n")") }

    init(print: String, place: String, lines: Int, isOld: Bool) {
        (self.print, self.place, self.lines, self.isOld) = (print, place, lines, isOld)
    }

    /// The mark that a comment of the bot's holds.
    init?(in body: String) {
        guard let start = body.range(of: "<!-- ai-coder:\(Self.name)="), let end = body[start.upperBound...].range(of: " -->") else { return nil }
        let parts = body[start.upperBound..<end.lowerBound].split(separator: ".")
        guard parts.count == 4, parts[0].count == 16, parts[1].count == 16, let lines = Int(parts[2]), (1...10_000).contains(lines) else { return nil }
        self.init(print: String(parts[0]), place: String(parts[1]), lines: lines, isOld: parts[3] == "o")
    }

    /// - Parameters:
    ///   - code: the file's lines on the finding's side, and where in them it lies.
    ///   - number: tells findings of one review apart that are otherwise equal.
    init(path: String, title: String, code: CodeLines, at lines: Range<Int>, isOld: Bool, number: Int) {
        place = code.key(path: path, at: lines)
        let words = Self.words(title).joined(separator: " ")
        print = Self.digest([path, place, words, number == 0 ? "" : "\(number)"])
        self.lines = max(1, lines.count)
        self.isOld = isOld
    }

    static func digest(_ parts: [String]) -> String {
        SHA256.hash(data: Data(parts.joined(separator: "\0").utf8)).prefix(8).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }

    /// Whether two titles say about the same.
    ///
    /// - Parameter share: of all their words, those that they must have in common.
    static func areAlike(_ one: String, _ other: String, from share: Double = 0.3) -> Bool {
        let (left, right) = (Set(words(one)), Set(words(other)))
        guard !left.isEmpty, !right.isEmpty else { return left == right }
        return Double(left.intersection(right).count) / Double(left.union(right).count) >= share
    }
}

/// A file's lines as findings are known by them: what a formatter changes plays no part.
struct CodeLines: Sendable {
    private let lines: [String]

    /// Fewer letters and digits than this say too little to be found again.
    private static let significant = 8

    init(_ text: [String]) {
        lines = text.prefix(50_000).map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }

    var count: Int { lines.count }

    func key(path: String, at range: Range<Int>) -> String {
        var (low, high) = (min(max(0, range.lowerBound), lines.count), min(max(0, range.upperBound), lines.count))
        var weight = lines[low..<high].reduce(0) { $0 + Self.weight($1) }
        // A lone brace is everywhere: the lines around it belong to its name.
        for _ in 0..<4 where weight < Self.significant {
            if low > 0 {
                low -= 1
                weight += Self.weight(lines[low])
            }
            if high < lines.count {
                weight += Self.weight(lines[high])
                high += 1
            }
        }
        return FindingMark.digest([path] + lines[low..<high])
    }

    /// Where the lines of that name begin.
    func places(of mark: FindingMark, path: String) -> [Int] {
        guard lines.count >= mark.lines else { return [] }
        return (0...(lines.count - mark.lines)).filter { key(path: path, at: $0..<($0 + mark.lines)) == mark.place }
    }

    private static func weight(_ line: String) -> Int { line.reduce(0) { $0 + ($1.isLetter || $1.isNumber ? 1 : 0) } }
}
