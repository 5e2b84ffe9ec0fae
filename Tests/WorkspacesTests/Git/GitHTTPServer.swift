import Foundation
import SystemPackage
import Testing

@testable import Workspaces

/// Real git over smart HTTP on loopback: `git http-backend` behind a small server with a token and with faults.
struct GitHTTPServer: Sendable {
    struct Options: Encodable, Sendable {
        var root: String
        /// Path under which the repositories lie, without a slash at its end.
        var prefix = ""
        var token: String?
        /// How many fetches break off in the middle of the pack.
        var drops = 0
        /// How many requests are answered with 503 first.
        var errors = 0
        /// Where all requests are sent on to.
        var redirect: String?
        /// Requests are never answered.
        var hangs = false
        /// Only paths that end in `.git` are served; others are redirected to those, as GitLab does.
        var wantsSuffix = false
        var certificate: String?
    }

    let port: Int
    private let log: FilePath

    /// One line for each request: method, path, and the Authorization header or `-`.
    func requests() throws -> [String] {
        try String(contentsOfFile: log.string, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    static func with(
        _ fixture: GitFixture, _ change: (inout Options) -> Void = { _ in }, _ body: (GitHTTPServer) async throws -> Void
    ) async throws {
        var options = Options(root: fixture.root.string)
        change(&options)
        let name = "server-\(Int.random(in: 0 ..< .max))"
        let log = fixture.path(name + ".log")
        let script = fixture.path(name + ".py")
        try fixture.write(source, to: script)
        try fixture.write("", to: log)
        var request = ProcessRequest(executable: "/usr/bin/env", arguments: ["python3", script.string])
        request.arguments.append(log.string)
        request.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": fixture.root.string]
        // Not an argument, where a test that looks for the token would find it.
        request.environment["OPTIONS"] = String(decoding: try JSONEncoder().encode(options), as: UTF8.self)
        request.timeLimit = .seconds(120)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        request.onOutput = { stream, bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            if stream == .standardOutput, let port = Int(text.prefix { $0 != "\n" }) { continuation.yield(port) }
        }
        let task = Task { [request] in
            defer { continuation.finish() }
            let result = try await fixture.processes.run(request)
            Issue.record("The server ended: \(String(decoding: result.standardError, as: UTF8.self))")
        }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        let result: Result<Void, any Error>
        do { result = .success(try await body(GitHTTPServer(port: port, log: log))) } catch { result = .failure(error) }
        task.cancel()
        _ = await task.result
        try result.get()
    }

    private static let source = #"""
        import base64, json, os, ssl, subprocess, sys, threading
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        options = json.loads(os.environ["OPTIONS"])
        log = open(sys.argv[1], "a", buffering=1)
        lock = threading.Lock()
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass
            def body(self):
                if self.headers.get("Transfer-Encoding") == "chunked":
                    data = b""
                    while True:
                        size = int(self.rfile.readline().strip(), 16)
                        data += self.rfile.read(size)
                        self.rfile.readline()
                        if size == 0: return data
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            def answer(self, status, headers={}, text=b""):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            def serve(self):
                log.write("%s %s %s\n" % (self.command, self.path, self.headers.get("Authorization") or "-"))
                data = self.body()
                path, _, query = self.path.partition("?")
                if options.get("hangs"):
                    threading.Event().wait()
                if options.get("redirect"):
                    return self.answer(302, {"Location": options["redirect"] + self.path})
                with lock:
                    if options["errors"] > 0:
                        options["errors"] -= 1
                        return self.answer(503)
                if not path.startswith(options["prefix"] + "/"):
                    return self.answer(404, {}, b"not here")
                path = path[len(options["prefix"]):]
                if options["wantsSuffix"] and ".git/" not in path:
                    return self.answer(301, {"Location": self.path.replace("/info/refs", ".git/info/refs")})
                if options.get("token"):
                    given = self.headers.get("Authorization", "")
                    wanted = "Basic " + base64.b64encode(("oauth2:" + options["token"]).encode()).decode()
                    if given != wanted:
                        return self.answer(401, {"WWW-Authenticate": 'Basic realm="GitLab"'}, b"HTTP Basic: Access denied")
                environment = {
                    "PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "GIT_PROJECT_ROOT": options["root"], "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                    "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_USER": "bot", "REMOTE_ADDR": "127.0.0.1",
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(data)),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                }
                done = subprocess.run(["git", "http-backend"], input=data, stdout=subprocess.PIPE, env=environment)
                head, _, text = done.stdout.partition(b"\r\n\r\n")
                status, headers = 200, {}
                for line in head.decode().split("\r\n"):
                    name, _, value = line.partition(": ")
                    if name.lower() == "status": status = int(value.split()[0])
                    elif name: headers[name] = value
                with lock:
                    drop = options["drops"] > 0 and path.endswith("git-upload-pack") and b"PACK" in text
                    if drop: options["drops"] -= 1
                if drop:
                    self.send_response(200)
                    for name, value in headers.items(): self.send_header(name, value)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text[:text.index(b"PACK") + 40])
                    self.wfile.flush()
                    self.close_connection = True
                    self.connection.shutdown(2)
                    return
                self.answer(status, headers, text)
            do_GET = do_POST = serve
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if options.get("certificate"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(options["certificate"])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """#
}
