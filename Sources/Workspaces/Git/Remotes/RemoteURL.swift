package import SystemPackage

/// Where a repository is, in a grammar of our own that is stricter than git's.
///
/// Git's own reading of an address has surprises (transport helpers, options, passwords, encoded line ends), and a
/// credential must never be answered to a host that another parser would have seen. What this type accepts has one
/// meaning, and `text` is what git is given.
package struct RemoteURL: Sendable, Hashable, CustomStringConvertible {
    package enum Transport: String, Sendable { case https, http, ssh, file }

    package let transport: Transport
    /// Lower-case; an IPv6 address in its brackets; empty for a local path.
    package let host: String
    /// Nil for the transport's own port.
    package let port: Int?
    /// Only ssh has one here: over http a user name in an address is refused together with the password beside it.
    package let user: String?
    /// Percent-decoded; begins with `/` but in the `host:path` form of ssh.
    package let path: String
    /// The address in the one form that git sees: an absolute path for a local repository.
    package let text: String

    package var description: String { text }
    package var isLocal: Bool { transport == .file }
    package var isHTTP: Bool { transport == .https || transport == .http }

    /// `host:port` for messages.
    package var site: String { port.map { "\(host):\($0)" } ?? host }

    private init(transport: Transport, host: String, port: Int?, user: String?, path: String, text: String) {
        self.transport = transport
        self.host = host
        self.port = port
        self.user = user
        self.path = path
        self.text = text
    }

    /// - Parameter directory: what a relative local path starts from; without it relative paths are refused.
    package init(_ text: String, relativeTo directory: FilePath? = nil) throws(GitFailure) {
        guard !text.isEmpty, text.utf8.count <= 2048 else { throw .address("it is empty or longer than 2048 bytes") }
        // Only a path of this machine may hold a space: in any other address another parser could end there.
        let isPath = text.hasPrefix("/") || text.hasPrefix("file:///")
        guard text.unicodeScalars.allSatisfy({ $0.isVisibleInAddress || isPath && $0 == " " }) else {
            throw .address("it has a space, a control character or an invisible character")
        }
        guard !text.hasPrefix("-") else { throw .address("it begins with a dash") }
        if let scheme = text.firstRange(of: "://") {
            self = try Self.parse(
                scheme: text[..<scheme.lowerBound].lowercased(), rest: text[scheme.upperBound...])
        } else if text.contains("::"), !text.hasPrefix("/"), !text.hasPrefix(".") {
            throw .address("transport helpers are not used")
        } else if let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") {
            self = try Self.parseSecureCopyForm(text[..<colon], text[text.index(after: colon)...])
        } else {
            self = try Self.parseLocal(text, relativeTo: directory)
        }
    }

    /// The same address with `.git` at its end, which some servers want; nil where it has that already.
    package var withGitSuffix: RemoteURL? {
        guard isHTTP, !path.hasSuffix(".git") else { return nil }
        return RemoteURL(
            transport: transport, host: host, port: port, user: user, path: path + ".git", text: text + ".git")
    }

    /// Whether it lies on the site of `base` (an http or https address) and beneath its path: the only place where that
    /// site's token may go.
    package func isWithin(_ base: String) -> Bool {
        guard isHTTP, let end = base.firstRange(of: "://") else { return false }
        let hasPath = base[end.upperBound...].contains { $0 == "/" } && !base.hasSuffix("/")
        let trimmed = base.hasSuffix("/") ? String(base.dropLast()) : base
        guard let site = try? RemoteURL(hasPath || trimmed[end.upperBound...].contains("/") ? trimmed : trimmed + "/-") else {
            return false
        }
        let prefix = site.path == "/-" ? "/" : site.path + "/"
        return transport == site.transport && host == site.host && port == site.port && path.hasPrefix(prefix)
            && path.utf8.count > prefix.utf8.count
    }
}

// MARK: - Parsing

extension RemoteURL {
    private static func parse(scheme: String, rest: Substring) throws(GitFailure) -> RemoteURL {
        switch scheme {
        case "https", "http": return try parseHTTP(scheme == "https" ? .https : .http, rest)
        case "ssh": return try parseSecureShell(rest)
        case "file":
            guard rest.hasPrefix("/") else { throw .address("a file:// address needs an absolute path and no host") }
            guard !rest.contains("%") else { throw .address("a file:// address can't be encoded here; give the path instead") }
            return try parseLocal(String(rest), relativeTo: nil)
        default: throw .address("only https, http, ssh and local paths are used, not \"\(scheme.prefix(20))\"")
        }
    }

    private static func parseHTTP(_ transport: Transport, _ rest: Substring) throws(GitFailure) -> RemoteURL {
        let (authority, encodedPath) = split(rest)
        guard !authority.contains("@") else {
            throw .address("it holds a user name or password; give the token by its own setting")
        }
        let (host, port) = try site(authority, standardPort: transport == .https ? 443 : 80)
        let path = try checkedPath(encodedPath, isEncoded: true)
        let trimmed = encodedPath.hasSuffix("/") ? encodedPath.dropLast() : encodedPath
        let text = "\(transport.rawValue)://\(host)\(port.map { ":\($0)" } ?? "")\(trimmed)"
        return RemoteURL(transport: transport, host: host, port: port, user: nil, path: path, text: text)
    }

    private static func parseSecureShell(_ rest: Substring) throws(GitFailure) -> RemoteURL {
        let (authority, encodedPath) = split(rest)
        var site = authority
        var user: String?
        if let at = authority.lastIndex(of: "@") {
            user = try checkedUser(authority[..<at])
            site = authority[authority.index(after: at)...]
        }
        let (host, port) = try self.site(site, standardPort: 22)
        let path = try checkedPath(encodedPath, isEncoded: true)
        guard !encodedPath.contains("%") else { throw .address("an ssh path can't be encoded") }
        let text = "ssh://\(user.map { "\($0)@" } ?? "")\(host)\(port.map { ":\($0)" } ?? "")\(path)"
        return RemoteURL(transport: .ssh, host: host, port: port, user: user, path: path, text: text)
    }

