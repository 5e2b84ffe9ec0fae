import Glibc
import SystemPackage
import Testing

@testable import Workspaces

@Suite("Task directories", .timeLimit(.minutes(2)))
struct TaskDirectoryTests {
    private func withWorkspace(_ body: (FilePath) async throws -> Void) async throws {
        var template = Array("/tmp/ai-coder-tasks-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        let place = FilePath(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
        defer { _ = HostileTree.remove(place) }
        try await body(place)
    }

    @Test("a directory is the service's own, is made empty, and goes with all that is in it")
    func life() async throws {
        try await withWorkspace { place in
            let directory = try await TaskDirectory.create("task/../one", in: place, owner: nil)
            #expect(directory.path.string.hasPrefix(place.string + "/tasks/"))
            var status = stat()
            #expect(stat(directory.path.string, &status) == 0 && status.st_mode & 0o777 == 0o700)
            mkdir(directory.path.appending("files").string, 0o755)
            do {
                _ = try await TaskDirectory.create("task/../one", in: place, owner: nil)
                Issue.record("made twice")
            } catch let error as FileFailure { #expect(error.reason == .exists) }
            try await directory.remove()
            #expect(access(directory.path.string, F_OK) != 0)
            let again = try await TaskDirectory.create("task/../one", in: place, owner: nil)
            #expect(try WorkTree(root: again.path, owner: nil).list("", glob: nil, limit: 9).entries.isEmpty)
            try await again.remove()
        }
    }

    @Test("A46: the sandbox's user may pass through and not look around", .enabled(if: geteuid() == 0, "needs root"))
    func rights() async throws {
        try await withWorkspace { place in
            let directory = try await TaskDirectory.create("one", in: place, owner: .init(uid: 60_787, gid: 60_787))
            var status = stat()
            #expect(stat(directory.path.string, &status) == 0)
            #expect(status.st_uid == 0 && status.st_gid == 60_787 && status.st_mode & 0o777 == 0o710)
            try await directory.remove()
        }
    }

    @Test("A46: what an earlier try of the same task left is not there for the next")
    func earlier() async throws {
        try await withWorkspace { place in
            let first = try await TaskDirectory.create("one", in: place, owner: nil)
            let path = first.path
            try await first.remove()
            // As after a `kill -9`: the directory is there, and nobody holds its lock.
            mkdir(path.string, 0o755)
            symlink("/etc/passwd", path.appending("left").string)
            let again = try await TaskDirectory.create("one", in: place, owner: nil)
            #expect(again.path == path && access(path.appending("left").string, F_OK) != 0)
            try await again.remove()
        }
    }

    @Test("A46: what can't be removed is set aside, and the task can have its directory anew", .enabled(if: geteuid() == 0, "needs root to mount"))
    func setAside() async throws {
        try await withWorkspace { place in
            let directory = try await TaskDirectory.create("bad", in: place, owner: nil)
            let held = directory.path.appending("held").string
            mkdir(held, 0o755)
            guard mount("tmpfs", held, "tmpfs", 0, "size=1m") == 0 else { return }
            let failure = await #expect(throws: FileFailure.self) { try await directory.remove() }
            #expect(failure?.message.contains("set aside") == true)
            let tasks = directory.path.removingLastComponent()
            let names = try WorkTree(root: tasks, owner: nil).list("", glob: nil, limit: 9).entries.map(\.path)
            let aside = try #require(names.first { $0.hasPrefix("left-") }.map { tasks.appending($0) })
            #expect(access(directory.path.string, F_OK) != 0)
            let again = try await TaskDirectory.create("bad", in: place, owner: nil)
            try await again.remove()
            #expect(umount2(aside.appending("held").string, 2) == 0)
            #expect(await TaskDirectory.sweep(place) == [aside.lastComponent?.string ?? ""])
        }
    }

    @Test("A46: a tree that resists is removed whole, and nothing outside of it is touched")
    func hostileTree() async throws {
        try await withWorkspace { place in
            let outside = place.appending("outside")
            mkdir(outside.string, 0o755)
            close(open(outside.appending("kept").string, O_CREAT | O_WRONLY, 0o644))
            let directory = try await TaskDirectory.create("bad", in: place, owner: nil)
            let root = directory.path.string
            symlink("../../outside", root + "/link")
            symlink("/", root + "/slash")
            mkfifo(root + "/fifo", 0o000)
            mkdir(root + "/closed", 0o755)
            close(open(root + "/closed/file", O_CREAT | O_WRONLY, 0o000))
            mkdir(root + "/closed/inner", 0o000)
            chmod(root + "/closed", 0o000)
            let odd = (root + "/").utf8.map(CChar.init(bitPattern:)) + [-1, 10, 27, 0]
            close(open(odd, O_CREAT | O_WRONLY, 0o644))
            // Deeper than any path can be.
            let base = open(root, O_RDONLY | O_DIRECTORY)
            var at = base
            for _ in 0..<3000 {
                mkdirat(at, "nested-directory", 0o755)
                let next = openat(at, "nested-directory", O_RDONLY | O_DIRECTORY)
                if at != base { close(at) }
                at = next
            }
            close(at); close(base)
            try await directory.remove()
            #expect(access(root, F_OK) != 0)
            #expect(access(outside.appending("kept").string, F_OK) == 0)
            #expect(try WorkTree(root: place, owner: nil).list("tasks", glob: nil, limit: 9).entries.isEmpty)
        }
    }

    @Test("what a killed service left is cleaned by the next, and a living one's is not")
    func sweep() async throws {
        try await withWorkspace { place in
            let living = try await TaskDirectory.create("living", in: place, owner: nil)
            // A process that takes the lock as the service does, and is killed.
            let dead = place.appending("tasks/task-dead").string
            mkdir(dead, 0o700)
            mkdir(dead + "/files", 0o755)
            close(open(dead + ".lock", O_CREAT | O_WRONLY, 0o600))
            let holder = try await ProcessRunner().run(
                ProcessRequest(executable: "/usr/bin/flock", arguments: [dead + ".lock", "-c", "kill -9 $PPID"]))
            #expect(holder.ending == .signalled(9))
            #expect(await TaskDirectory.sweep(place) == ["task-dead"])
            #expect(access(dead, F_OK) != 0)
            #expect(access(living.path.string, F_OK) == 0)
            try await living.remove()
            #expect(await TaskDirectory.sweep(place) == [])
        }
    }
}
