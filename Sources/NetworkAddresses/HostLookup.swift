import Glibc
import NIOPosix

/// The system's own resolver: all addresses of a name, in its order.
package enum HostLookup {
    /// The name has no address, or nobody could be asked.
    package struct Failure: Error {
        package init() {}
    }

    @Sendable package static func addresses(_ host: String, _ port: Int) async throws -> [String] {
        try await NIOThreadPool.singleton.runIfActive {
            var hints = addrinfo()
            hints.ai_family = AF_UNSPEC
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var list: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, "\(port)", &hints, &list) == 0 else { throw Failure() }
            defer { freeaddrinfo(list) }
            var found: [String] = []
            var next = list
            while let entry = next, found.count < 16 {
                var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                if getnameinfo(entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                    found.append(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
                }
                next = entry.pointee.ai_next
            }
            return found
        }
    }
}
