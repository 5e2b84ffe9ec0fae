import Foundation
import Testing

/// A git server as companies have them: https behind a certificate of their own, a token, a URL root and sub-groups, and a
/// proxy in front of it.
struct CompanyGit: Sendable {
    /// `https://localhost:PORT/root/group/sub/project.git`
    let url: String
    let proxy: String
    let certificate: String
    private let log: String

    /// What the proxy was asked for.
    func tunnels() throws -> [String] { try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init) }

    /// - Parameter scene: its repository is what the server serves.
    static func serving<Result>(_ scene: OneShotScene, token: String, _ body: (CompanyGit) async throws -> Result) async throws -> Result {
        try await scene.shell(
            """
            mkdir -p served/group/sub; ln -s ../../../origin.git served/group/sub/project.git; git -C origin.git config http.receivepack true
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out ca.pem 2>&1
            cat key.pem ca.pem >both.pem
            """)
        let script = "\(scene.folder)/company.py"
        try Data(source.utf8).write(to: URL(fileURLWithPath: script))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script, scene.folder]
        process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": scene.folder, "SERVER_SECRET": token]
        let ports = Pipe()
        (process.standardOutput, process.standardInput) = (ports, FileHandle.nullDevice)
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        ports.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { continuation.finish() } else { continuation.yield(String(decoding: data, as: UTF8.self)) }
        }
        try process.run()
        defer {
            ports.fileHandleForReading.readabilityHandler = nil
            // Its signals may be held back, as they are in the thread that started it.
            _ = kill(process.processIdentifier, SIGKILL)
        }
        var said = ""
        for await line in lines {
            said += line
            if said.hasSuffix("\n") { break }
        }
        let numbers = said.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(numbers.count == 2)
        return try await body(
            CompanyGit(
                url: "https://localhost:\(numbers[0])/root/group/sub/project.git", proxy: "http://127.0.0.1:\(numbers[1])",
                certificate: "\(scene.folder)/ca.pem", log: "\(scene.folder)/tunnels.log"))
    }

    private static let source = #"""
        import base64, os, socket, ssl, subprocess, sys, threading
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        folder, token = sys.argv[1], os.environ["SERVER_SECRET"]
        log = open(folder + "/tunnels.log", "a", buffering=1)
        class Git(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass
            def body(self):
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                data = b""
                while True:
                    size = int(self.rfile.readline().strip(), 16)
                    data += self.rfile.read(size)
                    self.rfile.readline()
                    if size == 0: return data
            def answer(self, status, headers, text):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            def serve(self):
                data = self.body()
                path, _, query = self.path.partition("?")
                if not path.startswith("/root/group/sub/project.git/"): return self.answer(404, {}, b"not here")
                given = self.headers.get("Authorization", "")
                if not given.startswith("Basic ") or base64.b64decode(given[6:]).decode().partition(":")[2] != token:
                    return self.answer(401, {"WWW-Authenticate": 'Basic realm="GitLab"'}, b"HTTP Basic: Access denied")
                environment = {
                    "PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "GIT_PROJECT_ROOT": folder + "/served", "GIT_HTTP_EXPORT_ALL": "1",
                    "PATH_INFO": path[5:], "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_USER": "bot", "REMOTE_ADDR": "127.0.0.1",
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(data)),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                }
                done = subprocess.run(["git", "http-backend"], input=data, stdout=subprocess.PIPE, env=environment)
                head, _, text = done.stdout.partition(b"\r\n\r\n")
                status, headers = 200, {}
                for line in head.decode().split("\r\n"):
                    name, _, value = line.partition(": ")
                    if name.lower() == "status": status = int(value.split()[0])
                    elif name: headers[name] = value
                self.answer(status, headers, text)
            do_GET = do_POST = serve
        class Proxy(BaseHTTPRequestHandler):
            def log_message(self, *arguments): pass
            def do_CONNECT(self):
                log.write(self.path + "\n")
                host, _, port = self.path.rpartition(":")
                out = socket.create_connection((host, int(port)))
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self.wfile.flush()
                def copy(a, b):
                    try:
                        while data := a.recv(65536): b.sendall(data)
                    except OSError: pass
                    try: b.shutdown(socket.SHUT_WR)
                    except OSError: pass
                back = threading.Thread(target=copy, args=(out, self.connection), daemon=True)
                back.start()
                copy(self.connection, out)
                back.join()
                self.close_connection = True
        git = ThreadingHTTPServer(("127.0.0.1", 0), Git)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder + "/both.pem")
        git.socket = context.wrap_socket(git.socket, server_side=True)
        proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        for server in (git, proxy): server.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        print(git.server_address[1], proxy.server_address[1], flush=True)
        git.serve_forever()
        """#
}
