import Crypto
import Foundation

/// Where on a merge request's diff a comment stands, read from GitLab or written to it.
package struct GitLabDiffPosition: Sendable, Hashable {
    package enum Place: Sendable, Hashable {
        /// The file as a whole (16.4 and later).
        case file
        case lines(first: Line, last: Line)
    }

    /// A line by its number on each side. An added line has only the new number, a removed one only the old, an
    /// unchanged one must have both.
    package struct Line: Sendable, Hashable {
        package var old: Int?
        package var new: Int?
        /// Where the other side stands at a line that it has not: GitLab counts on, and names the line by both numbers.
        package var besides: Int?
        package init(old: Int? = nil, new: Int? = nil, besides: Int? = nil) {
            self.old = old
            self.new = new
            self.besides = besides
        }
    }

    package var refs: GitLabDiffRefs
    package var oldPath: String
    package var newPath: String
    package var place: Place

    package init(refs: GitLabDiffRefs, oldPath: String, newPath: String, place: Place) {
        self.refs = refs
        self.oldPath = oldPath
        self.newPath = newPath
        self.place = place
    }

    var fields: [String: JSONField] {
        var fields: [String: JSONField] = [
            "base_sha": .text(refs.baseSHA), "start_sha": .text(refs.startSHA), "head_sha": .text(refs.headSHA),
            "old_path": .text(oldPath), "new_path": .text(newPath),
        ]
        switch place {
        case .file: fields["position_type"] = .text("file")
        case .lines(let first, let last):
            fields["position_type"] = .text("text")
            fields["old_line"] = JSONField(last.old)
            fields["new_line"] = JSONField(last.new)
            if first != last {
                fields["line_range"] = .object(["start": .object(edge(first)), "end": .object(edge(last))])
            }
        }
        return fields
    }

    private func edge(_ line: Line) -> [String: JSONField] {
        // GitLab names a line by the digest of its file's path and the numbers on both sides.
        let path = newPath
        let digest = Insecure.SHA1.hash(data: Data(path.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
        var fields: [String: JSONField] = [
            "line_code": .text("\(digest)_\(line.old ?? line.besides ?? 0)_\(line.new ?? line.besides ?? 0)"),
            "type": .text(line.old == nil ? "new" : "old"),
        ]
        fields["old_line"] = JSONField(line.old)
        fields["new_line"] = JSONField(line.new)
        return fields
    }
}

extension GitLabDiffPosition: Decodable {
    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        refs = try GitLabDiffRefs(from: decoder)
        newPath = try fields.require("new_path")
        oldPath = fields.read("old_path") ?? newPath
        let last = Line(old: fields.read("old_line"), new: fields.read("new_line"))
        let range = fields.read("line_range", as: Range.self)
        place = last.old == nil && last.new == nil ? .file : .lines(first: range?.start ?? last, last: last)
    }

    private struct Range: Decodable {
        let start: Line?
        init(from decoder: any Decoder) throws { start = try Fields(decoder).read("start") }
    }
}

extension GitLabDiffPosition.Line: Decodable {
    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        self.init(old: fields.read("old_line"), new: fields.read("new_line"))
    }
}
