/// What a route answers: status, headers beside the usual ones, and a body.
package struct GitLabReply: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: Body

    package enum Body: Sendable {
        case none
        case json(GitLabJSON)
        case text(String)
        case bytes([UInt8])
    }

    package init(_ status: Int, _ body: Body = .none, headers: [(name: String, value: String)] = []) {
        self.status = status
        self.body = body
        self.headers = headers
    }

    static func ok(_ json: GitLabJSON) -> GitLabReply { GitLabReply(200, .json(json)) }
    static func created(_ json: GitLabJSON) -> GitLabReply { GitLabReply(201, .json(json)) }
    static func text(_ text: String) -> GitLabReply { GitLabReply(200, .text(text)) }
    static let noContent = GitLabReply(204)

    var contentType: String? {
        switch body {
        case .none: nil
        case .json: "application/json"
        case .text: "text/plain"
        case .bytes: "application/octet-stream"
        }
    }

    var bytes: [UInt8] {
        switch body {
        case .none: []
        case .json(let json): json.bytes
        case .text(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        }
    }
}
