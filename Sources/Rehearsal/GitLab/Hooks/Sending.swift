import Crypto
import Foundation

/// One event on its way to one hook.
struct OutgoingDelivery: Sendable {
    let hookID: Int
    let trigger: String
    let eventName: String
    let body: GitLabJSON
    let idempotencyKey: String
    let recursionID: String
    /// The merge request whose last commit the body still lacks.
    var isTest = false
}

/// The id that GitLab hands through requests to stop hooks from setting themselves off for ever.
enum RecursionGuard {
    @TaskLocal static var eventID: String?
}

extension GitLabWorld {
    /// Hands an event to every hook of the project and of the groups above that wants it and is not switched off.
    func emit(_ trigger: String, _ eventName: String, _ body: JSON, in projectID: Int, branch: String? = nil) {
        recordedEvents.append((trigger, body))
        if recordedEvents.count > 2_000 { recordedEvents.removeFirst(1_000) }
        let date = Date()
        let recursionID = RecursionGuard.eventID ?? UUID().uuidString.lowercased()
        for hook in hooks.values.sorted(by: { $0.id < $1.id }) where covers(hook, projectID) && hook.switches.contains(trigger) {
            if let filter = hook.pushBranchFilter, !filter.isEmpty, let branch, !Wildcard.matches(branch, pattern: filter) {
                continue
            }
            // What happens while a hook is paused is lost.
            guard hook.alertStatus(at: date) == "executable" else { continue }
            if RecursionGuard.eventID != nil, firedHooks[recursionID]?.contains(hook.id) == true { continue }
            firedHooks[recursionID, default: []].insert(hook.id)
            send(
                OutgoingDelivery(
                    hookID: hook.id, trigger: trigger, eventName: eventName, body: body,
                    idempotencyKey: UUID().uuidString.lowercased(), recursionID: recursionID))
        }
    }

    private func covers(_ hook: Hook, _ projectID: Int) -> Bool {
        switch hook.owner {
        case .project(let id): return id == projectID
        case .group(let id):
            var group = projects[projectID]?.namespaceID.flatMap { groups[$0] }
            while let current = group {
                if current.id == id { return true }
                group = current.parentID.flatMap { groups[$0] }
            }
            return false
        }
    }

    func send(_ delivery: OutgoingDelivery) {
        guard let outgoing else { return }
        deliveriesInFlight += 1
        outgoing.yield(delivery)
    }

    func delivered() {
        deliveriesInFlight -= 1
        guard deliveriesInFlight == 0 else { return }
        let waiters = quietWaiters
        quietWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    /// The headers of one attempt. The time is the attempt's, the id the event's.
    func headers(for delivery: OutgoingDelivery, hook: Hook, body: [UInt8]) -> [String: String] {
        let seconds = String(Int(Date().timeIntervalSince1970))
        var headers = hook.customHeaders.merging(
            [
                "Content-Type": "application/json", "User-Agent": "GitLab/\(options.version)",
                "X-Gitlab-Event": delivery.eventName, "X-Gitlab-Webhook-UUID": UUID().uuidString.lowercased(),
                "X-Gitlab-Instance": Self.origin(of: baseURL), "X-Gitlab-Event-UUID": delivery.recursionID,
                "Idempotency-Key": delivery.idempotencyKey, "webhook-id": delivery.idempotencyKey,
                "webhook-timestamp": seconds,
            ]
        ) { $1 }
        if let token = hook.token, !token.isEmpty { headers["X-Gitlab-Token"] = token }
        if let signing = hook.signingToken, let key = Self.signingKey(signing) {
            let signed = Array("\(delivery.idempotencyKey).\(seconds).".utf8) + body
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: key)
            headers["webhook-signature"] = "v1," + Data(code).base64EncodedString()
        }
        return headers
    }

    static func signingKey(_ token: String) -> SymmetricKey? {
        guard token.hasPrefix("whsec_"), let bytes = Data(base64Encoded: String(token.dropFirst(6))), bytes.count == 32 else {
            return nil
        }
        return SymmetricKey(data: bytes)
    }

    /// Scheme, host and port: a relative root is not in the instance header.
    static func origin(of url: String) -> String {
        guard let start = url.range(of: "://")?.upperBound else { return url }
        return String(url[..<(url[start...].firstIndex(of: "/") ?? url.endIndex)])
    }

    func note(_ delivery: Delivery) {
        deliveries.append(delivery)
        hooks[delivery.hookID]?.noteDelivery(succeeded: delivery.succeeded, at: Date())
        let count = deliveries.count
        let due = deliveryWaiters.filter { $0.wanted <= count }
        deliveryWaiters.removeAll { $0.wanted <= count }
        for waiter in due { waiter.resume.resume() }
    }

    /// Returns when no delivery is under way.
    package func untilQuiet() async {
        guard deliveriesInFlight > 0 else { return }
        await withCheckedContinuation { quietWaiters.append($0) }
    }

    /// Returns when this many deliveries were tried since the start.
    package func untilDeliveries(_ wanted: Int) async {
        guard deliveries.count < wanted else { return }
        await withCheckedContinuation { deliveryWaiters.append((wanted, $0)) }
    }

    /// Merge request events carry the last commit, which only git knows.
    func withLastCommit(of found: MergeRequest, _ body: @escaping @Sendable (isolated GitLabWorld, JSON) -> Void) {
        let commit = found.versions.last.flatMap { lastCommits[$0.head] }
        body(self, commit ?? .null)
    }

    /// Looks up a commit for later events.
    func remember(_ commit: String, in projectID: Int) async {
        guard lastCommits[commit] == nil, let project = projects[projectID],
            let record = try? await repository(of: projectID).record(of: commit)
        else { return }
        lastCommits[commit] = record.hookJSON(webURL: projectURL(project))
    }
}
