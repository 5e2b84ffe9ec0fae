import Glibc
import SystemPackage

/// Looks at the walls from the inside: a script that tries what must not work, and says what it saw.
struct SandboxProbe {
    let sandbox: any Sandbox
    let settings: SandboxSettings
    let kind: String

    /// A line `name=value` for each look; plain shell, so that any system can run it.
    static let script = """
        look() { printf '%s=%s\\n' "$1" "$2"; }
        tries() { name=$1; shift; if "$@" >/dev/null 2>&1; then look "$name" yes; else look "$name" no; fi; }
        status() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; }
        # A mask stands in the place of what is hidden below a shown directory: a device, or a folder that can't be read.
        seen() {
            [ -e "$1" ] && [ ! -c "$1" ] || return 1
            ! { [ -d "$1" ] && [ ! -r "$1" ] && grep -qF " $1 " /proc/self/mountinfo; }
        }
        look uid "$(id -u)"
        look run "$(ls -A /run | tr '\\n' ' ')"
        look caps "$(status CapEff)$(status CapPrm)$(status CapBnd)$(status CapAmb)"
        look no_new_privs "$(status NoNewPrivs)"
        look seccomp "$(status Seccomp)"
        look interfaces "$(sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d ' ' | tr '\\n' ' ')"
        look init "$(tr '\\0' ' ' </proc/1/cmdline | cut -c1-200)"
        look processes "$(ls -d /proc/[0-9]* | wc -l)"
        look init_environment "$(tr '\\0' '\\n' </proc/1/environ 2>/dev/null | wc -l)"
        look descriptors "$(for d in /proc/self/fd/*; do printf '%s ' "${d##*/}"; done)"
        tries write_usr touch /usr/.ai-coder-probe
        tries write_etc touch /etc/.ai-coder-probe
        tries write_root touch /.ai-coder-probe
        tries write_sys sh -c 'echo x >/proc/sys/kernel/core_pattern'
        tries write_tree sh -c 'touch /workspace/.ai-coder-probe && rm /workspace/.ai-coder-probe'
        tries write_tmp touch /tmp/.ai-coder-probe
        tries mount mount -t tmpfs none /tmp
        tries namespaces unshare --user true
        look hidden "$(for f in "$@"; do seen "$f" && printf '%s ' "$f"; done)"
        look session "$(cut -d' ' -f6 /proc/self/stat)"
        """

    /// What shows that a hidden folder is seen. Where it has the name that the work tree has inside, its own content tells.
    private static func telltales(of path: FilePath) -> [String] {
        guard path.string == SandboxLayout.tree else { return [path.string] }
        return ["ai-coder.sqlite", "mirrors", "tasks"].map { path.appending($0).string }
    }

    func report() async -> SandboxReport {
        let place: FilePath
        do {
            place = try Self.makePlace(owner: geteuid() == 0 ? settings.user : nil)
        } catch {
            return failed("no place for a trial: \(error)")
        }
        defer { Self.removePlace(place) }
        let tree = WorkTree(root: place.appending("tree"), owner: geteuid() == 0 ? settings.user : nil)
        // What nobody inside may see: the service's own files and secrets, and the machine's.
        let hidden =
            // An image has an /etc and a root's home of its own.
            (kind == "container" ? [] : ["/etc/shadow", "/root/.ssh"]) + [place.appending("secret").string, settings.homeDirectory.appending(".ssh").string]
            + settings.hiddenPaths.flatMap(Self.telltales)
        do {
            let outcome = try await sandbox.run(
                SandboxedCommand(.arguments(["/bin/sh", "-c", Self.script, "probe"] + hidden), timeLimit: .seconds(20)), in: tree)
            guard outcome.succeeded else { return failed("the trial ended with \(outcome.ending): \(outcome.output.text.suffix(300))") }
            return SandboxReport(kind: kind, checks: checks(Self.parse(outcome.output.text)))
        } catch let failure as SandboxFailure {
            return failed(failure.message)
        } catch {
            return failed("\(error)")
        }
    }

    private func failed(_ detail: String) -> SandboxReport {
        SandboxReport(kind: kind, checks: [.init(name: "starts", passed: false, detail: detail)])
    }

    private func checks(_ seen: [String: String]) -> [SandboxReport.Check] {
        func check(_ name: String, _ key: String, _ isGood: (String) -> Bool) -> SandboxReport.Check {
            let value = seen[key]
            return .init(name: name, passed: value.map(isGood) ?? false, detail: value ?? "not told")
        }
        var checks = [SandboxReport.Check(name: "starts", passed: true, detail: kind)]
        checks += [
            check("runs as an unprivileged user", "uid") { Int($0).map { $0 != 0 } ?? false },
            check("has no capabilities", "caps") { !$0.isEmpty && $0.allSatisfy { $0 == "0" } },
            check("can't gain privileges", "no_new_privs") { $0 == "1" },
            check("has a system call filter", "seccomp") { $0 == "2" },
            check("has no network", "interfaces") { $0.split(separator: " ").allSatisfy { $0 == "lo" } },
            check("sees only its own processes", "processes") { (Int($0) ?? 1000) < 20 },
            check("inherits no environment", "init_environment") { $0 == "0" || kind == "container" },
            check("inherits no descriptor", "descriptors") { $0.split(separator: " ").allSatisfy { (Int($0) ?? 99) <= 3 } },
            check("can't change the system", "write_usr") { $0 == "no" },
            check("can't change /etc", "write_etc") { $0 == "no" },
            check("can't fill the root", "write_root") { $0 == "no" },
            check("can't change kernel settings", "write_sys") { $0 == "no" },
            check("can change the work tree", "write_tree") { $0 == "yes" },
            check("has a place for passing files", "write_tmp") { $0 == "yes" },
            check("can't mount", "mount") { $0 == "no" },
            // In a container that is the engine's own filter to decide; podman's lets them be made.
            check("can't make user namespaces", "namespaces") { $0 == "no" || kind == "container" },
            check("can't see the service's files", "hidden") { $0.isEmpty },
            check("sees no host socket", "run") { kind == "container" || $0.isEmpty },
        ]
        return checks
    }

    static func parse(_ text: String) -> [String: String] {
        var seen: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            var value = String(line[line.index(after: equals)...])
            while value.last == " " { value.removeLast() }
            seen[String(line[..<equals])] = value
        }
        return seen
    }

    private static func makePlace(owner: WorkTree.Owner?) throws(Errno) -> FilePath {
        let place = try TemporaryDirectory.make(in: "/tmp", prefix: "ai-coder-probe")
        let tree = place.appending("tree").string
        guard mkdir(tree, 0o700) == 0 else { throw Errno(rawValue: errno) }
        if let owner, chown(tree, owner.uid, owner.gid) != 0 { throw Errno(rawValue: errno) }
        let secret = open(place.appending("secret").string, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard secret >= 0 else { throw Errno(rawValue: errno) }
        close(secret)
        return place
    }

    private static func removePlace(_ place: FilePath) {
        _ = HostileTree.remove(place)
    }
}
