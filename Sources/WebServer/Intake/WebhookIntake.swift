import Crypto
import Domain
import Foundation
import GitLabAPI
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// `POST /webhooks/gitlab`: verify, read, decide, write down, answer. Nothing else is done before GitLab has its answer.
struct WebhookIntake: Sendable {
    let verifier: DeliveryVerifier
    let store: any Intake
    let interpreter: @Sendable () -> DeliveryInterpreter
    let metrics: ServerMetrics
    let maximumBytes: Int
    let unproven: UnprovenBodies
    let now: @Sendable () -> Date

    func handle(_ request: Request, _ context: WebContext) async -> Response {
        let answer = await answer(request, context)
        metrics.countDelivery(answer.result.rawValue, reason: answer.reason)
        return answer.response
    }

    private func answer(_ request: Request, _ context: WebContext) async -> DeliveryAnswer {
        let headers = DeliveryHeaders(request.headers.map { ($0.name.rawName, $0.value) })
        let verdict = verifier.judge(headers, now: now())
        if case .rejected(let reason) = verdict { return refuse(reason, context) }

        // Known senders only from here on.
        guard Self.isJSON(request) else { return DeliveryAnswer(.rejected, "not_json", .unsupportedMediaType, id: headers.deliveryID) }
        let body: [UInt8]
        var isProven = true
        if case .needsBody = verdict { isProven = false }
        var held = 0
        defer { if held > 0 { unproven.give(held, from: context.peer) } }
        switch await read(request, holding: &held, of: isProven ? nil : context.peer) {
        case .whole(let bytes): body = bytes
        case .noRoom:
            return DeliveryAnswer(.rejected, "no_room", .serviceUnavailable, id: nil, headers: [.retryAfter: "30"])
        case .tooLarge: return DeliveryAnswer(.rejected, "too_large", .contentTooLarge, id: headers.deliveryID)
        case .brokenOff: return DeliveryAnswer(.rejected, "broken_off", .badRequest, id: headers.deliveryID)
        }
        let acceptance: DeliveryVerifier.Acceptance
        switch verdict {
        case .accepted(let value): acceptance = value
        case .rejected(let reason): return refuse(reason, context)
        case .needsBody(let signature):
            switch signature.judge(body) {
            case .accepted(let value): acceptance = value
            case .rejected(let reason): return refuse(reason, context)
            }
            // The sender is known by now.
            unproven.give(held, from: context.peer)
            held = 0
        }
        return await take(body, headers, acceptance, context)
    }

    private func take(
        _ body: [UInt8], _ headers: DeliveryHeaders, _ acceptance: DeliveryVerifier.Acceptance, _ context: WebContext
    ) async -> DeliveryAnswer {
        let id = headers.deliveryID ?? Self.digest(body)
        let payload: WebhookPayload
        do {
            payload = try WebhookPayload.decode(body, eventHeader: headers.event)
        } catch {
            context.logger.warning(
                "Delivery can't be read", metadata: ["delivery.id": "\(id)", "delivery.problem": "\(error.code.rawValue)"])
            return DeliveryAnswer(.rejected, error.code.rawValue, .badRequest, id: id)
        }
        let time = now()
        var random = SystemRandomNumberGenerator()
        let delivery = interpreter().interpret(
            payload,
            DeliveryInterpreter.Receipt(
                deliveryID: id, event: Self.shown(headers.event ?? payload.kind), acceptance: acceptance, at: time,
                taskID: .random(now: Int64(time.timeIntervalSince1970 * 1000), using: &random)))
        do {
            switch try await store.accept(delivery) {
            case .accepted(let task, let reason):
                context.logger.info(
                    "Delivery accepted",
                    metadata: ["delivery.id": "\(id)", "delivery.reason": "\(reason)", "task.id": "\(task)"])
                return DeliveryAnswer(.accepted, reason, .accepted, id: id, task: task)
            case .ignored(let reason):
                context.logger.debug("Delivery ignored", metadata: ["delivery.id": "\(id)", "delivery.reason": "\(reason)"])
                return DeliveryAnswer(.ignored, reason, .ok, id: id)
            case .duplicate(_, let task):
                context.logger.debug("Delivery known already", metadata: ["delivery.id": "\(id)"])
                return DeliveryAnswer(.duplicate, "already_received", .ok, id: id, task: task)
            }
        } catch {
            context.logger.error("Delivery can't be written down", metadata: ["delivery.id": "\(id)", "error": "\(error)"])
            return DeliveryAnswer(.rejected, "cannot_write", .serviceUnavailable, id: id, headers: [.retryAfter: "5"])
        }
    }

