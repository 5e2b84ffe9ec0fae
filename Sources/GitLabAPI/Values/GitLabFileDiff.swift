/// The change of one file. The text is empty where it is too large for GitLab to show.
package struct GitLabFileDiff: Sendable, Hashable, Decodable {
    package var oldPath: String
    package var newPath: String
    package var diff: String
    package var isNew: Bool
    package var isRenamed: Bool
    package var isDeleted: Bool
    package var isTooLarge: Bool
    package var isCollapsed: Bool
    package var isGenerated: Bool

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        oldPath = try fields.require("old_path")
        newPath = try fields.require("new_path")
        diff = fields.read("diff") ?? ""
        isNew = fields.read("new_file") ?? false
        isRenamed = fields.read("renamed_file") ?? false
        isDeleted = fields.read("deleted_file") ?? false
        isTooLarge = fields.read("too_large") ?? false
        isCollapsed = fields.read("collapsed") ?? false
        isGenerated = fields.read("generated_file") ?? false
    }
}
