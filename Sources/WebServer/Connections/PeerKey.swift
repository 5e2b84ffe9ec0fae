import Foundation

/// Whom an address counts as. With IPv6 a single machine has a whole /64 of addresses at hand, so that those count as one.
enum PeerKey {
    static func of(_ address: String) -> String {
        guard address.contains(":"), !address.lowercased().hasPrefix("::ffff:"), !WebServerSettings.isLoopback(address) else { return address }
        var parsed = in6_addr()
        guard inet_pton(AF_INET6, String(address.prefix { $0 != "%" }), &parsed) == 1 else { return address }
        let network = withUnsafeBytes(of: parsed) { bytes in
            bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
        }
        return "\(network)/64"
    }
}
