/// Text as it goes to GitLab. There is no other way to send one, and no way to make one past the filter.
package struct OutgoingText: Sendable, Hashable {
    package let text: String

    /// Text that a model or a person wrote.
    package init(untrusted text: String, rules: OutgoingRules = OutgoingRules()) {
        self.init(Markdown(untrusted: text, rules: rules), limit: rules.limit)
    }

    /// Text that the product has built.
    package init(_ markdown: Markdown, limit: Int = OutgoingRules.defaultLimit) {
        text = markdown.text
    }
}
/// The title of a merge request.
package struct OutgoingTitle: Sendable, Hashable {
    package let text: String
    package init(untrusted text: String, isDraft: Bool = false, rules: OutgoingRules = OutgoingRules()) {
        self.text = (isDraft ? "Draft: " : "") + text
    }
}
