import Foundation

/// A commit, read in git's machine format.
struct CommitRecord: Sendable {
    let id: String
    let parents: [String]
    let authorName: String
    let authorEmail: String
    let authoredAt: String
    let committerName: String
    let committerEmail: String
    let committedAt: String
    let message: String
    var title: String { String(message.prefix { $0 != "\n" }) }

    func json(webURL: String) -> GitLabJSON {
        [
            "id": .string(id), "short_id": .string(String(id.prefix(8))), "title": .string(title),
            "message": .string(message), "author_name": .string(authorName), "author_email": .string(authorEmail),
            "authored_date": .string(authoredAt), "committer_name": .string(committerName),
            "committer_email": .string(committerEmail), "committed_date": .string(committedAt),
            "created_at": .string(committedAt), "parent_ids": .texts(parents), "trailers": .object([:]),
            "extended_trailers": .object([:]), "web_url": .string("\(webURL)/-/commit/\(id)"),
        ]
    }

    func hookJSON(webURL: String) -> GitLabJSON {
        [
            "id": .string(id), "message": .string(message), "title": .string(title), "timestamp": .string(authoredAt),
            "url": .string("\(webURL)/-/commit/\(id)"),
            "author": ["name": .string(authorName), "email": .string(authorEmail)],
        ]
    }
}

extension BareRepository {
    /// Commits reachable by these revision arguments, newest first.
    func log(_ revisions: [String], limit: Int = 1000) async throws -> [CommitRecord] {
        let format = "--format=%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x01"
        let output = try await run(["log", format, "--max-count=\(limit)"] + revisions)
        return String(decoding: output, as: UTF8.self).split(separator: "\0\u{1}").compactMap { record in
            let fields = record.drop { $0 == "\n" }.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 9 else { return nil }
            return CommitRecord(
                id: fields[0], parents: fields[1].split(separator: " ").map(String.init), authorName: fields[2],
                authorEmail: fields[3], authoredAt: fields[4], committerName: fields[5], committerEmail: fields[6],
                committedAt: fields[7], message: fields[8])
        }
    }

    func record(of commit: String) async throws -> CommitRecord? { try await log([commit, "--"], limit: 1).first }
}
