/// Text that other people wrote, as the model is shown it: fenced, with its source, invisible characters made visible.
///
/// The fence can't be closed from inside. It does not make the text harmless, and nothing depends on that; it tells an
/// honest model what is a request and what is not.
enum UntrustedText {
    static func fenced(_ text: String, source: String) -> String {
        // By scalars: a mark above a sign makes another character of it for Swift, and hardly for a model.
        let name = source.unicodeScalars.filter { $0 != ">" && $0 != "\r" }.map { scalar -> Unicode.Scalar in
            scalar == "\"" ? "'" : scalar == "\n" ? " " : scalar
        }
        let label = InvisibleText.shown(String(String.UnicodeScalarView(name)))
        let body = InvisibleText.shown(withoutCarriageReturns(text)).replacing(fenceTag) { "&lt;\($0.output.1)" }
        return "<data source=\"\(label)\">\n\(body)\(body.hasSuffix("\n") || body.isEmpty ? "" : "\n")</data>"
    }

    static func withoutCarriageReturns(_ text: String) -> String { text.replacing("\r\n", with: "\n") }

    private static var fenceTag: Regex<(Substring, Substring)> {
        /<((?:\p{M}|\s)*(?:\/(?:\p{M}|\s)*)?d\p{M}*a\p{M}*t\p{M}*a)/.ignoresCase().matchingSemantics(.unicodeScalar)
    }
}
