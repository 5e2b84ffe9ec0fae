import Domain

/// Finds the desk for a task: GitLab's when it came from there, else the command line's.
struct Reception {
    let run: TaskRun

    func open() async throws -> any Desk {
        guard let origin = run.task.gitLab else { return CommandLineDesk(run: run) }
        guard let gitLab = run.parts.gitLab else {
            throw TaskFailure(
                .configuration, "The task came from GitLab, but GITLAB_API_TOKEN is not set, so nothing can be done there.")
        }
        return try await GitLabDesk.open(run: run, origin: origin, gitLab: gitLab)
    }
}
