import Foundation

/// Where a repository can be cloned from: the forms that git takes and this program allows, and no others.
///
/// Credentials in it are refused, and so is everything that git could read as an option or as a transport helper.
package struct RepositoryAddress: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable { case https, http, ssh, local }

    package let kind: Kind
    /// As it was given.
    package let description: String
    /// Lower case; nil for local paths.
    package let host: String?
    /// Nil for the scheme's own.
    package let port: Int?

    package init(_ text: String) throws(TaskRequestProblem) {
        func refuse(_ why: String) -> TaskRequestProblem {
            TaskRequestProblem(.invalidValue, "`repo_url` \(why)", key: "repo_url")
        }
        guard (1...2048).contains(text.utf8.count) else { throw refuse("must have 1 to 2048 bytes.") }
        guard text.unicodeScalars.allSatisfy({ PlainText.isVisible($0) && $0 != "\t" }) else {
            throw refuse("must not hold control or invisible characters.")
        }
        // `ext::sh -c ...` and its like name a program that git would run.
        let helper = text.range(of: "::").map { text[..<$0.lowerBound] }
        guard !text.hasPrefix("-"), helper?.contains(where: { !$0.isLetter && !$0.isNumber && !"+-._".contains($0) }) ?? true else {
            throw refuse("is not an address that is allowed.")
        }
        description = text

        if let separator = text.range(of: "://") {
            switch text[..<separator.lowerBound].lowercased() {
            case "https": kind = .https
            case "http": kind = .http
            case "ssh": kind = .ssh
            case "file":
                (kind, host, port) = (.local, nil, nil)
                return
            default: throw refuse("must be https, http, ssh, file or a local path.")
            }
            guard !text.contains("\\"), !text.contains(" "), let parts = URLComponents(string: text),
                let name = parts.host, Self.isHostName(name), parts.path.count > 1, parts.query == nil, parts.fragment == nil
            else { throw refuse("must look like https://gitlab.example.com/group/project.git.") }
            guard parts.password == nil, kind == .ssh || parts.user == nil else {
                throw refuse("must not hold a user name or token; give the token as `gitlab_api_token` or GITLAB_API_TOKEN.")
            }
            if let user = parts.user, user.hasPrefix("-") { throw refuse("is not an address that is allowed.") }
            host = name.lowercased()
            port = parts.port
        } else if let scp = Self.scpHost(text) {
            guard Self.isHostName(scp) else { throw refuse("must look like git@gitlab.example.com:group/project.git.") }
            (kind, host, port) = (.ssh, scp.lowercased(), nil)
        } else {
            (kind, host, port) = (.local, nil, nil)
        }
    }

    package var isLocal: Bool { kind == .local }

    /// The host of `user@host:path`; nil for anything else. A slash before the colon makes it a path, as for git.
    private static func scpHost(_ text: String) -> String? {
        guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/"), text.index(after: colon) < text.endIndex,
            let at = text[..<colon].lastIndex(of: "@")
        else { return nil }
        return String(text[text.index(after: at)..<colon])
    }

    private static func isHostName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "-"), name.utf8.count <= 255 else { return false }
        if name.hasPrefix("["), name.hasSuffix("]") {
            return name.dropFirst().dropLast().utf8.allSatisfy { $0.isASCIIHexDigit || ":.".utf8.contains($0) }
        }
        return name.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "-._".utf8.contains($0) }
    }
}

extension UInt8 {
    fileprivate var isASCIIHexDigit: Bool { isASCIIDigit || (0x41...0x46).contains(asciiLowercased & 0xDF) }
}
