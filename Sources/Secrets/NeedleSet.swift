/// Finds any of many fixed byte strings in one pass: a filter over the first four bytes, then a comparison.
struct NeedleSet: Sendable {
    private struct Needle: Sendable {
        let bytes: [UInt8]
        let isBase64: Bool
        /// Bytes of the secret before these and after, where these are only a part of it.
        var before: ArraySlice<UInt8> = []
        var after: ArraySlice<UInt8> = []
        var isPart = false
    }
    private let buckets: [UInt32: [Needle]]
    private let filter: [Bool]

    init(_ secrets: some Sequence<Secret>) {
        var buckets: [UInt32: [Needle]] = [:]
        var filter = [Bool](repeating: false, count: 1 << 16)
        func add(_ needle: Needle) {
            let key = needle.bytes[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            buckets[key, default: []].append(needle)
            filter[NeedleSet.slot(key)] = true
        }
        for form in Set(secrets.flatMap { SecretEncodings.forms(of: $0) }) { add(Needle(bytes: form.bytes, isBase64: form.isBase64)) }
        for bytes in Set(secrets.map { Array($0.reveal().utf8) }) {
            let half = max(NeedleSet.shortestPart, bytes.count / 2)
            guard half + 4 <= bytes.count else { continue }
            for range in [0..<half, (bytes.count - half)..<bytes.count] where NeedleSet.looksRandom(bytes, range) {
                add(
                    Needle(
                        bytes: Array(bytes[range]), isBase64: false, before: bytes[..<range.lowerBound], after: bytes[range.upperBound...],
                        isPart: true))
            }
        }
        // The longest first: it hides most.
        self.buckets = buckets.mapValues { $0.sorted { $0.bytes.count > $1.bytes.count } }
        self.filter = filter
    }

    var isEmpty: Bool { buckets.isEmpty }

    /// Half of a secret is left where a text was cut before it was looked at. Only of such as nobody would write by chance.
    private static let shortestPart = 12

    private static func looksRandom(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        bytes.withUnsafeBufferPointer { Randomness($0, range).looksRandom }
    }

    private static func slot(_ key: UInt32) -> Int { Int((key &* 2_654_435_761) >> 16) }

    func matches(in text: UnsafeBufferPointer<UInt8>) -> [SecretMatch] {
        guard !buckets.isEmpty, text.count >= 4 else { return [] }
        var matches: [SecretMatch] = []
        filter.withUnsafeBufferPointer { filter in
            var key = UInt32(text[0]) << 16 | UInt32(text[1]) << 8 | UInt32(text[2])
            var index = 3
            while index < text.count {
                key = key << 8 | UInt32(text[index])
                if filter[NeedleSet.slot(key)], let bucket = buckets[key],
                    let match = match(bucket, in: text, at: index - 3)
                {
                    matches.append(match)
                }
                index += 1
            }
        }
        return matches
    }

    private func match(
        _ bucket: [Needle], in text: UnsafeBufferPointer<UInt8>, at start: Int
    ) -> SecretMatch? {
        for needle in bucket where start + needle.bytes.count <= text.count {
            var length = 4
            while length < needle.bytes.count && text[start + length] == needle.bytes[length] { length += 1 }
            guard length == needle.bytes.count else { continue }
            var range = start..<start + length
            if needle.isBase64 {
                let lower = range.lowerBound > 0 && text[range.lowerBound - 1].isBase64 ? start - 1 : start
                var upper = range.upperBound
                if upper < text.count && text[upper].isBase64 { upper += 1 }
                while upper < text.count && upper < range.upperBound + 3 && text[upper] == UInt8(ascii: "=") { upper += 1 }
                range = lower..<upper
            }
            if needle.isPart { range = whole(of: needle, around: range, in: text) }
            return SecretMatch(range: range, kind: "a configured secret", isCertain: !needle.isPart)
        }
        return nil
    }

    /// As much of the secret as is there.
    private func whole(of needle: Needle, around range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        for byte in needle.before.reversed() {
            guard lower > 0, text[lower - 1] == byte else { break }
            lower -= 1
        }
        for byte in needle.after {
            guard upper < text.count, text[upper] == byte else { break }
            upper += 1
        }
        return lower..<upper
    }
}
