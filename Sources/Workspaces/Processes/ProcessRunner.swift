import CConfinement
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// Starts every process of the service: absolute path, arguments as an array, a listed environment, limits on time and
/// output, and a session of its own, so that the whole tree ends together.
///
/// Who must run as another user is started through `setpriv`: to change it between fork and exec, as the library could, waits
/// for ever when another thread was just being made (glibc tells all threads), and no later process would start.
///
/// Descriptors above 2 are closed in the child. Children are spawned from one thread that lives as long as the service,
/// so that a launcher's "die with my parent" means the service and not some passing thread.
package struct ProcessRunner: Sendable {
    package init() {}

    /// Runs to the end: when this returns or throws, the process and its group are gone.
    ///
    /// - Throws: `ProcessFailure` when it can't start, `CancellationError` when the task is cancelled meanwhile.
    package func run(_ request: ProcessRequest) async throws -> ProcessResult {
        try Task.checkCancellation()
        guard request.executable.isAbsolute else {
            throw ProcessFailure(.notFound, "The program “\(request.executable)” is not an absolute path.")
        }
        let plumbing: Plumbing
        do {
            plumbing = try Plumbing(request)
        } catch {
            throw ProcessFailure(.other, "The pipes for \(request.executable) can't be made: \(error).")
        }
        let clock = ContinuousClock()
        let start = clock.now
        var ending: ProcessResult.Ending
        do {
            ending = try await supervise(request, plumbing)
        } catch {
            plumbing.closeChildEnds()
            _ = await plumbing.finish()
            throw error
        }
        let output = await plumbing.finish()
        try Task.checkCancellation()
        // It may have ended by itself before its output was read: what was kept is cut all the same.
        if request.excessOutput == .endsProcess, max(output.standard.total, output.error.total) > request.outputLimit, ending != .timedOut {
            ending = .outputLimit
        }
        return ProcessResult(
            ending: ending, standardOutput: output.standard.bytes, standardError: output.error.bytes,
            standardOutputTotal: output.standard.total, standardErrorTotal: output.error.total,
            duration: clock.now - start)
    }

    private enum Event: Sendable {
        case ended(Result<ProcessResult.Ending, any Error>)
        case timeIsUp
        case tooMuchOutput
        case watchIsOver
    }

    /// The child, its time and its output race; the loser that is still running is ended.
    private func supervise(_ request: ProcessRequest, _ plumbing: Plumbing) async throws -> ProcessResult.Ending {
        try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask {
                do { return .ended(.success(try await spawn(request, plumbing))) } catch { return .ended(.failure(error)) }
            }
            group.addTask {
                do {
                    try await Task.sleep(for: request.timeLimit, clock: .continuous)
                    return .timeIsUp
                } catch { return .watchIsOver }
            }
            if request.excessOutput == .endsProcess {
                group.addTask {
                    for await _ in plumbing.excess { return .tooMuchOutput }
                    return .watchIsOver
                }
            }
            var verdict: ProcessResult.Ending?
            while let event = try await group.next() {
                switch event {
                case .ended(let result):
                    group.cancelAll()
                    // A process that was ended by us may report any status, or an error of cancellation.
                    if let verdict { return verdict }
                    return try result.get()
                case .timeIsUp where verdict == nil:
                    verdict = .timedOut
                    group.cancelAll()
                case .tooMuchOutput where verdict == nil:
                    verdict = .outputLimit
                    group.cancelAll()
                case .timeIsUp, .tooMuchOutput, .watchIsOver:
                    break
                }
            }
            throw CancellationError()
        }
    }

    private func spawn(_ request: ProcessRequest, _ plumbing: Plumbing) async throws -> ProcessResult.Ending {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
        ]
        // Members of its group may outlive the leader, however it ended; the group's number can't be given away while they
        // live.
        let leader = Mutex<Int32?>(nil)
        defer { if let group = leader.withLock({ $0 }), group > 1 { _ = kill(-group, SIGKILL) } }
        do {
            let result = try await Subprocess.run(
                .path(request.executable), arguments: Arguments(request.arguments),
                environment: .custom(
                    Dictionary(
                        request.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) },
                        uniquingKeysWith: { first, _ in first })),
                workingDirectory: request.workingDirectory, platformOptions: options,
                input: .fileDescriptor(plumbing.input.descriptor, closeAfterSpawningProcess: false),
                output: .fileDescriptor(plumbing.output.descriptor, closeAfterSpawningProcess: false),
                error: .fileDescriptor(plumbing.error.descriptor, closeAfterSpawningProcess: false)
            ) { execution in
                leader.withLock { $0 = execution.processIdentifier.value }
                // From outside, so that nothing has to run between fork and exec.
                if let limit = request.memoryLimit { _ = confinement_limit_memory(execution.processIdentifier.value, UInt64(max(0, limit))) }
                plumbing.closeChildEnds()
            }
            try Task.checkCancellation()
            switch result.terminationStatus {
            case .exited(let code): return .exited(code)
            case .signaled(let signal): return .signalled(signal)
            }
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw ProcessFailure(error, request)
        }
    }
}

extension ProcessFailure {
    fileprivate init(_ error: SubprocessError, _ request: ProcessRequest) {
        switch error.code {
        case .executableNotFound where access(request.executable.string, F_OK) == 0:
            self.init(.notExecutable, "The program \(request.executable) can't be executed.")
        case .executableNotFound:
            self.init(.notFound, "The program \(request.executable) is not there.")
        case .failedToChangeWorkingDirectory:
            self.init(.workingDirectory, "The directory \(request.workingDirectory?.string ?? "") can't be entered.")
        default:
            self.init(.other, "The program \(request.executable) can't be started: \(error).")
        }
    }
}
