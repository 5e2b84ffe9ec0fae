import Secrets

/// Looks at a change before it becomes a commit. Pure: what it needs to know is handed in.
struct ChangeReview {
    let policy: CommitPolicy
    let redactor: Redactor

    /// What other coding agents read for orders. `AGENTS.md` and `CLAUDE.md` are the bot's own, and protected by who calls.
    private static let instructionFiles = [
        "GEMINI.md", "CLAUDE.local.md", "AGENTS.override.md", ".claude", ".cursor", ".cursorrules", ".windsurf", ".windsurfrules", ".clinerules",
        ".junie", ".github/copilot-instructions.md", ".github/instructions", ".mcp.json",
    ].map { PathPattern($0) }

    /// - Parameters:
    ///   - change: what differs in the work tree.
    ///   - added: the lines that the commit would add.
    ///   - newHosts: of lock files, where they newly take packages from.
    func findings(
        in change: WorkTreeChange, added: AddedLines, links: [(path: [UInt8], target: [UInt8])], newHosts: [(path: [UInt8], hosts: [String])] = []
    ) -> [CommitFinding] {
        var findings: [CommitFinding] = []
        for path in change.gitLike {
            findings.append(.init(.gitPath, path: text(path), message: "\(text(path)) could pass for one of git's own files and is not committed."))
        }
        for part in change.parts {
            let path = text(part.changed.path)
            // Judged by its own characters, and not by those that are shown in their place.
            let name = String(decoding: part.changed.path, as: UTF8.self)
            if part.size > policy.fileLimit {
                findings.append(.init(.fileTooLarge, path: path, message: "\(path) is larger than \(policy.fileLimit >> 10) KiB and is not committed."))
            }
            if policy.protects(name) {
                findings.append(.init(.protectedPath, path: path, message: "\(path) is protected and was not named in the request."))
            } else if Self.instructionFiles.contains(where: { $0.matches(name) }) {
                findings.append(.init(.instructionFile, path: path, message: "\(path) tells coding agents what to do."))
            }
            if !redactor.findings(in: path).isEmpty {
                findings.append(.init(.secret, path: "", message: "The name of a changed file holds a secret."))
            }
            if part.changed.oldMode != 0, part.changed.newMode != 0, part.changed.oldMode != part.changed.newMode {
                findings.append(
                    .init(.modeChange, path: path, message: "\(path) changed from \(Self.word(part.changed.oldMode)) to \(Self.word(part.changed.newMode))."))
            }
        }
        for path in change.special {
            findings.append(.init(.specialFile, path: text(path), message: "\(text(path)) is a pipe, socket or device and is not committed."))
        }
        for path in change.nestedRepositories {
            findings.append(.init(.nestedRepository, path: text(path), message: "\(text(path)) is a repository of its own and is not committed."))
        }
        for link in links where Self.leadsOut(link.target, from: link.path) {
            findings.append(.init(.outwardLink, path: text(link.path), message: "\(text(link.path)) is a link that leads out of the repository."))
        }
        for (path, hosts) in newHosts where !hosts.isEmpty {
            let named = hosts.prefix(5).map { text(Array($0.utf8.prefix(100))) }.joined(separator: ", ")
            let more = hosts.count > 5 ? " and \(hosts.count - 5) more" : ""
            findings.append(
                .init(.lockFileHost, path: text(path), message: "\(text(path)) takes packages from \(named)\(more), from where it took none before."))
        }
        return findings + added.files.flatMap(lineFindings)
    }

