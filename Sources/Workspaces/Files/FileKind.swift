package enum FileKind: Sendable, Hashable {
    case regular(size: Int, isExecutable: Bool)
    case directory
    case link
    /// A FIFO, socket or device: never opened.
    case special
}

/// What a directory holds, sorted by path, up to the limit that was asked for.
package struct FileListing: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        /// Relative to the work tree's root.
        package var path: String
        package var kind: FileKind
        package init(path: String, kind: FileKind) {
            self.path = path
            self.kind = kind
        }
    }
    package var entries: [Entry]
    package var isTruncated: Bool
    package init(entries: [Entry], isTruncated: Bool) {
        self.entries = entries
        self.isTruncated = isTruncated
    }
}
