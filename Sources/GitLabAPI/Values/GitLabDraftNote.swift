/// A comment of a review that is not published yet; only its author sees it.
package struct GitLabDraftNote: Sendable, Hashable, Decodable {
    package var id: Int64
    package var authorID: Int64?
    package var note: String
    package var discussionID: String?
    package var position: GitLabDiffPosition?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        authorID = fields.read("author_id")
        note = fields.read("note") ?? ""
        discussionID = fields.read("discussion_id")
        position = fields.read("position")
    }
}