    private func lineFindings(in file: AddedLines.File) -> [CommitFinding] {
        var findings: [CommitFinding] = []
        let path = text(file.path)
        if file.isBinary {
            findings.append(.init(.binary, path: path, message: "\(path) is not text, so its change can't be read."))
        }
        let opening = file.lines.first { Self.isMarker($0.bytes, UInt8(ascii: "<")) }
        if let opening, file.lines.contains(where: { Self.isMarker($0.bytes, UInt8(ascii: ">")) }) {
            findings.append(.init(.conflictMarkers, path: path, line: opening.number, message: "\(path) has conflict markers at line \(opening.number)."))
        }
        if !file.isBinary, let hidden = file.lines.first(where: { Self.hasHiddenCharacter($0.bytes, atStartOfFile: $0.number == 1) }) {
            findings.append(
                .init(.hiddenCharacters, path: path, line: hidden.number, message: "\(path) has invisible or reordering characters at line \(hidden.number)."))
        }
        // One text per file, since a key block spans lines.
        var joined: [UInt8] = []
        for line in file.lines {
            joined += line.bytes
            joined.append(UInt8(ascii: "\n"))
        }
        var secrets = redactor.findings(in: joined)
        // Of two or four bytes for each character, as some systems write text.
        if joined.contains(0) { secrets += redactor.findings(in: joined.filter { $0 != 0 }).filter { !secrets.contains($0) } }
        for secret in secrets {
            let index = secret.line - 1
            let number = file.lines.indices.contains(index) ? file.lines[index].number : nil
            let place = number.map { " at line \($0)" } ?? ""
            findings.append(.init(.secret, path: path, line: number, message: "\(path) holds \(secret.kind)\(place): take it out before it can be pushed."))
        }
        return findings
    }

    /// Seven marks and a space or the line's end, as git writes them.
    private static func isMarker(_ line: ArraySlice<UInt8>, _ mark: UInt8) -> Bool {
        guard line.prefix(7).count == 7, line.prefix(7).allSatisfy({ $0 == mark }) else { return false }
        let next = line.dropFirst(7).first
        return next == nil || next == UInt8(ascii: " ") || next == UInt8(ascii: "\r")
    }

    /// Controls, bidirectional ones among them, fillers, zero-width characters and tags. A joiner between emoji is fine, and so is a
    /// mark of the byte order at a file's start.
    private static func hasHiddenCharacter(_ line: ArraySlice<UInt8>, atStartOfFile isFirst: Bool) -> Bool {
        var line = line
        while line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        let odd = line.contains { ($0 < 0x20 && $0 != UInt8(ascii: "\t") && $0 != 0x0C) || $0 == 0x7F || $0 >= 0xC2 }
        guard odd else { return false }
        var scalars = String(decoding: line, as: UTF8.self).unicodeScalars[...]
        if isFirst, scalars.first?.value == 0xFEFF { scalars = scalars.dropFirst() }
        return scalars.contains { scalar in
            switch scalar.value {
            case 0x09, 0x0C: false
            case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x61C, 0x115F...0x1160, 0x17B4...0x17B5, 0x180E, 0x200B, 0x200E...0x200F, 0x2028...0x202E,
                0x2060...0x206F, 0x3164, 0xFEFF, 0xFFA0, 0xFFF9...0xFFFB, 0x1D173...0x1D17A, 0xE0000...0xE0FFF:
                true
            default: false
            }
        }
    }

    private static func leadsOut(_ target: [UInt8], from path: [UInt8]) -> Bool {
        guard target.first != UInt8(ascii: "/") else { return true }
        var depth = path.split(separator: UInt8(ascii: "/")).count - 1
        for part in target.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual("..".utf8) { depth -= 1 } else if !part.elementsEqual(".".utf8) { depth += 1 }
            if depth < 0 { return true }
        }
        return false
    }

    private static func word(_ mode: UInt32) -> String {
        switch mode {
        case 0o100755: "an executable file"
        case 0o120000: "a link"
        case 0o160000: "a submodule"
        default: "a plain file"
        }
    }

    private func text(_ path: [UInt8]) -> String {
        String(
            String.UnicodeScalarView(
                String(decoding: path, as: UTF8.self).unicodeScalars.map {
                    $0.properties.generalCategory == .control || $0.properties.generalCategory == .format ? "\u{FFFD}" : $0
                }))
    }
}
