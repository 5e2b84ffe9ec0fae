/// The head of a request to the proxy, read once and strictly; what is forwarded is made from this reading.
struct ProxyRequest: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// `CONNECT host:port`
        case tunnel
        /// `GET http://host/path`
        case plain(method: String, target: String, headers: [String])
    }

    let destination: HostDestination
    let kind: Kind

    static let headLimit = 16 << 10

    /// Where the head ends in what has come so far.
    ///
    /// - Parameter start: where to begin; what stands before was looked through already.
    static func end(of bytes: [UInt8], from start: Int = 0) -> Int? {
        let start = max(0, start)
        guard bytes.count >= start + 4 else { return nil }
        return (start...(bytes.count - 4)).first { bytes[$0] == 13 && bytes[$0 + 1] == 10 && bytes[$0 + 2] == 13 && bytes[$0 + 3] == 10 }.map { $0 + 4 }
    }

    /// How many bytes of a plain request follow its head; nil for a tunnel, and where two readers could differ about it.
    var bodyLength: Int? {
        guard case .plain(_, _, let headers) = kind, !headers.contains(where: { Self.name(of: $0) == "transfer-encoding" }) else { return nil }
        let lengths = headers.filter { Self.name(of: $0) == "content-length" }
        guard let line = lengths.first, let colon = line.firstIndex(of: ":") else { return 0 }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        guard lengths.count == 1, !value.isEmpty, value.utf8.count < 16, value.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(value)
    }

    init?(head bytes: [UInt8]) {
        guard bytes.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 13 || $0 == 10 || $0 == 9 }) else { return nil }
        let lines = Self.lines(of: bytes)
        guard let first = lines.first, !lines.contains(where: { $0.utf8.contains(10) || $0.utf8.contains(13) }) else { return nil }
        let words = first.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else { return nil }
        let headers = Array(lines.dropFirst())
        guard headers.allSatisfy({ Self.name(of: $0) != nil }) else { return nil }
        if words[0] == "CONNECT" {
            // The port is always said in a tunnel; without one the text is no authority.
            guard words[1].contains(":"), let destination = HostDestination(words[1], defaultPort: 443) else { return nil }
            self.destination = destination
            kind = .tunnel
            return
        }
        guard ["GET", "HEAD", "POST", "PUT", "OPTIONS"].contains(words[0]), words[1].hasPrefix("http://") else { return nil }
        let rest = words[1].dropFirst("http://".count)
        let slash = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        guard let destination = HostDestination(String(rest[..<slash]), defaultPort: 80) else { return nil }
        self.destination = destination
        var target = String(rest[slash...])
        if !target.hasPrefix("/") { target = "/" + target }
        kind = .plain(method: words[0], target: target, headers: headers.filter { !Self.isHopByHop($0) })
    }

    /// What goes to the host before the bytes that follow; nil for a tunnel, in which the two ends speak for themselves.
    ///
    /// - Parameter authorization: with a proxy in between, its value of `Proxy-Authorization`, which may be nil.
    func head(throughProxy isProxied: Bool = false, authorization: String? = nil) -> [UInt8]? {
        guard case .plain(let method, let target, let headers) = kind else { return nil }
        let host = destination.port == 80 ? destination.host : destination.description
        var head = "\(method) \(isProxied ? "http://\(host)" : "")\(target) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n"
        if isProxied, let authorization { head += "Proxy-Authorization: \(authorization)\r\n" }
        for line in headers { head += line + "\r\n" }
        return Array((head + "\r\n").utf8)
    }

    private static func isHopByHop(_ line: String) -> Bool {
        ["host", "connection", "proxy-connection", "proxy-authorization", "keep-alive", "upgrade"].contains(name(of: line))
    }

    /// In lower case; nil where it could be read in two ways: folded lines, a space before the colon, letters that join it.
    private static func name(of line: String) -> String? {
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon != line.startIndex else { return nil }
        let name = line.utf8[..<colon]
        let isToken = name.allSatisfy { (97...122).contains($0 | 32) || (48...57).contains($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
        return isToken ? String(decoding: name, as: UTF8.self).lowercased() : nil
    }

    private static func lines(of bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true).map(String.init)
    }
}
