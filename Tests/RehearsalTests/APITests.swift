import Foundation
import Rehearsal
import Testing

@Suite("REST API", .timeLimit(.minutes(2)))
struct APITests {
    static let base = "projects/acme%2Ftools%2Fwidgets"

    @Test("every route that is served exists in GitLab's description, with the same method")
    func routesExist() throws {
        guard let description = OpenAPIDescription.shared else { return }
        // The cut of the description that lies here leaves these out.
        let leftOut = ["push_rule", "/templates/", "unknown"]
        let unknown = RehearsalGitLab.routes.filter { route in
            !leftOut.contains { route.path.contains($0) } && !description.knows(route.method, route.path)
        }
        #expect(unknown.isEmpty, "\(unknown)")
        #expect(RehearsalGitLab.routes.count > 120)
    }

    @Test("no token, wrong, expired, revoked, narrow, foreign, blocked: each is refused in its own way")
    func authentication() async throws {
        try await Stage.with { stage in
            let world = stage.world
            let expired = try await world.createToken(for: "dana")
            await world.expireToken(expired)
            let revoked = try await world.createToken(for: "dana")
            await world.revokeToken(revoked)
            let narrow = try await world.createToken(for: "dana", scopes: ["read_repository"])
            let reading = try await world.createToken(for: "dana", scopes: ["read_api"])
            let foreign = try await world.createToken(for: "stranger")
            await world.createUser("blocked")
            let blocked = try await world.createToken(for: "blocked")
            await world.setState("blocked", ofUser: "blocked")
            for (token, method, status) in [
                ("", "GET", 404), ("wrong", "GET", 401), (expired, "GET", 401), (revoked, "GET", 401), (narrow, "GET", 403),
                (reading, "GET", 200), (foreign, "GET", 404), (blocked, "GET", 403), (stage.botToken, "GET", 200),
            ] {
                let answer = try await stage.api(method, Self.base, token: token)
                #expect(answer.status == status, "\(answer.text)")
            }
            let writing = try await stage.api("POST", "\(Self.base)/issues", ["title": "T"], token: reading)
            #expect(writing.status == 403)
            #expect(writing.json["error"]?.text == "insufficient_scope")
            #expect(try await stage.api("GET", "user", token: "").status == 401)
            #expect(try await stage.api("GET", "personal_access_tokens/self", token: narrow).json["scopes"]?[0]?.text == "read_repository")
        }
    }

