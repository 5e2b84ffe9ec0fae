extension GitLabWorld {
    /// Where on a diff a comment stands, as clients send it and as notes and hooks show it.
    package struct DiffPosition: Sendable, Equatable {
        package var baseSHA: String
        package var startSHA: String
        package var headSHA: String
        package var kind: String  // text, file, image
        package var oldPath: String
        package var newPath: String
        package var oldLine: Int?
        package var newLine: Int?
        package var lineRange: GitLabJSON?
        package var lineCode: String?

        init(
            baseSHA: String, startSHA: String, headSHA: String, kind: String = "text", oldPath: String, newPath: String,
            oldLine: Int? = nil, newLine: Int? = nil, lineRange: GitLabJSON? = nil
        ) {
            self.baseSHA = baseSHA
            self.startSHA = startSHA
            self.headSHA = headSHA
            self.kind = kind
            self.oldPath = oldPath
            self.newPath = newPath
            self.oldLine = oldLine
            self.newLine = newLine
            self.lineRange = lineRange
        }

        init(reading json: GitLabJSON) throws {
            func required(_ name: String) throws -> String {
                guard let value = json[name]?.text, !value.isEmpty else {
                    throw Refusal.error(400, "position[\(name)] is missing")
                }
                return value
            }
            let kind = try required("position_type")
            guard ["text", "file", "image"].contains(kind) else {
                throw Refusal.invalid("position[position_type]")
            }
            let oldPath = json["old_path"]?.text
            let newPath = json["new_path"]?.text
            self.init(
                baseSHA: try required("base_sha"), startSHA: try required("start_sha"), headSHA: try required("head_sha"),
                kind: kind, oldPath: oldPath ?? newPath ?? "", newPath: newPath ?? oldPath ?? "",
                oldLine: json["old_line"]?.int, newLine: json["new_line"]?.int, lineRange: json["line_range"])
        }

        var json: GitLabJSON {
            [
                "base_sha": .string(baseSHA), "start_sha": .string(startSHA), "head_sha": .string(headSHA),
                "old_path": .string(oldPath), "new_path": .string(newPath), "position_type": .string(kind),
                "old_line": .int(oldLine), "new_line": .int(newLine), "line_range": lineRange ?? .null,
                "ignore_whitespace_change": false,
            ]
        }
    }
}
