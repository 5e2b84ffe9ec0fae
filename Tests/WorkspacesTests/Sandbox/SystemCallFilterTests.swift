import Glibc
import SystemPackage
import Testing

@testable import Workspaces

#if arch(x86_64)
    /// Numbers are the machine's, so these tests are for one architecture; the filter's list is the same for both.
    @Suite(
        "System call filter", .timeLimit(.minutes(2)),
        .enabled(if: SystemProgram.find("bwrap") != nil && SystemProgram.find("perl") != nil, "needs bubblewrap and perl"))
    struct SystemCallFilterTests {
        /// Name, call with its arguments in perl, and the error that must come back.
        static let refused: [(String, String, Int32)] = [
            ("mount", "165, 0, 0, 0, 0, 0", EPERM), ("umount2", "166, 0, 0", EPERM), ("pivot_root", "155, 0, 0", EPERM),
            ("unshare", "272, 0", EPERM), ("setns", "308, 0, 0", EPERM), ("clone a user namespace", "56, 0x10000000, 0, 0, 0, 0", EPERM),
            ("clone3", "435, 0, 0", ENOSYS), ("bpf", "321, 0, 0, 0", EPERM), ("perf_event_open", "298, 0, 0, 0, 0, 0", EPERM),
            ("keyctl", "250, 0, 0, 0, 0, 0", EPERM), ("add_key", "248, 0, 0, 0, 0, 0", EPERM), ("request_key", "249, 0, 0, 0, 0", EPERM),
            ("userfaultfd", "323, 0", EPERM), ("io_uring_setup", "425, 0, 0", ENOSYS), ("open_by_handle_at", "304, 0, 0, 0", EPERM),
            ("kexec_load", "246, 0, 0, 0, 0", EPERM), ("reboot", "169, 0, 0, 0, 0", EPERM), ("swapon", "167, 0, 0", EPERM),
            ("init_module", "175, 0, 0, 0", EPERM), ("finit_module", "313, 0, 0, 0", EPERM), ("fsopen", "430, 0, 0", ENOSYS),
            ("open_tree", "428, 0, 0, 0", ENOSYS), ("settimeofday", "164, 0, 0", EPERM), ("chroot", "161, 0", EPERM),
            ("TIOCSTI", "16, 0, 0x5412, 0", EPERM), ("TIOCSTI behind high bits", "16, 0, 0x100005412, 0", EPERM),
            ("an odd personality", "135, 0x0400000", EPERM), ("AF_PACKET", "41, 17, 3, 0", EAFNOSUPPORT),
            ("AF_VSOCK", "41, 40, 1, 0", EAFNOSUPPORT), ("AF_ALG", "41, 38, 5, 0", EAFNOSUPPORT),
            ("AF_NETLINK beyond routing", "41, 16, 3, 12", EAFNOSUPPORT), ("x32", "0x40000027", ENOSYS),
        ]

        static let allowed: [(String, String)] = [
            ("getpid", "39"), ("AF_UNIX", "41, 1, 1, 0"), ("AF_INET", "41, 2, 1, 0"), ("AF_INET6", "41, 10, 1, 0"),
            ("AF_NETLINK for routes", "41, 16, 3, 0"), ("asking for the personality", "135, 0xffffffff"), ("the plain personality", "135, 0"),
            ("fixed addresses", "135, 0x40000"), ("ptrace of oneself", "101, 0, 0, 0, 0"), ("setsid", "112"), ("memory barrier", "324, 0, 0, 0"),
        ]

        @Test("A47: what builds never need is refused by the kernel, and what they need is not")
        func calls() async throws {
            try await SandboxFixture.with { fixture, sandbox in
                let lines = (Self.refused.map(\.1) + Self.allowed.map(\.1)).map { arguments in
                    "$! = 0; my $r = syscall(\(arguments)); print $r == -1 ? $! + 0 : 0, \"\\n\";"
                }
                // A fork each, so that one call can't disturb the next.
                try fixture.plant(
                    lines.map { "if (!fork) { \($0) exit } wait;\n" }.joined(),
                    at: fixture.tree.root.appending("calls.pl"))
                let outcome = try await sandbox.shell("perl -e '$| = 1; do \"/workspace/calls.pl\"'", in: fixture.tree)
                let codes = outcome.output.text.split(separator: "\n").compactMap { Int32($0) }
                try #require(codes.count == lines.count, "\(outcome.output.text)")
                for ((name, _, error), code) in zip(Self.refused, codes) { #expect(code == error, "\(name)") }
                for ((name, _), code) in zip(Self.allowed, codes.dropFirst(Self.refused.count)) { #expect(code == 0, "\(name)") }
            }
        }

        @Test(
            "A47: calls in the numbers of a 32-bit machine, where the filter's would mean others, are refused",
            .enabled(if: SystemProgram.find("cc") != nil, "needs a C compiler"))
        func otherNumbers() async throws {
            try await SandboxFixture.with { fixture, sandbox in
                // getpid, by the old machine's door and number.
                let program = """
                    #include <stdio.h>
                    int main(void) { int r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory", "r8", "r9", "r10", "r11"); return printf("%d\\n", r) < 0; }

                    """
                try fixture.plant(program, at: fixture.tree.root.appending("door.c"))
                let outcome = try await sandbox.shell("cc -o door door.c && ./door", in: fixture.tree)
                #expect(outcome.output.text == "\(-ENOSYS)\n", "\(outcome)")
            }
        }

        @Test("A47: without the filter the same calls would get further")
        func difference() async throws {
            // So that the test above can fail: outside, the kernel finds other faults with these calls.
            let result = try await ProcessRunner().run(
                ProcessRequest(executable: "/usr/bin/perl", arguments: ["-e", "syscall(435, 0, 0); print $! + 0, ' '; syscall(41, 38, 5, 0); print $! + 0"]))
            #expect(result.standardOutput != Array("\(ENOSYS) \(EAFNOSUPPORT)".utf8))
        }
    }
#endif
