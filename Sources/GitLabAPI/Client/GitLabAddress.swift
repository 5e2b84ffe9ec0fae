/// Where GitLab is: scheme, host, port and perhaps a path (`https://host/gitlab`).
///
/// The token goes here and nowhere else, so the text is taken apart strictly.
package struct GitLabAddress: Sendable, Hashable, CustomStringConvertible {
    /// Without a slash at the end.
    package let base: String
    /// `https://host:port`
    package let origin: String
    package let host: String
    /// `/gitlab`, or empty.
    package let path: String

    /// Nil for anything but a plain http or https address: no user, query, fragment or escapes.
    package init?(_ text: String) {
        guard let mark = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<mark.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { return nil }
        let rest = text[mark.upperBound...]
        let isPlain: (UInt8) -> Bool = { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || ".-_~/:[]".utf8.contains(byte)
        }
        guard rest.utf8.allSatisfy(isPlain) else { return nil }
        let authority = rest.prefix { $0 != "/" }.lowercased()
        var path = String(rest.dropFirst(authority.count))
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix("/api/v4") { path.removeLast(7) }
        while path.hasSuffix("/") { path.removeLast() }
        let segments = path.split(separator: "/")
        guard !segments.contains(".."), !segments.contains("."), !path.contains("//"), !path.contains("["),
            let (host, port) = Self.split(authority)
        else { return nil }
        let isDefault = port == nil || (scheme == "https" && port == 443) || (scheme == "http" && port == 80)
        self.host = host
        self.path = path
        origin = "\(scheme)://\(host)" + (isDefault ? "" : ":\(port ?? 0)")
        base = origin + path
    }

    package var description: String { base }

    var api: String { base + "/api/v4" }

    /// What stands after `/api/v4` in a URL that GitLab gave, whatever host it names: GitLab builds those from its own
    /// idea of its address, which behind a proxy may be another than ours.
    static func suffixAfterAPI(_ url: String) -> String? {
        guard let range = url.firstRange(of: "/api/v4/") else { return nil }
        let suffix = String(url[range.upperBound...].prefix { $0 != "#" })
        return suffix.contains("..") ? nil : "/" + suffix
    }

    /// The part after `/api/v4` of a redirect that stays at this very address; nil for any other.
    func suffix(ofRedirect location: String) -> String? {
        if location.hasPrefix("/"), !location.hasPrefix("//") {
            guard location.hasPrefix(path + "/api/v4/") else { return nil }
            return Self.suffixAfterAPI(location)
        }
        guard location.hasPrefix(api + "/") else { return nil }
        return Self.suffixAfterAPI(location)
    }

    private static func split(_ authority: String) -> (String, Int?)? {
        var host = Substring(authority)
        var port: Int?
        let colon =
            authority.hasPrefix("[")
            ? authority.lastIndex(of: "]").map { authority.index(after: $0) }
            : authority.firstIndex(of: ":")
        if let colon, colon < authority.endIndex {
            guard authority[colon] == ":", let number = Int(authority[authority.index(after: colon)...]),
                (1...65_535).contains(number)
            else { return nil }
            port = number
            host = authority[..<colon]
        }
        let isLiteral = host.hasPrefix("[") && host.hasSuffix("]")
        guard !host.isEmpty, !host.hasPrefix("."), isLiteral || !host.contains(where: { ":[]_~".contains($0) }) else {
            return nil
        }
        return (String(host), port)
    }
}
