/// A group of projects.
package struct GitLabGroup: Sendable, Hashable, Decodable {
    package var id: Int64
    package var path: String
    package var name: String
    package var webURL: String?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        path = try fields.require("full_path")
        name = fields.read("name") ?? ""
        webURL = fields.read("web_url")
    }
}
