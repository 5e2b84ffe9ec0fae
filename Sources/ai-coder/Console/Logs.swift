import Foundation
import Logging
import Secrets

/// The log: lines of text or JSON on stderr, with secrets taken out and control characters escaped.
struct StandardErrorLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let label: String
    private let isJSON: Bool
    private let redactor: Redactor

    init(label: String, level: Logger.Level, isJSON: Bool, redactor: Redactor) {
        self.label = label
        logLevel = level
        self.isJSON = isJSON
        self.redactor = redactor
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var facts = metadata
        facts.merge(event.metadata ?? [:]) { _, new in new }
        let time = Date().ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true))
        let text: String
        if isJSON {
            var object = ["time": time, "level": event.level.rawValue, "message": event.message.description]
            for (key, value) in facts { object[key] = value.description }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            text = (try? encoder.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? event.message.description
        } else {
            let tail = facts.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            text = Self.escaped("\(time) \(event.level.rawValue) \(event.message)\(tail)")
        }
        FileHandle.standardError.write(Data((redactor.redact(text) + "\n").utf8))
    }

    /// One event is one line, whatever stands in it.
    private static func escaped(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case _ where scalar.properties.generalCategory == .control: line += String(format: "\\u{%02x}", scalar.value)
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
