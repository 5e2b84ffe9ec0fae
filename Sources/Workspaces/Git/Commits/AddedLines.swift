/// The lines that a change adds, file by file, read from `git diff-tree -p -U0 --text`.
struct AddedLines: Sendable {
    struct File: Sendable {
        var path: [UInt8]
        var isNew: Bool
        var isBinary: Bool = false
        /// Line numbers of the new file with the lines' bytes, without line ends.
        var lines: [(number: Int, bytes: ArraySlice<UInt8>)] = []
    }

    private(set) var files: [File] = []

    init(reading patch: [UInt8]) {
        var rest = patch[...]
        var isNew = false
        while let line = Self.nextLine(&rest) {
            if line.starts(with: "diff --git ".utf8) {
                isNew = false
            } else if line.starts(with: "new file mode".utf8) {
                isNew = true
            } else if line.starts(with: "+++ ".utf8) {
                if let path = Self.path(line.dropFirst(4)) { files.append(File(path: path, isNew: isNew)) }
            } else if line.starts(with: "@@ -".utf8), let (removed, start, added) = Self.hunk(line) {
                readHunk(&rest, removed: removed, start: start, added: added)
            }
        }
    }

    /// Lines are counted, so that none of them can pass for a header.
    private mutating func readHunk(_ rest: inout ArraySlice<UInt8>, removed: Int, start: Int, added: Int) {
        var (removed, number, added) = (removed, start, added)
        while removed > 0 || added > 0, let line = Self.nextLine(&rest) {
            switch line.first {
            case UInt8(ascii: "-"): removed -= 1
            case UInt8(ascii: "+"):
                if let last = files.indices.last {
                    files[last].lines.append((number, line.dropFirst()))
                    if !files[last].isBinary, line.contains(0) { files[last].isBinary = true }
                }
                number += 1
                added -= 1
            default: continue
            }
        }
    }

    private static func nextLine(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard !rest.isEmpty else { return nil }
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        let line = rest[..<end]
        rest = end == rest.endIndex ? [] : rest[(end + 1)...]
        return line
    }

    /// `@@ -a,b +c,d @@`
    private static func hunk(_ line: ArraySlice<UInt8>) -> (removed: Int, start: Int, added: Int)? {
        let fields = line.split(separator: UInt8(ascii: " ")).prefix(3).map { String(decoding: $0.dropFirst(), as: UTF8.self) }
        guard fields.count == 3 else { return nil }
        let old = fields[1].split(separator: ",").compactMap { Int($0) }
        let new = fields[2].split(separator: ",").compactMap { Int($0) }
        let counts = [old.count > 1 ? old[1] : 1, new.count > 1 ? new[1] : 1]
        guard let start = new.first, !old.isEmpty, ([start] + counts).allSatisfy({ (0..<(1 << 40)).contains($0) }) else { return nil }
        return (counts[0], start, counts[1])
    }

    /// `b/name`, perhaps quoted; nil for `/dev/null`.
    private static func path(_ field: ArraySlice<UInt8>) -> [UInt8]? {
        if field.first == UInt8(ascii: "\"") {
            let plain = unquoted(field.dropFirst().prefix { _ in true })
            return plain.starts(with: "b/".utf8) ? Array(plain.dropFirst(2)) : nil
        }
        guard field.starts(with: "b/".utf8) else { return nil }
        let name = field.dropFirst(2)
        return Array(name.last == UInt8(ascii: "\t") ? name.dropLast() : name)
    }

    private static func unquoted(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
                result.append(byte)
                continue
            }
            switch next {
            case UInt8(ascii: "0")...UInt8(ascii: "3"):
                let digits = [next] + rest.prefix(2)
                rest = rest.dropFirst(2)
                result.append(UInt8(truncatingIfNeeded: Int(String(decoding: digits, as: UTF8.self), radix: 8) ?? 0))
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "a"): result.append(7)
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "v"): result.append(11)
            case UInt8(ascii: "f"): result.append(12)
            default: result.append(next)
            }
        }
        return result
    }
}