    private func refuse(_ reason: DeliveryVerifier.Reason, _ context: WebContext) -> DeliveryAnswer {
        // Anybody can bring this line about: it is counted, and told at a level that is off by default.
        context.logger.debug("Delivery refused", metadata: ["delivery.reason": "\(reason.rawValue)", "peer": "\(context.peer)"])
        return DeliveryAnswer(.rejected, reason.rawValue, .unauthorized, id: nil)
    }

    // MARK: The body

    private enum Body { case whole([UInt8]), tooLarge, brokenOff, noRoom }

    /// - Parameters:
    ///   - held: what was taken of the room for strangers' bodies.
    ///   - stranger: the address of a sender who is not known so far.
    private func read(_ request: Request, holding held: inout Int, of stranger: String?) async -> Body {
        if let length = request.headers[.contentLength], let length = Int(length), length > maximumBytes { return .tooLarge }
        do {
            var bytes: [UInt8] = []
            for try await buffer in request.body {
                guard bytes.count + buffer.readableBytes <= maximumBytes else { return .tooLarge }
                let wanted = bytes.count + buffer.readableBytes - UnprovenBodies.free - held
                if let stranger, wanted > 0 {
                    let more = max(wanted, min(bytes.count, 4 << 20))
                    guard unproven.take(more, for: stranger) else { return .noRoom }
                    held += more
                    // Left to itself an array takes twice as much.
                    bytes.reserveCapacity(UnprovenBodies.free + held)
                }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
            return .whole(bytes)
        } catch {
            return .brokenOff
        }
    }

    static func isJSON(_ request: Request) -> Bool {
        let types = request.headers[values: .contentType]
        let encodings = request.headers[values: .contentEncoding]
        guard types.count == 1, encodings.allSatisfy({ $0.lowercased() == "identity" }) else { return false }
        let type = types[0].prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        return type == "application/json" || type.hasPrefix("application/") && type.hasSuffix("+json")
    }

    private static func digest(_ body: [UInt8]) -> String {
        "sha256-"
            + SHA256.hash(data: body).prefix(16).map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0\(text)" : text
            }.joined()
    }

    private static func shown(_ event: String) -> String { String(PlainText.cleaned(event).prefix(80)) }
}

/// What GitLab (or whoever reads GitLab's list of recent deliveries) is told.
struct DeliveryAnswer: Sendable {
    let result: DeliveryRecord.Result
    let reason: String
    let status: HTTPResponse.Status
    let id: String?
    let task: TaskID?
    let headers: HTTPFields

    init(
        _ result: DeliveryRecord.Result, _ reason: String, _ status: HTTPResponse.Status, id: String?, task: TaskID? = nil,
        headers: HTTPFields = [:]
    ) {
        self.result = result
        self.reason = reason
        self.status = status
        self.id = id
        self.task = task
        self.headers = headers
    }

    private struct Body: Encodable {
        let result: String
        let reason: String
        let delivery_id: String
        let task_id: String?
    }

    /// A stranger's delivery gets an empty id: nothing of what strangers send is sent back.
    var response: Response {
        var response = Response.json(
            Body(result: result.rawValue, reason: reason, delivery_id: id ?? "", task_id: task?.rawValue), status: status)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}
