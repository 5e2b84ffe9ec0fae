/// Which lines of which files a review may speak of: those that its diff shows.
package struct ReviewScope: Sendable, Hashable, Codable {
    package struct Lines: Sendable, Hashable, Codable {
        package var new: [ClosedRange<Int>]
        package var old: [ClosedRange<Int>]
        package init(new: [ClosedRange<Int>] = [], old: [ClosedRange<Int>] = []) {
            self.new = new
            self.old = old
        }
    }
    /// By path: the new path for the new side; a renamed file is also listed under its old one.
    package var files: [String: Lines]

    package init(files: [String: Lines]) { self.files = files }
}
