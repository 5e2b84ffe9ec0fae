package import Logging
package import Secrets
import SystemPackage

/// Git for all tasks: fetches, lays out, compares, commits and pushes.
///
/// It holds no credential: what opens a remote is a parameter of the call that needs it. Every call throws `GitFailure`, or
/// `CancellationError` when its task is cancelled; git is then ended together with all that it started.
package struct GitClient: Sendable {
    let settings: GitSettings
    let git: GitProgram
    let logger: Logger

    package init(settings: GitSettings, processes: ProcessRunner, redactor: Redactor, logger: Logger) {
        self.settings = settings
        self.logger = logger
        git = GitProgram(settings: settings, processes: processes, redactor: redactor, logger: logger)
    }
}
