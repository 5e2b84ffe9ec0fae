import Foundation
import Rehearsal
import Testing

@Suite("Git over HTTP", .timeLimit(.minutes(2)))
struct GitOverHTTPTests {
    @Test("a private project is cloned with a token as password, whatever the user name")
    func cloneWithToken() async throws {
        try await Stage.with { stage in
            let clone = try await stage.clone(token: stage.botToken)
            #expect(try String(contentsOfFile: "\(clone)/README.md", encoding: .utf8) == "# Widgets\n")
        }
    }

    @Test("a public project is cloned by anybody")
    func cloneAnonymously() async throws {
        try await Stage.with { stage in
            try await stage.world.setVisibility(.public, of: Stage.project)
            _ = try await stage.clone(token: nil)
        }
    }

    @Test("who has no right to read is refused as GitLab refuses")
    func refusals() async throws {
        try await Stage.with { stage in
            let stranger = try await stage.world.createToken(for: "stranger")
            let readAPI = try await stage.world.createToken(for: "dana", scopes: ["read_api"])
            let expired = try await stage.world.createToken(for: "dana")
            await stage.world.expireToken(expired)
            let table: [(String?, Int)] = [
                (nil, 401), ("wrong", 401), (expired, 401), (stranger, 404), (readAPI, 403), (stage.guestToken, 403),
            ]
            for (token, status) in table {
                var headers: [String: String] = [:]
                if let token { headers["Authorization"] = "Basic " + Data("x:\(token)".utf8).base64EncodedString() }
                let answer = try await stage.send(
                    "GET", "\(stage.url)/\(Stage.project).git/info/refs?service=git-upload-pack", headers: headers)
                #expect(answer.status == status)
                #expect((answer.headers["www-authenticate"] != nil) == (status == 401))
            }
        }
    }

    @Test("a Developer pushes a branch, and the merge request and the push log follow")
    func push() async throws {
        try await Stage.with { stage in
            let made = try await stage.openMergeRequest()
            let clone = try await stage.clone(token: stage.botToken)
            _ = try await stage.git(["checkout", "-q", "feature"], in: clone)
            try stage.write("more\n", to: "\(clone)/more.txt")
            _ = try await stage.git(["add", "."], in: clone)
            _ = try await stage.git(["commit", "-qm", "Add more"], in: clone)
            let pushed = try await stage.git(["push", "-q", "origin", "feature"], in: clone)
            #expect(pushed.succeeded, "\(pushed.error)")
            let head = try await stage.git(["rev-parse", "HEAD"], in: clone).output.trimmingCharacters(in: .newlines)
            let after = try await stage.world.mergeRequest(made.iid, of: Stage.project)
            #expect(after.versions.map(\.head).last == head)
            #expect(after.versions.count == 2)
            let push = try #require(await stage.world.pushes.last)
            #expect(push.actor == "ai-bot" && push.ref == "refs/heads/feature" && !push.wasForced)
            let fetched = try await stage.git(["fetch", "origin", "refs/merge-requests/1/head"], in: clone)
            #expect(fetched.succeeded)
        }
    }

    @Test("protected branches, archived projects, guests and push rules refuse pushes in GitLab's words")
    func refusedPushes() async throws {
        try await Stage.with { stage in
            let clone = try await stage.clone(token: stage.botToken)
            try stage.write("x\n", to: "\(clone)/x.txt")
            _ = try await stage.git(["add", "."], in: clone)
            _ = try await stage.git(["commit", "-qm", "X"], in: clone)
            let toMain = try await stage.git(["push", "origin", "HEAD:main"], in: clone)
            #expect(!toMain.succeeded)
            #expect(toMain.error.contains("GitLab: You are not allowed to push code to protected branches on this project."))
            try await stage.world.protect("release/*", in: Stage.project)
            #expect(try await !stage.git(["push", "origin", "HEAD:release/1"], in: clone).succeeded)
            try await stage.world.declinePushes(to: Stage.project, "Commit message does not follow the pattern 'X-\\d+'")
            let declined = try await stage.git(["push", "origin", "HEAD:ok"], in: clone)
            #expect(declined.error.contains("GitLab: Commit message does not follow the pattern"))
            try await stage.world.declinePushes(to: Stage.project, nil)
            #expect(try await stage.git(["push", "origin", "HEAD:ok"], in: clone).succeeded)
            try await stage.world.archive(Stage.project)
            #expect(try await stage.git(["push", "origin", "HEAD:other"], in: clone).error.contains("403"))
            try await stage.world.archive(Stage.project, false)
            try await stage.world.setMember("ai-bot", of: Stage.project, .reporter)
            #expect(try await stage.git(["push", "origin", "HEAD:other"], in: clone).error.contains("403"))
        }
    }

