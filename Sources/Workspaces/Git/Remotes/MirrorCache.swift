import Crypto
import Glibc
import SystemPackage

/// One shallow mirror for each remote, so that a project's next task fetches only what is new since the last one.
///
/// A mirror is a cache and nothing more: tasks get hard links to its packs, never a reference to it, so that it can be
/// dropped at any time; one that is damaged or has gathered many packs is. A lock held by the kernel keeps tasks and
/// services apart and is gone with its holder.
struct MirrorCache: Sendable {
    /// More packs than this, and starting over is cheaper than carrying them along.
    static let packLimit = 24

    let directory: FilePath

    /// Runs `body` while no other task uses the remote's mirror.
    func withMirror<Result: Sendable>(
        of remote: RemoteURL, format: GitDirectory.ObjectFormat, until deadline: ContinuousClock.Instant,
        _ body: (Mirror) async throws -> Result
    ) async throws -> Result {
        guard mkdir(directory.string, 0o700) == 0 || errno == EEXIST else { throw GitFailure.local("make", directory) }
        let name = SHA256.hash(data: Array(remote.text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let lock = open(directory.appending(name + ".lock").string, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw GitFailure.local("write", directory) }
        defer { close(lock) }
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw GitFailure.local("write", directory) }
            guard ContinuousClock.now < deadline else {
                throw GitFailure(.network, "Another task's fetch from \(remote.site) did not end in time.")
            }
            try await Task.sleep(for: .milliseconds(20), clock: .continuous)
        }
        return try await body(Mirror(path: directory.appending(name), format: format))
    }
}

/// One remote's mirror, used under its lock.
struct Mirror: Sendable {
    let path: FilePath
    let format: GitDirectory.ObjectFormat

    private var packs: FilePath { path.appending("objects").appending("pack") }

    /// The ref that stands for an object being here with all that it needs: git writes it last.
    static func ref(_ object: CommitID) -> String { "refs/tips/\(object)" }

    func has(_ object: CommitID) -> Bool {
        access(path.string + "/" + Self.ref(object), F_OK) == 0
    }

    /// Makes it, or takes away what a process that was killed left in the way.
    func prepare() async throws {
        if fileNames(in: packs).count(where: { $0.hasSuffix(".pack") }) > MirrorCache.packLimit { await drop() }
        _ = try GitDirectory.create(at: path, format: format)
        for name in fileNames(in: path) where name.hasSuffix(".lock") { _ = unlink(path.appending(name).string) }
        for name in fileNames(in: packs) where name.hasPrefix("tmp_") { _ = unlink(packs.appending(name).string) }
    }

    func drop() async { await Leftovers.remove([path]) }

    /// Gives a task's git directory the mirror's packs, as links where the file system allows.
    func supply(_ object: CommitID, to directory: GitDirectory) throws(GitFailure) {
        let target = directory.path.appending("objects").appending("pack")
        for name in fileNames(in: packs) where name.hasPrefix("pack-") {
            try Self.linkOrCopy(packs.appending(name), to: target.appending(name))
        }
        try Self.linkOrCopy(path.appending("shallow"), to: directory.path.appending("shallow"), linking: false)
        let refs = directory.path.appending("refs").appending("ai-coder")
        guard mkdir(refs.string, 0o700) == 0 || errno == EEXIST else { throw .local("make", refs) }
        try directory.write("refs/ai-coder/base", "\(object)\n")
    }

    private static func linkOrCopy(_ source: FilePath, to target: FilePath, linking: Bool = true) throws(GitFailure) {
        if linking, link(source.string, target.string) == 0 { return }
        let input = open(source.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard input >= 0 else {
            if errno == ENOENT { return }
            throw .local("write", target)
        }
        defer { close(input) }
        let output = open(target.string, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard output >= 0 else { throw .local("write", target) }
        defer { close(output) }
        while true {
            let count = sendfile(output, input, nil, 1 << 24)
            if count == 0 { return }
            guard count > 0 else { throw .local("write", target) }
        }
    }

    private func fileNames(in directory: FilePath) -> [String] {
        guard let listing = opendir(directory.string) else { return [] }
        defer { closedir(listing) }
        return DirectoryNames(listing).all.map { String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) }
    }
}
