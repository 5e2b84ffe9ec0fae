import Domain
import Foundation

/// What the list of tasks shows.
struct TaskListPage {
    let page: TaskPage
    let query: TaskQuery
    let counts: QueueCounts
    let now: Date

    var values: [String: Any] {
        var values: [String: Any] = [
            "tasks": page.tasks.map(row), "queued": counts.queued, "running": counts.leased,
            "projectFilter": query.projectPath ?? "", "statuses": statuses,
        ]
        if page.tasks.isEmpty { values["isEmpty"] = true }
        if query.includesControl { values["control"] = true }
        if query.status != nil || query.projectPath != nil || query.before != nil { values["isFiltered"] = true }
        if let next = page.next { values["older"] = link(before: next) }
        return values
    }

    private var statuses: [[String: Any]] {
        TaskStatus.allCases.map { status in
            var option: [String: Any] = ["value": status.rawValue]
            if query.status == status { option["selected"] = true }
            return option
        }
    }

    private func row(_ record: TaskRecord) -> [String: Any] {
        let task = record.task
        var row: [String: Any] = [
            "id": task.id.rawValue, "status": record.status.rawValue, "kind": Wording.kind(task.kind),
            "headline": Wording.headline(task.intent.isEmpty ? "(\(Wording.kind(task.kind)))" : task.intent),
            "age": Wording.age(record.createdAt, now: now), "time": Wording.time(record.createdAt),
        ]
        if let place = task.gitLab?.projectPath ?? task.repositoryURL { row["project"] = place }
        if let origin = task.gitLab {
            row["subject"] = Wording.subject(origin)
            row["requester"] = origin.requester.username
        } else {
            row["requester"] = record.source == "api" ? "API" : "command line"
        }
        if !record.status.isFinal, record.state == .leased { row["progress"] = record.progress }
        if let usage = record.result?.usage { row["cost"] = Wording.cost(usage) ?? "" }
        if let started = record.startedAt {
            row["duration"] = Wording.duration((record.endedAt ?? now).timeIntervalSince(started))
        }
        return row
    }

    private func link(before: TaskID) -> String {
        var parts = URLComponents()
        parts.path = "/"
        var items = [URLQueryItem(name: "before", value: before.rawValue)]
        if let status = query.status { items.append(URLQueryItem(name: "status", value: status.rawValue)) }
        if let project = query.projectPath { items.append(URLQueryItem(name: "project", value: project)) }
        if query.includesControl { items.append(URLQueryItem(name: "control", value: "true")) }
        parts.queryItems = items
        return parts.string ?? "/"
    }
}
