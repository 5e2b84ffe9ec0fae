/// What happens between the service and the launcher, in the system's shell: joining control groups, limits that are
/// inherited, and descriptors beyond the three that a process starts with.
///
/// Nothing in it comes from a repository or a model: the command itself travels as arguments.
struct LaunchScript {
    private var lines: [String] = []
    /// Words before the launcher itself.
    private var prefix: [String] = []

    /// The launcher reports on what was standard error; both streams of the command go to standard output. The filter is
    /// read from what was standard input.
    mutating func arrangeStreams(status: Int, filter: Int) {
        lines.append("exec \(status)>&2 2>&1 \(filter)<&0 </dev/null")
    }

    mutating func mergeStreams() { lines.append("exec 2>&1") }

    /// When the machine runs out of memory, the sandbox goes first.
    mutating func volunteerForOutOfMemory() {
        lines.append("echo 1000 2>/dev/null >/proc/self/oom_score_adj || :")
    }

    mutating func join(_ group: Cgroup) {
        for path in group.paths { lines.append("echo $$ >\(Self.quoted("\(path)/cgroup.procs")) || exit 121") }
    }

    mutating func limit(fileSize: Int, processorTime: Duration, openFiles: Int) {
        let seconds = max(1, processorTime.components.seconds)
        lines.append("ulimit -c 0; ulimit -f \(fileSize / 512)")
        // The hard limit kills without a word; the soft one tells that it was processor time.
        lines.append("ulimit -S -t \(seconds); ulimit -H -t \(seconds + 5)")
        lines.append("ulimit -n \(openFiles) 2>/dev/null || :")
    }

    mutating func offer(_ content: String, at descriptor: Int) {
        lines.append("exec \(descriptor)<<'END-OF-FILE'\n\(content)END-OF-FILE")
    }

    mutating func run(with words: [String]) { prefix += words }

    /// The arguments of `/bin/sh` that run `launcher`.
    func arguments(running launcher: [String]) -> [String] {
        ["-c", (lines + ["unset PWD OLDPWD", "exec \"$@\""]).joined(separator: "\n"), "launch"] + prefix + launcher
    }

    static func quoted(_ text: String) -> String { "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'" }
}
