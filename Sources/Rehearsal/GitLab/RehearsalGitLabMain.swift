import Foundation

/// The stand-in GitLab as its own process. Arguments: `--host H --port N --root /path --data DIR --version V --control
/// --no-local-hooks`. Prints one line `{"url": "..."}` once it listens, and serves until it is ended.
package func rehearsalGitLabMain(arguments: [String]) async throws {
    var options = RehearsalGitLab.Options()
    var data = FileManager.default.temporaryDirectory.appending(path: "rehearsal-gitlab-\(UUID().uuidString)").path
    var rest = arguments[...]
    while let name = rest.popFirst() {
        func value() throws -> String {
            guard let value = rest.popFirst() else { throw Refusal.message(400, "\(name) needs a value.") }
            return value
        }
        switch name {
        case "--host": options.host = try value()
        case "--port": options.port = Int(try value()) ?? 0
        case "--root": options.relativeRoot = try value()
        case "--data": data = try value()
        case "--version": options.version = try value()
        case "--control": options.hasControl = true
        case "--no-local-hooks": options.allowsLocalHooks = false
        default: throw Refusal.message(400, "\(name) is not an argument of the stand-in GitLab.")
        }
    }
    let gitLab = RehearsalGitLab(dataDirectory: data, options: options)
    try await gitLab.run { url in
        let line = GitLabJSON.object(["url": .string(url)]).bytes + [0x0A]
        FileHandle.standardOutput.write(Data(line))
    }
}
