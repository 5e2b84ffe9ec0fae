import HTTPTypes
import Hummingbird
import Subprocess

/// Reads what a CGI program writes: header lines, an empty line, then the body.
struct CGIReader {
    private var stream: SubprocessOutputSequence.Iterator
    private var pending: [UInt8] = []

    init(stream: SubprocessOutputSequence.Iterator) { self.stream = stream }

    struct Broken: Error {}

    private mutating func more() async throws -> [UInt8]? {
        guard let buffer = try await stream.next() else { return nil }
        return buffer.withUnsafeBytes { Array($0) }
    }

    mutating func head() async throws -> HTTPResponse {
        while true {
            if let end = Self.endOfHead(pending) {
                let text = String(decoding: pending[..<end.start], as: UTF8.self)
                pending.removeFirst(end.next)
                return Self.response(text)
            }
            guard pending.count < 64 << 10, let bytes = try await more() else { throw Broken() }
            pending += bytes
        }
    }

    mutating func next() async throws -> [UInt8]? {
        if !pending.isEmpty {
            defer { pending = [] }
            return pending
        }
        return try await more()
    }

    private static func endOfHead(_ bytes: [UInt8]) -> (start: Int, next: Int)? {
        guard let range = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        return (range.lowerBound, range.upperBound)
    }

    private static func response(_ text: String) -> HTTPResponse {
        var status = 200
        var fields = HTTPFields()
        for line in text.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = String(line[..<colon])
            let value = String(line[line.index(after: colon)...].drop { $0 == " " })
            if name.lowercased() == "status" {
                status = Int(value.prefix(3)) ?? 500
            } else if let field = HTTPField.Name(name) {
                fields.append(HTTPField(name: field, value: value))
            }
        }
        return HTTPResponse(status: .init(code: status), headerFields: fields)
    }
}
