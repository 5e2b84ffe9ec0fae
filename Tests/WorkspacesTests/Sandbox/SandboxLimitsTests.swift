import Glibc
import Logging
import SystemPackage
import Testing

@testable import Workspaces

@Suite(
    "What the sandbox bounds", .serialized, .timeLimit(.minutes(4)),
    .enabled(if: SystemProgram.find("bwrap") != nil, "needs bubblewrap"))
struct SandboxLimitsTests {
    private static let hog = "perl -e 'my @x; for (1..2000) { push @x, \"x\" x (4 << 20); }  print \"survived\\n\"'"

    @Test("A44: a memory hog ends, with control groups where there are some and without", arguments: [true, false])
    func memory(withGroups: Bool) async throws {
        var settings = SandboxSettings()
        settings.memory = 200 << 20
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let sandbox = try #require(sandbox as? BubblewrapSandbox).using(groups: withGroups)
            let outcome = try await sandbox.shell(Self.hog, in: fixture.tree)
            guard case .limit(let limit) = outcome.ending else {
                Issue.record("ended as \(outcome.ending)")
                return
            }
            #expect(limit.hasPrefix("memory"))
            #expect(!outcome.output.text.contains("survived"))
        }
    }

    @Test("A44: many small processes share one measure of memory", arguments: [true, false])
    func memoryOfTheTree(withGroups: Bool) async throws {
        var settings = SandboxSettings()
        settings.memory = 300 << 20
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let sandbox = try #require(sandbox as? BubblewrapSandbox).using(groups: withGroups)
            let outcome = try await sandbox.shell(
                "for i in 1 2 3 4 5 6 7 8; do perl -e 'my $x = \"x\" x (80 << 20); $x .= \"y\"; sleep 20' & done; wait; wait; false",
                in: fixture.tree, timeLimit: .seconds(40))
            guard case .limit(let limit) = outcome.ending else {
                Issue.record("ended as \(outcome.ending)")
                return
            }
            #expect(limit.hasPrefix("memory"))
        }
    }

    @Test("A44: a fork bomb stays in its measure, with control groups and without", arguments: [true, false])
    func forkBomb(withGroups: Bool) async throws {
        var settings = SandboxSettings()
        settings.processes = 64
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let sandbox = try #require(sandbox as? BubblewrapSandbox).using(groups: withGroups)
            let outcome = try await sandbox.shell(
                """
                perl -e 'my $n = 0; while (1) { my $p = fork; last unless defined $p; if ($p == 0) { sleep 30; exit } $n++; last if $n > 500 }
                    print "made $n\\n"; exit($n < 100 ? 0 : 1)'
                """, in: fixture.tree)
            #expect(outcome.ending == .exited(0))
            #expect(outcome.output.text.hasPrefix("made "))
            // Without the classic bomb the machine is not tested: it must end in time and take nobody along.
            let bomb = try await sandbox.shell("bomb() { bomb | bomb & }; bomb; sleep 1; exit 9", in: fixture.tree, timeLimit: .seconds(15))
            #expect(bomb.ending != .exited(0))
            #expect(try await sandbox.shell("echo fine", in: fixture.tree).output.text == "fine\n")
        }
    }

    @Test("A44: what fills the disk ends, by many files or by large ones")
    func disk() async throws {
        var settings = SandboxSettings()
        settings.treeSize = 64 << 20
        settings.treeEntries = 2000
        settings.fileSize = 24 << 20
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let large = try await sandbox.shell("head -c 40000000 /dev/zero >one", in: fixture.tree)
            #expect(large.ending == .limit("file size (24 MiB)"))
            let filler = try await sandbox.shell(
                "i=0; while :; do i=$((i+1)); head -c 20000000 /dev/zero >f$i || exit 1; [ $i -gt 200 ] && exit 0; done", in: fixture.tree)
            #expect(filler.ending == .limit("disk (64 MiB)"))
        }
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let files = try await sandbox.shell("i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); : >f$i; done", in: fixture.tree)
            #expect(files.ending == .limit("files (2000)"))
        }
    }

    @Test("A44: many small commands take no more room than one, and what is too full can be tidied up")
    func diskInSteps() async throws {
        var settings = SandboxSettings()
        settings.treeSize = 64 << 20
        try await SandboxFixture.with(settings) { fixture, sandbox in
            var endings: [CommandOutcome.Ending] = []
            for number in 1...12 {
                endings.append(try await sandbox.shell("head -c 12000000 /dev/zero >f\(number)", in: fixture.tree).ending)
            }
            #expect(endings.first == .exited(0) && endings.last == .limit("disk (64 MiB)"), "\(endings)")
            let size = TreeSize.of([fixture.tree.root.string, TaskHome.path(of: fixture.tree)], entryLimit: 1000)
            // A quarter beyond it to tidy up in, and what one command writes before it is seen.
            #expect(size.bytes < (64 + 16 + 13) << 20, "\(size)")
            // Beyond the measure and the room to tidy up nothing runs until something is deleted.
            #expect(unlink(fixture.tree.root.appending("f1").string) == 0 && unlink(fixture.tree.root.appending("f2").string) == 0)
            #expect(try await sandbox.shell("rm -f f*", in: fixture.tree).ending == .exited(0))
            #expect(try await sandbox.shell("head -c 12000000 /dev/zero >again", in: fixture.tree).ending == .exited(0))
        }
    }

    @Test("A44: more files than allowed hide nothing of what is written after them")
    func filesInSteps() async throws {
        var settings = SandboxSettings()
        settings.treeSize = 64 << 20
        settings.treeEntries = 200
        try await SandboxFixture.with(settings) { fixture, sandbox in
            // Each lives until the next look, which on a busy disk is up to two seconds away.
            var endings: [CommandOutcome.Ending] = []
            for line in ["seq -f f%g 1 240 | xargs touch; sleep 9", "seq -f g%g 1 100 | xargs touch; sleep 9", "true"] {
                endings.append(try await sandbox.shell(line, in: fixture.tree).ending)
            }
            #expect(endings.allSatisfy { $0 == .limit("files (200)") }, "\(endings)")
            for number in 1...100 { _ = unlink(fixture.tree.root.appending("g\(number)").string) }
            for number in 1...240 { _ = unlink(fixture.tree.root.appending("f\(number)").string) }
            #expect(try await sandbox.shell("true", in: fixture.tree).ending == .exited(0))
        }
    }

    @Test("A44: shared memory that no process shows ends a command before the machine has none left, and no sooner")
    func hiddenMemory() {
        let mebibyte = 1 << 20
        let first = MachineMemory(reading: "MemTotal:  8388608 kB\nMemAvailable:  6291456 kB\nShmem:  1024 kB\nShmemHugePages: 9 kB\n")
        #expect(first == MachineMemory(available: 6144 * mebibyte, shared: mebibyte))
        for (available, shared, isShort) in [(900, 2100, true), (1100, 2100, false), (900, 2000, false), (6000, 5000, false)] {
            let now = MachineMemory(available: available * mebibyte, shared: shared * mebibyte)
            #expect(now.isShort(since: first, measure: 2048 * mebibyte) == isShort, "\(now)")
        }
        let here = MachineMemory.now
        #expect(here.available > 0 && here.shared > 0)
    }

    @Test("A44: directories nested deeper than can be counted end the command that makes them")
    func depth() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            let outcome = try await sandbox.shell("mkdir -p \(String(repeating: "d/", count: 150)); sleep 9", in: fixture.tree)
            #expect(outcome.ending == .limit("depth of directories"))
            // What tidies up in the time between two looks is not told off for what it took away.
            var ending = outcome.ending
            for _ in 1...5 where ending != .exited(0) { ending = try await sandbox.shell("rm -rf d", in: fixture.tree).ending }
            #expect(ending == .exited(0))
        }
    }

    @Test("A44: a repository that is larger than the limit has a full measure of room, once")
    func largeRepository() async throws {
        var settings = SandboxSettings()
        settings.treeSize = 16 << 20
        settings.treeEntries = 50
        try await SandboxFixture.with(settings) { fixture, sandbox in
            try fixture.plant(String(repeating: "x", count: 24 << 20), at: fixture.tree.root.appending("large"))
            for number in 0..<60 { try fixture.plant("x", at: fixture.tree.root.appending("s\(number)")) }
            #expect(try await sandbox.shell("head -c 9000000 /dev/zero >one", in: fixture.tree).ending == .exited(0))
            // Seen at once on a quiet disk, at the next look when others free space at the same time.
            var ending = CommandOutcome.Ending.exited(0)
            for number in 2...6 where ending == .exited(0) {
                ending = try await sandbox.shell("head -c 9000000 /dev/zero >more\(number); sleep 1", in: fixture.tree).ending
            }
            #expect(ending == .limit("disk (16 MiB)"))
        }
    }

    @Test("A44: /tmp, /dev/shm and the root have a size")
    func temporary() async throws {
        var settings = SandboxSettings()
        settings.temporarySize = 8 << 20
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let outcome = try await sandbox.shell(
                "for d in /tmp /dev/shm /var/tmp /run / /home; do (head -c 30000000 /dev/zero >$d/fill) 2>/dev/null && echo FILLED $d; done; true",
                in: fixture.tree)
            #expect(outcome.output.text == "", "\(outcome.output.text)")
        }
    }

    @Test("A44: wall time and processor time end a command, daemons of it too")
    func time() async throws {
        var settings = SandboxSettings()
        settings.processorTime = .seconds(1)
        // Whatever a command asks for, no command takes longer than this.
        var short = SandboxSettings()
        short.time = .milliseconds(500)
        try await SandboxFixture.with(short) { fixture, sandbox in
            let outcome = try await sandbox.shell("sleep 100", in: fixture.tree, timeLimit: .seconds(60))
            #expect(outcome.ending == .timedOut && outcome.duration < .seconds(20))
        }
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let clock = ContinuousClock()
            let start = clock.now
            #expect(try await sandbox.shell("sleep 100", in: fixture.tree, timeLimit: .milliseconds(500)).ending == .timedOut)
            #expect(clock.now - start < .seconds(10))
            let busy = try await sandbox.shell("while :; do :; done", in: fixture.tree, timeLimit: .seconds(30))
            guard case .limit(let limit) = busy.ending else {
                Issue.record("ended as \(busy.ending)")
                return
            }
            #expect(limit.hasPrefix("processor time"))
        }
    }

    @Test("A45: no process of a command is left, however it ended", arguments: ["exit 0", "sleep 100", "cancel"])
    func daemonZoo(_ end: String) async throws {
        let mark = "zoo-\(UInt32.random(in: .min ... .max))"
        let zoo = """
            sleep 1000 &
            setsid sleep 1000 &
            (setsid sh -c 'trap "" TERM INT HUP; while :; do sleep 5; done' &)
            nohup sh -c 'exec -a \(mark) sleep 1000' >/dev/null 2>&1 &
            perl -e 'use POSIX; for (1..3) { exit if fork; setsid; } $0 = "\(mark)"; $SIG{TERM} = "IGNORE"; sleep 1000' &
            perl -e '$0 = "\(mark)"; sleep 1000' &
            for i in 1 2 3 4 5 6 7 8 9 10; do grep -q '\(mark)' /proc/[0-9]*/cmdline 2>/dev/null && break; sleep 0.05; done
            echo ready; \(end == "cancel" ? "echo up >up; sleep 100" : end)
            """
        try await SandboxFixture.with { fixture, sandbox in
            if end == "cancel" {
                let begun = try Milestone(at: fixture.tree.root.appending("up"))
                let task = Task { try await sandbox.shell(zoo, in: fixture.tree) }
                #expect(await begun.isReached() && Self.isAlive(mark))
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            } else {
                let outcome = try await sandbox.shell(zoo, in: fixture.tree, timeLimit: .seconds(2))
                #expect(outcome.ending == (end == "exit 0" ? .exited(0) : .timedOut))
                #expect(outcome.output.text.contains("ready"))
            }
            #expect(!Self.isAlive(mark))
            if fixture.settings.user != nil { #expect(Self.processes(of: 60_787, in: fixture.tree).isEmpty) }
        }
    }

    #if arch(x86_64)
        @Test(
            "A45: a command that takes back its first process's order to die with the launcher leaves none either",
            .enabled(if: SystemProgram.find("perl") != nil, "needs perl"))
        func disobedientInit() async throws {
            let mark = "disobedient-\(UInt32.random(in: .min ... .max))"
            // Stops the first process in its system call, has it make another one, prctl(PR_SET_PDEATHSIG, 0), and lets it go on.
            let script = """
                my ($old, $new) = ("\\0" x 216, ""); my $end = time + 5;
                syscall(101, 16, 1, 0, 0) == 0 or die "attach: $!"; waitpid(1, 0);
                syscall(101, 12, 1, 0, $old); my @r = unpack("Q27", $old);
                my @n = @r; $n[16] -= 2; @n[10, 15, 14, 13] = (157, ~0, 1, 0); $new = pack("Q27", @n);
                syscall(101, 13, 1, 0, $new); syscall(101, 9, 1, 0, 0); waitpid(1, 0);
                syscall(101, 12, 1, 0, $new); print "order: ", (unpack("Q27", $new))[10], "\\n";
                @r[10, 15] = (~0 - 3, ~0); $old = pack("Q27", @r); syscall(101, 13, 1, 0, $old); syscall(101, 17, 1, 0, 0);
                $| = 1; print "done\\n"; if (!fork) { $0 = "\(mark)"; sleep 100 }
                """
            try await SandboxFixture.with { fixture, sandbox in
                try fixture.plant(script, at: fixture.tree.root.appending("take.pl"))
                let outcome = try await sandbox.shell("perl take.pl", in: fixture.tree)
                #expect(outcome.ending == .exited(0) && outcome.output.text == "order: 0\ndone\n", "\(outcome)")
                #expect(outcome.duration < .seconds(8))
                #expect(!Self.isAlive(mark))
            }
        }
    #endif

    @Test("A44: files without a name take room too, while they are held open")
    func deletedFiles() async throws {
        var settings = SandboxSettings()
        settings.treeSize = 32 << 20
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let outcome = try await sandbox.shell(
                "perl -e 'for (1..8) { open(my $f, \">\", \"f\"); unlink \"f\"; print $f \"x\" x (9 << 20); $f->flush; push @f, $f } sleep 20'",
                in: fixture.tree)
            #expect(outcome.ending == .limit("disk (32 MiB)"))
            #expect(try await sandbox.shell("echo fine", in: fixture.tree).output.text == "fine\n")
        }
    }

    @Test("A50: 60 MiB of output, one endless line, NULs and escapes arrive bounded and harmless")
    func output() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            let large = try await sandbox.shell("echo begin; head -c 62914560 /dev/zero | tr '\\0' 'x'; echo; echo end", in: fixture.tree)
            #expect(large.succeeded)
            #expect(large.output.totalBytes == 62_914_560 + 11)
            #expect(large.output.isTruncated)
            #expect(large.output.text.utf8.count < 300 << 10)
            #expect(large.output.text.hasPrefix("begin\n") && large.output.text.hasSuffix("\nend\n"))
            let odd = try await sandbox.shell("printf 'a\\0b\\033[31mred\\007\\377 \\342\\200\\256flip\\r\\nnext\\rover'", in: fixture.tree)
            #expect(odd.output.text == "a\\u{0}b\\u{1b}[31mred\\u{7}\u{FFFD} \\u{202e}flip\nnext\nover")
        }
    }

    private static func isAlive(_ mark: String) -> Bool {
        ProcessTable.all().contains { Cgroup.read("/proc/\($0)/cmdline")?.hasPrefix(mark) == true }
    }

    /// Processes of the sandbox's user that see this tree.
    private static func processes(of user: UInt32, in tree: WorkTree) -> [Int32] {
        ProcessTable.all().filter { pid in
            Cgroup.read("/proc/\(pid)/mountinfo")?.contains(tree.root.string) == true
                && Cgroup.read("/proc/\(pid)/status")?.contains("Uid:\t\(user)") == true
        }
    }
}

extension BubblewrapSandbox {
    /// Without control groups, as on machines where the service may make none.
    func using(groups: Bool) -> BubblewrapSandbox {
        var copy = self
        if !groups { copy.groups = nil }
        return copy
    }
}
