/// The one way to the outside over HTTP; the seam where tests put scripted replies.
package protocol HTTPTransport: Sendable {
    /// Sends the request and hands over the reply while its body arrives. Any status is a reply; redirects are not
    /// followed. Leaving the closure early, or cancelling the task, closes the connection.
    ///
    /// - Throws: `TransportFailure`, or what the closure throws.
    func withResponse<Result: Sendable>(
        to request: HTTPRequest, _ use: @escaping @Sendable (HTTPResponse) async throws -> Result
    ) async throws -> Result
}

extension HTTPTransport {
    /// Sends the request and reads the whole reply.
    package func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply {
        do {
            return try await withResponse(to: request) { response in
                let body = try await response.collect(upTo: request.maxResponseBytes)
                return HTTPReply(status: response.status, headers: response.headers, body: body)
            }
        } catch let failure as TransportFailure {
            throw failure
        } catch is CancellationError {
            throw TransportFailure(.cancelled)
        } catch {
            throw TransportFailure(.other("\(error)"))
        }
    }
}
