import Agent
import Domain
import GitLabAPI
import Logging

/// Puts findings on the merge request: as comments that nobody sees yet, then all at once. Each goes down its ladder until
/// GitLab takes it, and whatever is not seen in the end is left to the summary. Every effect looks first whether it is there.
struct ReviewPublisher {
    let place: ReviewPlace
    let subject: ReviewSubject
    let ladder: PositionLadder

    private var client: GitLabClient { place.client }
    private var steps: DurableSteps { place.run.steps }
    private var projectID: Int64 { place.project.id }
    private var iid: Int64 { place.merge.iid }

    /// Where each finding would go, with nothing written.
    func plan(_ findings: [MarkedFinding]) -> [PlacedFinding] {
        findings.map { PlacedFinding(finding: $0, place: rungs(of: $0).first?.place ?? .summary) }
    }

    func publish(_ findings: [MarkedFinding]) async throws -> [PlacedFinding] {
        guard !findings.isEmpty else { return [] }
        let usesDrafts = try await steps.step("review.drafts") { try await clearDrafts(except: Set(findings.map(\.mark.print))) }
        let seen = try await published()
        let drafts = usesDrafts ? try await ownDrafts() : [:]
        var placed: [PlacedFinding] = []
        for finding in findings {
            placed.append(
                try await steps.step("review.finding.\(finding.mark.print)") {
                    if let place = seen[finding.mark.print] { return PlacedFinding(finding: finding, place: place) }
                    if let draft = drafts[finding.mark.print] { return draft.placing(finding) }
                    return try await write(finding, asDraft: usesDrafts)
                })
        }
        if usesDrafts {
            try await steps.step("review.publish") {
                try await publishDrafts()
                return true
            }
        }
        // Whatever went wrong on the way: what is not there now stands in the summary.
        let there = try await published()
        return placed.map { there[$0.finding.mark.print] == nil ? PlacedFinding(finding: $0.finding, place: .summary) : $0 }
    }

    // MARK: - One finding

    private func rungs(of finding: MarkedFinding) -> [PositionLadder.Rung] {
        ladder.rungs(path: finding.finding.path, lines: finding.lines, side: finding.side)
    }

    private func write(_ finding: MarkedFinding, asDraft: Bool) async throws -> PlacedFinding {
        for rung in rungs(of: finding) {
            guard case .diff(let position) = rung else { break }
            switch try await post(finding, at: rung, position, asDraft: asDraft) {
            case .taken(let placed): return placed
            case .refused: continue
            case .broken:
                // What was answered with an error may have been written all the same; and where GitLab breaks on this place alone
                // instead of refusing it, a lower one will do. A GitLab that is down altogether ends it at the look.
                if let placed = try await written(finding, asDraft: asDraft) { return placed }
                if case .taken(let placed) = try await post(finding, at: rung, position, asDraft: asDraft) { return placed }
                if let placed = try await written(finding, asDraft: asDraft) { return placed }
            }
        }
        return PlacedFinding(finding: finding, place: .summary)
    }

    private enum Answer { case taken(PlacedFinding), refused, broken }

    private func post(
        _ finding: MarkedFinding, at rung: PositionLadder.Rung, _ position: GitLabDiffPosition, asDraft: Bool
    ) async throws -> Answer {
        let link = place.link(finding.finding.path, finding.lines, at: finding.side == .old ? subject.base : subject.head)
        let text = OutgoingText(FindingNote(finding: finding, rung: rung, link: link).markdown)
        do {
            if asDraft {
                let draft = try await client.createDraftNote(projectID: projectID, mergeRequest: iid, text, position: position)
                return .taken(PlacedFinding(finding: finding, place: rung.place, draftID: draft.id))
            }
            _ = try await client.startDiscussion(on: place.target, text, position: position)
            return .taken(PlacedFinding(finding: finding, place: rung.place))
        } catch {
            guard error.reason == .validation || error.reason == .unavailable else { throw error }
            place.run.logger.debug("GitLab does not take a finding at its place", metadata: ["place": "\(rung.place)", "error": "\(error)"])
            return error.reason == .validation ? .refused : .broken
        }
    }

    private func written(_ finding: MarkedFinding, asDraft: Bool) async throws -> PlacedFinding? {
        if asDraft { return try await ownDrafts()[finding.mark.print]?.placing(finding) }
        return try await published()[finding.mark.print].map { PlacedFinding(finding: finding, place: $0) }
    }

    // MARK: - Unpublished comments

    private struct Draft {
        var id: Int64
        var place: PlacedFinding.Place

        func placing(_ finding: MarkedFinding) -> PlacedFinding { PlacedFinding(finding: finding, place: place, draftID: id) }
    }

    /// What a run that ended halfway left unpublished goes, or it would come out with this review. Returns whether the server
    /// knows such comments at all.
    private func clearDrafts(except prints: Set<String>) async throws -> Bool {
        do {
            for draft in try await client.draftNotes(projectID: projectID, mergeRequest: iid) {
                if let mark = FindingMark(in: draft.note), prints.contains(mark.print) { continue }
                try await client.deleteDraftNote(id: draft.id, projectID: projectID, mergeRequest: iid)
            }
            return true
        } catch {
            guard error.reason == .notFound || error.reason == .forbidden else { throw error }
            return false
        }
    }

    private func ownDrafts() async throws -> [String: Draft] {
        var found: [String: Draft] = [:]
        for draft in try await client.draftNotes(projectID: projectID, mergeRequest: iid) {
            if let mark = FindingMark(in: draft.note) { found[mark.print] = Draft(id: draft.id, place: Self.place(of: draft.position)) }
        }
        return found
    }

    private func publishDrafts() async throws {
        let bot = try await place.gitLab.bot()
        let isReviewer = place.merge.reviewers.contains { $0.id == bot.id }
        do {
            try await client.publishDraftNotes(projectID: projectID, mergeRequest: iid, state: isReviewer ? .reviewed : nil)
        } catch {
            guard !error.isTransient, error.reason != .cancelled else { throw error }
            place.run.logger.warning("GitLab did not publish a review at once", metadata: ["error": "\(error)"])
        }
        // One by one what is left; what can't be published must not come out with somebody's next review.
        for draft in try await client.draftNotes(projectID: projectID, mergeRequest: iid) where FindingMark(in: draft.note) != nil {
            do {
                try await client.publishDraftNote(id: draft.id, projectID: projectID, mergeRequest: iid)
            } catch {
                guard !error.isTransient, error.reason != .cancelled else { throw error }
                try await client.deleteDraftNote(id: draft.id, projectID: projectID, mergeRequest: iid)
            }
        }
    }

    /// The bot's findings that people can see, by their print.
    private func published() async throws -> [String: PlacedFinding.Place] {
        let bot = try await place.gitLab.bot()
        var found: [String: PlacedFinding.Place] = [:]
        for discussion in try await client.discussions(on: place.target, limit: 5_000) {
            guard let first = discussion.notes.first, first.author?.id == bot.id, let mark = FindingMark(in: first.body) else { continue }
            found[mark.print] = Self.place(of: first.position)
        }
        return found
    }

    private static func place(of position: GitLabDiffPosition?) -> PlacedFinding.Place {
        position.map { PositionLadder.Rung.diff($0).place } ?? .summary
    }
}
