import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

/// Takes secrets out of what is shown: answers of the API, its streams of events, pages. What a person wrote into a task, or a
/// model into its journal, may hold one.
struct OutgoingRedaction: RouterMiddleware {
    let redact: @Sendable (String) -> String

    @concurrent func handle(
        _ request: Request, context: WebContext, next: @concurrent (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard let length = response.body.contentLength else {
            // Each event of a stream is written as one piece.
            response.body = response.body.map(clean)
            return response
        }
        guard length > 0 else { return response }
        let whole = Whole()
        try await response.body.write(whole)
        let body = clean(whole.taken)
        response.body = ResponseBody(byteBuffer: body)
        if response.headers[.contentLength] != nil { response.headers[.contentLength] = "\(body.readableBytes)" }
        return response
    }

    private func clean(_ piece: ByteBuffer) -> ByteBuffer {
        let text = String(decoding: piece.readableBytesView, as: UTF8.self)
        let clean = redact(text)
        return clean == text ? piece : ByteBuffer(string: clean)
    }

    /// Takes a body whose length is known.
    private final class Whole: ResponseBodyWriter, Sendable {
        private let buffer = Mutex(ByteBuffer())

        var taken: ByteBuffer { buffer.withLock { $0 } }

        @concurrent func write(_ piece: ByteBuffer) async throws {
            buffer.withLock { buffer in _ = buffer.writeImmutableBuffer(piece) }
        }

        @concurrent func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
