/// The head of a reply and its body as it arrives; valid inside `HTTPTransport.withResponse` only.
package struct HTTPResponse: Sendable {
    package let status: Int
    package let headers: HeaderFields
    package let body: HTTPBody

    package init(status: Int, headers: HeaderFields = [:], body: HTTPBody = HTTPBody([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The whole body, at most `limit` bytes of it.
    ///
    /// - Throws: `TransportFailure` with `.tooLarge` when there is more.
    package func collect(upTo limit: Int) async throws(TransportFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in body {
            guard bytes.count + chunk.count <= limit else { throw TransportFailure(.tooLarge(limit: limit)) }
            bytes += chunk
        }
        return bytes
    }
}

/// A reply with its whole body.
package struct HTTPReply: Sendable {
    package var status: Int
    package var headers: HeaderFields
    package var body: [UInt8]

    package init(status: Int, headers: HeaderFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The body as text, whatever its bytes.
    package var text: String { String(decoding: body, as: UTF8.self) }
    package var isSuccess: Bool { (200..<300).contains(status) }
}
