import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Subprocess
import SystemPackage

/// Git's smart HTTP: every request runs the real `git http-backend`, with both bodies streamed. What GitLab adds stands in
/// front: who may read, who may push, and how refusals look.
struct GitHTTP: Sendable {
    let world: GitLabWorld

    /// `/group/sub/project.git/info/refs?service=git-upload-pack` and the two services.
    struct Path: Sendable {
        enum Service: String, Sendable { case uploadPack = "git-upload-pack", receivePack = "git-receive-pack" }
        let project: String
        let rest: String
        let query: String
        let service: Service

        init?(_ path: String, query: String) {
            for suffix in ["/info/refs", "/git-upload-pack", "/git-receive-pack"] where path.hasSuffix(suffix) {
                guard !path.hasPrefix("/api/") else { return nil }
                var name = path.dropFirst().dropLast(suffix.count)
                if name.hasSuffix(".git") { name = name.dropLast(4) }
                let wanted = suffix == "/info/refs" ? FormValues.parse(query)["service"]?.text ?? "" : String(suffix.dropFirst())
                guard let service = Service(rawValue: wanted) else { return nil }
                project = name.removingPercentEncoding ?? String(name)
                rest = suffix
                self.query = query
                self.service = service
                return
            }
            return nil
        }
    }

    @concurrent func answer(_ path: Path, _ request: Request, _ writer: consuming ResponseWriter, cut: Int?) async throws {
        let secret = Self.password(in: request.headers[.authorization])
        let access = await world.gitAccess(to: path.project, token: secret, service: path.service)
        let number = await world.noteRequest(
            method: request.method.rawValue, path: request.head.path ?? "", pattern: "", actor: access.username, body: .null)
        guard case .allowed(let projectID, let userID, let rules) = access.verdict else {
            for try await _ in request.body {}
            await world.noteAnswer(number, status: access.status)
            return try await refuse(access, writer)
        }
        if request.headers[.expect]?.lowercased() == "100-continue" {
            try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        }
        await world.noteAnswer(number, status: 200)
        try await serve(path, request, writer, projectID: projectID, userID: userID, rules: rules, cut: cut)
    }

    @concurrent private func refuse(_ access: GitLabWorld.GitAccess, _ writer: consuming ResponseWriter) async throws {
        var fields = HTTPFields()
        fields[.contentType] = "text/plain; charset=utf-8"
        if access.status == 401 { fields[.wwwAuthenticate] = "Basic realm=\"GitLab\"" }
        let body = ByteBuffer(string: access.message)
        fields[.contentLength] = String(body.readableBytes)
        try await writer.write(
            response: HTTPResponse(status: .init(code: access.status), headerFields: fields),
            body: ResponseBody(byteBuffer: body))
    }

    @concurrent private func serve(
        _ path: Path, _ request: Request, _ writer: consuming ResponseWriter, projectID: Int, userID: Int?,
        rules: [String: String], cut: Int?
    ) async throws {
        let environment = environment(path, request, projectID, userID, rules)
        let world = world
        let body = request.body
        let isPush = path.service == .receivePack && path.rest != "/info/refs"
        // The writer cannot be captured by the closure that runs the process, so it waits in a box for its one use.
        let exit = WriterBox(writer)
        _ = try await Subprocess.run(
            .name("git"), arguments: ["http-backend"], environment: .custom(environment), input: .inputWriter,
            output: .sequence, error: .discarded
        ) { execution in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        for try await buffer in body {
                            _ = try await execution.standardInputWriter.write(Array(buffer.readableBytesView))
                        }
                    } catch is SubprocessError {
                        // The backend has read enough, or refuses; its answer says so. The rest of the body still has to be read.
                        for try await _ in body {}
                    }
                    try await execution.standardInputWriter.finish()
                }
                var reader = CGIReader(stream: execution.standardOutput.makeAsyncIterator())
                let head = try await reader.head()
                var out = try await exit.open(head)
                var sent = 0
                while let chunk = try await reader.next() {
                    if let cut, sent + chunk.count > cut {
                        try await out.write(ByteBuffer(bytes: chunk.prefix(max(0, cut - sent))))
                        throw FrontDoor.ConnectionClosed()
                    }
                    sent += chunk.count
                    try await out.write(ByteBuffer(bytes: chunk))
                }
                try await group.waitForAll()
                // Events come before the client's push returns, so that what it asks next sees them.
                if isPush, let userID { try await world.refsChanged(in: projectID, by: userID) }
                try await out.finish(nil)
            }
        }
    }

    private func environment(
        _ path: Path, _ request: Request, _ projectID: Int, _ userID: Int?, _ rules: [String: String]
    ) -> [Subprocess.Environment.Key: String] {
        let repository = world.repository(of: projectID)
        var environment = BareRepository.environment(home: repository.path)
        func set(_ name: String, _ value: String?) {
            if let key = Subprocess.Environment.Key(rawValue: name), let value { environment[key] = value }
        }
        set("GIT_PROJECT_ROOT", world.repositoriesDirectory)
        set("GIT_HTTP_EXPORT_ALL", "1")
        set("PATH_INFO", "/\(projectID).git\(path.rest)")
        set("QUERY_STRING", path.query)
        set("REQUEST_METHOD", request.method.rawValue)
        set("CONTENT_TYPE", request.headers[.contentType])
        set("CONTENT_LENGTH", request.headers[.contentLength])
        set("HTTP_CONTENT_ENCODING", request.headers[.contentEncoding])
        if let name = HTTPField.Name("Git-Protocol") { set("GIT_PROTOCOL", request.headers[name]) }
        set("REMOTE_ADDR", "127.0.0.1")
        if let userID { set("REMOTE_USER", "user-\(userID)") }
        for (name, value) in rules { set(name, value) }
        return environment
    }

    /// The password of a Basic header: GitLab takes a token there, with any user name.
    static func password(in header: String?) -> String? {
        guard let header, header.lowercased().hasPrefix("basic "),
            let data = Data(base64Encoded: header.dropFirst(6).trimmingCharacters(in: .whitespaces))
        else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let colon = text.firstIndex(of: ":") else { return nil }
        return String(text[text.index(after: colon)...])
    }
}
