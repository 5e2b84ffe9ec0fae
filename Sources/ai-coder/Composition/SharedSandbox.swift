import Domain
import Logging
import Workspaces

/// The one sandbox of the process, made and proven when the first task needs it.
actor SharedSandbox {
    private let settings: SandboxSettings
    private let processes: ProcessRunner
    private let logger: Logger
    private var proof: Task<any Sandbox, any Error>?

    init(settings: SandboxSettings, processes: ProcessRunner, logger: Logger) {
        self.settings = settings
        self.processes = processes
        self.logger = logger
    }

    /// - Throws: `TaskFailure` of kind configuration when the walls don't stand: then nothing is run.
    func proven() async throws -> any Sandbox {
        let proof =
            proof
            ?? Task { [settings, processes, logger] in
                try await Self.prove(settings, processes: processes, logger: logger)
            }
        self.proof = proof
        do {
            return try await proof.value
        } catch {
            // It may have been mended by the next time.
            if self.proof == proof { self.proof = nil }
            throw error
        }
    }

    private static func prove(
        _ settings: SandboxSettings, processes: ProcessRunner, logger: Logger
    ) async throws -> any Sandbox {
        let sandbox: any Sandbox
        do {
            sandbox = try await makeSandbox(settings, processes: processes, logger: logger)
        } catch let failure as SandboxFailure {
            throw TaskFailure(.configuration, failure.message)
        }
        let report = await sandbox.selfTest()
        guard report.isUsable else {
            let failed = report.checks.filter { !$0.passed }.map { "\($0.name): \($0.detail)" }.joined(separator: "; ")
            throw TaskFailure(.configuration, "The sandbox does not hold, so nothing is run. \(failed)")
        }
        return sandbox
    }
}
