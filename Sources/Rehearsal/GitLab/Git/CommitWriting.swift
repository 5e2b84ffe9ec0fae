import Foundation

/// One change to a file in a commit made on the server.
package struct FileAction: Sendable {
    package enum Kind: String, Sendable { case create, update, delete, move, chmod }
    package let kind: Kind
    package let path: String
    package var previousPath: String?
    package var content: [UInt8]
    package var isExecutable: Bool?

    package init(
        _ kind: Kind, _ path: String, content: [UInt8] = [], previousPath: String? = nil, isExecutable: Bool? = nil
    ) {
        self.kind = kind
        self.path = path
        self.previousPath = previousPath
        self.content = content
        self.isExecutable = isExecutable
    }
}

extension BareRepository {
    struct TreeEntry: Sendable {
        let mode: String
        let kind: String
        let hash: String
        let path: String
    }

    func entries(of commit: String, path: String = "", isRecursive: Bool = true) async throws -> [TreeEntry] {
        var arguments = ["ls-tree", "-z", "--full-tree"]
        if isRecursive { arguments.append("-r") }
        arguments.append(commit)
        if !path.isEmpty { arguments.append(path.hasSuffix("/") || isRecursive ? path : path + "/") }
        return try await run(arguments).split(separator: 0).compactMap { field in
            let text = String(decoding: field, as: UTF8.self)
            guard let tab = text.firstIndex(of: "\t") else { return nil }
            let meta = text[..<tab].split(separator: " ")
            guard meta.count == 3 else { return nil }
            return TreeEntry(
                mode: String(meta[0]), kind: String(meta[1]), hash: String(meta[2]),
                path: String(text[text.index(after: tab)...]))
        }
    }

    func entry(at path: String, of commit: String) async throws -> TreeEntry? {
        // Without `-r` a path names the entry itself.
        try await entries(of: commit, path: path).first { $0.path == path }
    }

    func blob(_ hash: String) async throws -> [UInt8] { try await run(["cat-file", "blob", hash]) }

    /// Takes a path out of an index; the commands made for it want a work tree.
    private func remove(_ path: String, index: String) async throws {
        let zeroes = String(repeating: "0", count: 40)
        try await run(["update-index", "-z", "--index-info"], input: Array("0 \(zeroes)\t\(path)\0".utf8), index: index)
    }

    /// Makes a commit with these changes on top of `parent` (none for the first commit) without a work tree.
    func commit(
        _ actions: [FileAction], on parent: String?, message: String, identity: (name: String, email: String)
    ) async throws -> String {
        let index = FileManager.default.temporaryDirectory.appending(path: "rehearsal-index-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: index) }
        if let parent { try await run(["read-tree", parent], index: index) }
        for action in actions {
            switch action.kind {
            case .delete:
                try await remove(action.path, index: index)
            case .create, .update, .move, .chmod:
                var mode = "100644"
                var hash: String?
                if let parent, let old = try await entry(at: action.previousPath ?? action.path, of: parent) {
                    mode = old.mode
                    hash = old.hash
                }
                if let isExecutable = action.isExecutable { mode = isExecutable ? "100755" : "100644" }
                if action.kind == .create || action.kind == .update || !action.content.isEmpty || hash == nil {
                    let output = try await run(["hash-object", "-w", "--stdin"], input: action.content)
                    hash = String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
                }
                if let previous = action.previousPath, previous != action.path {
                    try await remove(previous, index: index)
                }
                try await run(
                    ["update-index", "--add", "--cacheinfo", "\(mode),\(hash ?? ""),\(action.path)"], index: index)
            }
        }
        let treeOutput = try await run(["write-tree"], index: index)
        let tree = String(decoding: treeOutput, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        let commit = try await run(
            ["commit-tree", tree] + (parent.map { ["-p", $0] } ?? []), input: Array(message.utf8), identity: identity)
        return String(decoding: commit, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
