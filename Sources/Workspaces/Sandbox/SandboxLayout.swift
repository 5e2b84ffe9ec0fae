/// Places inside every sandbox, the same for each task, so that paths in outputs do not differ from run to run.
enum SandboxLayout {
    /// Where the work tree stands.
    static let tree = "/workspace"
    static let home = "/home/sandbox"
    /// Who the command believes to be.
    static let user: UInt32 = 1000

    /// The whole environment of a command, but what the caller adds.
    static func environment(searchPath: [String]) -> [String: String] {
        [
            "PATH": searchPath.joined(separator: ":"), "HOME": home, "LANG": "C.UTF-8", "TERM": "dumb", "CI": "true",
            "USER": "sandbox", "LOGNAME": "sandbox",
        ]
    }
}

extension SandboxedCommand {
    /// Where the work tree's root stands inside the sandbox.
    package static let treePath = SandboxLayout.tree

    /// As a list of words for the inside.
    var words: [String] {
        switch program {
        case .shell(let line): ["/bin/sh", "-c", line]
        case .arguments(let words): words
        }
    }

    func checkedDirectory() throws -> String {
        do {
            let path = try TreePath(directory)
            return path.isRoot ? SandboxLayout.tree : "\(SandboxLayout.tree)/\(path.text)"
        } catch {
            throw SandboxFailure("The command's directory can't be used: \(error.message)")
        }
    }

    func checkWords() throws {
        guard words.allSatisfy({ !$0.utf8.contains(0) }), !words.isEmpty,
            environment.allSatisfy({ !$0.key.isEmpty && !$0.key.contains("=") && !($0.key + $0.value).utf8.contains(0) })
        else { throw SandboxFailure("The command holds a NUL or an odd variable name and can't be run.") }
        // One argument may have 128 KiB, all of them a quarter of the stack.
        guard words.allSatisfy({ $0.utf8.count < 120 << 10 }), words.reduce(0, { $0 + $1.utf8.count }) < 1 << 20 else {
            throw SandboxFailure("The command is too long; put it into a file of the project and run that.")
        }
    }
}
