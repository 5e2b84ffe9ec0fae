/// XML as a report needs it: without a document type, in UTF-8.
///
/// On entities that a document declares, on processing instructions without data and on names that are no text, the parser ends the
/// whole process. So it gets none of them: what stands before the first element is looked at here and left out, and the rest is made
/// text in which no instruction begins.
enum PlainXML {
    /// From the first element on; nil when there is a document type, or when a `<` may be other bytes.
    static func body(of bytes: [UInt8]) -> [UInt8]? {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        guard !rest.contains(0) else { return nil }
        while true {
            rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
            if rest.starts(with: "<?".utf8) {
                guard let end = end(of: "?>", in: rest), isPlainEncoding(rest[..<end]) else { return nil }
                rest = rest[end...]
            } else if rest.starts(with: "<!--".utf8) {
                guard let end = end(of: "-->", in: rest) else { return nil }
                rest = rest[end...]
            } else {
                guard rest.first == UInt8(ascii: "<"), !rest.starts(with: "<!".utf8) else { return nil }
                return Array(String(decoding: rest, as: UTF8.self).replacing("<?", with: "&lt;?").utf8)
            }
        }
    }

    /// A declaration names no encoding, or one in which all bytes that matter are ASCII's.
    private static func isPlainEncoding(_ declaration: ArraySlice<UInt8>) -> Bool {
        let words = String(decoding: declaration, as: UTF8.self).lowercased().split { " \t\r\n=\"'?<>".contains($0) }
        guard words.first == "xml" else { return true }
        guard let name = words.firstIndex(of: "encoding") else { return !words.contains { $0.hasPrefix("encoding") } }
        return name + 1 < words.count && ["utf-8", "utf8", "us-ascii", "ascii"].contains(words[name + 1])
    }

    private static func end(of mark: String, in bytes: ArraySlice<UInt8>) -> Int? {
        let mark = Array(mark.utf8)
        guard bytes.count >= mark.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - mark.count)).first { bytes[$0..<($0 + mark.count)].elementsEqual(mark) }.map { $0 + mark.count }
    }
}
