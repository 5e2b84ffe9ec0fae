/// An answer other than success, with the status and one of the body shapes that GitLab uses.
package struct Refusal: Error, Sendable {
    package let status: Int
    package let body: GitLabJSON

    package init(_ status: Int, _ body: GitLabJSON) {
        self.status = status
        self.body = body
    }
}

extension Refusal {
    /// `{"message": "..."}`
    static func message(_ status: Int, _ text: String) -> Refusal { Refusal(status, ["message": .string(text)]) }
    /// `{"error": "..."}`
    static func error(_ status: Int, _ text: String) -> Refusal { Refusal(status, ["error": .string(text)]) }

    static let unauthorized = message(401, "401 Unauthorized")
    static let forbidden = message(403, "403 Forbidden")
    static func notFound(_ thing: String) -> Refusal { message(404, "404 \(thing) Not Found") }
    static let notFound = message(404, "404 Not found")
    static func badRequest(_ text: String) -> Refusal { message(400, text) }
    static func missing(_ name: String) -> Refusal { error(400, "\(name) is missing") }
    static func invalid(_ name: String) -> Refusal { error(400, "\(name) does not have a valid value") }
    /// `{"message": {field: ["..."]}}`
    static func field(_ status: Int, _ name: String, _ problem: String) -> Refusal {
        Refusal(status, ["message": .object([name: .list([.string(problem)])])])
    }

    static let expiredToken = Refusal(
        401,
        [
            "error": "invalid_token",
            "error_description": "Token is expired. You can either do re-authorization or token refresh.",
        ])
    static let revokedToken = Refusal(
        401,
        [
            "error": "invalid_token",
            "error_description": "Token was revoked. You have to re-authorize from the user.",
        ])
    static func insufficientScope(_ needed: [String]) -> Refusal {
        Refusal(
            403,
            [
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": .string(needed.joined(separator: " ")),
            ])
    }
}
