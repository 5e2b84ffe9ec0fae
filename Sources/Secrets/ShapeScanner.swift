/// Finds what has the shape of a secret, in one pass.
///
/// Each look ahead is bounded or remembered, so that no text makes it slow.
struct ShapeScanner {
    let text: UnsafeBufferPointer<UInt8>
    /// No JSON web token begins before this.
    private var nextWebToken = 0

    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    mutating func matches() -> [SecretMatch] {
        var matches: [SecretMatch] = []
        var index = 0
        while index < text.count {
            if let match = match(at: index) {
                matches.append(match)
                index = max(match.range.upperBound, index + 1)
            } else {
                index += 1
            }
        }
        return matches
    }

    private mutating func match(at index: Int) -> SecretMatch? {
        switch text[index] {
        case UInt8(ascii: "e"): webToken(at: index) ?? token(at: index)
        case UInt8(ascii: "-"): keyBlock(at: index)
        case UInt8(ascii: ":"): password(inURLAt: index)
        case UInt8(ascii: "A"), UInt8(ascii: "a"), UInt8(ascii: "D"), UInt8(ascii: "d"), UInt8(ascii: "J"),
            UInt8(ascii: "j"), UInt8(ascii: "P"), UInt8(ascii: "p"), UInt8(ascii: "X"), UInt8(ascii: "x"):
            header(at: index) ?? token(at: index)
        case UInt8(ascii: "g"), UInt8(ascii: "h"), UInt8(ascii: "n"), UInt8(ascii: "s"), UInt8(ascii: "w"), UInt8(ascii: "G"),
            UInt8(ascii: "S"), UInt8(ascii: "r"):
            token(at: index)
        default: nil
        }
    }

    func has(_ bytes: [UInt8], at index: Int) -> Bool {
        guard index + bytes.count <= text.count else { return false }
        var offset = 0
        while offset < bytes.count {
            if text[index + offset] != bytes[offset] { return false }
            offset += 1
        }
        return true
    }

    /// The end of the run from `index` whose bytes pass.
    func run(from index: Int, limit: Int = .max, while passes: (UInt8) -> Bool) -> Int {
        let last = limit < text.count - index ? index + limit : text.count
        var end = index
        while end < last && passes(text[end]) { end += 1 }
        return end
    }

    func isWordStart(_ index: Int) -> Bool { index == 0 || !text[index - 1].isAlphanumeric }

    private func token(at index: Int) -> SecretMatch? {
        for shape in TokenShape.table[Int(text[index])] where has(shape.prefix, at: index) {
            if shape.isWeak && !isWordStart(index) { continue }
            let start = index + shape.prefix.count
            var end = run(from: start, limit: 2_048, while: shape.allows)
            while end > start && text[end - 1] == UInt8(ascii: ".") { end -= 1 }
            let value = Randomness(text, start..<end)
            guard end - start >= shape.minimum, !shape.isWeak || value.looksRandom else { continue }
            return SecretMatch(range: index..<end, kind: shape.kind, isCertain: !value.isPlaceholder)
        }
        return nil
    }

    /// Three runs of base64 with dots between, the first of which begins an object.
    private mutating func webToken(at index: Int) -> SecretMatch? {
        guard index >= nextWebToken, has(Array("eyJ".utf8), at: index), isWordStart(index) else { return nil }
        let isPart: (UInt8) -> Bool = { $0.isAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        let first = run(from: index, while: isPart)
        nextWebToken = first
        guard first - index >= 10, first < text.count, text[first] == UInt8(ascii: ".") else { return nil }
        let second = run(from: first + 1, while: isPart)
        guard second - first > 10, second < text.count, text[second] == UInt8(ascii: ".") else { return nil }
        let third = run(from: second + 1, while: isPart)
        guard third - second > 10 else { return nil }
        return SecretMatch(
            range: index..<third, kind: "a JSON web token",
            isCertain: !Randomness(text, second + 1..<third).isPlaceholder)
    }
}
