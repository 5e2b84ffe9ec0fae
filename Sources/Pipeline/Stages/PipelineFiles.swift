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

    /// Patterns from the repository's root.
    func protected() async throws -> [String] {
        guard let start else { return [] }
        var known = [start]
        var (unread, isDoubtful, read) = (known, false, Set<String>())
        while let name = unread.popLast() {
            let (paths, isWhole) = try await files(matching: name)
            if !isWhole { isDoubtful = true }
            for path in paths where read.insert(path).inserted {
                guard read.count <= Self.mostRead, let found = try await includes(of: path) else {
                    isDoubtful = true
                    continue
                }
                let new = found.filter { !known.contains($0) }
                known += new
                unread += new
            }
        }
        if known.count > 500 { isDoubtful = true }
        return known.prefix(500).map { "/\($0)" } + (isDoubtful ? Self.onDoubt : [])
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

    /// Also whether these are all: a pattern may cover the whole repository.
    private func files(matching name: String) async throws -> (paths: [String], isWhole: Bool) {
        guard name.contains("*") else { return ([name], true) }
        let tree = checkout.tree
        let pattern = PathPattern("/" + name)
        return try await NIOThreadPool.singleton.runIfActive {
            // Only what GitLab takes for a definition.
            let listing = try tree.list("", glob: "**/*.{yml,yaml}", limit: 200_000)
            return (listing.entries.map(\.path).filter(pattern.matches), !listing.isTruncated)
        }
    }
}
