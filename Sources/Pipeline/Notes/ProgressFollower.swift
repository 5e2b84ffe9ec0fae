import Domain
package import Foundation
import GitLabAPI
import Logging

/// Follows the journals of tasks from GitLab and keeps their progress notes: eyes on the command at once, then one note that
/// is edited in place, at most every few seconds, its last state always.
///
/// It stands on its own durable place in each journal. The pipeline does not know of it and never waits for it.
package struct ProgressFollower: Sendable {
    private let parts: PipelineParts
    private let gitLab: GitLabAccess
    private let interval: TimeInterval

    private static let name = "progress"
    private static let kinds: Set<JournalEntry.Kind> = [.status, .activity, .audit]

    /// - Parameter interval: seconds between two edits of one note.
    package init(parts: PipelineParts, gitLab: GitLabAccess, interval: TimeInterval = 4) {
        self.parts = parts
        self.gitLab = gitLab
        self.interval = interval
    }

    private struct State: Codable {
        var isGreeted = false
        var isRefused = false
        var noteID: Int64?
        /// Where the note on the merge request is, once there is one.
        var mergeRequestIID: Int64?
        var mergeRequestNoteID: Int64?
        var lastEdit: Date?
        /// The entry that tells the last change of status; what follows below is of the newest activities.
        var changeAt: Int64?
        var activity: String?
        var usage: Usage?
        /// Coding has begun.
        var hasCoded: Bool?
        var warnings: [String]?
    }

    /// Until it is cancelled.
    package func run() async throws {
        let (bell, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let growth = parts.store.growth()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in growth { ring.yield() } }
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(1))
                    ring.yield()
                }
            }
            defer { group.cancelAll() }
            ring.yield()
            for await _ in bell {
                await catchUp()
                try Task.checkCancellation()
            }
        }
    }

    /// Brings every note up to date whose time has come.
    package func catchUp() async {
        do {
            let behind = try await parts.store.tasksBehind(
                follower: Self.name, kinds: Self.kinds, now: parts.now(), limit: 50)
            await withTaskGroup(of: Void.self) { group in
                for (index, id) in behind.enumerated() {
                    if index >= 4 { await group.next() }
                    group.addTask { await follow(id) }
                }
            }
        } catch {
            parts.logger.error("Progress notes could not be followed", metadata: ["error": "\(error)"])
        }
    }

    private func follow(_ id: TaskID) async {
        do {
            var cursor = try await parts.store.cursor(of: Self.name, task: id)
            do {
                try await step(id, &cursor)
            } catch let failure as GitLabFailure where !failure.isTransient {
                parts.logger.warning(
                    "A progress note can't be written", metadata: ["task.id": "\(id)", "error": "\(failure)"])
                cursor.sequence = try await last(of: id, after: cursor.sequence)
                try await parts.store.save(cursor)
            } catch is CancellationError {
                return
            } catch {
                cursor.attempts += 1
                cursor.notBefore = parts.now().addingTimeInterval(min(120, pow(2, Double(cursor.attempts))))
                try await parts.store.save(cursor)
            }
        } catch {
            parts.logger.error("A progress note's place was not saved", metadata: ["task.id": "\(id)", "error": "\(error)"])
        }
    }

    private func step(_ id: TaskID, _ cursor: inout FollowerCursor) async throws {
        let now = parts.now()
        var state = try cursor.state.map { try JSONDecoder().decode(State.self, from: $0) } ?? State()
        guard let record = try await parts.store.task(id) else { return }
        // What nobody asked for tells how it ended, and nothing before.
        guard let origin = record.task.gitLab, !record.task.kind.isControl, ![.pipeline, .push].contains(origin.trigger),
            !state.isRefused
        else {
            cursor.sequence = try await last(of: id, after: cursor.sequence)
            return try await parts.store.save(cursor)
        }
        if !state.isGreeted {
            guard try await greet(origin) else {
                state.isRefused = true
                cursor.state = try JSONEncoder().encode(state)
                cursor.sequence = try await last(of: id, after: cursor.sequence)
                return try await parts.store.save(cursor)
            }
            state.isGreeted = true
            cursor.state = try JSONEncoder().encode(state)
            try await parts.store.save(cursor)
        }
        if let edited = state.lastEdit, now.timeIntervalSince(edited) < interval, record.state != .ended {
            cursor.notBefore = edited.addingTimeInterval(interval)
            return try await parts.store.save(cursor)
        }
        let news = try await news(of: id, after: cursor.sequence, state)
        guard news.last > cursor.sequence else { return }
        if Self.needsNote(record, news) {
            try await write(record, news, origin, &state, &cursor, now)
        }
        state.lastEdit = now
        (state.changeAt, state.activity, state.usage, state.hasCoded) = (news.changeAt, news.activity, news.usage, news.hasCoded)
        state.warnings = news.warnings
        cursor.state = try JSONEncoder().encode(state)
        cursor.sequence = news.last
        cursor.attempts = 0
        cursor.notBefore = nil
        try await parts.store.save(cursor)
    }

    /// A task that answers on its own (an answer, a plan) needs no checklist, unless it came to nothing or the plan is carried out.
    private static func needsNote(_ record: TaskRecord, _ news: News) -> Bool {
        // One of several threads is answered in its thread.
        if record.task.gitLab?.trigger == .thread { return false }
        return switch record.task.kind {
        case .change, .fix: true
        default: news.hasCoded || record.status == .failed || record.status == .cancelled
        }
    }

    private struct News {
        var last: Int64
        var changeAt: Int64?
        var change: StatusChange?
        var activity: String?
        var usage: Usage?
        var hasCoded: Bool
        var warnings: [String]
    }

    private static let mostWarnings = 10

    /// Reads on from where the last edit stood: the cost of an edit grows with what is new, not with the journal.
    private func news(of id: TaskID, after start: Int64, _ state: State) async throws -> News {
        var news = News(
            last: start, changeAt: state.changeAt, activity: state.activity, usage: state.usage, hasCoded: state.hasCoded ?? false,
            warnings: state.warnings ?? [])
        let decoder = JSONDecoder()
        while true {
            let page = try await parts.store.entries(of: id, after: news.last, kinds: Self.kinds, limit: 500)
            guard let last = page.last else { break }
            news.last = last.sequence
            for entry in page {
                if entry.kind == .status { news.changeAt = entry.sequence }
                if entry.kind == .status, entry.name == TaskStatus.coding.rawValue { news.hasCoded = true }
                if entry.kind == .activity {
                    let activity = try decoder.decode(Activity.self, from: entry.payload)
                    news.activity = activity.title
                    news.usage = activity.usage ?? news.usage
                    if activity.kind == .warning, news.warnings.count < Self.mostWarnings, !news.warnings.contains(activity.title) {
                        news.warnings.append(activity.title)
                    }
                }
            }
        }
        if let at = news.changeAt, let entry = try await parts.store.entries(of: id, after: at - 1, kinds: [.status], limit: 1).first {
            news.change = try decoder.decode(StatusChange.self, from: entry.payload)
        }
        return news
    }

    private func last(of id: TaskID, after start: Int64) async throws -> Int64 {
        try await news(of: id, after: start, State()).last
    }

    /// Eyes on the command, by people who may command only.
    private func greet(_ origin: GitLabOrigin) async throws -> Bool {
        let verdict = try await AccessCheck(gitLab: gitLab, now: parts.now())
            .check(origin.requester, inProject: origin.projectID)
        guard verdict.isAllowed else { return false }
        do {
            try await gitLab.client.award("eyes", on: target(of: origin), note: origin.noteID)
        } catch {
            // The comment may have been deleted, or reactions be refused: the work goes on and is told all the same.
            guard !error.isTransient else { throw error }
            parts.logger.info("The command got no reaction", metadata: ["error": "\(error)"])
        }
        return true
    }

    private func target(of origin: GitLabOrigin) -> NoteTarget {
        switch origin.subject {
        case .issue(let iid): .issue(projectID: origin.projectID, iid: iid)
        case .mergeRequest(let iid): .mergeRequest(projectID: origin.projectID, iid: iid)
        }
    }

    private func write(
        _ record: TaskRecord, _ news: News, _ origin: GitLabOrigin, _ state: inout State, _ cursor: inout FollowerCursor,
        _ now: Date
    ) async throws {
        let made = record.result?.mergeRequest ?? news.change?.mergeRequest
        let isIssue: Bool
        if case .issue = origin.subject { isIssue = true } else { isIssue = false }
        let note = ProgressNote(
            record: record, change: news.change, lastActivity: news.activity, usage: news.usage, now: now,
            settings: parts.settings, mergeRequest: isIssue ? made : nil, isReserved: false,
            warnings: isIssue && made != nil ? [] : news.warnings)
        state.noteID = try await put(
            note.text, on: target(of: origin), id: state.noteID, record, isInternal: origin.isConfidential, cursor)
        cursor.state = try JSONEncoder().encode(state)
        guard isIssue, let made else { return }
        let full = ProgressNote(
            record: record, change: news.change, lastActivity: news.activity, usage: news.usage, now: now,
            settings: parts.settings, mergeRequest: nil, isReserved: try await isHidden(record.task, origin), warnings: news.warnings)
        state.mergeRequestNoteID = try await put(
            full.text, on: .mergeRequest(projectID: origin.projectID, iid: made.iid), id: state.mergeRequestNoteID,
            record, isInternal: false, cursor)
        cursor.state = try JSONEncoder().encode(state)
    }

    /// Whether the request was made where fewer people read than a merge request has: the delivery tells, or what was gathered.
    private func isHidden(_ task: CodingTask, _ origin: GitLabOrigin) async throws -> Bool {
        if origin.isConfidential { return true }
        guard let step = try await parts.store.outcome(ofStep: "assignment", task: task.id) else { return false }
        return try JSONDecoder().decode(Assignment.self, from: step.value).isConfidential
    }

    /// Edits the note, or writes it: found again by its marker when an earlier try could not say that it had.
    private func put(
        _ text: OutgoingText, on target: NoteTarget, id: Int64?, _ record: TaskRecord, isInternal: Bool,
        _ cursor: FollowerCursor
    ) async throws -> Int64 {
        if let id {
            do {
                return try await gitLab.client.updateNote(id: id, on: target, text).id
            } catch {
                guard error.reason == .notFound else { throw error }
                // Somebody deleted it, which is their right; it is not written again.
                return id
            }
        }
        let marker = Markdown.marker("progress", record.task.id.rawValue).text
        let bot = try await gitLab.bot()
        let said = try await gitLab.client.notes(on: target, limit: 200, newestFirst: true)
        if let found = said.first(where: { $0.author?.id == bot.id && $0.body.contains(marker) }) {
            return try await gitLab.client.updateNote(id: found.id, on: target, text).id
        }
        return try await gitLab.client.createNote(on: target, text, isInternal: isInternal).id
    }
}
