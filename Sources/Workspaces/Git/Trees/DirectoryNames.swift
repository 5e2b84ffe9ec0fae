import Glibc

/// Reads the names of an open directory, without `.` and `..`.
struct DirectoryNames {
    /// Each ends with a zero byte.
    let all: [[CChar]]

    init(_ listing: OpaquePointer) {
        var all: [[CChar]] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
            }
            if name != [46, 0], name != [46, 46, 0] { all.append(name) }
        }
        self.all = all
    }
}
