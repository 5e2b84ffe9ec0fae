/// A place in a text that looks like a secret. It says where and what kind, never the value.
package struct SecretFinding: Sendable, Hashable {
    /// From 1.
    package let line: Int
    /// In words for a person: "a GitLab token".
    package let kind: String
    package init(line: Int, kind: String) {
        self.line = line
        self.kind = kind
    }
}
