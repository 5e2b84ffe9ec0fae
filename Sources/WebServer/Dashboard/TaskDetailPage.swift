import Domain
import Foundation

/// What the page of one task shows: the journal, put in order.
struct TaskDetailPage {
    let record: TaskRecord
    let entries: [JournalEntry]
    /// Nothing was left out of the journal.
    let isWhole: Bool
    let gitLabURL: String
    let now: Date

    /// More are on further pages.
    static let maximumEntries = 3_000
    private static let maximumDetail = 40_000

    private var changes: [(entry: JournalEntry, status: StatusChange)] {
        entries.filter { $0.kind == .status }.compactMap { entry in
            (try? JSONDecoder().decode(StatusChange.self, from: entry.payload)).map { (entry, $0) }
        }
    }

    var values: [String: Any] {
        let task = record.task
        let changes = changes
        let result = record.result ?? changes.last?.status.result
        var values: [String: Any] = [
            "id": task.id.rawValue, "status": record.status.rawValue, "kind": Wording.kind(task.kind),
            "headline": Wording.headline(task.intent.isEmpty ? "Task \(task.id)" : task.intent), "progress": record.progress,
            "created": Wording.time(record.createdAt), "age": Wording.age(record.createdAt, now: now),
            "facts": facts(result), "stages": stages(changes), "transcript": transcript, "attempts": record.attempts,
            "last": entries.last?.sequence ?? 0,
        ]
        if task.intent.contains("\n") || task.intent.count > 140 { values["intent"] = task.intent }
        if record.state == .ended {
            if !task.kind.isControl { values["canRetry"] = true }
        } else {
            values["isOpen"] = true
            values["canStop"] = true
        }
        if !isWhole { values["more"] = entries.last?.sequence }
        if let plan = result?.plan ?? changes.compactMap(\.status.plan).last { values["plan"] = Self.values(plan) }
        if let report = result?.testResults ?? changes.compactMap(\.status.testResults).last {
            values["tests"] = Self.values(report)
        }
        let files = result?.changes.isEmpty == false ? result?.changes : changes.compactMap(\.status.changes).last
        if let files, !files.isEmpty {
            values["files"] = files.map { ["kind": $0.kind.rawValue, "path": $0.path] }
            values["fileCount"] = files.count
        }
        if let error = result?.error ?? changes.last?.status.error {
            values["error"] = error
            values["errorKind"] = (result?.errorKind ?? changes.last?.status.errorKind)?.rawValue ?? ""
        }
        if let summary = result?.summary { values["summary"] = summary }
        if let usage = result?.usage ?? changes.compactMap(\.status.usage).last { values["usage"] = Self.values(usage) }
        return values
    }

    // MARK: Facts

    private func facts(_ result: TaskResult?) -> [[String: Any]] {
        var facts: [[String: Any]] = []
        func add(_ name: String, _ text: String?, link: String? = nil, isCode: Bool = false) {
            guard let text, !text.isEmpty else { return }
            var fact: [String: Any] = ["name": name, "text": text]
            if let link { fact["link"] = link }
            if isCode, link == nil { fact["code"] = true }
            if !isCode, link == nil { fact["plain"] = true }
            facts.append(fact)
        }
        let task = record.task
        if let origin = task.gitLab {
            add("Project", origin.projectPath, link: gitLabLink(origin.projectPath, ""))
            let kind: (name: String, path: String) =
                switch origin.subject {
                case .issue(let iid): ("Issue", "/-/issues/\(iid)")
                case .mergeRequest(let iid): ("Asked on", "/-/merge_requests/\(iid)")
                }
            add(kind.name, Wording.subject(origin), link: gitLabLink(origin.projectPath, kind.path))
            add("Requested by", "@\(origin.requester.username)")
            if origin.isConfidential { add("Visibility", "confidential") }
        } else {
            add("Repository", task.repositoryURL, isCode: true)
            add("Requested by", record.source == "api" ? "API" : "command line")
        }
        if let request = result?.mergeRequest ?? changes.compactMap(\.status.mergeRequest).last {
            add("Merge request", "!\(request.iid)\(request.isDraft ? " (draft)" : "")", link: Wording.link(request.webURL))
        }
        add("Branch", result?.branch ?? changes.compactMap(\.status.branch).last, isCode: true)
        add("Commit", result?.commitHash.map { String($0.prefix(12)) }, isCode: true)
        add("Model", task.model)
        if let started = record.startedAt {
            add("Time", Wording.duration((record.endedAt ?? now).timeIntervalSince(started)))
        }
        if record.attempts > 1 { add("Attempts", "\(record.attempts)") }
        if let until = record.notBefore, record.state == .queued, until > now { add("Goes on", Wording.time(until)) }
        if let retried = task.retryOf { add("Repeats", retried.rawValue, link: "/tasks/\(retried)") }
        return facts
    }

    private func gitLabLink(_ path: String, _ rest: String) -> String? {
        let plain = path.split(separator: "/").compactMap {
            $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~")))
        }.joined(separator: "/")
        guard !plain.isEmpty else { return nil }
        let base = gitLabURL.hasSuffix("/") ? String(gitLabURL.dropLast()) : gitLabURL
        return Wording.link("\(base)/\(plain)\(rest)")
    }

