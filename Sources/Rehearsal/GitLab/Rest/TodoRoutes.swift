extension RouteTable {
    mutating func addTodoRoutes() {
        add("GET", "todos") { world, call in try await world.listTodos(call) }
        add("POST", "todos/{id}/mark_as_done") { world, call in try await world.finishTodo(call) }
        add("POST", "todos/mark_as_done") { world, call in try await world.finishAllTodos(call) }
    }
}

extension GitLabWorld {
    func listTodos(_ call: GitLabCall) throws -> GitLabReply {
        let user = try user(of: call)
        let wantsDone = call.text("state") == "done"
        var found = todos.values.filter { $0.userID == user.id && $0.isDone == wantsDone }
        if let action = call.text("action") { found = found.filter { $0.action == action } }
        if let type = call.text("type") { found = found.filter { $0.target.kind.rawValue == type } }
        if let id = call.int("project_id") { found = found.filter { $0.projectID == id } }
        return try Paging(call).reply(found.sorted { $0.id > $1.id }.map { shape($0) }, to: call)
    }

    func finishTodo(_ call: GitLabCall) throws -> GitLabReply {
        let user = try user(of: call)
        guard let id = call.int("id"), todos[id]?.userID == user.id else { throw Refusal.notFound }
        todos[id]?.isDone = true
        todos[id]?.updatedAt = now()
        return .created(todos[id].map { shape($0) } ?? .null)
    }

    func finishAllTodos(_ call: GitLabCall) throws -> GitLabReply {
        let user = try user(of: call)
        for todo in todos.values where todo.userID == user.id { todos[todo.id]?.isDone = true }
        return .noContent
    }
}