    /// `user@host:path`, which has no room for a port: digits after the colon are a directory.
    private static func parseSecureCopyForm(_ place: Substring, _ path: Substring) throws(GitFailure) -> RemoteURL {
        var host = place
        var user: String?
        if let at = place.lastIndex(of: "@") {
            user = try checkedUser(place[..<at])
            host = place[place.index(after: at)...]
        }
        let (name, _) = try site(host, standardPort: 22)
        guard !path.isEmpty, !path.hasPrefix("-"), !path.contains("%") else {
            throw .address("its path is empty, begins with a dash or is encoded")
        }
        let checked = try checkedPath(path.hasPrefix("/") ? path : "/" + path, isEncoded: false)
        let literal = path.hasPrefix("/") ? checked : String(checked.dropFirst())
        let text = "\(user.map { "\($0)@" } ?? "")\(name):\(literal)"
        return RemoteURL(transport: .ssh, host: name, port: nil, user: user, path: literal, text: text)
    }

    private static func parseLocal(_ text: String, relativeTo directory: FilePath?) throws(GitFailure) -> RemoteURL {
        var path = FilePath(text)
        if path.isRelative {
            guard let directory, directory.isAbsolute else { throw .address("a local path must be absolute") }
            path = directory.pushing(path)
        }
        let normal = path.lexicallyNormalized()
        guard normal.components.count > 0 else { throw .address("it names no repository") }
        return RemoteURL(
            transport: .file, host: "", port: nil, user: nil, path: normal.string, text: normal.string)
    }

    private static func split(_ rest: Substring) -> (authority: Substring, path: Substring) {
        guard let slash = rest.firstIndex(of: "/") else { return (rest, "") }
        return (rest[..<slash], rest[slash...])
    }

    private static func checkedUser(_ user: Substring) throws(GitFailure) -> String {
        guard !user.contains(":") else { throw .address("it holds a password") }
        guard !user.isEmpty, !user.hasPrefix("-"), user.utf8.allSatisfy({ $0.isWordByte || $0 == UInt8(ascii: ".") }) else {
            throw .address("its user name is odd")
        }
        return String(user)
    }

    private static func site(_ authority: Substring, standardPort: Int) throws(GitFailure) -> (host: String, port: Int?) {
        var host = authority
        var port: Int?
        let hostEnd = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : authority.firstIndex(of: ":")
        if let hostEnd {
            let afterHost = authority.hasPrefix("[") ? authority.index(after: hostEnd) : hostEnd
            host = authority[..<afterHost]
            let tail = authority[afterHost...]
            if !tail.isEmpty {
                let digits = tail.dropFirst()
                guard tail.hasPrefix(":"), digits.utf8.count <= 5, !digits.isEmpty, digits.utf8.allSatisfy(\.isDigit),
                    let number = Int(digits), (1...65535).contains(number)
                else { throw .address("its port is not a number from 1 to 65535") }
                port = number == standardPort ? nil : number
            }
        }
        guard isHost(host) else { throw .address("its host name is odd") }
        return (host.lowercased(), port)
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = host.dropFirst().dropLast().utf8
            return inner.count >= 2 && inner.count <= 45 && inner.contains(UInt8(ascii: ":"))
                && inner.allSatisfy { $0.isHexDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
        }
        guard !host.isEmpty, host.utf8.count <= 253 else { return false }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy(\.isWordByte)
        }
    }

    /// The decoded path, when each of its segments is a plain name.
    private static func checkedPath(_ path: Substring, isEncoded: Bool) throws(GitFailure) -> String {
        let trimmed = path.hasSuffix("/") ? path.dropLast() : path
        guard trimmed.count > 1 else { throw .address("it names no repository on that host") }
        guard trimmed.utf8.allSatisfy({ $0 < 0x80 && !Self.delimiters.contains($0) }) else {
            throw .address("its path has a character that is not used in repository addresses")
        }
        let decoded = isEncoded ? try percentDecoded(trimmed) : String(trimmed)
        let segments = decoded.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard segments.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            throw .address("its path has an empty, \".\" or \"..\" part")
        }
        return decoded
    }

    private static let delimiters = Set("\\?#\"<>^`{}|*[]@;&$'()!".utf8)

    /// What an encoded byte may not stand for: whatever would end a line, a segment, a host or a name.
    private static func percentDecoded(_ text: Substring) throws(GitFailure) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy(\.isHexDigit),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw .address("it has a broken percent encoding") }
            rest = rest.dropFirst(2)
            guard value >= 0x20, value != 0x7F, value != UInt8(ascii: "/"), value != UInt8(ascii: "."),
                value != UInt8(ascii: "%"), value != UInt8(ascii: ":"), !delimiters.contains(value)
            else { throw .address("it hides a control character or a delimiter in percent encoding") }
            bytes.append(value)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .address("its path is not UTF-8")
        }
        return decoded
    }
}

extension GitFailure {
    /// An address that is refused. The address itself is not repeated: it may hold a password.
    fileprivate static func address(_ why: String) -> GitFailure {
        GitFailure(.invalid, "The repository's address can't be used: \(why).")
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isHexDigit: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }
    /// A letter, a digit, `-` or `_`.
    fileprivate var isWordByte: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == UInt8(ascii: "-")
            || self == UInt8(ascii: "_")
    }
}

extension Unicode.Scalar {
    fileprivate var isVisibleInAddress: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        case .spaceSeparator: false
        default: true
        }
    }
}
