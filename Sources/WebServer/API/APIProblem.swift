import HTTPTypes
import Hummingbird

/// An answer that is no success: a status, a stable word for programs, a sentence for people. Repeats nothing that was sent.
struct APIProblem: Error, Sendable {
    let status: HTTPResponse.Status
    let code: String
    let message: String
    let headers: HTTPFields

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String, headers: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    static let notFound = APIProblem(.notFound, "not_found", "There is nothing here.")
    static let noSuchTask = APIProblem(.notFound, "no_such_task", "There is no task with this id.")

    private struct Body: Encodable {
        let error: String
        let code: String
    }

    var response: Response {
        var response = Response.json(Body(error: message, code: code), status: status)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}
