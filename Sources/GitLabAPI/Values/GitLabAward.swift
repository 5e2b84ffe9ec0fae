/// A reaction.
package struct GitLabAward: Sendable, Hashable, Decodable {
    package var id: Int64
    package var name: String
    package var user: GitLabUser?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        name = try fields.require("name")
        user = fields.read("user")
    }
}
