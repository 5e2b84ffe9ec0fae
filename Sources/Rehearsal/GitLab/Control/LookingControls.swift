import Foundation

extension RouteTable {
    mutating func addLookingControls() {
        add("GET", "requests") { world, _ in .ok(await world.requestLog()) }
        add("GET", "quick_actions") { world, _ in .ok(await world.quickActionLog()) }
        add("GET", "pushes") { world, _ in .ok(await world.pushLog()) }
        add("GET", "deliveries") { world, _ in .ok(await world.deliveryLog()) }
        add("GET", "notes") { world, call in
            let project = call.text("project")
            return .ok(try await world.noteLog(project))
        }
        add("GET", "issues") { world, _ in .ok(await world.allIssues()) }
        add("GET", "merge_requests") { world, _ in .ok(await world.allMergeRequests()) }
        add("GET", "branches") { world, call in
            let found = try await world.branches(of: try call.required("project"))
            return .ok(.object(found.mapValues { .string($0) }))
        }
        add("GET", "commits") { world, call in
            .ok(.texts(try await world.commitMessages(on: try call.required("branch"), of: try call.required("project"))))
        }
        add("GET", "file") { world, call in
            let text = try await world.file(
                try call.required("path"), on: try call.required("branch"), of: try call.required("project"))
            guard let text else { throw Refusal.notFound("File") }
            return .text(text)
        }
        add("GET", "diff") { world, call in
            .text(try await world.diff(ofMergeRequest: try call.requiredInt("merge_request"), of: try call.required("project")))
        }
        add("GET", "awards") { world, _ in .ok(await world.allAwards()) }
        add("GET", "hooks") { world, _ in .ok(await world.allHooks()) }
    }
}

extension GitLabWorld {
    func requestLog() -> JSON {
        .list(
            requests.map { seen in
                [
                    "number": .integer(seen.number), "method": .string(seen.method), "path": .string(seen.path),
                    "pattern": .string(seen.pattern), "actor": .text(seen.actor), "status": .int(seen.status),
                    "at": .time(seen.at),
                ]
            })
    }

    func quickActionLog() -> JSON {
        .list(
            quickActions.map { action in
                [
                    "name": .string(action.name), "argument": .string(action.argument), "actor": .string(action.actor),
                    "source": .string(action.source), "target": .string(action.target.kind.rawValue),
                    "iid": .int(iid(of: action.target)),
                ]
            })
    }

    func pushLog() -> JSON {
        .list(
            pushes.map { push in
                [
                    "project": .text(projects[push.projectID]?.fullPath), "ref": .string(push.ref),
                    "before": .string(push.before), "after": .string(push.after), "actor": .string(push.actor),
                    "forced": .bool(push.wasForced),
                ]
            })
    }

    func deliveryLog() -> JSON {
        .list(
            deliveries.map { delivery in
                [
                    "id": .integer(delivery.id), "hook_id": .integer(delivery.hookID), "event": .string(delivery.eventName),
                    "trigger": .string(delivery.trigger), "idempotency_key": .string(delivery.idempotencyKey),
                    "response_status": .string(delivery.responseStatus), "response_body": .string(delivery.responseBody),
                    "seconds": .decimal(delivery.seconds), "body": (try? JSON(parsing: delivery.body)) ?? .null,
                ]
            })
    }

    func noteLog(_ project: String?) throws -> JSON {
        let id = try project.map { try known($0).id }
        let found = notes.values.filter { id == nil || $0.projectID == id }.sorted { $0.id < $1.id }
        return .list(
            found.map { note in
                shape(note).with([
                    "edits": .integer(note.editCount), "discussion_id": .string(note.discussionID),
                    "author_username": .text(users[note.authorID]?.username),
                ])
            })
    }

    func allIssues() -> JSON { .list(issues.values.sorted { $0.id < $1.id }.map { shape($0) }) }
    func allMergeRequests() -> JSON { .list(mergeRequests.values.sorted { $0.id < $1.id }.map { basicShape($0) }) }
    func allAwards() -> JSON { .list(awards.values.sorted { $0.id < $1.id }.map { shape($0) }) }
    func allHooks() -> JSON { .list(hooks.values.sorted { $0.id < $1.id }.map { shape($0) }) }
}
