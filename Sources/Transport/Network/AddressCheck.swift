internal import NIOCore
import NetworkAddresses
internal import Synchronization

/// Where a request may go whose host somebody else gives addresses to: the one that the name's zone belongs to, today or later.
///
/// A name may lead to the public internet or to the operator's own networks, where receivers of a company stand. It may not lead
/// to this machine itself, unless that is what was written, and nothing leads to link-local addresses, among which a cloud's
/// metadata service is. A name that was once a public one does not turn into one of the own networks.
final class AddressCheck: Sendable {
    typealias Resolver = @Sendable (_ host: String, _ port: Int) async throws -> [String]

    private let resolve: Resolver
    private let publicNames = Mutex<Set<String>>([])

    init(resolve: @escaping Resolver) { self.resolve = resolve }

    /// The addresses that may be connected to, in the resolver's order; the host itself where it is an address.
    func addresses(of origin: Origin) async throws(TransportFailure) -> [String] {
        if HostAddress(origin.host, port: origin.port) != nil {
            try checkLiteral(origin)
            return [origin.host]
        }
        guard origin.host.utf8.allSatisfy(Self.isOfName) else { throw TransportFailure(.invalidURL) }
        let found: [String]
        do { found = try await resolve(origin.host, origin.port) } catch { throw TransportFailure(.dns, host: origin.name) }
        guard !found.isEmpty else { throw TransportFailure(.dns, host: origin.name) }
        let isThisMachine = origin.host == "localhost" || origin.host.hasSuffix(".localhost")
        var open = found.compactMap { HostAddress($0, port: origin.port).map { (text: $0.socketAddress.ipAddress, address: $0) } }
            .filter { $0.address.isPublic || ($0.address.isLocal && (isThisMachine || !$0.address.isLoopback)) }
        let isPublic = publicNames.withLock { names in
            if open.contains(where: \.address.isPublic), names.count < 1_000 { names.insert(origin.host) }
            return names.contains(origin.host)
        }
        if isPublic { open.removeAll { !$0.address.isPublic } }
        let addresses = open.compactMap(\.text)
        guard !addresses.isEmpty else { throw TransportFailure(.forbiddenAddress(found.first ?? ""), host: origin.name) }
        return addresses
    }

    /// What can be said of a host without asking for its addresses; behind a proxy there is no more.
    func checkLiteral(_ origin: Origin) throws(TransportFailure) {
        guard let address = HostAddress(origin.host, port: origin.port), !address.isPublic, !address.isLocal else { return }
        throw TransportFailure(.forbiddenAddress(origin.host), host: origin.name)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }
}
