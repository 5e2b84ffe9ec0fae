/// Where requests go, from a base URL that users write with or without a version or the whole path.
package struct EndpointURL: Sendable, Hashable {
    package let url: String
    /// What else the base may have meant; tried once when `url` is not found.
    package let alternate: String?

    package init(base: String, wire: WireKind) {
        let endpoint = wire.endpoint
        let trimmed = base.drop(while: \.isWhitespace).prefix { !$0.isWhitespace }
        let bare = trimmed.prefix { $0 != "?" && $0 != "#" }
        let query = trimmed[bare.endIndex...].prefix { $0 != "#" }
        let stem = bare[..<(bare.lastIndex { $0 != "/" }.map(bare.index(after:)) ?? bare.startIndex)]
        let pathStart = stem.firstRange(of: "://").map(\.upperBound) ?? stem.startIndex
        let segments = stem[pathStart...].split(separator: "/").dropFirst()
        let join: (String) -> String = { "\(stem)/\($0)\(query)" }

        if "/\(segments.joined(separator: "/"))".hasSuffix("/\(endpoint)") {
            url = "\(stem)\(query)"
            alternate = nil
        } else if EndpointURL.endsInVersion(segments) {
            url = join(endpoint)
            alternate = join("v1/\(endpoint)")
        } else if wire == .anthropic || segments.isEmpty {
            url = join("v1/\(endpoint)")
            alternate = join(endpoint)
        } else {
            url = join(endpoint)
            alternate = join("v1/\(endpoint)")
        }
    }

    private static func endsInVersion(_ segments: ArraySlice<Substring>) -> Bool {
        guard let last = segments.last else { return false }
        // Gemini's OpenAI layer: .../v1beta/openai
        let version = last == "openai" ? segments.dropLast().last : last
        guard let version, version.first == "v" else { return false }
        let digits = version.dropFirst().prefix { $0.isASCII && $0.isNumber }
        let rest = version.dropFirst().dropFirst(digits.count)
        return !digits.isEmpty && (rest.isEmpty || rest == "beta" || rest == "alpha")
    }
}
