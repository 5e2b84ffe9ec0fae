import Foundation

extension RouteTable {
    mutating func addHookRoutes(_ attempt: @escaping HookAttempt) {
        for path in ["projects", "groups"] {
            let isGroup = path == "groups"
            let base = "\(path)/{id}/hooks"
            add("GET", base) { world, call in try await world.listHooks(call, isGroup) }
            add("POST", base) { world, call in try await world.createHook(call, isGroup) }
            add("GET", base + "/{hook_id}") { world, call in
                .ok(await world.shape(try await world.hook(call, isGroup)))
            }
            add("PUT", base + "/{hook_id}") { world, call in try await world.editHook(call, isGroup) }
            add("DELETE", base + "/{hook_id}") { world, call in try await world.deleteHook(call, isGroup) }
            add("GET", base + "/{hook_id}/events") { world, call in try await world.listHookEvents(call, isGroup) }
            add("POST", base + "/{hook_id}/test/{trigger}") { world, call in
                let delivery = try await world.testDelivery(call, isGroup)
                guard let done = await attempt(delivery) else { throw Refusal.notFound }
                await world.note(done)
                guard done.succeeded else {
                    throw Refusal.message(422, "Hook executed successfully but returned HTTP \(done.responseStatus) \(done.responseBody.prefix(200))")
                }
                return GitLabReply(201, .json(["message": "201 Created"]))
            }
            add("POST", base + "/{hook_id}/events/{hook_log_id}/resend") { world, call in
                let delivery = try await world.resentDelivery(call, isGroup)
                guard let done = await attempt(delivery) else { throw Refusal.notFound }
                await world.note(done)
                return GitLabReply(201, .json(["response_status": .integer(Int(done.responseStatus) ?? 500)]))
            }
        }
    }
}

extension GitLabWorld {
    private func owner(_ call: GitLabCall, _ isGroup: Bool) throws -> Hook.Owner {
        if isGroup {
            // Group hooks are a paid feature; free servers know no such path.
            guard options.version.hasSuffix("-ee") else { throw Refusal.error(404, "404 Not Found") }
            return .group(try group(call, needs: .owner).id)
        }
        return .project(try project(call, needs: .maintainer).id)
    }

    func hook(_ call: GitLabCall, _ isGroup: Bool) throws -> Hook {
        let owner = try owner(call, isGroup)
        guard let id = call.int("hook_id"), let hook = hooks[id], hook.owner == owner else { throw Refusal.notFound }
        return hook
    }

    func shape(_ hook: Hook) -> JSON {
        var shape: [String: JSON] = [
            "id": .integer(hook.id), "url": .string(hook.url), "name": .text(hook.name), "description": .text(hook.description),
            "created_at": .time(hook.createdAt), "enable_ssl_verification": .bool(hook.verifiesTLS),
            "alert_status": .string(hook.alertStatus(at: Date())), "disabled_until": .time(hook.disabledUntil),
            "url_variables": [], "custom_webhook_template": .null, "repository_update_events": false,
            "push_events_branch_filter": .text(hook.pushBranchFilter), "branch_filter_strategy": "wildcard",
            "custom_headers": .list(hook.customHeaders.keys.sorted().map { ["key": .string($0)] }),
            "token_present": .bool(hook.token?.isEmpty == false),
        ]
        if hasSignedHooks { shape["signing_token_present"] = .bool(hook.signingToken != nil) }
        switch hook.owner {
        case .project(let id): shape["project_id"] = .integer(id)
        case .group(let id): shape["group_id"] = .integer(id)
        }
        for name in Hook.knownSwitches { shape[name] = .bool(hook.switches.contains(name)) }
        return .object(shape)
    }

    /// Signing came with 19.0; an older server silently ignores the parameter.
    private var hasSignedHooks: Bool { (Int(options.version.prefix { $0.isNumber }) ?? 0) >= 19 }

    func listHooks(_ call: GitLabCall, _ isGroup: Bool) throws -> GitLabReply {
        let owner = try owner(call, isGroup)
        let found = hooks.values.filter { $0.owner == owner }.sorted { $0.id < $1.id }
        return try Paging(call).reply(found.map { shape($0) }, to: call)
    }

    private func apply(_ call: GitLabCall, to hook: inout Hook) throws {
        if let url = call.text("url") {
            guard let parts = URL(string: url), ["http", "https"].contains(parts.scheme ?? ""), let host = parts.host() else {
                throw Refusal.field(422, "url", "is blocked: Only allowed schemes are http, https")
            }
            if !options.allowsLocalHooks, host == "localhost" || host.hasPrefix("127.") {
                throw Refusal(422, ["error": "Invalid url given"])
            }
            hook.url = url
        }
        if let token = call.text("token") { hook.token = token }
        if let signing = call.text("signing_token"), hasSignedHooks {
            guard Self.signingKey(signing) != nil else {
                throw Refusal.field(422, "signing_token", "must be in the format whsec_<base64-encoded 32 bytes>")
            }
            hook.signingToken = signing
        }
        if let name = call.text("name") { hook.name = name }
        if let description = call.text("description") { hook.description = description }
        if let flag = call.bool("enable_ssl_verification") { hook.verifiesTLS = flag }
        if let filter = call.text("push_events_branch_filter") { hook.pushBranchFilter = filter }
        for name in Hook.knownSwitches {
            guard let flag = call.bool(name) else { continue }
            if flag { hook.switches.insert(name) } else { hook.switches.remove(name) }
        }
        for header in call["custom_headers"]?.list ?? [] {
            if let key = header["key"]?.text, let value = header["value"]?.text { hook.customHeaders[key] = value }
        }
    }

