/// A path inside a work tree, checked by its text alone: relative, without `..`, without anything that git on some
/// system would take for its own directory.
///
/// What the path leads to is the kernel's business (`openat2`); this only keeps out what no file of a project is named.
struct TreePath: Sendable, Hashable {
    /// Never empty strings, `.` or `..`; no components at all for the root.
    let components: [String]

    var isRoot: Bool { components.isEmpty }
    var text: String { components.joined(separator: "/") }
    var name: String { components.last ?? "" }
    var parent: TreePath { TreePath(components: components.dropLast()) }

    private init(components: [String]) { self.components = components }

    /// Split at the bytes at which the kernel splits: Swift's characters may hold a slash together with a sign beside it, and
    /// a name with a slash in it would be resolved without any of the walls.
    init(_ text: String) throws(FileFailure) {
        guard !text.utf8.contains(0), text.utf8.count <= 4000 else {
            throw FileFailure(.invalidPath, "This path can't be used: it is too long or holds a NUL.")
        }
        guard text.utf8.first != UInt8(ascii: "/") else {
            throw FileFailure(.outside, "\(text) is an absolute path; paths are relative to the project's root.")
        }
        var components: [String] = []
        for part in text.utf8.split(separator: UInt8(ascii: "/")) {
            let component = String(decoding: part, as: UTF8.self)
            guard component != "." else { continue }
            guard component != ".." else {
                throw FileFailure(.outside, "\(text) leads upwards; paths stay inside the project.")
            }
            guard component.utf8.count <= 255 else {
                throw FileFailure(.invalidPath, "A part of the path is longer than 255 bytes.")
            }
            guard !GitLookalike.matches(Array(component.utf8)) else {
                throw FileFailure(.protected, "\(text) belongs to git and can't be used.")
            }
            components.append(component)
        }
        self.components = components
    }
}
