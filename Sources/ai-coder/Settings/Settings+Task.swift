import Domain
import Foundation
import Secrets

extension Settings {
    var redactor: Redactor { Redactor(secrets: secrets) }

    func redactor(with request: TaskRequest) -> Redactor {
        Redactor(secrets: secrets + [request.gitLabAPIToken, request.webhookSecret].compactMap { $0 })
    }
}

extension Settings.OneShot {
    /// The task that the environment names.
    func request() throws -> TaskRequest {
        guard let repoURL else {
            throw SettingsFailure("REPO_URL is not set. Name the repository in REPO_URL and what to do in TASK_INTENT.")
        }
        guard let intent else {
            throw SettingsFailure("TASK_INTENT is not set. Say in it what is to be done, for instance \"add a login page\".")
        }
        var json: [String: String] = ["repo_url": repoURL, "intent": intent, "create_merge_request": mergeRequest.rawValue]
        json["task_id"] = taskID
        json["branch"] = branch
        do {
            return try TaskRequest(json: JSONEncoder().encode(json))
        } catch let problem as TaskRequestProblem {
            let names = ["repo_url": "REPO_URL", "intent": "TASK_INTENT", "task_id": "TASK_ID", "branch": "TASK_BRANCH"]
            let message = names.reduce(problem.message) { $0.replacingOccurrences(of: "`\($1.key)`", with: $1.value) }
            throw SettingsFailure(message)
        }
    }
}
