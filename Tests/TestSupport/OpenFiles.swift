import Glibc

/// How many files the tests' process may have open.
package enum OpenFiles {
    /// Whether so many may be, after asking the system for more where it gives them.
    package static func canBe(_ number: Int) -> Bool {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
        if limit.rlim_cur < rlim_t(number) {
            limit.rlim_cur = min(rlim_t(number), limit.rlim_max)
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
        }
        return limit.rlim_cur >= rlim_t(number)
    }
}
