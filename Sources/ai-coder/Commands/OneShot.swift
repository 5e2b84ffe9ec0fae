import Domain
import Foundation
import Logging
import Outbox
import Pipeline
import Secrets
import UnixSignals

/// One task from the command line: put into the journal, worked on in this process, told on the console and to the webhook.
struct OneShot {
    let settings: Settings
    let console: Console

    /// How long the last status may keep the program after the task has ended.
    private static let farewell: Duration = .seconds(20)

    private enum Event: Sendable {
        case ended(TaskResult?)
        case stop(String)
        case other
    }

    func run(_ request: TaskRequest) async throws -> TaskResult {
        try await run(
            redactor: settings.redactor(with: request),
            secrets: .init(gitLabToken: request.gitLabAPIToken, webhookSecret: request.webhookSecret)
        ) { id, now in request.task(id: id, origin: .commandLine, at: now) }
    }

    func run(
        redactor: Redactor, secrets: TaskCredentials.Given? = nil, _ make: (TaskID, Date) -> CodingTask
    ) async throws -> TaskResult {
        let level = settings.logLevel(isQuiet: console.isQuiet, isVerbose: console.isVerbose, quiet: .error, otherwise: .warning)
        let logger = Logger(label: "ai-coder") { label in
            StandardErrorLog(label: label, level: level, isJSON: settings.logFormat == .json, redactor: redactor)
        }
        if settings.walls.kind == .none {
            console.warn("SANDBOX=none: what the repository and the model run has no walls around it.")
        }
        let bench = try await Workbench(settings, redactor: redactor, logger: logger)
        await Leftovers(bench: bench).sweep()
        // From here on there is a task whose end somebody waits for.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let (stops, stop) = AsyncStream.makeStream(of: String.self)
        async let _ = mind(signals, telling: stop)
        let task = try await accept(make, bench)
        if let secrets { bench.credentials.keep(secrets, for: task.id) }

        let reporter = TaskReporter(console: console)
        let parts = bench.parts(progress: { _, progress in reporter.progress(progress) })
        let owner = ThisProcess.owner(name: "run")
        guard let record = try await bench.store.claim(task.id, owner: owner, for: parts.settings.lease) else {
            throw SettingsFailure("The task \(task.id) is being worked on by another process.")
        }
        let result = try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask { .ended(try await TaskWorker(parts: parts, owner: owner, onCancel: .end).run(record)) }
            group.addTask {
                for await signal in stops { return .stop(signal) }
                return .other
            }
            group.addTask { try await Self.untilCancelled { try await reporter.follow(task.id, in: bench.store) } }
            group.addTask { try await Self.untilCancelled { try await bench.outbox.run() } }
            group.addTask {
                await reporter.tick()
                return .other
            }
            var ended: TaskResult?
            while let event = try await group.next() {
                if case .ended(let result) = event {
                    ended = result
                    break
                }
                guard case .stop(let signal) = event else { continue }
                console.say("Stopping (\(signal)): the task ends as cancelled.")
                // The worker still writes its ending down and returns it.
                group.cancelAll()
            }
            group.cancelAll()
            return ended
        }
        console.clearLive()
        _ = try await bench.outbox.drain(task: task.id, deadline: Self.farewell)
        guard let result else {
            throw TaskFailure(.system, "Another process has taken the task over.")
        }
        return result
    }

    /// The first signal is a request; who asks again does not want to wait. What is left then is cleaned up by the next start.
    private func mind(_ signals: UnixSignalsSequence, telling stop: AsyncStream<String>.Continuation) async {
        var isStopping = false
        for await signal in signals {
            if isStopping {
                console.clearLive()
                console.warn("Ended at once (\(signal)); what is left is cleaned up by the next start.")
                Foundation.exit(1)
            }
            isStopping = true
            stop.yield("\(signal)")
        }
    }

    /// What accompanies the task ends with it; being cancelled is its ordinary end.
    private static func untilCancelled(_ work: () async throws -> Void) async throws -> Event {
        do {
            try await work()
        } catch is CancellationError {
            return .other
        }
        return .other
    }

    /// Puts the task into the journal. One that an earlier, killed run left unfinished is gone on with when it is the same.
    private func accept(_ make: (TaskID, Date) -> CodingTask, _ bench: Workbench) async throws -> CodingTask {
        var generator = SystemRandomNumberGenerator()
        let now = Date()
        let id = TaskID.random(now: Int64(now.timeIntervalSince1970 * 1000), using: &generator)
        let task = make(id, now)
        switch try await bench.store.submit(task) {
        case .accepted: return task
        case .exists(let record):
            var same = record.task
            same.createdAt = task.createdAt
            if record.state != .ended, same == task { return record.task }
            if record.state == .leased {
                throw SettingsFailure("A task with the id \(task.id) is running with other words; choose another task_id.")
            }
            if record.state == .queued {
                _ = try await bench.store.requestStop(task.id, by: "a new run", reason: "the id was given to another task")
            }
            try await bench.store.forget(task.id)
            _ = try await bench.store.submit(task)
            return task
        }
    }
}
