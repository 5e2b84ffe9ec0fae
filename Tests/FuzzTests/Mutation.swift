/// Makes odd inputs out of known ones: flips, cuts, copies, splices, numbers at the edge, and words that mean something.
struct Mutation {
    private let corpus: [[UInt8]]
    private let words: [[UInt8]]
    private static let largest = 64 << 10

    init(corpus: [[UInt8]], words: [String]) {
        self.corpus = corpus.isEmpty ? [[]] : corpus
        self.words = (words + Self.oddWords).map { Array($0.utf8) } + Self.oddBytes
    }

    private static let oddWords = [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "4294967296", "1e400", "-0", "0x10", "NaN", "\u{0}", "\u{FEFF}",
        "\u{202E}", "\u{200B}", "\u{2028}", "\u{85}", "\u{301}", "\u{1F468}\u{200D}\u{1F469}", "\r\n", "\r", "\n\n", "\t", "\"", "\\", "'", "`", "{}", "[]",
        "\\ud800", "\\u0000", "/", "..", "%00", "--", "<!--", "-->", "]]>", "&a;", "*a", "&a ", "@@ -1 +1 @@", ": ", "::", "٣", "ﬁ",
    ]
    private static let oddBytes: [[UInt8]] = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x80], [0x80]]

    func input(_ generator: inout FuzzGenerator) -> [UInt8] {
        var bytes = corpus[generator.below(corpus.count)]
        // Now and then as it is.
        for _ in 0..<generator.below(7) { change(&bytes, &generator) }
        return Array(bytes.prefix(Self.largest))
    }

    private func change(_ bytes: inout [UInt8], _ generator: inout FuzzGenerator) {
        let place = generator.below(bytes.count + 1)
        let end = min(bytes.count, place + generator.below(40))
        switch generator.below(9) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(generator.below(8))
        case 1: bytes.removeSubrange(place..<end)
        case 2: bytes.insert(contentsOf: words[generator.below(words.count)], at: place)
        case 3: bytes.replaceSubrange(place..<end, with: words[generator.below(words.count)])
        case 4: bytes.insert(contentsOf: bytes[place..<end], at: generator.below(bytes.count + 1))
        case 5: bytes.insert(contentsOf: Array(repeating: Array(bytes[place..<end]), count: generator.below(60)).flatMap { $0 }, at: place)
        case 6:
            let other = corpus[generator.below(corpus.count)]
            bytes = Array(bytes[..<place]) + other[generator.below(other.count + 1)...]
        case 7: bytes = Array(bytes[..<place])
        default: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: place)
        }
    }
}
