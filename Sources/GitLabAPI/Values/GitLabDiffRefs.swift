/// The three commits that a comment on a diff has to name.
package struct GitLabDiffRefs: Sendable, Hashable, Decodable {
    package var baseSHA: String
    package var startSHA: String
    package var headSHA: String

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        baseSHA = try fields.require("base_sha")
        startSHA = try fields.require("start_sha")
        headSHA = try fields.require("head_sha")
    }
}

extension GitLabDiffRefs {
    package init(baseSHA: String, startSHA: String, headSHA: String) {
        self.baseSHA = baseSHA
        self.startSHA = startSHA
        self.headSHA = headSHA
    }

    /// The newest version's commits, for merge requests whose own `diff_refs` are not there yet.
    package init?(_ version: GitLabDiffVersion) {
        guard let base = version.baseSHA, let start = version.startSHA, let head = version.headSHA else { return nil }
        self.init(baseSHA: base, startSHA: start, headSHA: head)
    }
}
