import Domain
import Foundation
import GitLabAPI

/// What a delivery leads to: nothing, with a reason, or a task. Decides from the payload alone; every right that it seems to
/// show is looked up again with GitLab when the task runs.
struct DeliveryInterpreter: Sendable {
    /// Circumstances of one delivery.
    struct Receipt: Sendable {
        var deliveryID: String
        /// The value of `X-Gitlab-Event`.
        var event: String
        var acceptance: DeliveryVerifier.Acceptance
        var at: Date
        /// The id of the task, should there be one.
        var taskID: TaskID
    }

    enum Decision: Sendable {
        case ignore(reason: String)
        /// - Parameter meaning: what another delivery has in common with this one if it is the same event.
        case task(CodingTask, reason: String, meaning: String?)
        /// A task only if its thread has what it needs.
        case taskInThread(CodingTask, needs: NewDelivery.Need, reason: String, otherwise: String)
    }

    private let bot: BotIdentity?
    private let parser: CommandParser
    private let labelTrigger: String?
    private let projects: ProjectAllowList

    init(bot: BotIdentity?, trigger: String, labelTrigger: String?, projects: ProjectAllowList) {
        self.bot = bot
        self.parser = CommandParser(trigger: trigger, botUsername: bot?.username)
        self.labelTrigger = labelTrigger
        self.projects = projects
    }

    func interpret(_ payload: WebhookPayload, _ receipt: Receipt) -> NewDelivery {
        var delivery = NewDelivery(
            id: receipt.deliveryID, meaning: payload.meaning, receivedAt: receipt.at, event: receipt.event,
            projectID: payload.projectID, projectPath: payload.project?.path, task: nil, reason: "")
        switch decide(payload, receipt) {
        case .ignore(let reason):
            delivery.reason = reason
            // Whose word does not count there must not make the true event look like one that was heard before.
            if Self.foreign.contains(reason) { delivery.meaning = nil }
        case .task(let task, let reason, let meaning):
            (delivery.task, delivery.reason, delivery.meaning) = (task, reason, meaning)
        case .taskInThread(let task, let need, let reason, let otherwise):
            (delivery.task, delivery.reason) = (task, reason)
            (delivery.needs, delivery.reasonWithoutThread) = (need, otherwise)
        }
        return delivery
    }

    private static let foreign: Set<String> = ["wrong_project_secret", "project_not_allowed", "contradictory_project"]

    func decide(_ payload: WebhookPayload, _ receipt: Receipt) -> Decision {
        switch payload.event {
        case .other, .tokenExpiring: return .ignore(reason: "unsupported_event")
        case .incomplete: return .ignore(reason: "incomplete_event")
        default: break
        }
        if payload.contradictsItself { return .ignore(reason: "contradictory_project") }
        guard let projectID = payload.projectID else { return .ignore(reason: "no_project") }
        guard receipt.acceptance.covers(projectID: projectID, path: payload.project?.path) else { return .ignore(reason: "wrong_project_secret") }
        guard projects.allows(path: payload.project?.path) else { return .ignore(reason: "project_not_allowed") }

        let scene = Scene(payload: payload, receipt: receipt, projectID: projectID)
        let decision: Decision =
            switch payload.event {
            case .note(let note): decide(note, in: scene)
            case .issue(let event): decide(event, in: scene)
            case .mergeRequest(let event): decide(event, in: scene)
            case .pipeline(let event): decide(event, in: scene)
            case .job(let event): decide(event, in: scene)
            case .push(let event): decide(event, in: scene)
            case .emoji(let event): decide(event, in: scene)
            default: .ignore(reason: "unsupported_event")
            }
        return hiding(payload, decision)
    }

    /// What is hidden in a project that others can read is not worked on: the result would show it.
    private func hiding(_ payload: WebhookPayload, _ decision: Decision) -> Decision {
        guard payload.isConfidential, let level = payload.project?.visibilityLevel, level >= 10 else { return decision }
        switch decision {
        case .ignore: return decision
        case .task(let task, _, _), .taskInThread(let task, _, _, _):
            return task.kind == .withdraw ? decision : .ignore(reason: "confidential_public")
        }
    }

    /// The parts that every kind of event has.
    struct Scene {
        let payload: WebhookPayload
        let receipt: Receipt
        let projectID: Int64

        func task(
            _ kind: CodingTask.Kind, _ intent: String = "", trigger: GitLabOrigin.Trigger, subject: GitLabOrigin.Subject,
            by person: GitLabOrigin.Person, at time: GitLabTime?, branch: String? = nil,
            _ detail: (inout GitLabOrigin) -> Void = { _ in }
        ) -> CodingTask {
            var origin = GitLabOrigin(
                projectID: projectID, projectPath: payload.project?.path ?? "", subject: subject, trigger: trigger,
                requester: person, isConfidential: payload.isConfidential,
                // A clock that runs ahead must not let later words count as earlier ones.
                at: min(time?.date ?? receipt.at, receipt.at))
            detail(&origin)
            return CodingTask(
                id: receipt.taskID, kind: kind, intent: intent, branch: branch, origin: .gitLab(origin), createdAt: receipt.at)
        }
    }

    // MARK: People

    enum Actor { case person(GitLabOrigin.Person), ignored(reason: String) }

    /// Who did it, unless it is nobody that the bot listens to.
    func actor(_ user: WebhookUser?, own: String) -> Actor {
        guard let user else { return .ignored(reason: "unknown_author") }
        if isBot(user) { return .ignored(reason: own) }
        guard let id = user.id else { return .ignored(reason: "unknown_author") }
        let name = user.username ?? ""
        guard !Self.isBotName(name) else { return .ignored(reason: "bot_author") }
        return .person(GitLabOrigin.Person(id: id, username: name, name: user.name ?? name))
    }

    func isBot(_ user: WebhookUser) -> Bool {
        bot.map { user.isSame(asID: $0.id, username: $0.username) } ?? false
    }

    /// Names that GitLab gives to accounts of tokens and of its own; others are told apart when the task runs.
    static func isBotName(_ name: String) -> Bool {
        let name = name.lowercased()
        if ["ghost", "support-bot", "alert-bot", "gitlab-security-bot", "migration-bot", "visual-review-bot"].contains(name) { return true }
        let parts = name.split(separator: "_", omittingEmptySubsequences: false)
        return parts.count >= 3 && (parts[0] == "project" || parts[0] == "group") && parts[1].allSatisfy(\.isNumber)
            && !parts[1].isEmpty && parts[2] == "bot"
    }

    var known: BotIdentity? { bot }
    var label: String? { labelTrigger }
    func command(in text: String) -> (Command, GitLabOrigin.Trigger)? {
        parser.parse(text).map { ($0, parser.mentionsBot(text) ? .mention : .comment) }
    }
}
