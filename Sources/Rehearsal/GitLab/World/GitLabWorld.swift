import Foundation

/// Everything the stand-in GitLab knows: people, projects, conversations, merge requests, pipelines and hooks. One actor, so
/// that a request sees a whole state. Repositories are real and lie on disk; all else is gone with the process.
package actor GitLabWorld {
    package typealias JSON = GitLabJSON

    package nonisolated let options: RehearsalGitLab.Options
    nonisolated let repositoriesDirectory: String
    /// Scheme, host, port and relative root; known once the server listens.
    package internal(set) var baseURL = "http://127.0.0.1"

    package internal(set) var users: [Int: User] = [:]
    package internal(set) var tokens: [String: Token] = [:]
    package internal(set) var groups: [Int: Group] = [:]
    package internal(set) var projects: [Int: Project] = [:]
    package internal(set) var issues: [Int: Issue] = [:]
    package internal(set) var mergeRequests: [Int: MergeRequest] = [:]
    package internal(set) var notes: [Int: Note] = [:]
    package internal(set) var draftNotes: [Int: DraftNote] = [:]
    package internal(set) var awards: [Int: Award] = [:]
    package internal(set) var todos: [Int: Todo] = [:]
    package internal(set) var pipelines: [Int: Pipeline] = [:]
    package internal(set) var statuses: [Int: CommitStatus] = [:]
    package internal(set) var hooks: [Int: Hook] = [:]
    package internal(set) var deliveries: [Delivery] = []

    package internal(set) var requests: [SeenRequest] = []
    package internal(set) var quickActions: [ExecutedQuickAction] = []
    package internal(set) var pushes: [SeenPush] = []
    private var pushListeners: [AsyncStream<SeenPush>.Continuation] = []
    var faults: [FaultRule] = []
    private var faultsUsed: [Int: Int] = [:]

    private var counters: [Counter: Int] = [:]
    private var lastTime = Date.distantPast
    var outgoing: AsyncStream<OutgoingDelivery>.Continuation?
    var deliveriesInFlight = 0
    var quietWaiters: [CheckedContinuation<Void, Never>] = []
    var deliveryWaiters: [(wanted: Int, resume: CheckedContinuation<Void, Never>)] = []
    /// Every event that was made of a change, also those that no hook wanted.
    package internal(set) var recordedEvents: [(trigger: String, body: JSON)] = []
    /// Which hooks a recursion id has set off already.
    var firedHooks: [String: Set<Int>] = [:]
    /// Projects whose pre-receive check refuses every push with this sentence, as push rules do.
    var declinedPushes: [Int: String] = [:]
    /// Commits as hooks show them, looked up when heads move.
    var lastCommits: [String: JSON] = [:]

    /// The requests kept for tests; the oldest go first, since a long demo must not grow for ever.
    static let keptRequests = 20_000

    enum Counter: Int, Hashable {
        case user = 10, token = 300, group = 20, project = 40, issue = 70_000, mergeRequest = 33_000, note = 881_000
        case draftNote = 5_000, award = 2_000, todo = 1_000, pipeline = 6_000, job = 90_000, status = 8_000
        case hook = 500, delivery = 100_000, version = 44_000, label = 200, suggestion = 700, protection = 60, request = 0
    }

    init(options: RehearsalGitLab.Options, dataDirectory: String) {
        self.options = options
        repositoriesDirectory = "\(dataDirectory)/repositories"
    }

    func nextID(_ counter: Counter) -> Int {
        let id = (counters[counter] ?? counter.rawValue) + 1
        counters[counter] = id
        return id
    }

    /// Now, but never the same instant twice: `updated_at` must tell two changes apart.
    func now() -> Date {
        lastTime = max(Date(), lastTime.addingTimeInterval(0.001))
        return lastTime
    }

    nonisolated func repository(of projectID: Int) -> BareRepository {
        BareRepository(path: "\(repositoriesDirectory)/\(projectID).git")
    }

    func listening(at url: String) { baseURL = url }

    // MARK: requests

    func noteRequest(method: String, path: String, pattern: String, actor: String?, body: JSON) -> Int {
        let number = nextID(.request)
        requests.append(
            SeenRequest(
                number: number, method: method, path: path, pattern: pattern, actor: actor, status: nil, body: body, at: Date()))
        if requests.count > Self.keptRequests { requests.removeFirst(requests.count - Self.keptRequests) }
        return number
    }

    func noteAnswer(_ number: Int, status: Int) {
        guard let first = requests.first?.number, requests.indices.contains(number - first) else { return }
        requests[number - first].status = status
    }

    func notePush(_ push: SeenPush) {
        pushes.append(push)
        pushListeners.removeAll { listener in
            if case .terminated = listener.yield(push) { true } else { false }
        }
    }

    /// The pushes from now on.
    package func newPushes() -> AsyncStream<SeenPush> {
        let (stream, listener) = AsyncStream.makeStream(of: SeenPush.self)
        pushListeners.append(listener)
        return stream
    }

    // MARK: faults

    package func add(_ fault: FaultRule) { faults.append(fault) }
    package func clearFaults() {
        faults = []
        faultsUsed = [:]
    }

    /// The first rule that covers this request and is due, counting it.
    func fault(method: String, path: String) -> FaultRule? {
        for (index, rule) in faults.enumerated() where rule.covers(method: method, path: path) {
            let used = (faultsUsed[index] ?? 0) + 1
            faultsUsed[index] = used
            guard used > rule.after else { continue }
            if let times = rule.times, used > rule.after + times { continue }
            return rule
        }
        return nil
    }
}
