/// A JSON text that was checked once, byte by byte, before anything is read from it.
///
/// Reading is lazy: nothing is built for parts that nobody asks for, so that a hostile body of millions of tiny values
/// costs no memory. What the check refuses: bytes that are no UTF-8, nesting deeper than `maximumDepth`, anything that
/// is not JSON. Keys that come twice are refused when their object is read.
struct JSONText: Sendable {
    static let maximumDepth = 64
    /// GitLab itself sends no body over 25 MB.
    static let maximumSize = 26 << 20

    let bytes: [UInt8]
    /// Where the outermost value starts.
    let start: Int

    init(_ bytes: [UInt8]) throws(PayloadFailure) {
        guard bytes.count <= Self.maximumSize else { throw PayloadFailure(.tooLarge, "The body is too large.") }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw PayloadFailure(.notUTF8, "The body is not UTF-8.")
        }
        self.bytes = bytes
        var check = JSONCheck(maximumDepth: Self.maximumDepth)
        start = try bytes.withUnsafeBufferPointer { (buffer) throws(PayloadFailure) in try check.run(buffer) }
    }

    var root: JSONView { JSONView(text: self, start: start) }
}

/// Why a body can't be read at all. Nothing of the body is in the message.
package struct PayloadFailure: Error, Sendable, Hashable {
    package enum Code: String, Sendable, Hashable {
        case tooLarge = "too_large"
        case notUTF8 = "not_utf8"
        case notJSON = "not_json"
        case tooDeep = "too_deep"
        case doubledKey = "doubled_key"
    }
    package let code: Code
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// The grammar of JSON as a loop with a stack of its own, so that depth costs a bit and never the thread's stack.
private struct JSONCheck {
    let maximumDepth: Int

    mutating func run(_ bytes: UnsafeBufferPointer<UInt8>) throws(PayloadFailure) -> Int {
        var cursor = JSONCursor(bytes: bytes, position: 0)
        // One entry per open container: true for an object.
        var open: [Bool] = []
        cursor.skipSpace()
        let start = cursor.position
        var expectsValue = true
        while true {
            if expectsValue {
                guard let byte = cursor.peek() else { throw Self.malformed }
                if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                    let isObject = byte == UInt8(ascii: "{")
                    guard open.count < maximumDepth else {
                        throw PayloadFailure(.tooDeep, "The body is nested deeper than \(maximumDepth) levels.")
                    }
                    open.append(isObject)
                    cursor.position += 1
                    cursor.skipSpace()
                    if cursor.take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                        open.removeLast()
                    } else {
                        if isObject { try key(&cursor) }
                        continue
                    }
                } else {
                    guard cursor.skipScalar() else { throw Self.malformed }
                }
            }
            // A value has just ended.
            cursor.skipSpace()
            guard let isObject = open.last else {
                guard cursor.peek() == nil else { throw Self.malformed }
                return start
            }
            if cursor.take(UInt8(ascii: ",")) {
                cursor.skipSpace()
                if isObject { try key(&cursor) }
                expectsValue = true
            } else if cursor.take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                open.removeLast()
                expectsValue = false
            } else {
                throw Self.malformed
            }
        }
    }

    private func key(_ cursor: inout JSONCursor) throws(PayloadFailure) {
        guard cursor.skipString() else { throw Self.malformed }
        cursor.skipSpace()
        guard cursor.take(UInt8(ascii: ":")) else { throw Self.malformed }
        cursor.skipSpace()
    }

    private static var malformed: PayloadFailure { PayloadFailure(.notJSON, "The body is not JSON.") }
}
