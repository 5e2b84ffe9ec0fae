/// A prompt with places to fill in, written `{{name}}`.
///
/// Filled in one pass: what is put in is never looked at again, whatever braces it holds.
struct Template: Sendable {
    private let source: String
    init(_ source: String) { self.source = source }

    func filled(_ values: [String: String]) -> String {
        var text = ""
        var rest = Substring(source)
        while let open = rest.firstIndex(of: "{") {
            text += rest[..<open]
            rest = rest[open...]
            guard rest.hasPrefix("{{"), let close = rest.firstIndex(of: "}"), rest[close...].hasPrefix("}}"),
                let value = values[String(rest[rest.index(open, offsetBy: 2)..<close])]
            else {
                text += "{"
                rest = rest.dropFirst()
                continue
            }
            text += value
            rest = rest[rest.index(close, offsetBy: 2)...]
        }
        return text + rest
    }
}
