import Agent

/// As much of a change as the model reads at once: text with numbered lines, and the lines that findings may speak of.
struct ReviewPart: Sendable, Hashable {
    struct File: Sendable {
        var path: String
        var oldPath: String
        /// `new file`, `deleted`, `renamed from ...`, or empty.
        var note: String
        var text: DiffText
    }

    var text = ""
    var scope = ReviewScope(files: [:])
    var paths: [String] = []

    /// What a line may take of the text; nobody reads on in longer ones.
    private static let lineLimit = 400

    /// Cuts a change into parts of at most `limit` bytes each, in the order of its files.
    static func cut(_ files: [File], limit: Int) -> [ReviewPart] {
        var parts: [ReviewPart] = []
        var part = ReviewPart()
        for file in files {
            for hunk in file.text.hunks {
                var rest = hunk.lines[...]
                while !rest.isEmpty {
                    let heading = part.paths.last == file.path ? "" : Self.title(file)
                    var bytes = part.text.utf8.count + heading.utf8.count + 40 + hunk.heading.utf8.count
                    var lines: [String] = []
                    for line in rest {
                        let shown = Self.show(line)
                        // One line always fits, or nothing would ever be read.
                        guard bytes + shown.utf8.count <= limit || (part.text.isEmpty && lines.isEmpty) else { break }
                        bytes += shown.utf8.count
                        lines.append(shown)
                    }
                    guard !lines.isEmpty else {
                        parts.append(part)
                        part = ReviewPart()
                        continue
                    }
                    part.add(rest.prefix(lines.count), shown: heading + "@@ \(hunk.heading)\n" + lines.joined(), of: file)
                    rest = rest.dropFirst(lines.count)
                }
            }
        }
        if !part.text.isEmpty { parts.append(part) }
        return parts
    }

    private mutating func add(_ lines: ArraySlice<DiffText.Line>, shown: String, of file: File) {
        text += shown
        if paths.last != file.path { paths.append(file.path) }
        func range(_ numbers: [Int]) -> [ClosedRange<Int>] {
            guard let low = numbers.min(), let high = numbers.max() else { return [] }
            return [low...high]
        }
        let (new, old) = (range(lines.compactMap(\.new)), range(lines.compactMap(\.old)))
        for path in Set([file.path, file.oldPath]) {
            scope.files[path, default: .init()].new += new
            scope.files[path, default: .init()].old += old
        }
    }

    private static func title(_ file: File) -> String { "=== \(file.path)\(file.note.isEmpty ? "" : " (\(file.note))")\n" }

    /// `old new sign text`, as wide as line numbers mostly are.
    private static func show(_ line: DiffText.Line) -> String {
        func number(_ value: Int?) -> String {
            let text = value.map { String($0) } ?? ""
            return String(repeating: " ", count: max(0, 5 - text.count)) + text
        }
        let sign = line.old == nil ? "+" : line.new == nil ? "-" : " "
        let text = line.text.utf8.count > lineLimit ? String(line.text.prefix(lineLimit / 2)) + " […]" : line.text
        return "\(number(line.old)) \(number(line.new)) \(sign)\(text)\n"
    }
}
