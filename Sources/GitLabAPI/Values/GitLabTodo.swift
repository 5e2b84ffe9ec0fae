/// Something in the bot's to-do list: an assignment, a mention, a review request.
package struct GitLabTodo: Sendable, Hashable, Decodable {
    package var id: Int64
    /// `assigned`, `review_requested`, `mentioned`, `directly_addressed`, ...
    package var action: String
    /// `Issue`, `MergeRequest`, ...
    package var targetType: String
    package var target: Target?
    package var targetURL: String?
    package var body: String
    package var author: GitLabUser?
    package var project: Project?
    package var state: String
    package var createdAt: GitLabTime?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        action = fields.read("action_name") ?? ""
        targetType = fields.read("target_type") ?? ""
        target = fields.read("target")
        targetURL = fields.read("target_url")
        body = fields.read("body") ?? ""
        author = fields.read("author")
        project = fields.read("project")
        state = fields.read("state") ?? ""
        createdAt = fields.read("created_at")
    }

    /// The comment that the to-do is about, taken from the end of its address.
    package var noteID: Int64? {
        guard let targetURL, let range = targetURL.firstRange(of: "#note_") else { return nil }
        return Int64(targetURL[range.upperBound...])
    }

    package struct Target: Sendable, Hashable, Decodable {
        package var iid: Int64
        package init(from decoder: any Decoder) throws { iid = try Fields(decoder).require("iid") }
    }

    package struct Project: Sendable, Hashable, Decodable {
        package var id: Int64
        package var path: String
        package init(from decoder: any Decoder) throws {
            let fields = try Fields(decoder)
            id = try fields.require("id")
            path = fields.read("path_with_namespace") ?? ""
        }
    }
}