    @Test("pages have GitLab's headers, and their links can be followed")
    func pagination() async throws {
        try await Stage.with { stage in
            for number in 1...5 {
                try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Issue \(number)")
            }
            let first = try await stage.api("GET", "\(Self.base)/issues?per_page=2&state=opened")
            #expect(first.json.list?.count == 2)
            #expect(first.headers["x-total"] == "5" && first.headers["x-next-page"] == "2" && first.headers["x-total-pages"] == "3")
            let link = try #require(first.headers["link"])
            let next = try #require(link.split(separator: ",").first { $0.contains("rel=\"next\"") })
            let target = String(next.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
            let second = try await stage.send("GET", target, headers: ["PRIVATE-TOKEN": stage.botToken])
            #expect(second.json.list?.compactMap { $0["iid"]?.int } == [3, 2])
        }
    }

    @Test("membership: inherited counts, the highest wins, expired and unknown are not found")
    func members() async throws {
        try await Stage.with { stage in
            let world = stage.world
            try await world.setMember("stranger", ofGroup: "acme", .reporter)
            let id = try #require(await world.users.values.first { $0.username == "stranger" }?.id)
            #expect(try await stage.api("GET", "\(Self.base)/members/all/\(id)").json["access_level"]?.int == 20)
            #expect(try await stage.api("GET", "\(Self.base)/members/\(id)").status == 404)
            try await world.setMember("stranger", of: Stage.project, .developer)
            #expect(try await stage.api("GET", "\(Self.base)/members/all/\(id)").json["access_level"]?.int == 30)
            try await world.setMember("stranger", of: Stage.project, .developer, expiresAt: Date(timeIntervalSince1970: 1))
            #expect(try await stage.api("GET", "\(Self.base)/members/all/\(id)").json["access_level"]?.int == 20)
            #expect(try await stage.api("GET", "\(Self.base)/members/all/999999").status == 404)
        }
    }

    @Test("a merge request is prepared only after a while; a second one for the branch is a conflict that names the first")
    func mergeRequests() async throws {
        try await Stage.with { stage in
            try await stage.world.push(["a.txt": "a\n"], to: "feature", in: Stage.project, by: "dana")
            let body: GitLabJSON = [
                "source_branch": "feature", "target_branch": "main", "title": "Draft: Add a", "description": "Closes #1",
                "labels": "bot,new",
            ]
            let made = try await stage.api("POST", "\(Self.base)/merge_requests", body)
            #expect(made.status == 201)
            #expect(made.json["diff_refs"] == .null && made.json["draft"] == true)
            #expect(made.json["detailed_merge_status"]?.text == "preparing")
            #expect(try await stage.api("GET", "\(Self.base)/merge_requests/1/diffs").json == [])
            _ = try await stage.api("GET", "\(Self.base)/merge_requests/1")
            _ = try await stage.api("GET", "\(Self.base)/merge_requests/1")
            let ready = try await stage.api("GET", "\(Self.base)/merge_requests/1")
            #expect(ready.json["diff_refs"]?["head_sha"]?.text?.count == 40)
            let diffs = try await stage.api("GET", "\(Self.base)/merge_requests/1/diffs?unidiff=true")
            #expect(diffs.json[0]?["diff"]?.text == "--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+a\n")
            let again = try await stage.api("POST", "\(Self.base)/merge_requests", body)
            #expect(again.status == 409)
            #expect(again.json["message"]?[0]?.text == "Another open merge request already exists for this source branch: !1")
            let missing = try await stage.api(
                "POST", "\(Self.base)/merge_requests", ["source_branch": "none", "target_branch": "main", "title": "x"])
            #expect(missing.status == 400)
            let merge = try await stage.api("PUT", "\(Self.base)/merge_requests/1/merge", [:])
            #expect(merge.status == 401, "a Developer may not merge into a protected branch")
        }
    }

    @Test("a merge makes a real merge commit and closes the issues that the description names")
    func merging() async throws {
        try await Stage.with { stage in
            try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Broken")
            try await stage.world.push(["a.txt": "a\n"], to: "feature", in: Stage.project, by: "dana")
            try await stage.world.openMergeRequest(
                in: Stage.project, from: "feature", title: "Add a", description: "Closes #1", by: "dana")
            let closes = try await stage.api("GET", "\(Self.base)/merge_requests/1/closes_issues")
            #expect(closes.json[0]?["iid"]?.int == 1)
            let merged = try await stage.api("PUT", "\(Self.base)/merge_requests/1/merge", [:], token: stage.danaToken)
            #expect(merged.json["state"]?.text == "merged")
            #expect(try await stage.world.file("a.txt", on: "main", of: Stage.project) == "a\n")
            #expect(try await stage.world.issue(1, of: Stage.project).isClosed)
        }
    }

    @Test(
        "diff positions are checked against the real diff",
        arguments: [
            (nil, 10, true), (10, nil, true), (9, 9, true), (1, 1, true), (25, 26, true),  // added, removed, same, far, shifted
            (nil, 9, false), (9, nil, false), (25, 25, false), (10, 10, false), (nil, 99, false),
        ] as [(Int?, Int?, Bool)])
    func positions(_ old: Int?, _ new: Int?, isValid: Bool) async throws {
        try await Stage.with { stage in
            let version = try #require(try await stage.openMergeRequest().versions.last)
            let position: GitLabJSON = [
                "position_type": "text", "base_sha": .string(version.base), "start_sha": .string(version.start),
                "head_sha": .string(version.head), "old_path": "src/main.txt", "new_path": "src/main.txt",
                "old_line": .int(old), "new_line": .int(new),
            ]
            let answer = try await stage.api(
                "POST", "\(Self.base)/merge_requests/1/discussions", ["body": "Here", "position": position])
            #expect(answer.status == (isValid ? 201 : 400), "\(answer.text)")
            if isValid {
                #expect(answer.json["notes"]?[0]?["type"]?.text == "DiffNote")
            } else {
                #expect(answer.json["message"]?.text?.contains("must be a valid line code") == true)
            }
        }
    }

    @Test("drafts are seen by their author alone and are published together; a suggestion can be applied")
    func review() async throws {
        try await Stage.with { stage in
            let version = try #require(try await stage.openMergeRequest().versions.last)
            let one = "\(Self.base)/merge_requests/1"
            let position: GitLabJSON = [
                "position_type": "text", "base_sha": .string(version.base), "start_sha": .string(version.start),
                "head_sha": .string(version.head), "old_path": "src/main.txt", "new_path": "src/main.txt", "new_line": 10,
            ]
            let text = "Lower case, please.\n\n```suggestion:-0+0\nline ten\n```"
            let draft = try await stage.api("POST", "\(one)/draft_notes", ["note": .string(text), "position": position])
            #expect(draft.status == 201, "\(draft.text)")
            #expect(try await stage.api("GET", "\(one)/draft_notes", token: stage.danaToken).json == [])
            #expect(try await stage.api("GET", "\(one)/discussions").json == [])
            let published = try await stage.api(
                "POST", "\(one)/draft_notes/bulk_publish", ["note": "Summary", "reviewer_state": "reviewed"])
            #expect(published.status == 204)
            let threads = try await stage.api("GET", "\(one)/discussions")
            #expect(threads.json.list?.count == 2)
            let suggestion = try #require(threads.json[0]?["notes"]?[0]?["suggestions"]?[0])
            #expect(suggestion["from_content"]?.text == "LINE 10\n" && suggestion["to_content"]?.text == "line ten\n")
            let id = try #require(suggestion["id"]?.int)
            #expect(try await stage.api("PUT", "suggestions/\(id)/apply", [:]).status == 200)
            #expect(try await stage.world.file("src/main.txt", on: "feature", of: Stage.project)?.contains("line ten\n") == true)
        }
    }

    @Test("slash commands run in notes and descriptions, are cut out, and are written down")
    func quickActions() async throws {
        try await Stage.with { stage in
            try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Broken")
            let notes = "\(Self.base)/issues/1/notes"
            let mixed = try await stage.api("POST", notes, ["body": "/ai do it\n/label ~bug\n\n```\n/close\n```"])
            #expect(mixed.status == 201)
            #expect(mixed.json["body"]?.text == "/ai do it\n\n```\n/close\n```")
            let only = try await stage.api("POST", notes, ["body": "/close"])
            #expect(only.status == 202 && only.json["commands_changes"] != nil)
            #expect(try await stage.world.issue(1, of: Stage.project).isClosed)
            #expect(try await stage.world.issue(1, of: Stage.project).labels == ["bug"])
            #expect(await stage.world.quickActions.map(\.name) == ["label", "close"])
            #expect(await stage.world.quickActions.map(\.actor) == ["ai-bot", "ai-bot"])
            let neutral = try await stage.api("POST", notes, ["body": "\\/merge\n> /approve\n    /close"])
            #expect(neutral.status == 201)
            #expect(await stage.world.quickActions.count == 2)
            try await stage.world.push(["a.txt": "a\n"], to: "feature", in: Stage.project, by: "dana")
            let made = try await stage.api(
                "POST", "\(Self.base)/merge_requests",
                ["source_branch": "feature", "target_branch": "main", "title": "T", "description": "Text\n/approve"])
            #expect(made.json["description"]?.text == "Text")
            #expect(await stage.world.quickActions.last?.name == "approve")
            #expect(await stage.world.quickActions.last?.source == "description")
        }
    }

    @Test("confidential issues and internal notes are hidden from guests")
    func confidential() async throws {
        try await Stage.with { stage in
            try await stage.world.setVisibility(.public, of: Stage.project)
            try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Secret", isConfidential: true)
            try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Open")
            try await stage.world.comment("inner", on: .issue(Stage.project, 2), by: "dana", isInternal: true)
            #expect(try await stage.api("GET", "\(Self.base)/issues/1", token: stage.guestToken).status == 404)
            #expect(try await stage.api("GET", "\(Self.base)/issues/1").status == 200)
            #expect(try await stage.api("GET", "\(Self.base)/issues/2/notes", token: stage.guestToken).json == [])
            #expect(try await stage.api("GET", "\(Self.base)/issues/2/notes").json[0]?["internal"] == true)
            let tried = try await stage.api(
                "POST", "\(Self.base)/issues/2/notes", ["body": "x", "internal": true], token: stage.guestToken)
            #expect(tried.status == 403)
        }
    }

    @Test("the same emoji twice has been taken; to-dos tell of mentions and go when answered")
    func emojiAndTodos() async throws {
        try await Stage.with { stage in
            try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Broken")
            let note = try #require(
                try await stage.world.comment("@ai-bot please", on: .issue(Stage.project, 1), by: "dana"))
            let path = "\(Self.base)/issues/1/notes/\(note.id)/award_emoji"
            #expect(try await stage.api("POST", path, ["name": "eyes"]).status == 201)
            let again = try await stage.api("POST", path, ["name": "eyes"])
            #expect(again.status == 404 && again.text.contains("has already been taken"))
            let todos = try await stage.api("GET", "todos?state=pending")
            #expect(todos.json[0]?["action_name"]?.text == "directly_addressed")
            _ = try await stage.api("POST", "\(Self.base)/issues/1/notes", ["body": "Done"])
            #expect(try await stage.api("GET", "todos?state=pending").json == [])
        }
    }