    // MARK: Stages

    private static let stageNames = ["cloning", "analyzing", "coding", "testing", "committing"]

    private func stages(_ changes: [(entry: JournalEntry, status: StatusChange)]) -> [[String: Any]] {
        let seen = changes.map(\.status.status)
        let current = seen.last { Self.stageNames.contains($0) }
        return Self.stageNames.map { name in
            var stage: [String: Any] = ["name": name]
            let state: String =
                if !seen.contains(name) {
                    record.state == .ended ? "skipped" : "pending"
                } else if name != current {
                    "done"
                } else {
                    switch record.status {
                    case .completed: "done"
                    case .failed, .cancelled: "failed"
                    default: record.state == .ended ? "done" : "current"
                    }
                }
            stage["state"] = state
            stage["mark"] = ["done": "✓", "current": "●", "failed": "✕", "skipped": "–"][state] ?? "○"
            if let first = changes.first(where: { $0.status.status == name }) { stage["time"] = Wording.clock(first.entry.at) }
            let rounds = seen.count { $0 == name }
            if rounds > 1 { stage["rounds"] = "×\(rounds)" }
            return stage
        }
    }

    // MARK: Transcript

    private var transcript: [[String: Any]] { entries.map { Self.values(entry: $0) } }

    static func values(entry: JournalEntry) -> [String: Any] {
        let decoder = JSONDecoder()
        var values: [String: Any] = ["at": Wording.clock(entry.at), "time": Wording.time(entry.at), "class": entry.kind.rawValue]
        func describe(_ label: String, _ title: String, _ detail: String?) {
            values["label"] = label
            values["title"] = title
            guard let detail, !detail.isEmpty else { return }
            values["detail"] = String(detail.prefix(maximumDetail)) + (detail.count > maximumDetail ? "\n…" : "")
            if !detail.contains("\n"), detail.count < 200 { values["short"] = true } else { values["long"] = true }
        }
        switch entry.kind {
        case .activity:
            let activity = try? decoder.decode(Activity.self, from: entry.payload)
            values["class"] = "activity \(activity?.kind.rawValue ?? "notice")"
            describe(activity?.kind.rawValue ?? "", activity?.title ?? entry.name, activity?.detail)
        case .status:
            let change = try? decoder.decode(StatusChange.self, from: entry.payload)
            let round = change?.iteration.map { " · round \($0)" } ?? ""
            describe("status", (change?.status ?? entry.name) + round, change?.message ?? change?.error)
        case .input:
            let input = try? decoder.decode(TaskInput.self, from: entry.payload)
            describe("said", "@\(input?.author ?? "?")", input?.text)
        case .audit:
            let audit = try? decoder.decode(AuditRecord.self, from: entry.payload)
            describe(
                "audit", "\(audit?.actor ?? "?"): \(audit?.action ?? entry.name), \(audit?.decision ?? "?")", audit?.detail)
        default:
            describe(entry.kind.rawValue, entry.name, nil)
        }
        return values
    }

    // MARK: Parts of the result

    private static func values(_ plan: Plan) -> [String: Any] {
        ["summary": plan.summary, "files": plan.files, "changes": plan.changes, "checks": plan.tests]
    }

    private static func values(_ usage: Usage) -> [String: Any] {
        var values: [String: Any] = [
            "requests": Wording.count(usage.requests), "input": Wording.count(usage.inputTokens),
            "cached": Wording.count(usage.cachedTokens), "output": Wording.count(usage.outputTokens),
        ]
        if let cost = Wording.cost(usage) { values["cost"] = cost }
        if usage.isEstimated { values["estimated"] = true }
        return values
    }

    private static func values(_ report: TestReport) -> [String: Any] {
        var values: [String: Any] = [
            "verdict": report.verdict.rawValue.replacing("_", with: " "), "class": report.verdict.rawValue,
            "summary": report.summary,
            "commands": report.commands.map { command in
                var row: [String: Any] = [
                    "line": command.line, "purpose": command.purpose.rawValue,
                    "exit": command.timedOut ? "timed out" : command.exitCode.map(String.init) ?? "ended",
                    "good": command.exitCode == 0 && !command.timedOut, "time": Wording.duration(command.durationSeconds),
                ]
                if let counts = command.counts { row["ownCounts"] = Self.text(counts) }
                if !command.outputTail.isEmpty { row["output"] = String(command.outputTail.suffix(maximumDetail)) }
                return row
            },
            "groups": [
                ("New failures", "new", report.newFailures), ("Old failures", "old", report.oldFailures),
                ("Repaired", "repaired", report.repaired), ("Flaky", "flaky", report.flaky),
            ].map { title, style, names in
                [
                    "title": title, "class": style, "count": names.count, "names": Array(names.prefix(500)),
                    "isFilled": !names.isEmpty, "isOpened": style == "new",
                ] as [String: Any]
            },
        ]
        if let counts = report.counts { values["counts"] = Self.text(counts) }
        return values
    }

    private static func text(_ counts: TestReport.Counts) -> String {
        "\(counts.passed) passed, \(counts.failed) failed, \(counts.skipped) skipped"
    }
}
