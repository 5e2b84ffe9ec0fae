import Glibc

/// The launcher's arguments: the walls, written down. None of them is a secret, since `ps` shows them.
struct BubblewrapArguments {
    /// Descriptors that the launch script opens.
    enum Descriptor {
        static let status = 3
        static let passwd = 4
        static let group = 5
        static let hosts = 6
        static let names = 7
        static let filter = 9
    }

    private(set) var words: [String] = []

    /// Files of `/etc` that programs need, made for the purpose; the machine's own name people and hosts.
    static let etc: [(descriptor: Int, path: String, content: String)] = [
        (
            Descriptor.passwd, "/etc/passwd",
            """
            root:x:0:0:root:/root:/bin/sh
            sandbox:x:\(SandboxLayout.user):\(SandboxLayout.user):sandbox:\(SandboxLayout.home):/bin/sh
            nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

            """
        ),
        (
            Descriptor.group, "/etc/group",
            "root:x:0:\nsandbox:x:\(SandboxLayout.user):\nnogroup:x:65534:\n"
        ),
        (Descriptor.hosts, "/etc/hosts", "127.0.0.1 localhost sandbox\n::1 localhost\n"),
        (Descriptor.names, "/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n"),
    ]

    /// Parts of `/etc` that toolchains read. The rest may hold secrets.
    private static let etcShown = [
        "alternatives", "ssl/certs", "ssl/openssl.cnf", "pki/tls/certs", "pki/ca-trust/extracted", "ca-certificates",
        "ca-certificates.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "os-release",
        "debian_version", "lsb-release", "mime.types", "protocols", "services", "fonts", "maven", "gradle", "perl",
        "python3", "python3.11", "python3.12", "python3.13", "php", "ghc", "bash.bashrc", "profile", "inputrc", "magic",
        "java-8-openjdk", "java-11-openjdk", "java-17-openjdk", "java-21-openjdk", "java-25-openjdk", "dotnet", "R",
        "nodejs", "emacs", "environment.d",
    ].filter { $0 != "environment.d" }

    /// Whether a path of `/etc` lies below a part that is shown.
    static func shows(_ path: String) -> Bool { etcShown.contains { ToolchainRoots.isInside(path, "/etc/\($0)") } }

    init(_ sandbox: BubblewrapSandbox) {
        let size = "\(sandbox.settings.temporarySize)"
        words += [
            "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--unshare-net",
            "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv", "--hostname", "sandbox",
            "--uid", "\(SandboxLayout.user)", "--gid", "\(SandboxLayout.user)",
            "--json-status-fd", "\(Descriptor.status)", "--seccomp", "\(Descriptor.filter)",
        ]
        if sandbox.forbidsUserNamespaces { words.append("--disable-userns") }
        words += ["--ro-bind", "/usr", "/usr"]
        for directory in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] { showSystemDirectory("/\(directory)") }
        for name in Self.etcShown { words += ["--ro-bind-try", "/etc/\(name)", "/etc/\(name)"] }
        for file in Self.etc { words += ["--perms", "0444", "--ro-bind-data", "\(file.descriptor)", file.path] }
        words += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", size, "--tmpfs", "/dev/shm"]
        for directory in ["/tmp", "/var/tmp"] { words += ["--perms", "1777", "--size", size, "--tmpfs", directory] }
        words += ["--perms", "0755", "--size", "\(16 << 20)", "--tmpfs", "/run"]
    }

    /// `/bin` and its like are links on merged systems, and directories elsewhere.
    private mutating func showSystemDirectory(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFLNK {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(path, &buffer, buffer.count)
            guard count > 0 else { return }
            words += ["--symlink", String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self), path]
        } else {
            words += ["--ro-bind", path, path]
        }
    }

    /// Puts nothing in the place of what a shown directory holds.
    mutating func mask(_ path: String, isDirectory: Bool) {
        words += isDirectory ? ["--perms", "0000", "--tmpfs", path] : ["--ro-bind", "/dev/null", path]
    }

    mutating func show(_ source: String, at target: String) { words += ["--ro-bind", source, target] }
    mutating func open(_ source: String, at target: String) { words += ["--bind", source, target] }
    mutating func makePassingHome(size: Int) {
        words += ["--perms", "0700", "--size", "\(size)", "--tmpfs", SandboxLayout.home]
    }

    mutating func set(_ environment: [String: String]) {
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { words += ["--setenv", name, value] }
    }

    /// The root of the inside is a writable file system in memory; without this it would have no size.
    mutating func closeRoot() { words += ["--remount-ro", "/"] }

    /// The limit on processes is set inside, where it counts those of this sandbox alone.
    mutating func run(_ command: [String], in directory: String, processes: Int, waitsForNetwork: Bool) {
        // dash calls it -p, bash -u.
        let wait = waitsForNetwork ? "read -r _ <\(EgressDoor.insidePath)/ready; " : ""
        let script = wait + "ulimit -p \(processes) 2>/dev/null || ulimit -u \(processes) 2>/dev/null; exec \"$@\""
        words += ["--chdir", directory, "--", "/bin/sh", "-c", script, "run"]
        words += command
    }
}
