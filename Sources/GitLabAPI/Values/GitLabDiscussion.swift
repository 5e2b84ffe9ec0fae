/// A thread, or a single comment, which GitLab treats as a thread of one.
package struct GitLabDiscussion: Sendable, Hashable, Decodable {
    /// 40 hexadecimal digits.
    package var id: String
    package var isSingleNote: Bool
    package var notes: [GitLabNote]

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        isSingleNote = fields.read("individual_note") ?? false
        notes = fields.list("notes")
    }
}
