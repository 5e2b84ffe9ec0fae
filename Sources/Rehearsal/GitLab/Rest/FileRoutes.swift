import Crypto
import Foundation

extension RouteTable {
    mutating func addFileRoutes() {
        let base = "projects/{id}/repository/files/{file_path}"
        add("GET", base) { world, call in try await world.showFile(call) }
        add("GET", base + "/raw") { world, call in try await world.showRawFile(call) }
        add("POST", base) { world, call in try await world.writeFile(call, .create) }
        add("PUT", base) { world, call in try await world.writeFile(call, .update) }
        add("DELETE", base) { world, call in try await world.writeFile(call, .delete) }
        add("GET", "projects/{id}/repository/tree") { world, call in try await world.listTree(call) }
        add("GET", "projects/{id}/repository/compare") { world, call in try await world.compare(call) }
        add("GET", "projects/{id}/repository/merge_base") { world, call in try await world.showMergeBase(call) }
    }
}

extension GitLabWorld {
    private func file(_ call: GitLabCall) async throws -> (entry: BareRepository.TreeEntry, commit: String, bytes: [UInt8]) {
        let project = try project(call)
        let repository = repository(of: project.id)
        let ref = call.text("ref") ?? "HEAD"
        guard let commit = await repository.commit(ref == "HEAD" ? "refs/heads/\(project.defaultBranch ?? "main")" : ref) else {
            throw Refusal.notFound("Commit")
        }
        guard let entry = try await repository.entry(at: try call.required("file_path"), of: commit), entry.kind == "blob" else {
            throw Refusal.notFound("File")
        }
        return (entry, commit, try await repository.blob(entry.hash))
    }

    func showFile(_ call: GitLabCall) async throws -> GitLabReply {
        let (entry, commit, bytes) = try await file(call)
        let digest = SHA256.hash(data: bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        return .ok([
            "file_name": .string(String(entry.path.split(separator: "/").last ?? "")), "file_path": .string(entry.path),
            "size": .integer(bytes.count), "encoding": "base64", "content_sha256": .string(digest),
            "ref": .text(call.text("ref")), "blob_id": .string(entry.hash), "commit_id": .string(commit),
            "last_commit_id": .string(commit), "execute_filemode": .bool(entry.mode == "100755"),
            "content": .string(Data(bytes).base64EncodedString()),
        ])
    }

    func showRawFile(_ call: GitLabCall) async throws -> GitLabReply {
        let file = try await file(call)
        return GitLabReply(200, .bytes(file.bytes), headers: [("Content-Type", "text/plain")])
    }

    static func content(_ json: JSON) -> [UInt8] {
        let text = json["content"]?.text ?? ""
        return json["encoding"]?.text == "base64" ? Array(Data(base64Encoded: text) ?? Data()) : Array(text.utf8)
    }

    func writeFile(_ call: GitLabCall, _ kind: FileAction.Kind) async throws -> GitLabReply {
        let path = try call.required("file_path")
        let branch = try call.required("branch")
        let action = FileAction(kind, path, content: Self.content(.object(call.body)))
        _ = try await commit(
            call, [action], branch: branch, start: call.text("start_branch"), message: try call.required("commit_message"))
        if kind == .delete { return .noContent }
        return GitLabReply(kind == .create ? 201 : 200, .json(["file_path": .string(path), "branch": .string(branch)]))
    }

    func commit(
        _ call: GitLabCall, _ actions: [FileAction], branch: String, start: String?, message: String
    ) async throws -> String {
        let project = try project(call, needs: .developer)
        let user = try user(of: call)
        guard canPush(branch, project, user.id) else {
            throw Refusal.badRequest("You are not allowed to push into this branch")
        }
        return try await commit(actions, to: branch, from: start, in: project.id, message: message, by: user.id)
    }

    func listTree(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call)
        let repository = repository(of: project.id)
        guard let commit = await repository.commit(call.text("ref") ?? "refs/heads/\(project.defaultBranch ?? "main")") else {
            throw Refusal.notFound("Tree")
        }
        let entries = try await repository.entries(
            of: commit, path: call.text("path") ?? "", isRecursive: call.bool("recursive") ?? false)
        let items: [JSON] = entries.map { entry in
            [
                "id": .string(entry.hash), "name": .string(String(entry.path.split(separator: "/").last ?? "")),
                "type": .string(entry.kind), "path": .string(entry.path), "mode": .string(entry.mode),
            ]
        }
        return try Paging(call).reply(items, to: call)
    }

    func compare(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call)
        let repository = repository(of: project.id)
        guard let from = await repository.commit(try call.required("from")), let to = await repository.commit(try call.required("to"))
        else { throw Refusal.notFound("Ref") }
        let base = call.bool("straight") == true ? from : await repository.mergeBase(from, to) ?? from
        let commits = try await repository.log(["\(from)..\(to)"])
        let url = projectURL(project)
        let files = try await repository.diff(base, to)
        return .ok([
            "commit": commits.first?.json(webURL: url) ?? .null, "commits": .list(commits.reversed().map { $0.json(webURL: url) }),
            "diffs": .list(files.map { $0.json(unified: false) }), "compare_timeout": false, "compare_same_ref": .bool(from == to),
            "web_url": .string("\(url)/-/compare/\(from)...\(to)"),
        ])
    }

    func showMergeBase(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call)
        guard let refs = call["refs"]?.list?.compactMap(\.text), refs.count == 2,
            let base = await repository(of: project.id).mergeBase(refs[0], refs[1]),
            let record = try await repository(of: project.id).record(of: base)
        else { throw Refusal.notFound("Merge Base") }
        return .ok(record.json(webURL: projectURL(project)))
    }
}
