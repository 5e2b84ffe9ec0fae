/// PROJECTS: paths of projects, or of groups with all that is below them; empty for every project.
package struct ProjectAllowList: Sendable {
    private let entries: [String]

    package init(_ entries: [String]) {
        self.entries = entries.map { entry in
            String(entry.lowercased().drop { $0 == "/" || $0 == " " }.reversed().drop { $0 == "/" || $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    /// No project is named: then those count whose hooks carry a configured secret, and where the bot is a member.
    package var isEmpty: Bool { entries.isEmpty }

    package func allows(path: String?) -> Bool {
        guard !entries.isEmpty else { return true }
        guard let path = path?.lowercased() else { return false }
        return entries.contains { path == $0 || path.hasPrefix("\($0)/") }
    }
}
