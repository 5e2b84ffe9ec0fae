package import Foundation
package import Secrets

/// The task JSON, as the command line and the API take it. What it says is checked; the secrets in it stay apart from the task.
package struct TaskRequest: Sendable, Hashable {
    package var taskID: TaskID?
    package var repository: RepositoryAddress
    package var intent: String
    package var webhookURL: String?
    package var branch: String?
    package var model: String?
    package var maxIterations: Int?
    package var mergeRequest: CodingTask.MergeRequestWish
    package var gitLabAPIToken: Secret?
    package var webhookSecret: Secret?

    package init(
        taskID: TaskID? = nil, repository: RepositoryAddress, intent: String, webhookURL: String? = nil,
        branch: String? = nil, model: String? = nil, maxIterations: Int? = nil,
        mergeRequest: CodingTask.MergeRequestWish = .auto, gitLabAPIToken: Secret? = nil, webhookSecret: Secret? = nil
    ) {
        self.taskID = taskID
        self.repository = repository
        self.intent = intent
        self.webhookURL = webhookURL
        self.branch = branch
        self.model = model
        self.maxIterations = maxIterations
        self.mergeRequest = mergeRequest
        self.gitLabAPIToken = gitLabAPIToken
        self.webhookSecret = webhookSecret
    }

    /// The task that it asks for; without the secrets.
    package func task(id: TaskID, origin: CodingTask.Origin, at now: Date) -> CodingTask {
        var task = CodingTask(
            id: taskID ?? id, repositoryURL: repository.description, intent: intent, branch: branch, origin: origin,
            model: model, maxIterations: maxIterations, mergeRequest: mergeRequest, webhookURL: webhookURL, createdAt: now)
        task.hasOwnWebhookSecret = webhookSecret.map { _ in true }
        return task
    }
}

extension TaskRequest {
    /// What a task JSON may weigh.
    package static let maximumBytes = 1 << 20

    package enum Key: String, CaseIterable, Sendable {
        case taskID = "task_id", repoURL = "repo_url", intent, webhookURL = "webhook_url"
        case gitLabAPIToken = "gitlab_api_token", branch, webhookSecret = "webhook_secret", model
        case maxIterations = "max_iterations", createMergeRequest = "create_merge_request"
    }

    package init(json: Data) throws(TaskRequestProblem) {
        guard json.count <= Self.maximumBytes else {
            throw TaskRequestProblem(.malformed, "The task JSON must not be larger than 1 MiB.")
        }
        let document: StrictJSON
        do {
            document = try StrictJSON(parsing: json)
        } catch {
            throw TaskRequestProblem(.malformed, "The task is not valid JSON: \(error).")
        }
        guard case .object(let members) = document else {
            throw TaskRequestProblem(
                .wrongType, "The task must be a JSON object such as {\"repo_url\": \"...\", \"intent\": \"...\"}.")
        }
        try self.init(members: members)
    }

