/// A commit as lists name it.
package struct GitLabCommit: Sendable, Hashable, Decodable {
    /// 40 hex digits.
    package var id: String
    package var title: String
    package var message: String

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        title = fields.read("title") ?? ""
        message = fields.read("message") ?? ""
    }
}
