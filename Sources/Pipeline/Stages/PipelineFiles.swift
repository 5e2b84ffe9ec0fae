import Foundation
import NIOPosix
import TestRuns
import Workspaces

/// What the pipeline of a checkout's branch is made of, as patterns of files to protect: its first file, what that includes, and
/// what those include.
///
/// On doubt every YAML file counts: a file that can't be read may include any other.
struct PipelineFiles {
    let git: GitClient
    let checkout: Checkout
    /// The project's own setting for where its pipeline is defined; nil for the usual place.
    let first: String?

    static let usual = ".gitlab-ci.yml"
    private static let onDoubt = ["**/*.yml", "**/*.yaml"]
    private static let mostRead = 60

    private static let mostKnown = 500

    /// Patterns from the repository's root.
    func protected() async throws -> [String] {
        guard let start else { return [] }
        var known = [start]
        var (unread, isDoubtful, read) = (known, false, Set<String>())
        var all: FileListing?
        while let name = unread.popLast(), known.count <= Self.mostKnown {
            var paths = [name]
            if name.utf8.contains(UInt8(ascii: "*")) {
                let listing: FileListing
                if let all { listing = all } else { listing = try await definitions() }
                all = listing
                if listing.isTruncated { isDoubtful = true }
                let pattern = PathPattern("/" + name)
                paths = listing.entries.map(\.path).filter(pattern.matches)
            }
            for path in paths where read.insert(path).inserted {
                guard read.count <= Self.mostRead, let found = try await includes(of: path) else {
                    isDoubtful = true
                    break
                }
                let new = found.filter { !known.contains($0) }
                known += new
                unread += new
            }
        }
        if known.count > Self.mostKnown { isDoubtful = true }
        return known.prefix(Self.mostKnown).map { "/\($0)" } + (isDoubtful ? Self.onDoubt : [])
    }

    /// Nil where the definition is not in the project: a URL, or a file of another project.
    private var start: String? {
        guard let first, !first.isEmpty else { return Self.usual }
        guard !first.contains("://"), !first.contains("@") else { return nil }
        return first.unicodeScalars.split(separator: "/").map { String($0) }.joined(separator: "/")
    }

    private func includes(of path: String) async throws -> [String]? {
        do {
            guard let bytes = try await git.fileAtBase(path, in: checkout, limit: CIIncludes.sizeLimit) else { return [] }
            return CIIncludes.local(in: String(decoding: bytes, as: UTF8.self))
        } catch let failure as GitFailure {
            guard failure.reason == .tooLarge else { throw failure }
            return nil
        }
    }

    /// All that GitLab takes for a definition; a pattern may cover the whole repository.
    private func definitions() async throws -> FileListing {
        let tree = checkout.tree
        return try await NIOThreadPool.singleton.runIfActive { try tree.list("", glob: "**/*.{yml,yaml}", limit: 200_000) }
    }
}
