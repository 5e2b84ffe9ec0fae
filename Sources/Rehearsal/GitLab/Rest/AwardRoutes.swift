extension RouteTable {
    mutating func addAwardRoutes() {
        for (kind, path, name) in [
            (GitLabWorld.Noteable.Kind.issue, "issues", "issue_iid"), (.mergeRequest, "merge_requests", "merge_request_iid"),
        ] {
            for isNote in [false, true] {
                let base = "projects/{id}/\(path)/{\(name)}" + (isNote ? "/notes/{note_id}" : "") + "/award_emoji"
                let place = AwardPlace(kind: kind, parameter: name, isNote: isNote)
                add("GET", base) { world, call in try await world.listAwards(call, place) }
                add("POST", base) { world, call in try await world.giveAward(call, place) }
                add("DELETE", base + "/{award_id}") { world, call in try await world.takeAward(call, place) }
            }
        }
    }
}

/// Where an emoji route hangs.
struct AwardPlace: Sendable {
    let kind: GitLabWorld.Noteable.Kind
    let parameter: String
    let isNote: Bool
}

extension GitLabWorld {
    private func target(_ call: GitLabCall, _ place: AwardPlace) throws -> Award.Target {
        place.isNote
            ? .note(try note(call, place.kind, named: place.parameter).id)
            : .noteable(try noteable(call, place.kind, named: place.parameter))
    }

    func shape(_ award: Award) -> JSON {
        let (kind, id): (String, Int) =
            switch award.target {
            case .note(let id): ("Note", id)
            case .noteable(let noteable): (noteable.kind.rawValue, noteable.id)
            }
        return [
            "id": .integer(award.id), "name": .string(award.name), "user": basicUser(award.userID),
            "created_at": .time(award.createdAt), "updated_at": .time(award.createdAt), "awardable_id": .integer(id),
            "awardable_type": .string(kind), "url": .null,
        ]
    }

    func listAwards(_ call: GitLabCall, _ place: AwardPlace) throws -> GitLabReply {
        let target = try target(call, place)
        let found = awards.values.filter { $0.target == target }.sorted { $0.id < $1.id }
        return try Paging(call).reply(found.map { shape($0) }, to: call)
    }

    func giveAward(_ call: GitLabCall, _ place: AwardPlace) throws -> GitLabReply {
        let target = try target(call, place)
        let user = try user(of: call)
        let name = try call.required("name")
        guard name.allSatisfy({ $0.isLetter || $0.isNumber || "_+-".contains($0) }), !name.isEmpty else {
            throw Refusal.badRequest("404 Award Emoji Not Found")
        }
        guard !awards.values.contains(where: { $0.target == target && $0.userID == user.id && $0.name == name }) else {
            throw Refusal.message(404, "404 Award Emoji Name has already been taken Not Found")
        }
        let award = Award(id: nextID(.award), name: name, userID: user.id, target: target, createdAt: now())
        awards[award.id] = award
        emitAward(award, action: "award")
        return .created(shape(award))
    }

    func takeAward(_ call: GitLabCall, _ place: AwardPlace) throws -> GitLabReply {
        let target = try target(call, place)
        let user = try user(of: call)
        guard let id = call.int("award_id"), let award = awards[id], award.target == target else {
            throw Refusal.notFound("Award Emoji")
        }
        guard award.userID == user.id else { throw Refusal.forbidden }
        awards[id] = nil
        emitAward(award, action: "revoke")
        return .noContent
    }
}
