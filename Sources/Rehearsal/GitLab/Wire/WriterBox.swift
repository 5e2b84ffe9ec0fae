import Hummingbird
import HummingbirdCore

/// Holds the one-use response writer until the head is known: a closure cannot take it along.
final class WriterBox {
    private var writer: ResponseWriter?

    init(_ writer: consuming ResponseWriter) { self.writer = consume writer }

    struct AlreadyUsed: Error {}

    @concurrent func open(_ head: HTTPResponse) async throws -> any ResponseBodyWriter {
        guard let writer = writer.take() else { throw AlreadyUsed() }
        return try await writer.writeHead(head)
    }
}
