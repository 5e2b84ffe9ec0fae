import Glibc

/// How many files this process may have open, connections among them.
enum OpenFileLimit {
    /// Far more than the service needs, and few enough that a program started from here may still go through all of them.
    private static let wished: rlim_t = 16_384

    /// The usual limit of 1,024 is soon reached by connections; systems allow more for the asking.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wished else { return }
        limit.rlim_cur = min(wished, limit.rlim_max)
        // What is refused leaves the limit as it was, which is enough for most.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
