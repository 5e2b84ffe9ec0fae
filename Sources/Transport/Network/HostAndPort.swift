/// `host`, `host:port`, `[v6]:port` or a bare IPv6 address.
package struct HostAndPort: Sendable, Hashable {
    package var host: String
    package var port: Int?

    package init?(_ text: Substring) {
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close].lowercased()
            let rest = text[text.index(after: close)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            port = rest.isEmpty ? nil : Int(rest.dropFirst())
            if !rest.isEmpty && port == nil { return nil }
        } else if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
            host = text[..<colon].lowercased()
            guard let number = Int(text[text.index(after: colon)...]) else { return nil }
            port = number
        } else {
            host = text.lowercased()
            port = nil
        }
        guard !host.isEmpty, port.map({ (1...65535).contains($0) }) ?? true else { return nil }
    }
}

/// The parts of an absolute http or https URL that choose a connection.
package struct Origin: Sendable, Hashable {
    package let scheme: String
    package let host: String
    package let port: Int

    package init?(_ url: String) {
        guard let mark = url.firstRange(of: "://") else { return nil }
        scheme = url[..<mark.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        var authority = url[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        guard let address = HostAndPort(authority) else { return nil }
        host = address.host
        port = address.port ?? (scheme == "https" ? 443 : 80)
    }

    /// The same URL with this scheme and authority as they are read here.
    func rewritten(_ url: String) -> String {
        guard let mark = url.firstRange(of: "://") else { return url }
        return "\(scheme)://\(name)" + url[mark.upperBound...].drop { $0 != "/" && $0 != "?" && $0 != "#" }
    }

    /// `host` or, where the port is not the scheme's own, `host:port`.
    package var name: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port == (scheme == "https" ? 443 : 80) ? shown : "\(shown):\(port)"
    }
}

extension StringProtocol {
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace || $0.isNewline }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }

    var percentDecoded: String {
        var bytes: [UInt8] = []
        var rest = Substring(self).utf8
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(String(Substring(digits)), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
