extension RouteTable {
    mutating func addLabelRoutes() {
        add("GET", "projects/{id}/labels") { world, call in
            let project = try await world.project(call)
            return try await Paging(call).reply(project.labels.mapAsync { await world.shape($0) }, to: call)
        }
        add("POST", "projects/{id}/labels") { world, call in try await world.createLabel(call) }
        add("GET", "projects/{id}/labels/{name}") { world, call in
            let project = try await world.project(call)
            guard let label = project.labels.first(where: { $0.name == call.text("name") || $0.id == call.int("name") }) else {
                throw Refusal.notFound("Label")
            }
            return .ok(await world.shape(label))
        }
        add("DELETE", "projects/{id}/labels/{name}") { world, call in try await world.deleteLabel(call) }
    }
}

extension Array {
    fileprivate func mapAsync<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var result: [Result] = []
        for element in self { result.append(try await transform(element)) }
        return result
    }
}

extension GitLabWorld {
    func shape(_ label: Label) -> JSON {
        [
            "id": .integer(label.id), "name": .string(label.name), "description": .text(label.description),
            "description_html": .text(label.description), "text_color": "#FFFFFF", "color": .string(label.color),
            "archived": false, "open_issues_count": 0, "closed_issues_count": 0, "open_merge_requests_count": 0,
            "subscribed": false, "priority": .null, "is_project_label": true,
        ]
    }

    func createLabel(_ call: GitLabCall) throws -> GitLabReply {
        let project = try project(call, needs: .planner)
        let name = try call.required("name")
        let color = try call.required("color")
        guard !project.labels.contains(where: { $0.name == name }) else { throw Refusal.message(409, "Label already exists") }
        let label = Label(
            id: nextID(.label), name: name, color: color, description: call.text("description"), createdAt: now())
        projects[project.id]?.labels.append(label)
        return .created(shape(label))
    }

    func deleteLabel(_ call: GitLabCall) throws -> GitLabReply {
        let project = try project(call, needs: .planner)
        guard let index = project.labels.firstIndex(where: { $0.name == call.text("name") }) else {
            throw Refusal.notFound("Label")
        }
        projects[project.id]?.labels.remove(at: index)
        return .noContent
    }
}
