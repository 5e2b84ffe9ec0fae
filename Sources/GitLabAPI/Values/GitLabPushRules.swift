/// What a push must look like (paid editions).
package struct GitLabPushRules: Sendable, Hashable, Decodable {
    package var commitMessagePattern: String?
    package var commitMessageNegativePattern: String?
    package var branchNamePattern: String?
    package var authorEmailPattern: String?
    package var rejectsUnsigned: Bool
    package var checksMember: Bool
    package var checksCommitter: Bool
    /// In MB; 0 for any.
    package var maximumFileSize: Int?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        commitMessagePattern = fields.read("commit_message_regex")
        commitMessageNegativePattern = fields.read("commit_message_negative_regex")
        branchNamePattern = fields.read("branch_name_regex")
        authorEmailPattern = fields.read("author_email_regex")
        rejectsUnsigned = fields.read("reject_unsigned_commits") ?? false
        checksMember = fields.read("member_check") ?? false
        checksCommitter = fields.read("commit_committer_check") ?? false
        maximumFileSize = fields.read("max_file_size")
    }
}
