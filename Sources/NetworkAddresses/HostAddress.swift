import Glibc
package import NIOCore

/// An address that a name resolved to, and whose it is: the public internet's, this machine's and its neighbours', or a
/// special one, such as a cloud's metadata service.
package struct HostAddress: Sendable {
    package let socketAddress: SocketAddress
    private let v4: UInt32?
    private let v6: [UInt8]?

    /// - Parameter text: as `inet_ntop` writes it.
    package init?(_ text: String, port: Int) {
        guard let address = try? SocketAddress(ipAddress: text, port: port), let plain = address.ipAddress else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, plain, &bytes) == 1 {
            v4 = bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }
            v6 = nil
        } else if inet_pton(AF_INET6, plain, &bytes) == 1 {
            v4 = nil
            v6 = bytes
        } else {
            return nil
        }
        socketAddress = address
    }

    /// Where clouds tell their machines' secrets, in ranges that belong to others: Alibaba's and Azure's, Amazon's and Google's of IPv6.
    private var isMetadata: Bool {
        if let v4 { return [0x6464_64C8, 0xA83F_8110].contains(v4) }
        return v6.map { v6 in [[0xFD, 0, 0x0E, 0xC2], [0xFD, 0x20, 0, 0xCE]].contains { v6.starts(with: $0) } } ?? false
    }

    package var isPublic: Bool {
        if isMetadata { return false }
        if let v4 { return !Self.reserved.contains { Self.matches(v4, $0) } }
        return v6.map(Self.isPublic) ?? false
    }

    /// Loopback, private networks and the carriers' shared range; not link-local, multicast or unspecified addresses.
    package var isLocal: Bool {
        if isMetadata { return false }
        if let v4 { return Self.local.contains { Self.matches(v4, $0) } }
        guard let v6 else { return false }
        return v6[0] & 0xFE == 0xFC || isLoopback
    }

    /// This machine itself.
    package var isLoopback: Bool {
        if let v4 { return Self.matches(v4, (0x7F00_0000, 8)) }
        return v6 == [UInt8](repeating: 0, count: 15) + [1]
    }

    private static let local: [(UInt32, Int)] = [
        (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xAC10_0000, 12), (0xC0A8_0000, 16),
    ]
    private static let reserved: [(UInt32, Int)] =
        local + [
            (0x0000_0000, 8), (0xA9FE_0000, 16), (0xC000_0000, 24), (0xC000_0200, 24), (0xC058_6300, 24), (0xC612_0000, 15),
            (0xC633_6400, 24), (0xCB00_7100, 24), (0xE000_0000, 3),
        ]

    private static func matches(_ address: UInt32, _ range: (base: UInt32, bits: Int)) -> Bool {
        (address ^ range.base) >> UInt32(32 - range.bits) == 0
    }

    /// Only what is given out, and of that not the ranges that hold an IPv4 address inside.
    private static func isPublic(v6 bytes: [UInt8]) -> Bool {
        guard bytes.count == 16, bytes[0] & 0xE0 == 0x20 else { return false }
        let first = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        let second = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        if first == 0x2002 || first == 0x3FFF { return false }
        if first == 0x2001, second == 0x0DB8 || second < 0x0200 { return false }
        return true
    }
}
