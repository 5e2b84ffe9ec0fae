/// A name in a folder of the repository.
package struct GitLabTreeEntry: Sendable, Hashable, Decodable {
    package var name: String
    package var path: String
    /// `blob` or `tree`.
    package var type: String

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        name = try fields.require("name")
        path = try fields.require("path")
        type = try fields.require("type")
    }
}
