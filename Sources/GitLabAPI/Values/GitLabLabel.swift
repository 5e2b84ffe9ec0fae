/// A label of the project or of a group above it.
package struct GitLabLabel: Sendable, Hashable, Decodable {
    package var id: Int64?
    package var name: String
    package var description: String?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = fields.read("id")
        name = try fields.require("name")
        description = fields.read("description")
    }
}
