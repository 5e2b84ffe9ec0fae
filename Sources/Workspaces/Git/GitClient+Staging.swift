import NIOPosix
import SystemPackage

/// The work tree's change as git has it: a commit that only serves to hold a tree, never pushed.
struct StagedChange: Sendable {
    var commit: CommitID
    var change: WorkTreeChange
}

extension GitClient {
    /// Stores exactly the changed files and builds the tree with them; nil when nothing changed.
    ///
    /// The files' bytes go to git as they are, read beneath the tree's root: no filter, no attribute and no nested
    /// repository is ever looked at, and the cost is that of the change.
    func stage(_ checkout: Checkout, fileLimit: Int? = nil) async throws -> StagedChange? {
        let change = try await change(in: checkout)
        let fitting = change.parts.filter { $0.size <= fileLimit ?? .max }
        guard !fitting.isEmpty else { return nil }
        guard fitting.reduce(0, { $0 + $1.size }) <= settings.limits.changeBytes else {
            throw GitFailure(
                .tooLarge,
                "The changed files are larger than \(settings.limits.changeBytes >> 20) MiB in all: build products may be missing from .gitignore.")
        }
        let parent = checkout.base
        let limit = settings.limits.changeBytes
        var call = GitCall(["fast-import", "--quiet", "--force", "--done"], in: checkout)
        call.input = try await NIOThreadPool.singleton.runIfActive {
            try ImportStream(changing: fitting.map(\.changed), of: WorkTreeReader(checkout.tree.root), onto: parent, limit: limit).bytes
        }
        let said = try await git.output(of: call)
        guard let commit = CommitID(rawValue: String(decoding: said.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) else {
            throw GitFailure(.other, "git did not say what it made of the changed files.")
        }
        return StagedChange(commit: commit, change: change)
    }
}

/// What `git fast-import` reads to make one commit of changed files.
struct ImportStream {
    private(set) var bytes: [UInt8] = []

    init(changing changes: [ChangedPath], of tree: WorkTreeReader, onto parent: CommitID?, limit: Int) {
        write("feature done\ncommit refs/ai-coder/staged\nmark :1\ncommitter staged <staged> 0 +0000\ndata 6\nstaged\n")
        if let parent { write("from \(parent)\n") }
        // Removals first: a directory may have taken a file's name.
        var contents: [(path: [UInt8], entry: WorkTreeEntry, bytes: [UInt8])] = []
        for change in changes {
            if change.newMode != 0, let (entry, bytes) = tree.contents(at: change.path, limit: limit) {
                contents.append((change.path, entry, bytes))
            } else if change.oldMode != 0 {
                write("D ")
                writeQuoted(change.path)
                write("\n")
            }
        }
        for (path, entry, content) in contents {
            write("M \(String(entry.mode, radix: 8)) inline ")
            writeQuoted(path)
            write("\ndata \(content.count)\n")
            bytes += content
            write("\n")
        }
        write("get-mark :1\ndone\n")
    }

    private mutating func write(_ text: String) { bytes += Array(text.utf8) }

    /// In C's way, so that no byte of a path can end it or begin a command.
    private mutating func writeQuoted(_ path: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in path {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x20..<0x7F: bytes.append(byte)
            default:
                let octal = String(byte, radix: 8)
                bytes += Array(("\\" + String(repeating: "0", count: 3 - octal.count) + octal).utf8)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
