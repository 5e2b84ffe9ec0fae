import Crypto
import Foundation

/// One file of a diff, as the API shows it, with the lines that a comment may stand on.
struct FileDiff: Sendable {
    let oldPath: String
    let newPath: String
    let oldMode: String
    let newMode: String
    let isNew: Bool
    let isRenamed: Bool
    let isDeleted: Bool
    /// From the first `@@` on; empty for binary files and pure renames.
    let hunks: String

    enum Line: Sendable, Equatable { case added(old: Int, new: Int), removed(old: Int, new: Int), same(old: Int, new: Int) }

    /// Every line that the hunks show, each with its number on both sides (the counter of the other side for one-sided lines).
    var lines: [Line] {
        var result: [Line] = []
        var (old, new) = (0, 0)
        for text in hunks.linesOfBytes {
            switch text.first {
            case "@":
                guard let start = Self.start(of: text) else { continue }
                (old, new) = start
            case "+":
                result.append(.added(old: old, new: new))
                new += 1
            case "-":
                result.append(.removed(old: old, new: new))
                old += 1
            case " ":
                result.append(.same(old: old, new: new))
                (old, new) = (old + 1, new + 1)
            default: continue
            }
        }
        return result
    }

    /// The line code of a position in this file, nil where no comment can stand.
    func lineCode(oldLine: Int?, newLine: Int?) -> String? {
        switch (oldLine, newLine) {
        case (nil, let wanted?):
            for case .added(let old, let new) in lines where new == wanted { return code(old, new) }
        case (let wanted?, nil):
            for case .removed(let old, let new) in lines where old == wanted { return code(old, new) }
        case (let wantedOld?, let wantedNew?):
            return matchesUnchanged(wantedOld, wantedNew) ? code(wantedOld, wantedNew) : nil
        case (nil, nil): return nil
        }
        return nil
    }

    /// A line outside the hunks is unchanged as well: its numbers differ by what was added and removed above it.
    private func matchesUnchanged(_ old: Int, _ new: Int) -> Bool {
        guard old > 0, new > 0, !isNew, !isDeleted else { return false }
        var shift = 0
        for line in lines {
            switch line {
            case .same(let lineOld, let lineNew) where lineOld == old || lineNew == new:
                return lineOld == old && lineNew == new
            case .added(_, let lineNew):
                if lineNew == new { return false }
                if lineNew < new { shift += 1 }
            case .removed(let lineOld, _):
                if lineOld == old { return false }
                if lineOld < old { shift -= 1 }
            default: continue
            }
        }
        return old + shift == new
    }

    private func code(_ old: Int, _ new: Int) -> String {
        let path = isDeleted ? oldPath : newPath
        let digest = Insecure.SHA1.hash(data: Data(path.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return "\(digest.joined())_\(old)_\(new)"
    }

    /// `@@ -3,7 +3,9 @@` is (3, 3).
    private static func start(of header: Substring) -> (Int, Int)? {
        let parts = header.split(separator: " ")
        guard parts.count >= 3, parts[1].hasPrefix("-"), parts[2].hasPrefix("+") else { return nil }
        func first(_ text: Substring) -> Int? { Int(text.dropFirst().prefix { $0 != "," }) }
        guard let old = first(parts[1]), let new = first(parts[2]) else { return nil }
        return (old, new)
    }

    func json(unified: Bool) -> GitLabJSON {
        let head = "--- \(isNew ? "/dev/null" : "a/\(oldPath)")\n+++ \(isDeleted ? "/dev/null" : "b/\(newPath)")\n"
        return [
            "old_path": .string(oldPath), "new_path": .string(newPath), "a_mode": .string(oldMode),
            "b_mode": .string(newMode), "new_file": .bool(isNew), "renamed_file": .bool(isRenamed),
            "deleted_file": .bool(isDeleted), "generated_file": false, "collapsed": false, "too_large": false,
            "diff": .string(unified && !hunks.isEmpty ? head + hunks : hunks),
        ]
    }
}

extension BareRepository {
    /// The files that differ between two commits, in git's order.
    func diff(_ base: String, _ head: String) async throws -> [FileDiff] {
        let raw = try await run(["diff-tree", "-r", "-M", "--raw", "-z", base, head])
        let fields = raw.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let patch = String(decoding: try await run(["diff-tree", "-r", "-M", "-p", "--no-ext-diff", "--no-textconv", base, head]), as: UTF8.self)
        let patches = Self.split(patch)
        var files: [FileDiff] = []
        var index = 0
        while index + 1 < fields.count {
            let meta = fields[index].dropFirst().split(separator: " ").map(String.init)
            guard meta.count == 5 else { break }
            let status = meta[4]
            let isRename = status.hasPrefix("R") || status.hasPrefix("C")
            let oldPath = fields[index + 1]
            let newPath = isRename && index + 2 < fields.count ? fields[index + 2] : oldPath
            index += isRename ? 3 : 2
            files.append(
                FileDiff(
                    oldPath: oldPath, newPath: newPath, oldMode: meta[0], newMode: meta[1], isNew: status == "A",
                    isRenamed: isRename, isDeleted: status == "D",
                    hunks: files.count < patches.count ? patches[files.count] : ""))
        }
        return files
    }

    /// The hunks of each file of a patch.
    private static func split(_ patch: String) -> [String] {
        var result: [String] = []
        var isInHunks = false
        for line in patch.linesOfBytes {
            if line.hasPrefix("diff --git ") {
                result.append("")
                isInHunks = false
            } else if !result.isEmpty {
                if line.hasPrefix("@@ ") { isInHunks = true }
                if isInHunks { result[result.count - 1] += line + "\n" }
            }
        }
        return result.map { text in
            var text = text
            while text.hasSuffix("\n\n") { text.removeLast() }
            return text
        }
    }
}

extension String {
    /// By bytes: a line that ends with CR LF is no line end to a String of characters.
    fileprivate var linesOfBytes: [Substring] {
        utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Substring($0) }
    }
}
