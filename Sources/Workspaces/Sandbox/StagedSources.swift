import Glibc

/// Sources of mounts that the sandbox's user can't reach, gathered by root where it can: in a mount namespace of the
/// launch's own, which ends with it.
struct StagedSources {
    static let place = "/mnt"
    private var table: [String] = []

    /// Where the launcher finds `path`.
    mutating func stage(_ path: String) -> String {
        let target = "\(Self.place)/\(table.count)"
        table.append("\(Self.escaped(path)) \(target) none rbind,X-mount.mkdir=0755 0 0")
        return target
    }

    var isEmpty: Bool { table.isEmpty }

    /// A mount table for one call of `mount --all`.
    var text: String {
        table.map { $0 + "\n" }.joined()
    }

    private static func escaped(_ path: String) -> String {
        path.utf8.map { byte in
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\\"), UInt8(ascii: "#"):
                let octal = String(byte, radix: 8)
                return "\\" + String(repeating: "0", count: 3 - octal.count) + octal
            default: return String(decoding: [byte], as: UTF8.self)
            }
        }.joined()
    }
}