    @Test("a maintainer's push to a protected branch goes through, a forced one does not")
    func forcedPush() async throws {
        try await Stage.with { stage in
            let clone = try await stage.clone(token: stage.danaToken)
            try stage.write("x\n", to: "\(clone)/x.txt")
            _ = try await stage.git(["add", "."], in: clone)
            _ = try await stage.git(["commit", "-qm", "X"], in: clone)
            #expect(try await stage.git(["push", "origin", "HEAD:main"], in: clone).succeeded)
            _ = try await stage.git(["commit", "-q", "--amend", "-m", "Y"], in: clone)
            let forced = try await stage.git(["push", "--force", "origin", "HEAD:main"], in: clone)
            #expect(forced.error.contains("You are not allowed to force push code to a protected branch"))
        }
    }

    @Test("a large push in chunks arrives whole, and protocol version 2 is spoken")
    func largePush() async throws {
        try await Stage.with { stage in
            let clone = try await stage.clone(token: stage.botToken)
            var generator = SystemRandomNumberGenerator()
            let noise = Data((0..<3_000_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
            try noise.write(to: URL(filePath: "\(clone)/noise.bin"))
            _ = try await stage.git(["add", "."], in: clone)
            _ = try await stage.git(["commit", "-qm", "Noise"], in: clone)
            let pushed = try await stage.git(["-c", "http.postBuffer=65536", "push", "origin", "HEAD:noise"], in: clone)
            #expect(pushed.succeeded, "\(pushed.error)")
            let again = try await stage.git(
                ["clone", "-q", "--depth", "1", "-b", "noise", "--filter=blob:none", stage.cloneURL(token: stage.botToken), "two"])
            #expect(again.succeeded, "\(again.error)")
            #expect(FileManager.default.contents(atPath: "\(stage.directory)/two/noise.bin") == noise)
        }
    }

    @Test("faults: cut mid-pack, dropped, answered with an error, and then well again")
    func faults() async throws {
        try await Stage.with { stage in
            // Lasting ones: git's HTTP library itself tries once more when a kept connection dies.
            for kind in [
                FaultRule.Kind.cut(afterBytes: 100), .drop, .status(502, body: "bad gateway", headers: [:]),
            ] {
                await stage.world.add(FaultRule(kind, path: "*/git-upload-pack"))
                let name = UUID().uuidString
                let broken = try await stage.git(["clone", "-q", stage.cloneURL(token: stage.botToken), name])
                #expect(!broken.succeeded)
                await stage.world.clearFaults()
                let well = try await stage.git(["clone", "-q", stage.cloneURL(token: stage.botToken), name])
                #expect(well.succeeded, "\(well.error)")
            }
        }
    }

    @Test("a relative URL root stands before every path")
    func relativeRoot() async throws {
        var options = RehearsalGitLab.Options()
        options.relativeRoot = "/gitlab"
        try await Stage.with(options: options) { stage in
            #expect(stage.url.hasSuffix("/gitlab"))
            _ = try await stage.clone(token: stage.botToken)
            let shown = try await stage.api("GET", "projects/acme%2Ftools%2Fwidgets")
            #expect(shown.json["http_url_to_repo"]?.text == "\(stage.url)/acme/tools/widgets.git")
        }
    }
}