    func createHook(_ call: GitLabCall, _ isGroup: Bool) throws -> GitLabReply {
        let owner = try owner(call, isGroup)
        var hook = Hook(
            id: nextID(.hook), owner: owner, url: try call.required("url"), switches: ["push_events"], createdAt: now())
        try apply(call, to: &hook)
        hooks[hook.id] = hook
        return .created(shape(hook))
    }

    func editHook(_ call: GitLabCall, _ isGroup: Bool) throws -> GitLabReply {
        var hook = try hook(call, isGroup)
        try apply(call, to: &hook)
        hooks[hook.id] = hook
        return .ok(shape(hook))
    }

    func deleteHook(_ call: GitLabCall, _ isGroup: Bool) throws -> GitLabReply {
        hooks[try hook(call, isGroup).id] = nil
        return .noContent
    }

    func listHookEvents(_ call: GitLabCall, _ isGroup: Bool) throws -> GitLabReply {
        let hook = try hook(call, isGroup)
        let wanted: [String] =
            switch call["status"] {
            case .list(let items)?: items.compactMap(\.text)
            case let value?: value.text.map { [$0] } ?? []
            case nil: []
            }
        let found = deliveries.filter { delivery in
            guard delivery.hookID == hook.id else { return false }
            guard !wanted.isEmpty else { return true }
            let code = Int(delivery.responseStatus)
            return wanted.contains { word in
                switch word {
                case "successful": code.map { 200..<300 ~= $0 } ?? false
                case "client_failure": code.map { 400..<500 ~= $0 } ?? false
                case "server_failure": code.map { $0 >= 500 } ?? true
                default: word == delivery.responseStatus
                }
            }
        }
        let items: [JSON] = found.reversed().map { delivery in
            [
                "id": .integer(delivery.id), "url": .string(delivery.url), "trigger": .string(delivery.trigger.replacing("_events", with: "_hooks")),
                "request_headers": .object(delivery.requestHeaders.mapValues { .string($0) }.merging(["X-Gitlab-Token": "[REDACTED]"]) { $1 }),
                "request_data": (try? JSON(parsing: delivery.body)) ?? .null,
                "response_headers": .object(delivery.responseHeaders.mapValues { .string($0) }),
                "response_body": .string(delivery.responseBody), "execution_duration": .decimal(delivery.seconds),
                "response_status": .string(delivery.responseStatus), "created_at": .time(delivery.createdAt),
            ]
        }
        return try Paging(call).reply(items, to: call)
    }

    func testDelivery(_ call: GitLabCall, _ isGroup: Bool) throws -> OutgoingDelivery {
        let hook = try hook(call, isGroup)
        let trigger = try call.required("trigger")
        guard Hook.knownSwitches.contains(trigger) else { throw Refusal.invalid("trigger") }
        let projectID: Int =
            switch hook.owner {
            case .project(let id): id
            case .group(let id): projects.values.first { $0.namespaceID == id }?.id ?? 0
            }
        let event = trigger.replacing("_events", with: "").split(separator: "_").map(\.capitalized).joined(separator: " ")
        let name = (event.hasSuffix("s") ? String(event.dropLast()) : event) + " Hook"
        let body: JSON =
            recordedEvents.last { $0.trigger == trigger && $0.body["project"]?["id"]?.int == projectID }?.body
            ?? [
                "object_kind": .string(trigger.replacing("_events", with: "")), "event_name": .string(trigger.replacing("_events", with: "")),
                "before": .string(Self.zeroes), "after": .string(Self.zeroes), "ref": "refs/heads/main", "user_id": 0,
                "project_id": .integer(projectID), "project": hookProject(projectID), "commits": [], "total_commits_count": 0,
                "repository": hookRepository(projectID),
            ]
        return OutgoingDelivery(
            hookID: hook.id, trigger: trigger, eventName: name, body: body,
            idempotencyKey: UUID().uuidString.lowercased(), recursionID: UUID().uuidString.lowercased(), isTest: true)
    }

    /// Sent again by hand: the same idempotency key, a new time. Impossible after the URL changed.
    func resentDelivery(_ call: GitLabCall, _ isGroup: Bool) throws -> OutgoingDelivery {
        let hook = try hook(call, isGroup)
        guard let id = call.int("hook_log_id"), let old = deliveries.first(where: { $0.id == id && $0.hookID == hook.id }) else {
            throw Refusal.notFound
        }
        guard old.url == hook.url else {
            throw Refusal.message(422, "The hook URL has changed. This log entry cannot be retried.")
        }
        return OutgoingDelivery(
            hookID: hook.id, trigger: old.trigger, eventName: old.eventName, body: try JSON(parsing: old.body),
            idempotencyKey: old.idempotencyKey, recursionID: UUID().uuidString.lowercased())
    }
}
