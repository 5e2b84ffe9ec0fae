import Glibc
import Logging
import SystemPackage
import Testing

@testable import Workspaces

@Suite("What the sandbox can see", .timeLimit(.minutes(3)), .enabled(if: SystemProgram.find("bwrap") != nil, "needs bubblewrap"))
struct SandboxSecretsTests {
    @Test("A41: a secret of the service is nowhere in /proc, by any process")
    func secretInProc() async throws {
        let secret = "planted-\(UInt64.random(in: .min ... .max))"
        setenv("AI_CODER_TEST_SECRET", secret, 1)
        defer { unsetenv("AI_CODER_TEST_SECRET") }
        try await SandboxFixture.with { fixture, sandbox in
            // The needle is put together inside, or the search would find itself.
            let half = secret.count / 2
            let outcome = try await sandbox.shell(
                """
                a=\(secret.prefix(half)); b=\(secret.dropFirst(half))
                echo looked at $(ls -d /proc/[0-9]* | wc -l)
                grep -rlsa -e "$a$b" /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/[0-9]*/task/*/environ \
                    /proc/[0-9]*/status /proc/[0-9]*/mountinfo && echo FOUND
                for f in /proc/[0-9]*/environ; do test "$(cat $f 2>/dev/null | tr '\\0' '\\n' | grep -c AI_CODER_TEST_SECRET)" -gt 0 && echo FOUND; done
                env | grep AI_CODER_TEST && echo FOUND
                true
                """, in: fixture.tree)
            #expect(outcome.succeeded)
            #expect(outcome.output.text.contains("looked at"))
            #expect(!outcome.output.text.contains("FOUND"))
        }
    }