    @Test("branches, files, commits and comparisons come from real git")
    func repository() async throws {
        try await Stage.with { stage in
            let commit = try await stage.api(
                "POST", "\(Self.base)/repository/commits",
                [
                    "branch": "work", "start_branch": "main", "commit_message": "Change",
                    "actions": [
                        ["action": "create", "file_path": "new file.txt", "content": "n\n"],
                        ["action": "delete", "file_path": "README.md"],
                    ],
                ])
            #expect(commit.status == 201, "\(commit.text)")
            let file = try await stage.api("GET", "\(Self.base)/repository/files/new%20file.txt?ref=work")
            #expect(file.json["content"]?.text == Data("n\n".utf8).base64EncodedString())
            #expect(try await stage.api("GET", "\(Self.base)/repository/files/src%2Fmain.txt/raw?ref=work").text.hasPrefix("line 1\n"))
            #expect(try await stage.api("GET", "\(Self.base)/repository/files/README.md?ref=work").status == 404)
            let compare = try await stage.api("GET", "\(Self.base)/repository/compare?from=main&to=work")
            #expect(compare.json["diffs"]?.list?.count == 2)
            let branch = try await stage.api("GET", "\(Self.base)/repository/branches/main")
            #expect(branch.json["can_push"] == false && branch.json["protected"] == true)
            let made = try await stage.api("POST", "\(Self.base)/repository/branches?branch=ai%2F1-x&ref=main", isChecked: false)
            #expect(made.status == 201)
            #expect(try await stage.api("DELETE", "\(Self.base)/repository/branches/ai%2F1-x").status == 204)
            #expect(try await stage.api("DELETE", "\(Self.base)/repository/branches/main").status == 405)
            let direct = try await stage.api(
                "POST", "\(Self.base)/repository/commits",
                [
                    "branch": "main", "commit_message": "No",
                    "actions": [["action": "create", "file_path": "x", "content": "x"]],
                ])
            #expect(direct.status == 400)
        }
    }

