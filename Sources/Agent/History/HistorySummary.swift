/// What takes a long history's place: made from the record, without asking the model, so that it is cheap and exact.
struct HistorySummary: Sendable {
    let text: String

    private static let lastResults = 3

    /// - Parameter changes: what differs from the base commit, when the caller knows; else the paths that tools changed.
    init(of history: History, changes: String?, limit: Int) {
        let changed = changes ?? history.changedPaths.joined(separator: "\n")
        let told = history.events.compactMap { if case .told(let text) = $0 { text } else { nil } }
        let calls = history.events.compactMap { event -> (line: String, result: String, isError: Bool)? in
            if case .called(let line, let result, let isError) = event { (line, result, isError) } else { nil }
        }
        let last = calls.suffix(Self.lastResults).map { call in
            "### \(call.line)\n\(UntrustedText.fenced(BoundedText.cut(call.result, to: limit / 12), source: "result"))"
        }
        text = Template(Prompts.compaction).filled([
            "changes": changed.isEmpty ? "(nothing so far)" : BoundedText.cut(changed, to: limit / 8, keeping: .head),
            "told": told.isEmpty ? "(nothing)" : UntrustedText.mended(BoundedText.cut(told.joined(separator: "\n\n"), to: limit / 4, keeping: .tail)),
            "steps": BoundedText.cut(Self.steps(history.events), to: limit / 4, keeping: .tail),
            "results": last.isEmpty ? "(none)" : last.joined(separator: "\n"),
        ])
    }

    /// A line for each thing done, in order.
    private static func steps(_ events: [History.Event]) -> String {
        let lines = events.compactMap { event -> String? in
            switch event {
            case .said(let text): "- you said: \(firstLine(text, 300))"
            case .called(let line, let result, let isError):
                "- \(line): \(isError ? "error: " : "")\(firstLine(result, 160))"
            case .told: nil
            }
        }
        return lines.isEmpty ? "(nothing)" : lines.joined(separator: "\n")
    }

    private static func firstLine(_ text: String, _ limit: Int) -> String {
        let line = text.drop(while: \.isNewline).prefix(while: { !$0.isNewline })
        return line.count > limit ? line.prefix(limit) + "…" : String(line)
    }
}
