import NetworkAddresses

/// Which hosts a sandbox may reach: exact names with exact ports, what a project asks for cut to what the operator wrote.
struct HostPolicy: Sendable, Hashable {
    private var allowed: Set<HostDestination> = []
    private var internalHosts: Set<String> = []

    init(asked: [String], operatorAllows: [String]) {
        var granted: Set<HostDestination> = []
        for rule in operatorAllows.compactMap({ HostRule($0) }) {
            granted.formUnion(rule.ports.map { HostDestination(host: rule.host, port: $0) })
            if rule.isInternal { internalHosts.insert(rule.host) }
        }
        for rule in asked.compactMap({ HostRule($0) }) {
            allowed.formUnion(rule.ports.map { HostDestination(host: rule.host, port: $0) })
        }
        allowed.formIntersection(granted)
    }

    var isEmpty: Bool { allowed.isEmpty }
    func allows(_ destination: HostDestination) -> Bool { allowed.contains(destination) }

    /// Whether a name may lead to this address: a public one, or one of the operator's own networks where he said so. A
    /// cloud's metadata service and the like are nobody's to allow.
    func allows(_ address: HostAddress, of destination: HostDestination) -> Bool {
        address.isPublic || (internalHosts.contains(destination.host) && address.isLocal)
    }
}
