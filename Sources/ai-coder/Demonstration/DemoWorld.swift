import Foundation
import Transport

/// Calls to the demo's processes: the stand-in GitLab's people, and the product's own API.
struct DemoWorld {
    let transport: NetworkTransport
    let gitLab: String
    let service: String

    struct Refused: Error, CustomStringConvertible { let description: String }

    /// Lets somebody in the stand-in do something.
    @discardableResult
    func act(_ path: String, _ body: [String: Any]) async throws -> [String: Any] {
        var request = HTTPRequest("POST", "\(gitLab)/__rehearsal/\(path)", headers: ["content-type": "application/json"])
        request.body = Array(try JSONSerialization.data(withJSONObject: body))
        return try await answer(to: request) as? [String: Any] ?? [:]
    }

    func gitLabAPI(_ path: String, token: String) async throws -> Any {
        try await answer(to: HTTPRequest("GET", "\(gitLab)/api/v4/\(path)", headers: ["PRIVATE-TOKEN": token]))
    }

    func api(_ path: String) async throws -> Any { try await answer(to: HTTPRequest("GET", "\(service)\(path)")) }

    private func answer(to request: HTTPRequest) async throws -> Any {
        let reply = try await transport.send(request)
        guard (200..<300).contains(reply.status) else {
            throw Refused(
                description: "\(request) answered \(reply.status): \(String(decoding: reply.body.prefix(300), as: UTF8.self))")
        }
        guard !reply.body.isEmpty else { return [:] as [String: Any] }
        return try JSONSerialization.jsonObject(with: Data(reply.body), options: .fragmentsAllowed)
    }
}
