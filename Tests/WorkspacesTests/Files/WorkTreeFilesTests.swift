import Glibc
import SystemPackage
import Testing

@testable import Workspaces

/// A tree in a place of its own, with something beside it that must stay out of reach.
private struct TreeFixture {
    let place: FilePath
    let tree: WorkTree

    static func with(_ body: (TreeFixture) async throws -> Void) async throws {
        var template = Array("/tmp/ai-coder-files-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        let place = FilePath(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
        defer { _ = HostileTree.remove(place) }
        mkdir(place.appending("tree").string, 0o755)
        let fixture = TreeFixture(place: place, tree: WorkTree(root: place.appending("tree"), owner: nil))
        try fixture.plant("outside secret", at: place.appending("secret"))
        try await body(fixture)
    }

    func at(_ path: String) -> String { tree.root.pushing(FilePath(path)).string }
    func plant(_ text: String, at path: FilePath, mode: mode_t = 0o644) throws {
        let descriptor = open(path.string, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        defer { close(descriptor) }
        _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
    var secret: String { (try? WorkTree(root: place, owner: nil).read("secret")).map { String(decoding: $0, as: UTF8.self) } ?? "" }
}

private func reason<T>(_ body: () throws -> T) -> FileFailure.Reason? {
    do {
        _ = try body()
        return nil
    } catch { return (error as? FileFailure)?.reason }
}

@Suite("Files of a work tree", .timeLimit(.minutes(2)))
struct WorkTreeFilesTests {
    @Test("what is written can be read, in new directories too, and modes are kept")
    func roundTrip() async throws {
        try await TreeFixture.with { fixture in
            let tree = fixture.tree
            try tree.write(Array("one".utf8), to: "a/b/c.txt")
            #expect(try tree.read("./a//b/c.txt") == Array("one".utf8))
            #expect(try tree.kind(of: "a/b/c.txt") == .regular(size: 3, isExecutable: false))
            chmod(fixture.at("a/b/c.txt"), 0o755)
            try tree.write(Array("three".utf8), to: "a/b/c.txt")
            #expect(try tree.kind(of: "a/b/c.txt") == .regular(size: 5, isExecutable: true))
            try tree.move("a/b/c.txt", to: "d/e.txt")
            #expect(try tree.kind(of: "a/b/c.txt") == nil)
            #expect(try tree.read("d/e.txt") == Array("three".utf8))
            try tree.write([1], to: "other")
            #expect(reason { try tree.move("other", to: "d/e.txt") } == .exists)
            try tree.delete("d/e.txt")
            #expect(reason { try tree.read("d/e.txt") } == .notFound)
            #expect(reason { try tree.delete("d") } == .isDirectory)
            #expect(reason { try tree.read("d") } == .isDirectory)
            #expect(reason { try tree.read("other/below") } == .notDirectory)
            #expect(try tree.list("", glob: nil, limit: 10).entries.map(\.path) == ["a", "d", "other"])
        }
    }

    @Test(
        "A27: paths that lead out are refused by their text",
        arguments: [
            "/etc/passwd", "../secret", "a/../../secret", "..", "a/..", "./../secret", "/proc/self/environ", "a\0b",
        ])
    func textualEscapes(_ path: String) async throws {
        try await TreeFixture.with { fixture in
            let tree = fixture.tree
            for action: () throws -> Void in [
                { _ = try tree.read(path) }, { try tree.write([], to: path) }, { try tree.delete(path) },
                { try tree.move("x", to: path) }, { try tree.move(path, to: "x") }, { _ = try tree.kind(of: path) },
                { _ = try tree.list(path, glob: "**", limit: 5) },
            ] {
                let reason = reason(action)
                #expect(reason == .outside || reason == .invalidPath)
            }
            #expect(fixture.secret == "outside secret")
        }
    }

    @Test(
        "A27, A40: links and chains that lead out are not followed by any tool",
        arguments: [
            "../secret", "/etc/passwd", "/proc/self/environ", "/proc/self/root/etc/passwd", "../../../../../../etc/passwd", "chain1",
        ])
    func links(_ target: String) async throws {
        try await TreeFixture.with { fixture in
            let tree = fixture.tree
            symlink("chain2", fixture.at("chain1"))
            symlink("../secret", fixture.at("chain2"))
            symlink(target, fixture.at("link"))
            mkdir(fixture.at("real"), 0o755)
            symlink("../..", fixture.at("real/up"))
            #expect(try tree.kind(of: "link") == .link)
            for path in ["link", "real/up/secret", "real/up/tree/../secret"] {
                #expect(reason { try tree.read(path) } == .outside)
                #expect(reason { try tree.write([7], to: path) } == .outside)
            }
            #expect(reason { try tree.write([7], to: "real/up/new") } == .outside)
            #expect(reason { try tree.delete("real/up/secret") } == .outside)
            #expect(reason { try tree.move("real/up/secret", to: "x") } == .outside)
            #expect(reason { try tree.move("link", to: "real/up/x") } == .outside)
            #expect(reason { try tree.list("real/up", glob: nil, limit: 5) } == .outside)
            // A link itself can be taken away, and what it leads to stays.
            try tree.delete("link")
            #expect(fixture.secret == "outside secret")
            #expect(access(fixture.place.appending("new").string, F_OK) != 0)
        }
    }

    /// Signs that make one character of themselves and a slash beside them: in front of it, or behind it.
    @Test("A27: a sign that melts with a slash hides no part of a path", arguments: ["\u{600}", "\u{D4E}"])
    func melted(_ sign: String) async throws {
        try await TreeFixture.with { fixture in
            let tree = fixture.tree
            symlink("..", fixture.at("up\(sign)"))
            try fixture.plant("inside", at: FilePath(fixture.at("file")))
            #expect(reason { try tree.delete("up\(sign)/secret") } == .outside)
            #expect(reason { try tree.move("file", to: "up\(sign)/new") } == .outside)
            #expect(reason { try tree.write([7], to: "up\(sign)/new") } == .outside)
            #expect(fixture.secret == "outside secret")
            #expect(access(fixture.place.appending("new").string, F_OK) != 0)
            mkdir(fixture.at(".git"), 0o755)
            #expect(reason { try tree.write([1], to: ".git/\u{301}x") } == .protected)
            for path in ["..\u{2F}\u{301}x", "/\u{301}x", "a/../\u{301}x"] {
                #expect(reason { try tree.write([1], to: path) } == .outside)
            }
            try tree.write([1], to: "made/\u{301}a/b\(sign)/c")
            #expect(access(fixture.at("made/\u{301}a/b\(sign)/c"), F_OK) == 0)
        }
    }

    @Test("a link that stays inside is read and written through, and stays a link")
    func innerLink() async throws {
        try await TreeFixture.with { fixture in
            let tree = fixture.tree
            try tree.write(Array("old".utf8), to: "pkg/src/file")
            symlink("pkg/src", fixture.at("src"))
            symlink("pkg/src/file", fixture.at("file"))
            #expect(try tree.read("src/file") == Array("old".utf8))
            try tree.write(Array("new".utf8), to: "file")
            #expect(try tree.kind(of: "file") == .link)
            #expect(try tree.read("pkg/src/file") == Array("new".utf8))
            symlink("nothing", fixture.at("dangling"))
            #expect(reason { try tree.write([1], to: "dangling") } == .notRegular)
        }
    }

    @Test("A27: a directory that is swapped for a link all the time never lets a file out")
    func swapRace() async throws {
        try await TreeFixture.with { fixture in
            let tree = fixture.tree
            mkdir(fixture.place.appending("outside").string, 0o755)
            try fixture.plant("outside secret", at: fixture.place.appending("outside/file"))
            try tree.write(Array("inside".utf8), to: "dir/file")
            symlink("../outside", fixture.at("link"))
            let (dir, link) = (fixture.at("dir"), fixture.at("link"))
            // A process of its own, as a command in the sandbox would be.
            let swapper = Task {
                try await ProcessRunner().run(
                    ProcessRequest(
                        executable: "/usr/bin/perl",
                        arguments: [
                            "-e", "($d, $a, $l) = @ARGV; while (1) { rename $d, $a; rename $l, $d; rename $d, $l; rename $a, $d }",
                            dir, dir + ".aside", link,
                        ], timeLimit: .seconds(100)))
            }
            var reads = 0
            for index in 0..<3000 {
                if index % 100 == 0 { await Task.yield() }
                if let content = try? tree.read("dir/file") {
                    #expect(String(decoding: content, as: UTF8.self).hasPrefix("inside"))
                    reads += 1
                }
                try? tree.write(Array("inside \(index)".utf8), to: "dir/file")
                try? tree.write([1], to: "dir/new\(index % 7)")
                try? tree.delete("dir/new\(index % 7)")
            }
            swapper.cancel()
            _ = await swapper.result
            #expect(reads > 0)
            #expect(try WorkTree(root: fixture.place, owner: nil).read("outside/file") == Array("outside secret".utf8))
            #expect(try WorkTree(root: fixture.place, owner: nil).list("outside", glob: nil, limit: 100).entries.count == 1)
        }
    }

    @Test("A27: a FIFO, a socket and a device are never opened, and nothing waits for them")
    func special() async throws {
        try await TreeFixture.with { fixture in
            let tree = fixture.tree
            mkfifo(fixture.at("fifo"), 0o644)
            if geteuid() == 0 { mknod(fixture.at("device"), S_IFCHR | 0o666, dev_t(0x0103)) }
            for name in geteuid() == 0 ? ["fifo", "device"] : ["fifo"] {
                #expect(try tree.kind(of: name) == .special)
                #expect(reason { try tree.read(name) } == .notRegular)
                #expect(reason { try tree.write([1], to: name) } == .notRegular)
                try tree.delete(name)
            }
        }
    }

    @Test(
        "A26: what any system takes for git's directory is refused",
        arguments: [
            ".git", ".GIT", ".Git/config", "sub/.git/hooks/pre-commit", ".git ", ".git.", ".git. . ", "GIT~1", "git~1/config", "git~2",
            ".g\u{200c}it", ".gi\u{feff}t/config", "\u{200d}.git", ".git::$INDEX_ALLOCATION", ".git\\config", "a\\.git", ".gIt\u{2064}",
        ])
    func gitLookalikes(_ path: String) async throws {
        try await TreeFixture.with { fixture in
            let tree = fixture.tree
            #expect(GitLookalike.isIn(path: Array(path.utf8)))
            #expect(reason { try tree.write([1], to: path) } == .protected)
            #expect(reason { try tree.read(path) } == .protected)
            try tree.write([1], to: "x")
            #expect(reason { try tree.move("x", to: path) } == .protected)
            // Nor by a link to one that a command made.
            mkdir(fixture.at(".git"), 0o755)
            symlink(".git", fixture.at("alias"))
            #expect(reason { try tree.write([1], to: "alias/config") } == .protected)
            #expect(try tree.list("", glob: "**", limit: 10).entries.map(\.path) == ["alias", "x"])
        }
    }

    @Test("names that only resemble git's are fine", arguments: [".gitignore", ".github/x", "git", ".gitlab-ci.yml", "a.git", ".git-x", "git~x", "..git"])
    func harmless(_ path: String) { #expect(!GitLookalike.isIn(path: Array(path.utf8))) }

    @Test("sizes are capped while reading and writing")
    func sizes() async throws {
        try await TreeFixture.with { fixture in
            try fixture.tree.write([UInt8](repeating: 1, count: 1000), to: "file")
            #expect(reason { try fixture.tree.read("file", limit: 999) } == .tooLarge)
            #expect(reason { try fixture.tree.write([UInt8](repeating: 1, count: WorkTree.writeLimit + 1), to: "big") } == .tooLarge)
            #expect(try fixture.tree.kind(of: "big") == nil)
            let long = String(repeating: "a", count: 256)
            #expect(reason { try fixture.tree.write([1], to: long) } == .invalidPath)
        }
    }

    @Test("a full disk is told, and the old file stays", .enabled(if: geteuid() == 0, "needs root to mount"))
    func fullDisk() async throws {
        try await TreeFixture.with { fixture in
            // The mount is the test's own process's only in name; it is taken away again below.
            guard mountSmall(fixture.tree.root.string) else { return }
            defer { unmount(fixture.tree.root.string) }
            try fixture.tree.write([UInt8](repeating: 1, count: 100_000), to: "file")
            #expect(reason { try fixture.tree.write([UInt8](repeating: 2, count: 900_000), to: "file") } == .full)
            #expect(try fixture.tree.read("file") == [UInt8](repeating: 1, count: 100_000))
            #expect(try fixture.tree.list("", glob: nil, limit: 10).entries.count == 1)
        }
    }

    private func mountSmall(_ path: String) -> Bool { system("mount -t tmpfs -o size=512k none \(path) 2>/dev/null") == 0 }
    private func unmount(_ path: String) { _ = system("umount \(path)") }
    private func system(_ line: String) -> Int32 { Glibc.system(line) }

    @Test("as root, what is written belongs to the tree's owner, or to whom it belonged", .enabled(if: geteuid() == 0, "needs root"))
    func owners() async throws {
        try await TreeFixture.with { fixture in
            let tree = WorkTree(root: fixture.tree.root, owner: .init(uid: 4321, gid: 4322))
            try tree.write([1], to: "dir/new")
            for path in ["dir", "dir/new"] {
                var status = stat()
                #expect(stat(fixture.at(path), &status) == 0 && status.st_uid == 4321 && status.st_gid == 4322)
            }
            chown(fixture.at("dir/new"), 99, 98)
            try tree.write([2], to: "dir/new")
            var status = stat()
            #expect(stat(fixture.at("dir/new"), &status) == 0 && status.st_uid == 99 && status.st_gid == 98)
        }
    }

    @Test(
        "listing with globs",
        arguments: [
            ("**", ["a.swift", "dir/b.swift", "dir/deep/c.txt", "dir/deep/d.swift"]), ("*.swift", ["a.swift", "dir/b.swift", "dir/deep/d.swift"]),
            ("dir/*.swift", ["dir/b.swift"]), ("dir/**/*.swift", ["dir/b.swift", "dir/deep/d.swift"]), ("**/deep/*", ["dir/deep/c.txt", "dir/deep/d.swift"]),
            ("*.{txt,md}", ["dir/deep/c.txt"]), ("[ab].swift", ["a.swift", "dir/b.swift"]), ("?.txt", ["dir/deep/c.txt"]),
            ("[!a].swift", ["dir/b.swift", "dir/deep/d.swift"]),
            ("nothing", []), ("/dir/*.swift", ["dir/b.swift"]),
        ])
    func globs(_ glob: String, _ expected: [String]) async throws {
        try await TreeFixture.with { fixture in
            for path in ["a.swift", "dir/b.swift", "dir/deep/c.txt", "dir/deep/d.swift"] { try fixture.tree.write([1], to: path) }
            symlink("/", fixture.at("dir/root"))
            let listing = try fixture.tree.list("", glob: glob, limit: 100)
            #expect(listing.entries.map(\.path).filter { $0 != "dir/root" } == expected)
            #expect(try fixture.tree.list("", glob: "**", limit: 2).isTruncated)
        }
    }

    @Test("a glob that would take for ever elsewhere is matched at once")
    func slowGlob() {
        let pattern = GlobPattern(String(repeating: "*a", count: 60) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4000)))
        #expect(GlobPattern("{a,b}{c,d}").matches("bd"))
        #expect(GlobPattern("{unclosed").matches("{unclosed"))
        #expect(!GlobPattern("a*b").matches("a/b"))
        #expect(GlobPattern("a/**").matches("a/b/c"))
        #expect(GlobPattern("**/x").matches("x") && GlobPattern("**/x").matches("a/b/x") && !GlobPattern("**/x").matches("ax"))
    }
}
