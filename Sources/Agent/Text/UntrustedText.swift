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

    /// A text with fences in it that was cut, made whole: what lost the beginning of its fence, or its end, stays within one.
    static func mended(_ text: String) -> String {
        var mended = text
        if let end = text.firstRange(of: closing) {
            let begin = text.firstRange(of: opening)
            if begin.map({ $0.lowerBound > end.lowerBound }) ?? true { mended = "\(opening)\"what is left of it\">\n" + mended }
        }
        let last = text.ranges(of: opening).last
        if let last, text[last.upperBound...].firstRange(of: closing) == nil { mended += "\n\(closing)" }
        return mended
    }

    private static let opening = "<data source="
    private static let closing = "</data>"

    static func withoutCarriageReturns(_ text: String) -> String { text.replacing("\r\n", with: "\n") }

    private static var fenceTag: Regex<(Substring, Substring)> {
        /<((?:\p{M}|\s)*(?:\/(?:\p{M}|\s)*)?d\p{M}*a\p{M}*t\p{M}*a)/.ignoresCase().matchingSemantics(.unicodeScalar)
    }
}
