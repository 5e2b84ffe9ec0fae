import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// JSON with sorted keys and RFC 3339 times in UTC.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        guard let data = try? WebJSON.encode(value) else {
            // Only a number that is none could bring this about.
            return Response(status: .internalServerError)
        }
        return bytes(data, type: "application/json; charset=utf-8", status: status)
    }

    static func bytes(_ data: some Sequence<UInt8>, type: String, status: HTTPResponse.Status = .ok) -> Response {
        let buffer = ByteBuffer(bytes: data)
        return Response(
            status: status, headers: [.contentType: type, .contentLength: "\(buffer.readableBytes)"],
            body: ResponseBody(byteBuffer: buffer))
    }

    static func redirect(to path: String) -> Response { Response(status: .seeOther, headers: [.location: path]) }
}

/// How this server writes JSON.
enum WebJSON {
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(value)
    }
}