    @Test("a failed pipeline shows its jobs and their logs; the same commit status twice is refused")
    func pipelines() async throws {
        try await Stage.with { stage in
            let made = try await stage.openMergeRequest()
            try await stage.world.runPipeline(
                on: "feature", of: Stage.project, failing: ["unit": "E   assert 1 == 2\n"], by: "dana")
            let pipelines = try await stage.api("GET", "\(Self.base)/merge_requests/\(made.iid)/pipelines")
            let id = try #require(pipelines.json[0]?["id"]?.int)
            #expect(pipelines.json[0]?["status"]?.text == "failed")
            let jobs = try await stage.api("GET", "\(Self.base)/pipelines/\(id)/jobs?scope[]=failed")
            let job = try #require(jobs.json[0]?["id"]?.int)
            #expect(try await stage.api("GET", "\(Self.base)/jobs/\(job)/trace").text == "E   assert 1 == 2\n")
            let head = try #require(made.versions.last?.head)
            let status: GitLabJSON = ["state": "running", "name": "ai"]
            #expect(try await stage.api("POST", "\(Self.base)/statuses/\(head)", status).status == 201)
            let again = try await stage.api("POST", "\(Self.base)/statuses/\(head)", status)
            #expect(again.status == 400 && again.text.contains("Cannot transition status"))
        }
    }

