/// A file's bytes seen as lines. Files are edited as bytes, so that what is not UTF-8 survives unharmed.
struct FileLines: Sendable {
    let bytes: [UInt8]
    /// Where each line begins; its end is the next one's beginning.
    let starts: [Int]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var starts: [Int] = bytes.isEmpty ? [] : [0]
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") && index + 1 < bytes.count {
            starts.append(index + 1)
        }
        self.starts = starts
    }

    var count: Int { starts.count }
    var endsWithNewline: Bool { bytes.last == UInt8(ascii: "\n") }

    /// A line's bytes without its ending; the first line is 0.
    func line(_ number: Int) -> ArraySlice<UInt8> {
        let end = number + 1 < starts.count ? starts[number + 1] : bytes.count
        var line = bytes[starts[number]..<end]
        if line.last == UInt8(ascii: "\n") { line = line.dropLast() }
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        return line
    }

    func text(_ number: Int) -> String { String(decoding: line(number), as: UTF8.self) }

    /// The line (from 0) that a byte belongs to.
    func number(at offset: Int) -> Int {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    var usesCarriageReturns: Bool {
        guard let first = bytes.firstIndex(of: UInt8(ascii: "\n")), first > 0 else { return false }
        return bytes[first - 1] == UInt8(ascii: "\r")
    }
}

extension [UInt8] {
    /// Where `pattern` occurs, without overlaps; at most `limit` places.
    ///
    /// No byte of the text is looked at anew for each place at which the pattern might begin (Knuth, Morris and Pratt): a long piece
    /// that is nearly there at every place would take hours.
    func occurrences(of pattern: [UInt8], limit: Int) -> [Int] {
        guard !pattern.isEmpty, pattern.count <= count else { return [] }
        // For each beginning of the pattern, the longest shorter one that it ends with.
        var shorter = [Int](repeating: 0, count: pattern.count)
        var length = 0
        for index in pattern.indices.dropFirst() {
            while length > 0, pattern[index] != pattern[length] { length = shorter[length - 1] }
            if pattern[index] == pattern[length] { length += 1 }
            shorter[index] = length
        }
        var found: [Int] = []
        length = 0
        for index in indices {
            while length > 0, self[index] != pattern[length] { length = shorter[length - 1] }
            if self[index] == pattern[length] { length += 1 }
            guard length == pattern.count else { continue }
            found.append(index + 1 - length)
            if found.count == limit { return found }
            length = 0
        }
        return found
    }

    /// Line feeds as carriage return and line feed, whatever they were before.
    var withCarriageReturns: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count + count / 16)
        var previous: UInt8 = 0
        for byte in self {
            if byte == UInt8(ascii: "\n"), previous != UInt8(ascii: "\r") { result.append(UInt8(ascii: "\r")) }
            result.append(byte)
            previous = byte
        }
        return result
    }
}
