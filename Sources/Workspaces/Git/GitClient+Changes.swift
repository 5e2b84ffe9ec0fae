package import Foundation
import NIOPosix
import SystemPackage

extension GitClient {
    /// What differs from the base commit, in the order of paths. Ignored files don't count, nor does anything in nested
    /// repositories or submodules.
    package func changes(in checkout: Checkout) async throws -> [ChangedPath] {
        try await change(in: checkout).paths
    }

    /// The difference to the base as text for people and models, cut at `limit` bytes.
    package func diff(in checkout: Checkout, limit: Int) async throws -> String {
        guard let staged = try await stage(checkout) else { return "" }
        var call = GitCall(
            ["diff-tree", "-r", "-p", "-M", "--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short", "--root"]
                + [base(of: checkout), staged.commit.rawValue], in: checkout)
        call.outputLimit = max(1, limit)
        let result = try await git.run(call)
        switch result.ending {
        case .exited(0): return String(decoding: result.standardOutput, as: UTF8.self)
        case .outputLimit:
            let whole = result.standardOutput.prefix(limit)
            let lines = whole.lastIndex(of: UInt8(ascii: "\n")).map { whole[...$0] } ?? whole
            return String(decoding: lines, as: UTF8.self) + "[The rest of the difference is left out.]\n"
        default: throw git.failure(of: call, result)
        }
    }

    /// The difference to the base as a binary patch that `apply` understands; empty when there is none.
    package func patch(of checkout: Checkout) async throws -> Data {
        guard let staged = try await stage(checkout) else { return Data() }
        var call = GitCall(
            ["diff-tree", "-r", "-p", "--binary", "--full-index", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv"]
                + [base(of: checkout), staged.commit.rawValue], in: checkout)
        call.outputLimit = settings.limits.changeBytes * 2
        return Data(try await git.output(of: call))
    }

    /// Applies a patch of `patch(of:)` to a checkout whose files are those of the base.
    package func apply(_ patch: Data, to checkout: Checkout) async throws {
        guard !patch.isEmpty else { return }
        var call = GitCall(["apply", "--binary", "--whitespace=nowarn", "-p1", "-"], in: checkout)
        call.input = Array(patch)
        let result = try await git.run(call)
        guard result.succeeded else {
            var failure = git.failure(of: call, result)
            if failure.reason == .other {
                failure.message = "The recorded work does not fit the base commit and could not be restored."
            }
            throw failure
        }
        try await Ownership.give(checkout.tree)
    }

    /// A regular file's bytes from the base commit; nil when there is none. Links are not followed.
    package func fileAtBase(_ path: String, in checkout: Checkout, limit: Int) async throws -> [UInt8]? {
        guard let base = checkout.base, PathRules.isSafe(path.utf8) else { return nil }
        let listing = try await git.output(
            of: GitCall(["ls-tree", "-l", "-z", "--full-tree", base.rawValue, "--", path], in: checkout))
        guard let record = listing.split(separator: 0).first else { return nil }
        // mode type object size<TAB>path
        let fields = record.prefix { $0 != UInt8(ascii: "\t") }.split(separator: UInt8(ascii: " ")).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard fields.count == 4, fields[1] == "blob", fields[0].hasPrefix("100"), let size = Int(fields[3]) else { return nil }
        guard size <= limit else {
            throw GitFailure(.tooLarge, "\(RefName.printable(path)) is larger than \(limit) bytes.")
        }
        var call = GitCall(["cat-file", "blob", fields[2]], in: checkout)
        call.outputLimit = size + 1
        return try await git.output(of: call)
    }

    // MARK: - Seeing the change

    func base(of checkout: Checkout) -> String {
        checkout.base?.rawValue ?? GitDirectory.ObjectFormat(readingAt: checkout.gitDirectory).emptyTree
    }

    func change(in checkout: Checkout) async throws -> WorkTreeChange {
        let removed = try await SpecialFiles.removeWhatGitOpens(in: checkout.tree)
        var call = GitCall(
            ["status", "--porcelain=v2", "-z", "--untracked-files=all", "--ignored=no", "--ignore-submodules=all", "--no-renames", "--no-ahead-behind"],
            in: checkout)
        call.outputLimit = 32 << 20
        let report = StatusReport(reading: try await git.output(of: call))
        return try await NIOThreadPool.singleton.runIfActive {
            Self.change(report, try WorkTreeReader(checkout.tree.root), removed: removed)
        }
    }

    /// - Parameter removed: pipes and devices that stood in the tree until now.
    private static func change(_ report: StatusReport, _ tree: WorkTreeReader, removed: Set<[UInt8]>) -> WorkTreeChange {
        var change = WorkTreeChange()
        change.nestedRepositories = report.nestedRepositories
        func add(_ path: [UInt8], oldMode: UInt32, newMode: UInt32, size: Int) {
            let kind: ChangedPath.Kind =
                if oldMode == 0 { .added } else if newMode == 0 { .deleted } else if oldMode & 0o170000 != newMode & 0o170000 { .typeChanged } else {
                    .modified
                }
            let changed = ChangedPath(kind: kind, path: path, oldMode: oldMode, newMode: newMode)
            change.parts.append(WorkTreeChange.Part(changed: changed, size: size))
        }
        for (path, oldMode) in report.tracked.map({ ($0.path, $0.baseMode) }) + report.untracked.map({ ($0, UInt32(0)) }) {
            let entry = tree.entry(at: path)
            if case .special = entry { change.special.append(path) } else if removed.contains(path) { change.special.append(path) }
            guard oldMode != 0 || entry.mode != 0 else { continue }
            guard oldMode != 0 || PathRules.isSafe(path) else {
                change.gitLike.append(path)
                continue
            }
            var size = 0
            if case .file(_, let bytes) = entry { size = bytes }
            add(path, oldMode: oldMode, newMode: entry.mode, size: size)
        }
        change.parts.sort { $0.changed.path.lexicographicallyPrecedes($1.changed.path) }
        return change
    }
}

extension GitDirectory.ObjectFormat {
    /// As the git directory's configuration has it.
    init(readingAt directory: FilePath) {
        let text = try? String(contentsOfFile: directory.appending("config").string, encoding: .utf8)
        self = text?.contains("sha256") == true ? .sha256 : .sha1
    }
}