    @Test("A41: the first process inside has an empty environment, and its arguments hold no value of the service")
    func launcher() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            let outcome = try await sandbox.shell("wc -c </proc/1/environ; env | cut -d= -f1 | sort | tr '\\n' ' '", in: fixture.tree)
            let lines = outcome.output.text.split(separator: "\n")
            #expect(lines.first == "0")
            let names = Set(lines.last?.split(separator: " ").map(String.init) ?? [])
            let allowed: Set<String> = [
                "CI", "HOME", "LANG", "LOGNAME", "PATH", "PWD", "TERM", "USER", "RUSTUP_HOME", "PYENV_ROOT", "RBENV_ROOT",
                "VOLTA_HOME", "ASDF_DATA_DIR",
            ]
            #expect(names.subtracting(allowed).isEmpty)
            #expect(names.isSuperset(of: ["CI", "HOME", "LANG", "PATH", "TERM"]))
        }
    }

    @Test("A42: no descriptor above 2 and no socket of the host is inside")
    func descriptors() async throws {
        let planted = open("/etc/passwd", O_RDONLY)  // without close-on-exec, as a careless library would
        defer { close(planted) }
        try await SandboxFixture.with { fixture, sandbox in
            let outcome = try await sandbox.shell(
                """
                for p in /proc/[0-9]*; do ls $p/fd 2>/dev/null | while read d; do
                    case $d in 0|1|2) ;; *) echo "$p $d $(readlink $p/fd/$d)";; esac; done; done | grep -v ' /proc/' | grep -v 'pipe:\\|eventfd\\|signalfd'
                echo sockets: $(find / -xdev -type s 2>/dev/null; find /run /tmp /var /dev -type s 2>/dev/null)
                """, in: fixture.tree)
            #expect(!outcome.output.text.contains("passwd"))
            #expect(outcome.output.text.contains("sockets:\n"), "\(outcome.output.text)")
        }
        // The command itself starts with three descriptors and nothing else.
        try await SandboxFixture.with { fixture, sandbox in
            let outcome = try await sandbox.run(SandboxedCommand(.arguments(["/bin/ls", "/proc/self/fd"])), in: fixture.tree)
            #expect(outcome.output.text.split(separator: "\n") == ["0", "1", "2", "3"])  // 3 is the directory that ls reads
        }
    }

    @Test("A42: message queues of the host, and its name, are not inside")
    func systemObjects() async throws {
        let queue = msgget(0, IPC_CREAT | 0o666)
        try #require(queue >= 0)
        defer { msgctl(queue, IPC_RMID, nil) }
        #expect(Cgroup.read("/proc/sysvipc/msg")?.contains(" \(queue) ") == true)
        try await SandboxFixture.with { fixture, sandbox in
            let outcome = try await sandbox.shell("wc -l </proc/sysvipc/msg; uname -n; cat /etc/hostname 2>/dev/null; true", in: fixture.tree)
            #expect(outcome.output.text == "1\nsandbox\n", "\(outcome.output.text)")
        }
    }

    @Test("A47: a command is one user in one group")
    func identity() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            let outcome = try await sandbox.shell("id -u; id -G", in: fixture.tree)
            #expect(outcome.output.text == "1000\n1000\n")
        }
    }

    @Test("A40: the service's files, other tasks and the machine's secrets do not exist inside")
    func files() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            let secret = fixture.place.appending("token")
            try fixture.plant("secret", at: secret, mode: 0o644)
            let other = fixture.place.appending("other-task")
            mkdir(other.string, 0o755)
            try fixture.plant("other", at: other.appending("file"))
            let outcome = try await sandbox.shell(
                """
                for f in \(secret) \(other)/file \(fixture.place) /etc/shadow /root/.ssh /etc/ssl/private /var/lib /boot /sys /srv /opt/skills; do
                    [ -e "$f" ] && echo "SEES $f"; done
                cat ../token ../../token /proc/1/root/etc/shadow /proc/1/cwd/etc/shadow 2>/dev/null && echo LEAK
                ln -s /etc/shadow link; cat link 2>/dev/null && echo LEAK
                true
                """, in: fixture.tree)
            #expect(outcome.succeeded)
            #expect(outcome.output.text == "")
        }
    }

    @Test("A40: a command that is only to look at the tree can't change it")
    func onlyLooks() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            try fixture.plant("before", at: fixture.tree.root.appending("file"), mode: 0o666)
            var command = SandboxedCommand(.shell("echo after >file; touch new; rm -f file; cat file"))
            command.treeIsWritable = false
            #expect(try await sandbox.run(command, in: fixture.tree).output.text.hasSuffix("before"))
            #expect(try fixture.tree.kind(of: "new") == nil)
        }
    }

    @Test("A43: nothing but loopback can be reached, and no name is resolved")
    func network() async throws {
        let listener = try Loopback()
        try await SandboxFixture.with { fixture, sandbox in
            let outcome = try await sandbox.shell(
                """
                for to in 127.0.0.1:\(listener.port) 169.254.169.254:80 10.0.0.1:80 1.1.1.1:443; do
                    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(PeerAddr => shift, Timeout => 3) ? "REACHED\\n" : "no\\n"' $to
                done
                perl -MIO::Socket::IP -e 'print IO::Socket::IP->new(PeerHost => "::1", PeerPort => \(listener.port), Timeout => 3) ? "REACHED\\n" : "no\\n"'
                getent hosts gitlab.com && echo REACHED
                cat /proc/net/dev | grep -c eth
                """, in: fixture.tree)
            #expect(!outcome.output.text.contains("REACHED"))
            #expect(outcome.output.text.hasPrefix("no\nno\nno\nno\nno\n0\n"), "\(outcome.output.text)")
        }
        #expect(!listener.hasCaller)
    }

    @Test("A46: what one task left in /tmp, /dev/shm or the home directory is not there for another")
    func traces() async throws {
        let settings = SandboxSettings()
        try await SandboxFixture.with(settings) { first, sandbox in
            try await SandboxFixture.with(settings) { second, _ in
                let left = try await sandbox.shell(
                    "for d in /tmp /dev/shm /var/tmp /run $HOME; do echo x >$d/left-by-one; done", in: first.tree)
                #expect(left.succeeded)
                let seen = try await sandbox.shell("find / -name left-by-one 2>/dev/null; true", in: second.tree)
                #expect(seen.output.text == "")
                // The same task's home stays, its passing files do not.
                let again = try await sandbox.shell("find /tmp /dev/shm $HOME -name left-by-one", in: first.tree)
                #expect(again.output.text == "/home/sandbox/left-by-one\n")
            }
        }
    }

    @Test("A49: programs are found by absolute path and never in the project")
    func shadowing() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            for name in ["ls", "sh", "git", "id", "bwrap", "nice", "setpriv", "mount", "unshare"] {
                try fixture.plant("#!/bin/sh\necho SHADOW >&2; touch /workspace/shadowed\n", at: fixture.tree.root.appending(name), mode: 0o755)
            }
            let outcome = try await sandbox.shell("ls >/dev/null; id -u; echo $PATH", in: fixture.tree)
            #expect(!outcome.output.text.contains("SHADOW"))
            #expect(try fixture.tree.kind(of: "shadowed") == nil)
            let path = outcome.output.text.split(separator: "\n").last ?? ""
            #expect(path.split(separator: ":").allSatisfy { $0.hasPrefix("/") && !$0.hasPrefix("/workspace") })
        }
    }

    @Test("A52: an install script has no secret, no network and no way out of its task")
    func installScript() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            try fixture.plant(
                """
                #!/bin/sh
                env > env.txt
                for f in /root/.npmrc $HOME/.npmrc /root/.ssh/id_rsa /root/.git-credentials /root/.config; do [ -e $f ] && echo $f >> found.txt; done
                touch /usr/lib/planted /etc/profile.d/planted /root/planted 2>/dev/null
                """, at: fixture.tree.root.appending("install.sh"), mode: 0o755)
            _ = try await sandbox.shell("./install.sh", in: fixture.tree)
            #expect(try fixture.tree.kind(of: "found.txt") == nil)
            let environment = String(decoding: try fixture.tree.read("env.txt"), as: UTF8.self)
            for word in ["TOKEN", "SECRET", "KEY", "PASSWORD"] { #expect(!environment.contains(word)) }
            for path in ["/usr/lib/planted", "/etc/profile.d/planted", "/root/planted"] { #expect(access(path, F_OK) != 0) }
        }
    }

    @Test("A52: what an install script leaves in a package manager's cache or settings is not there for another task")
    func caches() async throws {
        let settings = SandboxSettings()
        try await SandboxFixture.with(settings) { first, sandbox in
            try await SandboxFixture.with(settings) { second, _ in
                let homes = [".cache/pip", ".npm/_cacache", ".cargo/registry", ".gradle", ".m2", ".config/pip"].map { "$HOME/\($0)" }
                let places = (homes + ["/tmp/npm-cache", "/var/tmp/cache"]).joined(separator: " ")
                let left = try await sandbox.shell(
                    """
                    mkdir -p \(places); for d in \(places); do echo poison >$d/left-by-one; done
                    echo 'registry=https://evil.example/' >$HOME/.npmrc; echo 'machine gitlab.example.com' >$HOME/.netrc
                    """, in: first.tree)
                #expect(left.succeeded, "\(left.output.text)")
                let seen = try await sandbox.shell(
                    "find / -name left-by-one 2>/dev/null; ls $HOME/.npmrc $HOME/.netrc 2>/dev/null; grep -rs evil.example $HOME; true",
                    in: second.tree)
                #expect(seen.output.text == "")
            }
        }
    }

    @Test("toolchains of the service's search path are visible and read-only, and homes are not")
    func toolchains() async throws {
        let place = try SandboxFixture(SandboxSettings())
        defer { _ = HostileTree.remove(place.place) }
        // A home with a tool, and with what must stay out of sight. A world of its own, so that any machine can run this.
        let home = place.place.appending("home")
        for directory in ["", ".tool", ".tool/bin", ".ssh", ".cargo", ".cargo/bin", ".rustup", ".local", ".local/bin", ".config"] {
            mkdir(home.pushing(FilePath(directory)).string, 0o755)
        }
        try place.plant("#!/bin/sh\necho tool works\n", at: home.appending(".tool/bin/the-tool"), mode: 0o755)
        try place.plant("#!/bin/sh\necho cargo works\n", at: home.appending(".cargo/bin/the-cargo"), mode: 0o755)
        try place.plant("#!/bin/sh\necho local works\n", at: home.appending(".local/bin/the-local"), mode: 0o755)
        for path in [".ssh/id", ".cargo/credentials.toml", ".gitconfig", ".config/x", ".local/keyring", ".netrc"] {
            try place.plant("secret", at: home.pushing(FilePath(path)))
        }
        // Root's own home is closed to the sandbox's user, and its tools are shown all the same.
        chmod(home.string, 0o700)
        var settings = SandboxSettings()
        settings.homeDirectory = home
        settings.searchPath =
            [".tool/bin", ".cargo/bin", ".local/bin"].map { home.pushing(FilePath($0)).string }.joined(separator: ":")
            + ":/usr/bin:/bin:relative/bin:"
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let outcome = try await sandbox.shell(
                "the-tool; the-cargo; the-local; touch \(home)/.tool/bin/x 2>/dev/null && echo WRITES; find \(home) -type f | sort",
                in: fixture.tree)
            let text = outcome.output.text
            for tool in ["tool works", "cargo works", "local works"] { #expect(text.contains(tool), "\(text)") }
            #expect(!text.contains("WRITES"))
            for secret in ["id", "credentials", "gitconfig", "config/x", "keyring", "netrc"] { #expect(!text.contains("/\(secret)")) }
            #expect(text.split(separator: "\n").count == 6, "\(text)")
        }
    }

    @Test("A41: what the operator keeps secret is masked even below a directory that is shown, and the self-test looks for it")
    func masked() async throws {
        let folder = "/usr/local/share/ai-coder-test-\(UInt32.random(in: .min ... .max))"
        try #require(geteuid() != 0 || mkdir(folder, 0o755) == 0)
        guard geteuid() == 0 else { return }
        defer { _ = HostileTree.remove(FilePath(folder)) }
        var settings = SandboxSettings()
        let (file, directory, later) = ("\(folder)/token", "\(folder)/state", "\(folder)/later")
        mkdir(directory, 0o755)
        settings.hiddenPaths = [FilePath(file), FilePath(directory), FilePath(later)]
        try await SandboxFixture.with(settings) { fixture, sandbox in
            for path in [file, "\(directory)/inside", later, "\(folder)/plain"] { try fixture.plant("VALUE-\(path.count)", at: FilePath(path)) }
            let outcome = try await sandbox.shell("cat \(folder)/* \(directory)/* 2>/dev/null; ls \(directory) 2>/dev/null; true", in: fixture.tree)
            #expect(outcome.output.text == "VALUE-\(folder.count + 6)", "\(outcome.output.text)")
            let report = await sandbox.selfTest()
            #expect(report.isUsable, "\(report)")
        }
    }
}
