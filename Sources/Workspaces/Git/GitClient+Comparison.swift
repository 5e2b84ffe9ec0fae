import Glibc
package import SystemPackage

extension GitClient {
    /// Brings another commit of the same remote, without its history, to a checkout's git directory, to be compared.
    package func bring(_ commit: CommitID, to checkout: Checkout, credential: GitCredential?) async throws {
        let remote = try RemoteURL(checkout.remoteURL)
        try await onPresentAddress(of: remote) { remote in
            try await withRetries { deadline in
                try await RemoteAccess.with(remote, credential, settings: settings) { access in
                    try await fetch(
                        commit, access, into: checkout.gitDirectory, as: "refs/ai-coder/compared/\(commit)", until: deadline)
                }
            }
        }
        _ = try await measure(commit, in: checkout.gitDirectory)
    }

    /// What differs between two commits that are here, file by file in git's order, renames found. What goes beyond `limit`
    /// bytes has no text.
    package func compare(
        _ old: CommitID, _ new: CommitID, in checkout: Checkout, limit: Int = 24 << 20
    ) async throws -> [FileComparison] {
        var raw = GitCall(["diff-tree", "-r", "-M", "-z", "--raw", "--no-abbrev", old.rawValue, new.rawValue], in: checkout)
        raw.outputLimit = 32 << 20
        let fields = try await git.output(of: raw).split(separator: 0, omittingEmptySubsequences: false)
        var text = GitCall(
            [
                "diff-tree", "-r", "-p", "-M", "--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short", "--src-prefix=a/",
                "--dst-prefix=b/", old.rawValue, new.rawValue,
            ], in: checkout)
        text.outputLimit = max(1, limit)
        let result = try await git.run(text)
        var patches: [FilePatch]
        switch result.ending {
        case .exited(0): patches = FilePatch.split(result.standardOutput)
        // The last one is cut somewhere.
        case .outputLimit: patches = FilePatch.split(result.standardOutput).dropLast()
        default: throw git.failure(of: text, result)
        }
        patches.reverse()
        return Self.join(fields, &patches)
    }

    /// - Parameter patches: the last one first.
    private static func join(_ fields: [ArraySlice<UInt8>], _ patches: inout [FilePatch]) -> [FileComparison] {
        var files: [FileComparison] = []
        var index = 0
        while index + 1 < fields.count {
            // :oldmode newmode oldid newid status, then one path, or two for a rename
            guard let status = fields[index].split(separator: UInt8(ascii: " ")).last?.first else { break }
            let isRename = status == UInt8(ascii: "R") || status == UInt8(ascii: "C")
            guard !isRename || index + 2 < fields.count else { break }
            let old = String(decoding: fields[index + 1], as: UTF8.self)
            let new = isRename ? String(decoding: fields[index + 2], as: UTF8.self) : old
            index += isRename ? 3 : 2
            let kind: FileComparison.Kind =
                switch status {
                case UInt8(ascii: "A"): .added
                case UInt8(ascii: "D"): .deleted
                case UInt8(ascii: "R"), UInt8(ascii: "C"): .renamed
                case UInt8(ascii: "T"): .typeChanged
                default: .modified
                }
            let patch = patches.popLast()
            // A file that became a link, for instance, is told as deleted and made anew; GitLab takes no comment on that.
            if kind == .typeChanged { _ = patches.popLast() }
            files.append(
                FileComparison(
                    kind: kind, oldPath: old, newPath: new, hunks: kind == .typeChanged ? "" : patch?.hunks ?? "",
                    isBinary: patch?.isBinary ?? false, isLeftOut: patch == nil))
        }
        return files
    }
}

/// One file's part of git's patch text.
private struct FilePatch {
    var hunks: String
    var isBinary: Bool

    /// Every line of a hunk begins with a space, a sign or a backslash, so a line that begins with `diff --git ` starts a file.
    static func split(_ text: [UInt8]) -> [FilePatch] {
        var patches: [FilePatch] = []
        var hunks: [UInt8] = []
        var (isOpen, isBinary, isInHunks) = (false, false, false)
        func close() {
            if isOpen { patches.append(FilePatch(hunks: String(decoding: hunks, as: UTF8.self), isBinary: isBinary)) }
            (hunks, isBinary, isInHunks) = ([], false, false)
        }
        var rest = text[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            let line = rest[..<end]
            rest = rest[end...]
            if line.starts(with: "diff --git ".utf8) {
                close()
                isOpen = true
            } else if isInHunks || line.starts(with: "@@ ".utf8) {
                isInHunks = true
                hunks += line
            } else if line.starts(with: "Binary files ".utf8) {
                isBinary = true
            }
        }
        close()
        return patches
    }
}

extension GitClient {
    /// A directory for files of ours that programs in the sandbox are to look at.
    package func emptyTree(at directory: FilePath, owner: WorkTree.Owner?) async throws -> WorkTree {
        let tree = WorkTree(root: directory, owner: owner)
        guard mkdir(directory.string, 0o755) == 0 || errno == EEXIST else { throw GitFailure.local("make", directory) }
        try await Ownership.give(tree)
        return tree
    }
}
