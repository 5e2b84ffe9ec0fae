import Foundation
import Logging
import Secrets

extension Settings {
    /// A flag wins over LOG_LEVEL.
    func logLevel(isQuiet: Bool, isVerbose: Bool, quiet: Logger.Level, otherwise: Logger.Level) -> Logger.Level {
        if isVerbose { return .debug }
        if isQuiet { return quiet }
        return logLevel.flatMap { Logger.Level(rawValue: $0.rawValue) } ?? otherwise
    }
}

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
        let line = LogLine(
            time: time, level: event.level.rawValue, message: event.message.description, facts: facts.mapValues(\.description))
        let text = isJSON ? line.json : line.text
        FileHandle.standardError.write(Data((redactor.redact(text) + "\n").utf8))
    }
}
