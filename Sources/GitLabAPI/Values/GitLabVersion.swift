/// Which GitLab answers.
package struct GitLabVersion: Sendable, Hashable, Decodable {
    /// `19.1.0-ee`
    package var version: String
    package var revision: String?
    package var isEnterprise: Bool?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        version = try fields.require("version")
        revision = fields.read("revision")
        isEnterprise = fields.read("enterprise")
    }

    /// Whether it is at least that version.
    package func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
        let numbers = version.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { return false }
        return (numbers[0], numbers[1]) >= (major, minor)
    }
}
