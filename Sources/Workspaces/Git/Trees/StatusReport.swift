/// What `git status --porcelain=v2 -z` says about a work tree whose index stands at the base commit.
struct StatusReport: Sendable {
    struct Tracked: Sendable {
        var path: [UInt8]
        var baseMode: UInt32
    }
    /// Differs from the base or is gone.
    private(set) var tracked: [Tracked] = []
    private(set) var untracked: [[UInt8]] = []
    /// Directories that are repositories of their own: never entered, never part of a change.
    private(set) var nestedRepositories: [[UInt8]] = []

    init(reading output: [UInt8]) {
        for record in output.split(separator: 0) {
            switch record.first {
            case UInt8(ascii: "?"):
                let path = Array(record.dropFirst(2))
                if path.last == UInt8(ascii: "/") {
                    nestedRepositories.append(Array(path.dropLast()))
                } else {
                    untracked.append(path)
                }
            case UInt8(ascii: "1"):
                // 1 XY sub mH mI mW hH hI path
                let fields = record.split(separator: UInt8(ascii: " "), maxSplits: 8, omittingEmptySubsequences: false)
                guard fields.count == 9, let mode = UInt32(String(decoding: fields[4], as: UTF8.self), radix: 8) else { continue }
                tracked.append(Tracked(path: Array(fields[8]), baseMode: mode))
            default: continue
            }
        }
    }
}
