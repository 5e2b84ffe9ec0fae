/// Something that a look at a change found before it became a commit.
package struct CommitFinding: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// There is nothing to commit.
        case empty
        /// Lines that a merge leaves for a person to decide.
        case conflictMarkers = "conflict_markers"
        case secret
        case fileTooLarge = "file_too_large"
        /// A name that some file system would take for git's own.
        case gitPath = "git_path"
        /// A change beneath a protected path.
        case protectedPath = "protected_path"
        /// A new link to an absolute path or out of the tree.
        case outwardLink = "outward_link"
        /// A pipe, a socket or a device; never committed.
        case specialFile = "special_file"
        /// A repository within the tree; never committed.
        case nestedRepository = "nested_repository"
        /// A file became executable or ceased to be, or a file became a link.
        case modeChange = "mode_change"
        /// Characters that hide or reorder what a reviewer sees.
        case hiddenCharacters = "hidden_characters"
        case binary
        /// A lock file takes packages from a host that it took none from.
        case lockFileHost = "lock_file_host"
        /// A file by which coding agents are told what to do.
        case instructionFile = "instruction_file"
    }

    package var kind: Kind
    /// As text, control characters replaced; empty for the change as a whole.
    package var path: String
    /// From 1; nil where no line is meant.
    package var line: Int?
    /// One sentence for a person; never holds a secret.
    package var message: String

    package init(_ kind: Kind, path: String = "", line: Int? = nil, message: String) {
        self.kind = kind
        self.path = path
        self.line = line
        self.message = message
    }
}

/// The change was not committed; `findings` say why.
package struct CommitRefusal: Error, Sendable {
    package var findings: [CommitFinding]
    package init(findings: [CommitFinding]) { self.findings = findings }

    /// One sentence for a person.
    package var message: String {
        guard let first = findings.first else { return "The change was not committed." }
        let more = findings.count > 1 ? " There are \(findings.count - 1) more reasons." : ""
        return first.message + more
    }
}
