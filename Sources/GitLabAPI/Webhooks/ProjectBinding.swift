internal import Secrets

/// The projects that a webhook's secret counts for.
///
/// Numbers are the sure ones. A path is checked against what the payload calls its project, which the sender wrote: whoever acts on
/// it must compare that name with GitLab's own for the same number.
package struct ProjectBinding: Sendable, Hashable, ExpressibleByArrayLiteral {
    package private(set) var ids: Set<Int64> = []
    /// Lowercase, without slashes around: a project, or a group with all below it.
    package private(set) var paths: Set<String> = []

    package init(ids: Set<Int64>) { self.ids = ids }

    package init(arrayLiteral elements: Int64...) { ids = Set(elements) }

    /// A number, `group/project`, or `group/` for all that is below it; nil for anything else.
    package init?(_ text: some StringProtocol) {
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            guard let id = Int64(text) else { return nil }
            ids = [id]
            return
        }
        guard text.contains("/"), text.unicodeScalars.allSatisfy(Self.mayStandInPath) else { return nil }
        let parts = text.lowercased().split(separator: "/")
        guard !parts.isEmpty else { return nil }
        paths = [parts.joined(separator: "/")]
    }

    private static func mayStandInPath(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "_.-/".unicodeScalars.contains(scalar)
    }

    package func covers(id: Int64?, path: String?) -> Bool {
        if let id, ids.contains(id) { return true }
        guard let path = path?.lowercased() else { return false }
        return paths.contains { path == $0 || path.hasPrefix("\($0)/") }
    }

    mutating func formUnion(_ other: ProjectBinding) {
        ids.formUnion(other.ids)
        paths.formUnion(other.paths)
    }
}

extension DeliveryVerifier.Credential {
    /// Secrets as an operator lists them: separated by commas, each for every project, or for some as `PROJECT=SECRET`, where
    /// PROJECT is a project's number, its path, or `group/`.
    package static func list(_ kind: Kind, in text: String) -> [DeliveryVerifier.Credential] {
        text.split(separator: ",").map { part in
            let value = part.trimmingSpaces()
            guard let equals = value.firstIndex(of: "="), let binding = ProjectBinding(value[..<equals].trimmingSpaces()) else {
                return .init(kind, .init(String(value)))
            }
            let secret = value[value.index(after: equals)...].trimmingSpaces()
            // The end of a Base64 text, which is a secret by itself.
            guard secret.contains(where: { $0 != "=" }), kind == .token || secret.hasPrefix("whsec_") else {
                return .init(kind, .init(String(value)))
            }
            return .init(kind, .init(String(secret)), projects: binding)
        }
    }
}

extension StringProtocol {
    fileprivate func trimmingSpaces() -> SubSequence {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
