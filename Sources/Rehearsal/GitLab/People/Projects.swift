import Foundation

extension GitLabWorld {
    /// A new project with these files in a first commit (none: an empty repository). The default branch is protected, as on a
    /// fresh server: Maintainers push and merge.
    @discardableResult
    package func createProject(
        _ fullPath: String, by username: String, files: [String: String] = [:], visibility: Visibility = .private,
        defaultBranch: String = "main"
    ) async throws -> Project {
        try await createProject(
            fullPath, by: username,
            actions: files.sorted { $0.key < $1.key }.map {
                FileAction(.create, $0.key, content: Array($0.value.utf8), isExecutable: $0.value.hasPrefix("#!"))
            },
            visibility: visibility, defaultBranch: defaultBranch)
    }

    /// A new project from a directory of files.
    @discardableResult
    package func createProject(
        _ fullPath: String, by username: String, directory: String, visibility: Visibility = .private
    ) async throws -> Project {
        try await createProject(fullPath, by: username, actions: try Self.actions(ofDirectory: directory), visibility: visibility)
    }

    @discardableResult
    package func createProject(
        _ fullPath: String, by username: String, actions: [FileAction], visibility: Visibility = .private,
        defaultBranch: String = "main"
    ) async throws -> Project {
        let owner = try person(username)
        guard project(at: fullPath) == nil else { throw Refusal.message(409, "There is a project \(fullPath) already.") }
        let parts = fullPath.split(separator: "/").map(String.init)
        guard let path = parts.last, parts.count > 1 else { throw Refusal.message(400, "A project path is group/name.") }
        let namespace = parts.dropLast().joined(separator: "/")
        let group = namespace == owner.username ? nil : createGroup(namespace, visibility: visibility)
        let id = nextID(.project)
        let repository = try await BareRepository.create(
            at: "\(repositoriesDirectory)/\(id).git", defaultBranch: defaultBranch)
        var project = Project(
            id: id, name: path, path: path, namespacePath: namespace, namespaceID: group?.id, description: nil,
            visibility: visibility, defaultBranch: actions.isEmpty ? nil : defaultBranch, creatorID: owner.id, createdAt: now())
        project.members[owner.id] = Member(userID: owner.id, level: .owner, createdAt: now())
        project.protections = [
            Protection(id: nextID(.protection), name: defaultBranch, pushLevel: .maintainer, mergeLevel: .maintainer)
        ]
        if !actions.isEmpty {
            let commit = try await repository.commit(
                actions, on: nil, message: "Initial commit", identity: (owner.name, owner.email))
            try await repository.update("refs/heads/\(defaultBranch)", to: commit)
            project.refs = try await repository.branches()
        }
        projects[id] = project
        return project
    }

    static func actions(ofDirectory directory: String) throws -> [FileAction] {
        let root = URL(filePath: directory)
        guard let walk = FileManager.default.enumerator(atPath: directory) else {
            throw Refusal.message(400, "\(directory) can't be read.")
        }
        var actions: [FileAction] = []
        for case let path as String in walk {
            let parts = path.split(separator: "/")
            guard !parts.contains(".git") else { continue }
            let file = root.appending(path: path)
            let values = try file.resourceValues(forKeys: [.isRegularFileKey, .isExecutableKey])
            guard values.isRegularFile == true else { continue }
            actions.append(
                FileAction(
                    .create, path, content: Array(try Data(contentsOf: file)), isExecutable: values.isExecutable ?? false))
        }
        return actions.sorted { $0.path < $1.path }
    }

    func fork(_ projectID: Int, by userID: Int) async throws -> Project {
        guard let parent = projects[projectID], let owner = users[userID] else { throw Refusal.notFound("Project") }
        let id = nextID(.project)
        let path = "\(repositoriesDirectory)/\(id).git"
        let repository = try await BareRepository.create(at: path, defaultBranch: parent.defaultBranch ?? "main")
        try await repository.run(
            ["fetch", "--quiet", self.repository(of: projectID).path, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"])
        var fork = Project(
            id: id, name: parent.name, path: parent.path, namespacePath: owner.username, namespaceID: nil,
            description: parent.description, visibility: parent.visibility, defaultBranch: parent.defaultBranch,
            creatorID: userID, forkedFrom: parent.id, createdAt: now())
        fork.members[userID] = Member(userID: userID, level: .owner, createdAt: now())
        fork.refs = try await repository.branches()
        projects[id] = fork
        return fork
    }

    @discardableResult
    package func fork(_ project: String, by username: String) async throws -> Project {
        try await fork(try known(project).id, by: try person(username).id)
    }

    package func archive(_ project: String, _ isArchived: Bool = true) throws {
        projects[try known(project).id]?.isArchived = isArchived
    }

    package func setVisibility(_ visibility: Visibility, of project: String) throws {
        projects[try known(project).id]?.visibility = visibility
    }

    package func setSetting(_ name: String, _ value: GitLabJSON, of project: String) throws {
        projects[try known(project).id]?.settings[name] = value
    }

    package func setStartsPipelines(_ starts: Bool, in project: String) throws {
        projects[try known(project).id]?.startsPipelines = starts
    }

    package func protect(
        _ pattern: String, in project: String, push: AccessLevel = .maintainer, merge: AccessLevel = .maintainer
    ) throws {
        let rule = Protection(id: nextID(.protection), name: pattern, pushLevel: push, mergeLevel: merge)
        projects[try known(project).id]?.protections.append(rule)
    }

    /// Refuses every push with this sentence, as a push rule would; nil lifts it.
    package func declinePushes(to project: String, _ sentence: String?) throws {
        declinedPushes[try known(project).id] = sentence
    }
}
