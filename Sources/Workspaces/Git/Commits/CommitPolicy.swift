/// What a change must be like to become a commit.
package struct CommitPolicy: Sendable {
    /// Bytes of the largest file that may be added or changed.
    package var fileLimit: Int
    /// Paths and globs (`.gitlab-ci.yml`, `migrations/**`) whose change is found.
    package var protectedPaths: [String]
    /// Paths and globs out of `protectedPaths` that the request named, so that their change is no finding.
    package var permittedPaths: [String]
    /// Findings that stop the commit; others are for people to read.
    package var refused: Set<CommitFinding.Kind>

    package static let usuallyRefused: Set<CommitFinding.Kind> = [
        .empty, .conflictMarkers, .secret, .fileTooLarge, .gitPath, .protectedPath,
    ]

    package init(
        fileLimit: Int = 10 << 20, protectedPaths: [String] = [], permittedPaths: [String] = [],
        refused: Set<CommitFinding.Kind> = CommitPolicy.usuallyRefused
    ) {
        self.fileLimit = fileLimit
        self.protectedPaths = protectedPaths
        self.permittedPaths = permittedPaths
        self.refused = refused
    }

    func protects(_ path: String) -> Bool {
        protectedPaths.contains { PathPattern($0).matches(path) } && !permittedPaths.contains { PathPattern($0).matches(path) }
    }
}
