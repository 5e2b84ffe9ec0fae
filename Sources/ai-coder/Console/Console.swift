import Foundation
import Secrets
import Synchronization

/// What the person at the terminal sees, on stderr: one live line on a terminal, plain lines elsewhere.
final class Console: Sendable {
    let isQuiet: Bool
    let isVerbose: Bool
    private let isTerminal: Bool
    private let redactor: Redactor
    /// The live line as it stands on the screen; empty when there is none.
    private let live = Mutex("")

    init(quiet: Bool, verbose: Bool, redactor: Redactor) {
        isQuiet = quiet
        isVerbose = verbose
        isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        self.redactor = redactor
    }

    /// A line that stays.
    func say(_ text: String) {
        guard !isQuiet else { return }
        write(line: text)
    }

    func warn(_ text: String) { write(line: "warning: \(text)") }

    /// A line that the next one replaces; nothing where there is no terminal.
    func show(live text: String) {
        guard isTerminal, !isQuiet else { return }
        let shown = String(clean(text).replacing("\n", with: " ").prefix(columns - 1))
        live.withLock { current in
            guard current != shown else { return }
            current = shown
            emit("\r\u{1B}[2K\(shown)")
        }
    }

    func clearLive() {
        live.withLock { current in
            if !current.isEmpty { emit("\r\u{1B}[2K") }
            current = ""
        }
    }

    private func write(line: String) {
        let text = Self.setIn(clean(line))
        live.withLock { current in
            emit(current.isEmpty ? "\(text)\n" : "\r\u{1B}[2K\(text)\n\(current)")
        }
    }

    /// Secrets out, and what a model or a repository wrote must not drive the terminal.
    private func clean(_ text: String) -> String { Self.visible(redactor.redact(text)) }

    /// Controls, and what turns text around, shown as one sign. Only line ends and tabs stay.
    static func visible(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control: scalar == "\n" || scalar == "\t" ? scalar : "\u{FFFD}"
                    // Joiners only shape letters and emoji.
                    case .format: scalar == "\u{200C}" || scalar == "\u{200D}" ? scalar : "\u{FFFD}"
                    case .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }

    /// Lines that follow the first are set in, so that none of them passes for a line of the program's own.
    static func setIn(_ text: String) -> String { text.replacing("\n", with: "\n    ") }

    private var columns: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }

    private func emit(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
