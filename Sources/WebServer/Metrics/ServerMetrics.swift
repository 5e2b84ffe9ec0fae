import Domain
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// What `/metrics` tells. Tasks are counted by following their journals, whoever works on them.
final class ServerMetrics: Service {
    private let registry = MetricsRegistry()
    private let store: any Store
    private let logger: Logger
    private let startedAt: Date
    private let places = Mutex<[TaskID: Place]>([:])

    /// How far a running task's journal was read.
    private struct Place {
        var sequence: Int64 = 0
        var stage: String?
        var since: Date?
    }

    init(store: any Store, version: String, logger: Logger, now: Date) {
        self.store = store
        self.logger = logger
        self.startedAt = now
        registry.set("ai_coder_info", to: 1, [("version", version)], help: "The running version.")
        registry.set("ai_coder_start_time_seconds", to: now.timeIntervalSince1970.rounded(), help: "When the service started.")
    }

    func countDelivery(_ result: String, reason: String) {
        registry.add(1, to: "ai_coder_deliveries_total", [("result", result), ("reason", reason)], help: "Deliveries from GitLab.")
    }

    func countStreams(_ open: Int) {
        registry.set("ai_coder_event_streams", to: Double(open), help: "Event streams that are open.")
    }

    func render() async -> String {
        do {
            let counts = try await store.counts()
            registry.set("ai_coder_queue_depth", to: Double(counts.queued), help: "Tasks that wait.")
            registry.set("ai_coder_tasks_running", to: Double(counts.leased), help: "Tasks that a worker holds.")
            registry.set(
                "ai_coder_queue_oldest_age_seconds", to: counts.oldestQueuedAge ?? 0, help: "How long the oldest task has waited.")
            registry.set("ai_coder_store_up", to: 1, help: "1 when the database answers.")
        } catch {
            logger.warning("The store can't be counted", metadata: ["error": "\(error)"])
            registry.set("ai_coder_store_up", to: 0, help: "1 when the database answers.")
        }
        return registry.render()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            for await id in store.growth() {
                do {
                    try await read(id)
                } catch is CancellationError {
                    return
                } catch {
                    logger.debug("A journal can't be read for metrics", metadata: ["task.id": "\(id)", "error": "\(error)"])
                }
            }
        }
    }

    private func read(_ id: TaskID) async throws {
        var place = places.withLock { $0[id] ?? Place() }
        while true {
            let entries = try await store.entries(of: id, after: place.sequence, kinds: [.status], limit: 100)
            for entry in entries {
                place.sequence = entry.sequence
                // What happened before this process started was counted by the one before it.
                if entry.at >= startedAt { count(entry, in: &place) }
                (place.stage, place.since) = (entry.name, entry.at)
            }
            let hasEnded = ["completed", "failed", "cancelled"].contains(place.stage ?? "")
            places.withLock { $0[id] = hasEnded ? nil : place }
            if entries.count < 100 || hasEnded { return }
        }
    }

    private func count(_ entry: JournalEntry, in place: inout Place) {
        if let stage = place.stage, let since = place.since, stage != "waiting" {
            registry.observe(
                max(0, entry.at.timeIntervalSince(since)), in: "ai_coder_stage_duration_seconds", [("stage", stage)],
                help: "How long the stages of tasks take.")
        }
        guard let change = try? JSONDecoder().decode(StatusChange.self, from: entry.payload),
            let status = TaskStatus(rawValue: change.status), status.isFinal
        else { return }
        registry.add(1, to: "ai_coder_tasks_total", [("status", status.rawValue)], help: "Tasks that have ended.")
        if let kind = change.errorKind {
            registry.add(1, to: "ai_coder_task_failures_total", [("kind", kind.rawValue)], help: "Failed tasks by kind of error.")
        }
        guard let usage = change.result?.usage ?? change.usage else { return }
        let help = "Tokens of ended tasks."
        registry.add(Double(usage.inputTokens - usage.cachedTokens), to: "ai_coder_model_tokens_total", [("kind", "input")], help: help)
        registry.add(Double(usage.cachedTokens), to: "ai_coder_model_tokens_total", [("kind", "cached_input")], help: help)
        registry.add(Double(usage.outputTokens), to: "ai_coder_model_tokens_total", [("kind", "output")], help: help)
        registry.add(Double(usage.requests), to: "ai_coder_model_requests_total", help: "Model calls of ended tasks.")
        if let cost = usage.cost {
            registry.add(cost, to: "ai_coder_model_cost_dollars_total", help: "About what ended tasks cost, in US dollars.")
        }
    }
}
