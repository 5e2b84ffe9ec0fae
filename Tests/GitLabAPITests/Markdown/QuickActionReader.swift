import TestSupport

/// How GitLab finds quick actions, written a second time from its description and apart from the product's code.
enum QuickActionReader {
    /// Names that some version executes; longer when GitLab's own list lies beside the package.
    static let names: Set<String> = {
        var names: Set<String> = [
            "approve", "assign", "assign_reviewer", "award", "close", "confidential", "create_merge_request", "done", "draft",
            "due", "duplicate", "epic", "estimate", "label", "lock", "merge", "milestone", "move", "promote", "ready",
            "reassign", "rebase", "relabel", "reopen", "request_review", "shrug", "spend", "status", "submit_review",
            "subscribe", "tableflip", "target_branch", "title", "todo", "type", "unapprove", "unassign", "unlabel", "wip", "zoom",
        ]
        if let bytes = try? SharedFiles.bytes("quick_action_names.txt") {
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
                names.formUnion(line.split(separator: " ").map(String.init))
            }
        }
        return names
    }()

    /// The commands at the beginning of any line, code or not: what the most careless version could find.
    static func commandsAnywhere(_ text: String) -> [String] {
        text.unicodeScalars.filter { $0 != "\r" }.split(separator: "\n").compactMap { command(String(String.UnicodeScalarView($0))) }
    }

    /// The commands in paragraphs, as newer versions look for them: after the marks of lists and quotes, and not in code.
    static func commandsInParagraphs(_ text: String) -> [String] {
        var fence: Int?
        var found: [String] = []
        for line in text.split(separator: "\n") {
            let run = line.prefix { $0 == "`" }.count
            if let open = fence {
                if run >= open, line.dropFirst(run).allSatisfy({ $0 == " " }) { fence = nil }
                continue
            }
            if run >= 3, !line.dropFirst(run).contains("`") {
                fence = run
                continue
            }
            let inner = line.drop { " \t>-*+".contains($0) || $0.isNumber || $0 == "." || $0 == ")" }
            if let name = command(String(inner)) { found.append(name) }
        }
        return found
    }

    private static func command(_ line: String) -> String? {
        guard line.hasPrefix("/") else { return nil }
        let written = line.dropFirst().prefix { $0.isLetter || $0 == "_" }
        let name = folded(written)
        let after = line.dropFirst(1 + written.count).first
        return names.contains(name) && (after.map(\.isWhitespace) ?? true) ? name : nil
    }

    /// GitLab's pattern does not mind case, and for Ruby that holds for these as well.
    private static func folded(_ name: Substring) -> String {
        name.lowercased().replacing("\u{17F}", with: "s").replacing("\u{DF}", with: "ss").replacing("\u{FB00}", with: "ff")
            .replacing("\u{FB01}", with: "fi").replacing("\u{FB02}", with: "fl").replacing("\u{FB06}", with: "st").replacing("\u{FB05}", with: "st")
    }
}
