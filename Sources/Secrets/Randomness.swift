/// Whether a value looks drawn at random, like a token, or written by a person, like a name or a placeholder.
struct Randomness {
    private(set) var digits = 0
    private var upper = 0
    private var lower = 0
    private let text: UnsafeBufferPointer<UInt8>
    private let range: Range<Int>

    init(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.text = text
        self.range = range
        for index in range {
            if text[index].isDigit { digits += 1 }
            if text[index].isUpper { upper += 1 }
            if text[index].isLower { lower += 1 }
        }
    }

    var looksRandom: Bool {
        if digits >= 1 && (upper >= 1 && lower >= 1 || digits >= 3) { return true }
        // Base64 of a short password may have no digit.
        return upper >= 3 && lower >= 3 && range.count >= 12
    }

    /// `your-token-here`, `xxxxxxxx`, `AKIA...EXAMPLE`.
    var isPlaceholder: Bool {
        let value = text[range.prefix(256)].map(\.lowered)
        if Set(value).count <= 4 { return true }
        return Self.words.contains { word in value.indices.contains { value[$0...].starts(with: word) } }
    }

    private static let words = [
        "example", "xxxx", "your", "placeholder", "dummy", "redacted", "changeme",
    ].map { Array($0.utf8) }
}
