/// Finds the command in a note, as the conversation's rules have it: at the start of a line, outside code, quotes and HTML.
///
/// It reads just enough Markdown to know what is code, a quote or HTML. Where that is in doubt, there is no command.
/// The time taken grows with the length of the note and nothing else.
package struct CommandParser: Sendable {
    private let trigger: [UInt8]
    private let mention: [UInt8]?

    /// - Parameter botUsername: `@name` at the start of a line then is `do`; nil while the bot's name is unknown.
    package init(trigger: String = "/ai", botUsername: String? = nil) {
        self.trigger = Array(trigger.utf8)
        self.mention = botUsername.map { Array("@\($0)".lowercased().utf8) }
    }

    /// The first command of the note; nil when it holds none.
    package func parse(_ note: String) -> Command? { find(in: note)?.command }

    /// Whether the command was given by naming the bot instead of with the trigger.
    package func mentionsBot(_ note: String) -> Bool { find(in: note)?.isMention ?? false }

    private func find(in note: String) -> (command: Command, isMention: Bool)? {
        var scanner = NoteScanner(Array(note.utf8))
        // Most notes hold no command: they are let go before any Markdown is read.
        guard scanner.contains(trigger) || mention != nil && scanner.contains(UInt8(ascii: "@")) else { return nil }
        while let line = scanner.nextOpenLineStart() {
            if let command = command(at: line, in: scanner.bytes) { return command }
        }
        return nil
    }

    private func command(at start: Int, in bytes: [UInt8]) -> (command: Command, isMention: Bool)? {
        let rest = bytes[start...]
        if rest.starts(with: trigger) {
            let end = start + trigger.count
            guard end == bytes.count || bytes[end].isMarkdownSpace || bytes[end] == .newline else { return nil }
            return (command(withWords: bytes[end...]), false)
        }
        if let mention, rest.count >= mention.count, rest.prefix(mention.count).map(\.asciiLowercased) == mention {
            var end = start + mention.count
            if end < bytes.count, bytes[end] == UInt8(ascii: ",") || bytes[end] == UInt8(ascii: ":") { end += 1 }
            guard end == bytes.count || bytes[end].isMarkdownSpace || bytes[end] == .newline else { return nil }
            return (.change(PlainText.cleaned(bytes[end...])), true)
        }
        return nil
    }

    private func command(withWords bytes: ArraySlice<UInt8>) -> Command {
        let line = bytes.prefix { $0 != .newline }
        let wordStart = line.drop { $0.isMarkdownSpace }
        let word = wordStart.prefix { !$0.isMarkdownSpace }
        let text = bytes[word.endIndex...]
        // "stop." and "do:" are how people write.
        let verb = String(decoding: word, as: UTF8.self).trimmingPunctuation()
        switch verb.lowercased() {
        case "do": return .change(PlainText.cleaned(text))
        case "review": return .review(PlainText.cleaned(text))
        case "ask": return .answer(PlainText.cleaned(text))
        case "plan": return .plan(PlainText.cleaned(text))
        case "approve": return .approve(PlainText.cleaned(text))
        case "fix": return .fix(PlainText.cleaned(text))
        case "stop": return .stop
        case "status": return .status
        case "retry": return .retry
        case "help": return .help
        default: return .unknown(word: String(PlainText.cleaned(word).prefix(40)))
        }
    }
}

extension String {
    fileprivate func trimmingPunctuation() -> Substring {
        var word = self[...]
        while let last = word.last, ".,:!;".contains(last) { word.removeLast() }
        return word
    }
}

extension UInt8 {
    static let newline = UInt8(ascii: "\n")
    static let backtick = UInt8(ascii: "`")

    var isMarkdownSpace: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
    var isASCIILetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
    var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
    var asciiLowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