    private init(members: [StrictJSON.Member]) throws(TaskRequestProblem) {
        var values: [Key: StrictJSON] = [:]
        for member in members {
            guard let key = Key(rawValue: member.name) else { throw Self.unknown(member.name) }
            values[key] = member.value
        }

        func text(_ key: Key, limit: Int, expecting shape: String) throws(TaskRequestProblem) -> String? {
            guard let value = values[key], value != .null else { return nil }
            guard case .string(let text) = value else {
                throw Self.wrongType(key, expected: shape, found: value)
            }
            guard !text.unicodeScalars.contains("\0"), text.utf8.count <= limit else {
                throw TaskRequestProblem(
                    .invalidValue, "`\(key.rawValue)` must be \(shape) of at most \(limit) bytes.", key: key.rawValue)
            }
            return text.isEmpty ? nil : text
        }
        func required(_ key: Key, limit: Int, expecting shape: String) throws(TaskRequestProblem) -> String {
            guard let text = try text(key, limit: limit, expecting: shape),
                text.unicodeScalars.contains(where: { !$0.properties.isWhitespace })
            else {
                throw TaskRequestProblem(.missingKey, "`\(key.rawValue)` is required: \(shape).", key: key.rawValue)
            }
            return text
        }

        repository = try RepositoryAddress(required(.repoURL, limit: 2048, expecting: "a string, where to clone from"))
        intent = try PlainText.cleaned(required(.intent, limit: 200_000, expecting: "a string, what is to be done"))
        guard !intent.isEmpty else {
            throw TaskRequestProblem(.missingKey, "`intent` is required: a string, what is to be done.", key: "intent")
        }
        webhookURL = try text(.webhookURL, limit: 2048, expecting: "a string, an http or https URL")
        if let webhookURL { try Self.checkWebhook(webhookURL) }
        model = try text(.model, limit: 200, expecting: "a string, a model's name")
        branch = try text(.branch, limit: 250, expecting: "a string, a branch's name")
        if let branch, !Self.isPlausibleRef(branch) {
            throw TaskRequestProblem(.invalidValue, "`branch` must be a branch, tag or commit as git names it.", key: "branch")
        }
        gitLabAPIToken = try text(.gitLabAPIToken, limit: 4096, expecting: "a string").map { Secret($0) }
        webhookSecret = try text(.webhookSecret, limit: 4096, expecting: "a string").map { Secret($0) }

        let idShape = "a string of 1 to 100 characters of A-Z a-z 0-9 . _ - that begins with a letter or digit"
        if let id = try text(.taskID, limit: 100, expecting: idShape) {
            guard let id = TaskID(rawValue: id) else {
                throw TaskRequestProblem(.invalidValue, "`task_id` must be \(idShape).", key: "task_id")
            }
            taskID = id
        }
        switch values[.maxIterations] {
        case nil, .null: maxIterations = nil
        case .number(let literal)? where Int(literal).map((0...50).contains) == true: maxIterations = Int(literal)
        case let value?: throw Self.wrongType(.maxIterations, expected: "a whole number from 0 to 50", found: value)
        }
        switch values[.createMergeRequest] {
        case nil, .null: mergeRequest = .auto
        case .bool(let wanted)?: mergeRequest = wanted ? .always : .never
        case .string("auto")?: mergeRequest = .auto
        case .string("always")?: mergeRequest = .always
        case .string("never")?: mergeRequest = .never
        case let value?: throw Self.wrongType(.createMergeRequest, expected: "true or false", found: value)
        }
    }

    // MARK: Refusals

    private static func unknown(_ name: String) -> TaskRequestProblem {
        let shown = PlainText.cleaned(String(name.prefix(60)))
        let flat = name.lowercased()
        if ["token", "secret", "password", "passwd", "credential", "api_key", "apikey", "_key", "private_key"]
            .contains(where: flat.contains)
        {
            return TaskRequestProblem(
                .secretNotTaken,
                "`\(shown)` is not taken in the task JSON: the only secrets are `gitlab_api_token` and `webhook_secret`; "
                    + "set any other one in the environment.", key: shown)
        }
        let known = Key.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        return TaskRequestProblem(.unknownKey, "`\(shown)` is not a key of the task JSON; known are \(known).", key: shown)
    }

    private static func wrongType(_ key: Key, expected: String, found: StrictJSON) -> TaskRequestProblem {
        TaskRequestProblem(
            .wrongType, "`\(key.rawValue)` must be \(expected), not \(found.kindForPeople).", key: key.rawValue)
    }

    private static func checkWebhook(_ url: String) throws(TaskRequestProblem) {
        let parts = URLComponents(string: url)
        guard let parts, let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil,
            // What is encoded, or of another script, one reader takes for another host than the next.
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
            url.prefix(while: { !"?#".contains($0) }).split(separator: "/").dropFirst().first?.contains("%") == false
        else {
            throw TaskRequestProblem(
                .invalidValue, "`webhook_url` must be an http or https URL without a user name.", key: "webhook_url")
        }
    }

    /// Git checks again; this keeps out what could be an option, a range or a path.
    private static func isPlausibleRef(_ name: String) -> Bool {
        let forbidden: Set<Unicode.Scalar> = ["~", "^", ":", "?", "*", "[", "\\", " ", "\t"]
        return !name.hasPrefix("-") && !name.hasPrefix("/") && !name.hasSuffix("/") && !name.hasSuffix(".lock")
            && !name.hasSuffix(".") && !name.contains("..") && !name.contains("@{") && !name.contains("//") && name != "@"
            && name.unicodeScalars.allSatisfy { PlainText.isVisible($0) && !forbidden.contains($0) }
            && name.split(separator: "/").allSatisfy { !$0.hasPrefix(".") }
    }
}