    @Test("faults answer instead: a plain-text 429, a 500 after two calls, a drop that did the work")
    func faults() async throws {
        try await Stage.with { stage in
            await stage.world.add(.rateLimited(path: "/api/v4/user", retryAfter: 7))
            let limited = try await stage.api("GET", "user")
            #expect(limited.status == 429 && limited.headers["retry-after"] == "7" && limited.text == "Retry later\n")
            #expect(try await stage.api("GET", "user").status == 200)
            await stage.world.add(FaultRule(.status(500, body: "{}", headers: [:]), path: "*/version", after: 2, times: 1))
            var seen: [Int] = []
            for _ in 0..<4 { seen.append(try await stage.api("GET", "version").status) }
            #expect(seen == [200, 200, 500, 200])
            await stage.world.add(FaultRule(.dropAfterwards, method: "POST", path: "*/issues", times: 1))
            await #expect(throws: (any Error).self) {
                try await stage.api("POST", "\(Self.base)/issues", ["title": "Made all the same"])
            }
            #expect(try await stage.world.issue(1, of: Stage.project).title == "Made all the same")
        }
    }

    @Test("who asked what is written down")
    func requestLog() async throws {
        try await Stage.with { stage in
            _ = try await stage.api("GET", Self.base)
            let seen = try #require(await stage.world.requests.last)
            #expect(seen.method == "GET" && seen.pattern == "projects/{id}" && seen.actor == "ai-bot" && seen.status == 200)
        }
    }

    @Test("the control surface drives and shows the same world over HTTP, and only when it is switched on")
    func control() async throws {
        var options = RehearsalGitLab.Options()
        options.hasControl = true
        try await Stage.with(options: options) { stage in
            func control(_ method: String, _ path: String, _ body: GitLabJSON? = nil) async throws -> Stage.Answer {
                try await stage.send(method, "\(stage.url)/__rehearsal/\(path)", body)
            }
            let user = try await control("POST", "users", ["username": "eve"])
            #expect(user.status == 201 && user.json["token"]?.text?.hasPrefix("glpat-") == true)
            _ = try await control(
                "POST", "projects", ["path": "eve/site", "by": "eve", "files": ["index.html": "<p>Hi</p>\n"]])
            _ = try await control("POST", "issues", ["project": "eve/site", "by": "eve", "title": "Greet"])
            let note = try await control(
                "POST", "comments", ["project": "eve/site", "issue": 1, "by": "eve", "body": "/ai do greet"])
            #expect(note.status == 201, "\(note.text)")
            let pushed = try await control(
                "POST", "push", ["project": "eve/site", "branch": "b", "by": "eve", "files": ["x.txt": "x\n"]])
            #expect(pushed.status == 201, "\(pushed.text)")
            let branches = try await control("GET", "branches?project=eve%2Fsite")
            #expect(branches.json["b"]?.text == pushed.json["commit"]?.text)
            #expect(try await control("GET", "notes?project=eve%2Fsite").json[0]?["body"]?.text == "/ai do greet")
            _ = try await control("POST", "faults", ["path": "*/version", "status": 503, "times": 1])
            #expect(try await stage.api("GET", "version").status == 503)
        }
        try await Stage.with { stage in
            let closed = try await stage.send("GET", "\(stage.url)/__rehearsal/requests")
            #expect(closed.status == 404)
        }
    }
}
