import ArgumentParser
import Domain
import Foundation
import Logging
import Secrets
import WebServer

/// Looks at and steers the tasks in this machine's database.
struct Tasks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks at tasks and steers them.",
        subcommands: [List.self, Show.self, Stop.self, Retry.self, Export.self, Explain.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The newest tasks.")
        @Option(help: "Only those with this status.") var status: String?
        @Option(help: "How many, at most 100.") var limit = 20
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            var query = TaskQuery(limit: limit)
            if let status {
                guard let wanted = TaskStatus(rawValue: status) else {
                    throw SettingsFailure(
                        "--status", value: status, expected: "one of \(TaskStatus.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                query.status = wanted
            }
            let redactor = try await options.read().redactor
            let store = try await options.openStore()
            for record in try await store.tasks(query).tasks {
                let place = record.task.gitLab.map { "\($0.projectPath) \($0.subject.key)" } ?? record.task.repositoryURL ?? ""
                let words = redactor.redact(record.task.intent).split(whereSeparator: \.isNewline).first.map { String($0.prefix(60)) } ?? ""
                print("\(record.task.id)  \(record.status.rawValue)  \(record.createdAt.ISO8601Format())  \(redactor.redact(place).plain)  \(words.plain)")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One task, as JSON.")
        @Argument var id: String
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let redactor = try await options.read().redactor
            let record = try await options.record(id, in: try await options.openStore())
            print(JSONText.plain(redactor.redact(try JSONText.of(record))))
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a task that waits or runs.")
        @Argument var id: String
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let store = try await options.openStore()
            let record = try await options.record(id, in: store)
            let isStopped = try await store.requestStop(record.task.id, by: "the operator", reason: "")
            print(isStopped ? "\(id) is asked to stop." : "\(id) has ended already.")
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Starts an ended task again, under a new id.")
        @Argument var id: String
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let store = try await options.openStore()
            let record = try await options.record(id, in: store)
            guard record.state == .ended else { throw SettingsFailure("\(id) has not ended; stop it first.") }
            var generator = SystemRandomNumberGenerator()
            var again = record.task
            again.createdAt = Date()
            again.id = TaskID.random(now: Int64(again.createdAt.timeIntervalSince1970 * 1000), using: &generator)
            again.retryOf = record.task.id
            _ = try await store.submit(again)
            print("\(again.id) is queued; `ai-coder serve` takes it up.")
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "A task's journal, one JSON object a line.")
        @Argument var id: String
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let settings = try await options.read()
            let store = try await options.openStore()
            let record = try await options.record(id, in: store)
            let redactor = Redactor(secrets: settings.secrets)
            var after: Int64 = 0
            while true {
                let page = try await store.entries(of: record.task.id, after: after, kinds: nil, limit: 200)
                guard let last = page.last else { return }
                after = last.sequence
                for entry in page {
                    let payload = try JSONText.readable(entry)
                    let head =
                        "{\"sequence\":\(entry.sequence),\"at\":\"\(entry.at.ISO8601Format())\",\"kind\":\"\(entry.kind.rawValue)\",\"name\":\(try JSONText.quoted(entry.name)),\"data\":"
                    print(JSONText.plain(redactor.redact(head + payload + "}")))
                }
            }
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says what became of a delivery, and why it led to nothing.")
        @Argument(help: "The delivery's id, as GitLab's list of recent events shows it (webhook-id or Idempotency-Key); without one, the newest deliveries.")
        var delivery: String?
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let store = try await options.openStore()
            let records: [DeliveryRecord]
            if let delivery {
                guard let record = try await store.delivery(id: delivery) else {
                    print(
                        "No delivery \(delivery.plain) was written down: it never arrived, or was refused for its token, signature or form (see the service's log)."
                    )
                    throw ExitCode(1)
                }
                records = [record]
            } else {
                records = try await store.deliveries(before: nil, limit: 20)
            }
            for record in records {
                let task = record.taskID.map { " -> task \($0)" } ?? ""
                print("\(record.id)  \(record.receivedAt.ISO8601Format())  \(record.event)  \(record.result.rawValue): \(record.reason)\(task)".plain)
                if delivery != nil { await explain(record, in: store) }
            }
        }

        private func explain(_ record: DeliveryRecord, in store: any Store) async {
            print(DeliveryReasons.explanation(of: record.reason) ?? "The reason's name says what was decided.")
            guard let id = record.taskID else { return }
            guard let task = try? await store.task(id) else {
                return print("Its task \(id) is no longer kept.")
            }
            let what = task.task.kind.isControl ? "The answer to it" : "The task"
            switch task.state {
            case .queued: print("\(what) waits\(task.status == .waiting ? " for the outside world or for a person" : " for a free worker").")
            case .leased: print("\(what) is at work: \(task.status.rawValue), \(task.progress) %.")
            case .ended:
                print("\(what) has ended as \(task.status.rawValue)\(task.result?.error.map { ": \($0)" } ?? ".")".plain)
                if let made = task.result?.mergeRequest { print("Merge request: \(made.webURL)".plain) }
            }
        }
    }
}

extension SettingsOptions {
    func openStore() async throws -> any Store { try Workbench.openStore(try await read()) }

    func record(_ id: String, in store: any Store) async throws -> TaskRecord {
        guard let id = TaskID(rawValue: id), let record = try await store.task(id) else {
            throw SettingsFailure("There is no task \(id.plain). `ai-coder tasks list` shows what there is.")
        }
        return record
    }
}

extension String {
    /// Safe on a terminal.
    var plain: String {
        Console.visible(self).replacing("\n", with: " ").replacing("\t", with: " ")
    }
}

enum JSONText {
    /// An entry's payload as JSON, with a step's outcome and patch as text and not in base64: the redactor, and people, read
    /// only what is plain.
    static func readable(_ entry: JournalEntry) throws -> String {
        guard entry.kind == .step else { return String(decoding: entry.payload, as: UTF8.self) }
        let outcome = try JSONDecoder().decode(StepOutcome.self, from: entry.payload)
        let tree = try outcome.tree.map { ",\"tree\":\(try quoted(String(decoding: $0, as: UTF8.self)))" } ?? ""
        return "{\"value\":\(outcome.value.isEmpty ? "null" : String(decoding: outcome.value, as: UTF8.self))\(tree)}"
    }

    /// The same JSON, safe on a terminal: the encoder escapes what JSON demands, which leaves some controls and all that turns text around.
    static func plain(_ json: String) -> String {
        var plain = ""
        for scalar in json.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar == "\n": plain.unicodeScalars.append(scalar)
            case .control, .format, .lineSeparator, .paragraphSeparator: plain += LogLine.escapedInJSON(scalar.value)
            default: plain.unicodeScalars.append(scalar)
            }
        }
        return plain
    }

    static func of(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }
}
