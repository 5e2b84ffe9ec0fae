import Foundation
import Testing

@testable import ai_coder

@Suite("A line of the log")
struct LogLineTests {
    private static let hostile = "x\n2026-01-01T00:00:00Z error forged\r\u{1B}[2J\u{9B}2J\u{7}\u{202E}\u{2066}\u{200B}\u{2028}\u{85}\u{E0041}\t\0\u{7F}"

    private static let line = LogLine(
        time: "2026-01-01T00:00:00Z", level: "info", message: "Task claimed \(hostile)", facts: ["task.id": hostile, "a\nb": "c"])

    @Test("A59: nothing in a message or a fact ends the line or speaks to the terminal", arguments: [true, false])
    func oneLine(isJSON: Bool) {
        let text = isJSON ? Self.line.json : Self.line.text
        #expect(
            text.unicodeScalars.allSatisfy { scalar in
                ![.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
            })
        #expect(text.contains("forged"))
    }

    @Test("A59: as JSON it says what was said")
    func json() throws {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(Self.line.json.utf8)) as? [String: String])
        #expect(object["message"] == "Task claimed \(Self.hostile)" && object["task.id"] == Self.hostile && object["level"] == "info")
    }

    @Test("A59: a fact can't replace the message, the level or the time")
    func facts() throws {
        let line = LogLine(time: "t", level: "error", message: "m", facts: ["message": "other", "level": "debug", "time": "0"])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.json.utf8)) as? [String: String])
        #expect(object["message"] == "m" && object["level"] == "error" && object["time"] == "t")
    }
}
