import Workspaces

/// When a person has to approve the plan before the work may go on: `plan_required` in the project's own file.
package struct PlanRequirement: Sendable, Hashable, Codable {
    /// For every change.
    package var always = false
    /// Globs: for a change to a path that fits one of them.
    package var paths: [String] = []
    /// For a change to so many files or more.
    package var files: Int?

    package init() {}

    /// Why a change to these files needs an approved plan, as the end of a sentence; nil when it does not.
    package func reason(for changed: [String]) -> String? {
        if always { return "this project wants every plan approved" }
        let globs = paths.map(PathPattern.init)
        if let path = changed.first(where: { path in globs.contains { $0.matches(Self.cleaned(path)) } }) {
            return "this project wants changes to \(path) approved"
        }
        if let files, changed.count >= files { return "this project wants changes to \(files) or more files approved" }
        return nil
    }

    /// A model writes paths in its plan as people do: `./a.sql`, `a.sql (new)`.
    private static func cleaned(_ path: String) -> String {
        var path = path.trimmed[...]
        while path.hasPrefix("./") || path.hasPrefix("/") { path = path.drop { $0 == "." || $0 == "/" } }
        return String(path).before(" (")
    }
}
