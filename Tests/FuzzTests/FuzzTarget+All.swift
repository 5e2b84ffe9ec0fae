import Domain
import Foundation
import NetworkAddresses

@testable import Agent
@testable import GitLabAPI
@testable import LanguageModels
@testable import Secrets
@testable import TestRuns
@testable import Transport
@testable import Workspaces
@testable import ai_coder

extension FuzzTarget {
    static let all = [
        payload, command, stream, json, task, patch, diff, edit, testOutput, junit, rules, markdown, headers, proxy, names, settings,
    ]

    private static let payload = FuzzTarget(
        name: "payload", words: ["\"project_id\"", "\"object_attributes\"", "\"note\"", "\"id\"", "\"user\"", "\"confidential\":true", "null", ",", ":"]
    ) { input, generator in
        let header = [nil, "Note Hook", "Confidential Note Hook", "System Hook"][generator.below(4)]
        let first = try? WebhookPayload.decode(input, eventHeader: header)
        try expect(first == (try? WebhookPayload.decode(input, eventHeader: header)), "it is read in two ways")
        guard let first else { return }
        try expect(JSONDepth.of(input) <= 64, "deeper than allowed")
        try expect(!"\(first)".unicodeScalars.contains("\0"), "a NUL came through")
    }

    private static let command = FuzzTarget(
        name: "command", words: ["/ai do x", "\n/ai ", "> ", "```", "\n~~~\n", "<!--", "-->", "<pre>", "</pre>", "@bot ", "    ", "\t", "- ", "1. "]
    ) { input, _ in
        let text = String(decoding: input, as: UTF8.self)
        let parser = CommandParser(trigger: "/ai", botUsername: "bot")
        if let command = parser.parse(text) {
            for scalar in "\(command)".unicodeScalars where (0x202A...0x202E).contains(scalar.value) || scalar.value == 0x200B || scalar.value == 0 {
                throw Broken(description: "a hidden character came through")
            }
        }
        try expect(
            parser.parse("> " + text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n> ")) == nil || text.contains("\r"),
            "a quoted command counts")
        let fence = String(repeating: "`", count: 1 + longestRun(of: "`", in: text) + 3)
        try expect(parser.parse("\(fence)\n\(text)\n\(fence)\n") == nil, "a fenced command counts")
        try expect(parser.parse("\(fence)\nx\n\(fence)\n\n/ai stop\n") == .stop, "a plain command is lost")
    }

    private static func longestRun(of character: Unicode.Scalar, in text: String) -> Int {
        var (longest, run) = (0, 0)
        for scalar in text.unicodeScalars {
            run = scalar == character ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    private static let stream = FuzzTarget(
        name: "stream",
        words: ["data: ", "event: ", "\n\n", "[DONE]", "\"usage\"", "\"content\"", "<think>", "</think>", "\"index\":7", "\"tool_calls\"", "\"stop_reason\""]
    ) { input, generator in
        var whole = SSEDecoder(maxEventBytes: 1 << 20)
        let all = try whole.feed(input) + whole.finish()
        var pieces = SSEDecoder(maxEventBytes: 1 << 20)
        var events: [SSEDecoder.Event] = []
        var rest = input[...]
        while !rest.isEmpty {
            let part = rest.prefix(1 + generator.below(50))
            rest = rest.dropFirst(part.count)
            events += try pieces.feed(part)
        }
        try expect(events + pieces.finish() == all, "the places of the cuts count")
        try read(AnthropicWire.self, input, 1 + generator.below(100))
        try read(ChatWire.self, input, 1 + generator.below(100))
        try read(ResponsesWire.self, input, 1 + generator.below(100))
    }

    private static func read<Wire: ModelWire>(_: Wire.Type, _ input: [UInt8], _ chunk: Int) throws {
        var stream = ReplyStream(Wire.reader(ReplyContext(Conversation(system: "", tools: []))))
        do {
            for start in stride(from: 0, to: input.count, by: chunk) { _ = try stream.add(Array(input[start..<min(start + chunk, input.count)])) }
            let (reply, _) = try stream.finish()
            if let usage = reply.usage {
                let numbers = [usage.input, usage.output, usage.cacheRead, usage.cacheWrite, usage.cacheWriteHour]
                try expect(numbers.allSatisfy { (0...(1 << 41)).contains($0) } && usage.cost ?? 0 >= 0, "counts beyond reason: \(usage)")
            }
            if !reply.raw.isEmpty {
                try expect((try? JSONValue(parsing: reply.raw)) != nil, "what is sent back is not JSON")
            }
        } catch let broken as Broken {
            throw broken
        } catch is ReplyTrouble {}
    }

    private static let json = FuzzTarget(name: "json", words: ["{\"a\":", "[", "]", "}", ",", "true", "1e5", "\\u00e9", "\\ud83d\\ude00"]) { input, _ in
        guard let value = try? JSONValue(parsing: input) else { return }
        let again = try? JSONValue(parsing: value.text)
        try expect(again == value, "it changes by being written and read again")
    }

    private static let task = FuzzTarget(
        name: "task", words: ["\"repo_url\"", "\"intent\"", "\"task_id\"", ":", ",", "file:///", "ssh://", "-o", "\"branch\""]
    ) { input, _ in
        guard let request = try? TaskRequest(json: Data(input)) else { return }
        try expect(!request.intent.unicodeScalars.contains("\0"), "a NUL came through")
        try expect(!"\(request.repository)".contains("ext::"), "an odd address: \(request.repository)")
    }

    private static let patch = FuzzTarget(name: "patch", words: ["@@ -1 +1 @@\n", "+++ b/x\n", "--- a/x\n", "+", "-", "diff --git a/x b/x\n", "\"b/\\"]) {
        input, _ in
        let lines = AddedLines(reading: input)
        try expect(lines.files.reduce(0) { $0 + $1.lines.count } <= input.count, "more lines than bytes")
        _ = StatusReport(reading: input)
        _ = RemoteRefs(reading: input)
        _ = Redactor(secrets: [Secret("a-secret-of-the-test")]).findings(in: input)
    }

    private static let diff = FuzzTarget(name: "diff", words: ["@@ -1,2 +1,3 @@\n", "+x\n", "-x\n", " x\n", "\\ No newline\n"]) { input, _ in
        let map = DiffLineMap(String(decoding: input, as: UTF8.self))
        for line in map.lines.prefix(200) {
            if let new = line.new { try expect(map.line(new, on: .new) != nil, "line \(new) is lost") }
        }
        _ = map.range(1, Int.max, on: .old)
    }

    private static let edit = FuzzTarget(name: "edit", words: ["\r\n", "\u{200B}", "    ", "\t"]) { input, generator in
        let parts = input.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        let file = Array(input.drop { $0 != 0 })
        let search = generator.below(2) == 0 && file.count > 4 ? String(decoding: file[1..<(1 + generator.below(file.count - 1))], as: UTF8.self) : parts[0]
        do {
            let done = try TextReplacement(of: search, with: parts.last ?? "", in: file)
            try expect(done.oldLines.lowerBound == done.newLines.lowerBound && done.oldLines.lowerBound >= 1, "odd lines")
        } catch is ToolProblem {}
    }

    private static let testOutput = FuzzTarget(
        name: "test-output",
        words: ["PASSED", " ... ok", "not ok ", "--- FAIL: ", "Tests run: ", "Failures: ", " passed", " failed", "Test Case '", "::", "1/3 "]
    ) { input, generator in
        let text = String(decoding: input, as: UTF8.self)
        let runners: [TestPlan.Runner] = [
            .pytest, .unittest, .node, .go, .cargo, .swift, .maven, .gradle, .dotnet, .rspec, .minitest, .phpunit, .ctest, .meson, .make, .unknown,
        ]
        var sum = TestOutput()
        for runner in runners {
            let output = TestOutput.parse(text, runner: runner)
            if let counts = output.counts {
                try expect(counts.passed >= 0 && counts.failed >= 0 && counts.skipped >= 0, "negative counts by \(runner)")
            }
            sum.merge(output)
        }
        _ = sum.counts
    }

    private static let junit = FuzzTarget(name: "junit", words: ["<testcase name=\"", "<failure>", "</testcase>", "<!ENTITY ", "&", ";", "<![CDATA["]) {
        input, _ in
        if let output = JUnitReport.parse(input) {
            try expect(!output.outcomes.keys.contains { $0.contains("root:") }, "a file of the machine was read")
        }
    }

    private static let rules = FuzzTarget(
        name: "rules", words: ["test: ", "- ", "\n", "&a ", "*a", "? ", "<<: ", "!!int ", "{", "}", "[", "]", "|", ">", "---"]
    ) { input, _ in
        let text = String(decoding: input, as: UTF8.self)
        let (rules, problems) = ProjectRules.read(text)
        try expect(problems.count <= 5000, "too many problems")
        for list in [rules.setup, rules.test ?? [], rules.lint, rules.network, rules.protected] {
            try expect(list.count <= 50 && list.allSatisfy { $0.utf8.count <= 4000 }, "a list without bounds")
        }
        try expect(rules.maxIterations.map { (0...20).contains($0) } ?? true, "max_iterations without bounds")
        _ = CIIncludes.local(in: text)
        _ = CITestJob.find(in: text)
    }

    private static let markdown = FuzzTarget(
        name: "markdown", words: ["/close", "\n/merge\n", "@all", "```", "<img src=x>", "![a](b)", "<!--", "|", "`", "[a]: ", "$$", "\n> "]
    ) { input, _ in
        let text = String(decoding: input, as: UTF8.self)
        let shown = OutgoingText(untrusted: text).text
        try expect(!shown.unicodeScalars.contains("\r"), "a carriage return is left")
        try expect(!shown.lowercased().contains("<img") || shown.contains("`"), "an image is left")
        _ = OutgoingText(.paragraphs([.table(["a"], [[.code(text)]]), .details(text, .block(text)), "\(text)"])).text
        let visible = IncomingText.visible(text)
        try expect(IncomingText.visible(visible) == visible || visible.count > 1000, "not settled")
        _ = Redactor(secrets: [Secret("a-secret-of-the-test")]).redact(text)
    }

    private static let headers = FuzzTarget(name: "headers", words: ["Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After", "1994", ":", "-", "GMT"]) {
        input, generator in
        for part in input.split(separator: 0) {
            let text = String(decoding: part, as: UTF8.self)
            for name in ["Retry-After", "retry-after-ms"] {
                let now = Double(generator.below(2_000_000_000))
                if let wait = RetryAfter.read([name: text], now: now) { try expect(wait >= .zero && wait <= .seconds(1_000_000_000), "it waits for \(wait)") }
            }
            _ = GitLabTime(text)
            _ = HTTPDate.read(text)
        }
    }

    private static let proxy = FuzzTarget(
        name: "proxy", words: ["CONNECT ", "GET http://", " HTTP/1.1\r\n", "\r\n\r\n", "Host: ", ":443", "@", "#", "?", "127.0.0.1", "[::1]"]
    ) { input, _ in
        guard let end = ProxyRequest.end(of: input), let request = ProxyRequest(head: Array(input[..<end])) else { return }
        let name = request.destination
        try expect(HostDestination("\(name)", defaultPort: 1) == name && HostAddress(name.host, port: 1) == nil, "an odd host: \(name)")
        guard let head = request.head() else { return }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        try expect(ProxyRequest.end(of: head) == head.count, "the head ends too early")
        try expect(
            lines.filter {
                $0.lowercased().hasPrefix("host") && $0.contains(":") && $0.lowercased().drop { $0 != ":" }.count > 0
                    && $0.lowercased().prefix { $0 != ":" } == "host"
            }.count == 1, "two hosts")
        try expect(!head.contains { $0 == 0 }, "a NUL")
    }

    private static let names = FuzzTarget(
        name: "names", words: ["https://", "git@", "://", "@", ":", "/", "..", "**", "*", "?", "[", "]", "{a,b}", ".git", "refs/"]
    ) { input, generator in
        let lines = String(decoding: input, as: UTF8.self).split(separator: "\n").map(String.init)
        for line in lines.prefix(20) {
            if let url = try? RemoteURL(line) { try expect(!url.site.hasPrefix("-"), "an option: \(url.site)") }
            _ = HostRule(line)
            if let path = try? TreePath(line) { try expect(!path.text.split(separator: "/").contains(".."), "it climbs: \(path.text)") }
            let other = lines[generator.below(lines.count)]
            _ = PathPattern(line).matches(other)
            _ = GlobPattern(line).matches(other)
            if RefName.isPlain(line) { try expect(!line.hasPrefix("-") && !line.contains("..") && !line.contains(":"), "an odd ref: \(line)") }
            _ = PathRules.isSafe(Array(line.utf8))
            _ = TaskID(rawValue: line)
        }
    }

    private static let settings = FuzzTarget(name: "settings", words: ["MODEL_NAME: ", "\n", ": ", "- ", "60m", "2g", "1e9", "[", "]", "\"", "http://"]) {
        input, _ in
        let path = FileManager.default.temporaryDirectory.appending(path: "fuzz-settings-\(UUID().uuidString).yml")
        defer { try? FileManager.default.removeItem(at: path) }
        try Data(input).write(to: path)
        let environment = ["AI_CODER_CONFIG": path.path, "HOME": "/tmp"]
        do {
            let reader = try await SettingsReader(flags: [:], environment: environment)
            _ = try Settings(reading: reader, environment: environment)
        } catch is SettingsFailure {}
    }
}

/// How deep brackets nest in JSON, texts left out.
private enum JSONDepth {
    static func of(_ bytes: [UInt8]) -> Int {
        var (depth, deepest, isText, isEscaped) = (0, 0, false, false)
        for byte in bytes {
            if isEscaped { isEscaped = false; continue }
            switch byte {
            case UInt8(ascii: "\\") where isText: isEscaped = true
            case UInt8(ascii: "\""): isText.toggle()
            case UInt8(ascii: "{") where !isText, UInt8(ascii: "[") where !isText:
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "}") where !isText, UInt8(ascii: "]") where !isText: depth -= 1
            default: break
            }
        }
        return deepest
    }
}
