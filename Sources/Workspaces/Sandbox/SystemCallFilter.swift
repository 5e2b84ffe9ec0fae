import CConfinement

/// The compiled system call filter that goes into every sandbox.
enum SystemCallFilter {
    /// Nil on an architecture for which there is none.
    static let program: [UInt8]? = {
        let bytes = [UInt8](unsafeUninitializedCapacity: 8 << 10) { buffer, count in
            count = buffer.baseAddress.map { confinement_system_call_filter($0, buffer.count) } ?? 0
        }
        return bytes.isEmpty ? nil : bytes
    }()
}
