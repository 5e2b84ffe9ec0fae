import Foundation

extension GitLabWorld {
    func addTodo(
        _ action: String, _ target: Noteable, for userID: Int, by authorID: Int, body: String, in projectID: Int,
        noteID: Int? = nil
    ) {
        guard userID != authorID else { return }
        let date = now()
        let todo = Todo(
            id: nextID(.todo), userID: userID, authorID: authorID, projectID: projectID, action: action, target: target,
            body: body, noteID: noteID, createdAt: date, updatedAt: date)
        todos[todo.id] = todo
    }

    func addMentionTodos(in text: String, _ target: Noteable, by authorID: Int, projectID: Int, noteID: Int?) {
        for name in Self.mentions(in: text) {
            guard let mentioned = user(named: name), let project = projects[projectID], canRead(project, mentioned.id) else {
                continue
            }
            let isFirst = text.drop { $0.isWhitespace }.hasPrefix("@\(name)")
            addTodo(
                isFirst ? "directly_addressed" : "mentioned", target, for: mentioned.id, by: authorID, body: text,
                in: projectID, noteID: noteID)
        }
    }

    static func mentions(in text: String) -> [String] {
        var names: [String] = []
        var previous: Character = " "
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            if character == "@", !previous.isLetter, !previous.isNumber, previous != "`" {
                let name = text[text.index(after: index)...].prefix { $0.isLetter || $0.isNumber || "_-.".contains($0) }
                let trimmed = String(name).trimmingCharacters(in: CharacterSet(charactersIn: ".-"))
                if !trimmed.isEmpty, !names.contains(trimmed) { names.append(trimmed) }
            }
            previous = character
            index = text.index(after: index)
        }
        return names
    }

    func finishTodos(of target: Noteable, for userID: Int? = nil) {
        for todo in todos.values where todo.target == target && (userID == nil || todo.userID == userID) && !todo.isDone {
            todos[todo.id]?.isDone = true
            todos[todo.id]?.updatedAt = now()
        }
    }

    func shape(_ todo: Todo) -> JSON {
        let target: JSON =
            switch todo.target.kind {
            case .issue: issues[todo.target.id].map { shape($0) } ?? .null
            case .mergeRequest: mergeRequests[todo.target.id].map { basicShape($0) } ?? .null
            }
        let project = projects[todo.projectID]
        return [
            "id": .integer(todo.id),
            "project": project.map {
                [
                    "id": .integer($0.id), "name": .string($0.name), "path": .string($0.path),
                    "path_with_namespace": .string($0.fullPath), "name_with_namespace": .string($0.fullPath),
                    "description": .text($0.description), "created_at": .time($0.createdAt),
                ]
            } ?? .null,
            "author": basicUser(todo.authorID), "action_name": .string(todo.action),
            "target_type": .string(todo.target.kind.rawValue), "target": target,
            "target_url": .string(url(of: todo.target) + (todo.noteID.map { "#note_\($0)" } ?? "")),
            "body": .string(todo.body), "state": .string(todo.isDone ? "done" : "pending"),
            "created_at": .time(todo.createdAt), "updated_at": .time(todo.updatedAt),
        ]
    }
}
