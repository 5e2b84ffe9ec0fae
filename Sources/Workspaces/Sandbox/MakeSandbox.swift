package import Logging

/// The sandbox that the operator chose. There is no way from one kind to another but the operator's word.
///
/// - Throws: `SandboxFailure` with the reason and the remedy when its parts are missing.
package func makeSandbox(_ settings: SandboxSettings, processes: ProcessRunner, logger: Logger) async throws -> any Sandbox {
    switch settings.kind {
    case .bubblewrap: try await BubblewrapSandbox(settings, processes: processes, logger: logger)
    case .container: try await ContainerSandbox(settings, processes: processes, logger: logger)
    case .none: UnconfinedSandbox(settings, processes: processes, logger: logger)
    }
}
