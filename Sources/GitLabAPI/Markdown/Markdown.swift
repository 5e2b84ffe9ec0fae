/// GitLab Markdown that is safe where it was written: either the product's own, or text that went through the filter.
package struct Markdown: Sendable, Hashable {
    let text: String
    package init(untrusted text: String, rules: OutgoingRules = OutgoingRules()) { self.text = text }
}
