import Domain
import Logging
import Workspaces

/// A task's own directory, for as long as its run lasts; nothing of it is left afterwards, whatever happened.
struct TaskPlace {
    let run: TaskRun

    func use(_ work: (TaskDirectory) async throws -> Void) async throws {
        let directory = try await TaskDirectory.create(
            run.task.id.rawValue, in: run.parts.settings.workspace, owner: run.parts.settings.sandboxUser)
        do {
            try await work(directory)
        } catch {
            await remove(directory)
            throw error
        }
        await remove(directory)
    }

    /// What resists is set aside and tried again at the next start; the task's result does not depend on it.
    private func remove(_ directory: TaskDirectory) async {
        do {
            try await directory.remove()
        } catch {
            run.logger.warning("A task's directory could not be removed", metadata: ["error": "\(error.message)"])
        }
    }
}
