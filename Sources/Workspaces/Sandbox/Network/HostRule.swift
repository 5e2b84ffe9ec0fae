/// One entry of a list of hosts: `host`, `host:port`, or `internal:host[:port]` where the operator answers for an address
/// that is not a public one.
package struct HostRule: Sendable, Hashable {
    package let host: String
    /// 443 and 80 where the entry names none.
    package let ports: Set<Int>
    package let isInternal: Bool

    private static let internalMark = "internal:"

    /// Names only, never an address, whose owner nobody can tell; nil when it can't be read.
    package init?(_ text: String) {
        isInternal = text.lowercased().hasPrefix(Self.internalMark)
        let rest = isInternal ? String(text.dropFirst(Self.internalMark.count)) : text
        guard let destination = HostDestination(rest, defaultPort: 443) else { return nil }
        host = destination.host
        ports = rest.contains(":") ? [destination.port] : [443, 80]
    }

    /// Whether an entry of a project's `network` opens anything under the operator's list.
    package static func isGranted(_ asked: String, by list: [String]) -> Bool {
        !HostPolicy(asked: [asked], operatorAllows: list).isEmpty
    }
}

/// A host's name and a port, as a request to the proxy names them.
struct HostDestination: Sendable, Hashable, CustomStringConvertible {
    /// Lower case, without a trailing dot.
    let host: String
    let port: Int
    var description: String { "\(host):\(port)" }

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(_ text: String, defaultPort: Int) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first else { return nil }
        var host = first.lowercased()
        if host.hasSuffix(".") { host.removeLast() }
        guard Self.isName(host) else { return nil }
        var port = defaultPort
        if parts.count == 2 {
            guard parts[1].count <= 5, parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(parts[1]),
                (1...65535).contains(number)
            else { return nil }
            port = number
        }
        self.init(host: host, port: port)
    }

    private static func isName(_ host: String) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= 253, let last = labels.last else { return false }
        let areLabels = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 }
        }
        // `127.1`, `0x7f000001` and `2130706433` are addresses to a resolver.
        return areLabels && last.utf8.contains { (97...122).contains($0) } && !last.hasPrefix("0x")
    }
}
