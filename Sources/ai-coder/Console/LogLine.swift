import Foundation

/// One event as one line, whatever stands in it: nothing in it ends the line, moves a terminal's cursor or turns text around.
struct LogLine {
    var time: String
    var level: String
    var message: String
    var facts: [String: String]

    var text: String {
        let tail = facts.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return Self.escaped("\(time) \(level) \(message)\(tail)") { String(format: "\\u{%02x}", $0) }
    }

    var json: String {
        var object = facts
        object.merge(["time": time, "level": level, "message": message]) { $1 }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = (try? encoder.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        // The encoder escapes what JSON demands; the other control characters are as bad on a terminal.
        return Self.escaped(text, Self.escapedInJSON)
    }

    static func escapedInJSON(_ value: UInt32) -> String {
        value < 0x10000
            ? String(format: "\\u%04x", value)
            : String(format: "\\u%04x\\u%04x", 0xD800 + (value - 0x10000) >> 10, 0xDC00 + (value - 0x10000) & 0x3FF)
    }

    private static func escaped(_ text: String, _ escape: (UInt32) -> String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: line += escape(scalar.value)
                default: line.unicodeScalars.append(scalar)
                }
            }
        }
        return line
    }
}
