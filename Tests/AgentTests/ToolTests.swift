import Domain
import LanguageModels
import SystemPackage
import Testing
import Workspaces

@testable import Agent

@Suite("Tools on a real work tree")
struct ToolTests {
    private func room(_ fixture: Fixture, writable: Bool = true, limit: Int = 32 << 10) -> ToolRoom {
        ToolRoom(
            tree: fixture.tree, sandbox: DirectSandbox(keeping: fixture), treeIsWritable: writable, resultLimit: limit, commandTime: .seconds(20),
            maxCommandTime: .seconds(30), image: nil)
    }

    private func run(_ tool: any Tool, _ arguments: String, in room: ToolRoom) async throws -> String {
        try await tool.run(ToolArguments(.object(arguments), for: tool.parameters), in: room).text
    }

    private func problem(_ tool: any Tool, _ arguments: String, in room: ToolRoom) async -> String {
        do {
            return "no problem: " + (try await run(tool, arguments, in: room))
        } catch let problem as ToolProblem {
            return problem.message
        } catch let failure as FileFailure {
            return failure.message
        } catch {
            return "another error: \(error)"
        }
    }

    @Test("a file is read with line numbers, whole or in part")
    func read() async throws {
        let fixture = try Fixture(["a.txt": "one\ntwo\nthree\n", "empty": "", "crlf.txt": "a\r\nb", "wide": String(repeating: "x", count: 9000)])
        try fixture.put([0, 1, 2], at: "binary")
        try fixture.put([0x61, 0xE9, 0x0A], at: "latin")
        let room = room(fixture)
        #expect(try await run(ReadFile(), #"{"path":"a.txt"}"#, in: room) == "1\tone\n2\ttwo\n3\tthree\n")
        #expect(try await run(ReadFile(), #"{"path":"./a.txt","start_line":2,"end_line":2}"#, in: room) == "2\ttwo\n(lines 2–2 of 3)")
        #expect(try await run(ReadFile(), #"{"path":"a.txt","start_line":2,"end_line":99}"#, in: room).hasPrefix("2\ttwo\n3\tthree\n"))
        #expect(try await run(ReadFile(), #"{"path":"empty"}"#, in: room) == "(an empty file)")
        #expect(try await run(ReadFile(), #"{"path":"binary"}"#, in: room) == "(a binary file of 3 bytes)")
        let carriage = try await run(ReadFile(), #"{"path":"crlf.txt"}"#, in: room)
        #expect(carriage == "1\ta\n2\tb\n(lines end with CR LF, which edits keep; no newline at the end of the file)")
        #expect(try await run(ReadFile(), #"{"path":"latin"}"#, in: room).contains("not UTF-8"))
        #expect(try await run(ReadFile(), #"{"path":"wide"}"#, in: room).contains("[… 9000 bytes, cut …]"))
        #expect(await problem(ReadFile(), #"{"path":"a.txt","start_line":9}"#, in: room) == "The file has only 3 lines.")
        #expect(await problem(ReadFile(), #"{"path":"a.txt","start_line":3,"end_line":2}"#, in: room).contains("before"))
    }

    @Test("a long file is shown in parts that fit")
    func readLong() async throws {
        let fixture = try Fixture(["long.txt": (1...5000).map { "line number \($0)\n" }.joined()])
        let text = try await run(ReadFile(), #"{"path":"long.txt","start_line":100}"#, in: room(fixture, limit: 4096))
        #expect(text.utf8.count < 4096)
        #expect(text.hasPrefix("100\tline number 100\n"))
        #expect(text.contains("of 5000; go on with start_line"))
    }

    @Test(
        "A40: no tool leads out of the work tree or into git's files",
        arguments: [
            "/etc/passwd", "../outside", "a/../../outside", ".git/config", "sub/.GIT/hooks/x", "out/secret", "/proc/self/environ", "",
        ])
    func outside(_ path: String) async throws {
        let fixture = try Fixture(["a.txt": "x\n"])
        let other = try Fixture(["secret": "TOPSECRET\n"])
        try fixture.link("out", to: other.tree.root.string)
        let room = room(fixture)
        let calls: [(any Tool, String)] = [
            (ReadFile(), #"{"path":"\#(path)"}"#), (EditFile(), #"{"path":"\#(path)","search":"TOPSECRET","replace":"y"}"#),
            (WriteFile(), #"{"path":"\#(path)","content":"y"}"#), (DeleteFile(), #"{"path":"\#(path)"}"#),
            (MoveFile(), #"{"from":"\#(path)","to":"b.txt"}"#), (MoveFile(), #"{"from":"a.txt","to":"\#(path)"}"#),
            (ListFiles(), #"{"path":"\#(path.isEmpty ? "out" : path)"}"#), (Search(), #"{"pattern":"SECRET","path":"\#(path.isEmpty ? "out" : path)"}"#),
        ]
        for (tool, arguments) in calls {
            let text = await problem(tool, arguments, in: room)
            #expect(!text.hasPrefix("no problem") && !text.contains("TOPSECRET"), "\(tool.name): \(text)")
        }
        #expect(try other.text("secret") == "TOPSECRET\n")
        #expect(try fixture.text("a.txt") == "x\n")
    }

    @Test("files are edited, written, moved and deleted")
    func changes() async throws {
        let fixture = try Fixture(["a.py": "x = 1\ny = 2\n", "crlf.txt": "a\r\nb\r\n"])
        let room = room(fixture)
        #expect(try await run(EditFile(), #"{"path":"a.py","search":"x = 1","replace":"x = 3"}"#, in: room) == "Edited a.py: line 1 replaced by 1 line.")
        #expect(try fixture.text("a.py") == "x = 3\ny = 2\n")
        #expect(try await run(WriteFile(), #"{"path":"new/b.py","content":"z\n"}"#, in: room) == "Created new/b.py, 1 lines.")
        #expect(try await run(WriteFile(), #"{"path":"crlf.txt","content":"a\nc\n"}"#, in: room).hasPrefix("Overwrote"))
        #expect(try fixture.text("crlf.txt") == "a\r\nc\r\n")
        #expect(try await run(MoveFile(), #"{"from":"new/b.py","to":"c.py"}"#, in: room) == "Moved new/b.py to c.py.")
        #expect(await problem(MoveFile(), #"{"from":"c.py","to":"a.py"}"#, in: room).contains("exists already"))
        #expect(try await run(DeleteFile(), #"{"path":"c.py"}"#, in: room) == "Deleted c.py.")
        #expect(!fixture.exists("c.py") && !fixture.exists("new/b.py"))
        #expect(await problem(DeleteFile(), #"{"path":"c.py"}"#, in: room).contains("c.py"))
    }

    @Test("folders are listed, and globs find files below")
    func list() async throws {
        let fixture = try Fixture(["a.txt": "", "src/b.py": "", "src/deep/c.py": ""])
        #expect(try await run(ListFiles(), "{}", in: room(fixture)) == "a.txt\nsrc/")
        #expect(try await run(ListFiles(), #"{"glob":"**/*.py"}"#, in: room(fixture)) == "src/b.py\nsrc/deep/c.py")
        #expect(try await run(ListFiles(), #"{"path":"src","glob":"*.md"}"#, in: room(fixture)) == "No file matches.")
    }

    @Test("search shows path, line and text")
    func search() async throws {
        let fixture = try Fixture(["a.py": "import os\nprint(os)\n", "sub/b.txt": "Import\n", ".hidden/c": "import x\n", "-n": "import y\n"])
        let room = room(fixture)
        let found = try await run(Search(), #"{"pattern":"import"}"#, in: room)
        #expect(found == "-n:1:import y\n.hidden/c:1:import x\na.py:1:import os\nsub/b.txt:1:Import\n")
        #expect(try await run(Search(), #"{"pattern":"import","glob":"*.py"}"#, in: room) == "a.py:1:import os\n")
        #expect(try await run(Search(), #"{"pattern":"import","path":"sub"}"#, in: room) == "sub/b.txt:1:Import\n")
        #expect(try await run(Search(), #"{"pattern":"-n","path":"-n"}"#, in: room) == "No matches.")
        #expect(try await run(Search(), #"{"pattern":"nowhere"}"#, in: room) == "No matches.")
        #expect(await problem(Search(), #"{"pattern":"("}"#, in: room).contains("unclosed group"))
        #expect(await problem(Search(), #"{"pattern":"x","path":"nope"}"#, in: room).contains("does not exist"))
    }

    @Test("many matches are cut and counted")
    func manyMatches() async throws {
        var files: [String: String] = [:]
        for number in 0..<9 { files["f\(number).txt"] = String(repeating: "match me\n", count: 60) }
        let text = try await run(Search(), #"{"pattern":"match"}"#, in: room(try Fixture(files)))
        #expect(text.contains("(200 of 540 lines; narrow the search"))
    }

    @Test(
        "a command's output and ending are told",
        arguments: [
            ("echo hi; echo err >&2; exit 3", "hi\nerr\n[exit code 3]"), ("true", "(no output)\n[exit code 0]"),
            ("kill -9 $$", "(no output)\n[ended by signal 9]"),
        ])
    func command(_ line: String, _ expected: String) async throws {
        let arguments = JSONText.object(["command": line])
        #expect(try await run(RunCommand(), arguments, in: room(try Fixture())) == expected)
    }

    @Test("a command that does not end is stopped at its limit", .timeLimit(.minutes(1)))
    func slowCommand() async throws {
        let text = try await run(RunCommand(), #"{"command":"echo begun; sleep 50","timeout_seconds":1}"#, in: room(try Fixture()))
        #expect(text.contains("begun\n"))
        #expect(text.contains("[stopped after 1 seconds"))
    }

    @Test(
        "a plan, a question and an answer must say something",
        arguments: [
            (SubmitPlan() as any Tool, #"{"summary":" ","files":[],"changes":[],"tests":[]}"#), (AskUser(), #"{"question":"\n"}"#),
            (Answer(), #"{"text":""}"#), (Finish(), #"{"summary":""}"#), (RunCommand(), #"{"command":"  "}"#), (Search(), #"{"pattern":""}"#),
        ])
    func empty(_ tool: any Tool, _ arguments: String) async throws {
        #expect(await problem(tool, arguments, in: room(try Fixture())).contains("is empty"))
    }

    @Test("a finding outside the diff is sent back, and taken as it is when that does not help")
    func review() async throws {
        var room = room(try Fixture())
        room.scope = ReviewScope(files: ["a.py": .init(new: [10...20], old: [8...9])])
        func review(_ findings: String) -> String { #"{"summary":"s","findings":[\#(findings)]}"# }
        let good = #"{"path":"a.py","line":12,"end_line":13,"severity":"high","title":"t","body":"b","suggestion":"x"}"#
        let astray = #"{"path":"a.py","line":25,"severity":"minor","title":"t","body":"b"}"#
        let elsewhere = #"{"path":"b.py","line":1,"severity":"minor","title":"t","body":"b"}"#
        let text = await problem(SubmitReview(), review([good, astray, elsewhere].joined(separator: ",")), in: room)
        #expect(text.contains("findings[1]: lines 25–25 (new) are not within one part of the diff; it shows 10–20"))
        #expect(text.contains("findings[2]: `b.py` is not in the diff"))
        room.refusedEndings = 2
        let output = try await SubmitReview().run(
            ToolArguments(.object(review("\(good),\(astray)")), for: SubmitReview().parameters), in: room)
        guard case .review(let outcome) = output.ending else {
            Issue.record("no review")
            return
        }
        #expect(outcome.findings.map(\.line) == [12, 25])
        #expect(outcome.findings.first?.severity == .major)
        #expect(outcome.findings.first?.endLine == 13)
    }
}

/// JSON objects of strings for scripts.
enum JSONText {
    static func object(_ members: KeyValuePairs<String, String>) -> String {
        "{" + members.map { "\(quoted($0)):\(quoted($1))" }.joined(separator: ",") + "}"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
