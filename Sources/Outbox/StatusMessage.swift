import Domain
import Foundation
import Secrets
import Transport

/// One status, as it is sent: the same id and the same bytes on every try.
struct StatusMessage {
    let id: String
    let status: String
    /// Told with this message; the next one's is never lower.
    let progress: Int
    let body: Data

    init(_ entry: JournalEntry, progressSoFar: Int, redactor: Redactor) throws {
        // A dot separates the parts of what is signed; the sequence alone keeps ids apart.
        id = "msg_\(entry.taskID.rawValue.replacing(".", with: "-"))_\(entry.sequence)"
        // An entry that can't be read is still told by its name.
        var data = (try? JSONDecoder().decode(JSONDocument.self, from: entry.payload))?.members ?? [:]
        var status = entry.name
        if case .string(let word) = data.removeValue(forKey: "status") { status = word }
        self.status = status
        var progress = progressSoFar
        if case .int(let value) = data["progress"] { progress = max(progress, Int(min(100, max(0, value)))) }
        self.progress = progress
        data["progress"] = .int(Int64(progress))
        // The last message tells the whole result: each of its parts where the earlier messages told theirs.
        if case .object(let result) = data["result"] {
            data.merge(result.filter { $0.key != "task_id" && $0.key != "status" }) { told, _ in told }
        }
        let document = JSONDocument.object([
            "task_id": .string(entry.taskID.rawValue),
            "status": .string(status),
            "timestamp": .string(entry.at.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
            "data": JSONDocument.object(data).mappingTexts(redactor.redact),
        ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        body = try encoder.encode(document)
    }

    func request(to target: WebhookTarget, at time: Date, timeout: Duration) -> HTTPRequest {
        let seconds = Int(time.timeIntervalSince1970)
        var headers: HeaderFields = [
            "Content-Type": "application/json", "User-Agent": "ai-coder", "webhook-id": id,
            "webhook-timestamp": "\(seconds)",
        ]
        let signatures = target.secrets.flatMap { $0.signatures(id: id, timestamp: seconds, body: body) }
        if !signatures.isEmpty { headers["webhook-signature"] = signatures.joined(separator: " ") }
        if let first = target.secrets.first { headers["X-Signature-256"] = "sha256=\(first.bodySignature(body))" }
        return HTTPRequest(
            "POST", target.url, headers: headers, body: Array(body),
            timeouts: RequestTimeouts(firstByte: timeout, idle: timeout, total: timeout), checksAddress: true)
    }
}
