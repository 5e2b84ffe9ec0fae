import Foundation
import Secrets
import Testing
import Transport

@testable import GitLabAPI

@Suite("Calling GitLab")
struct GitLabClientTests {
    private static let user = #"{"id":9,"username":"ai-bot","name":"AI","bot":true,"state":"active"}"#
    private static func mergeRequest(_ iid: Int, _ more: String = "") -> String {
        #"{"id":1,"iid":\#(iid),"project_id":3,"title":"T","state":"opened","source_branch":"ai/1","target_branch":"main"\#(more)}"#
    }
    private static let new = NewMergeRequest(
        sourceBranch: "ai/1", targetBranch: "main", title: OutgoingTitle(untrusted: "T", isDraft: true),
        description: OutgoingText(untrusted: "D"))

    private func failure<Value>(
        _ body: () async throws(GitLabFailure) -> Value
    ) async -> GitLabFailure? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test("the token goes along as a header, and the address may have a path")
    func headers() async throws {
        let test = try TestClient([.json(Self.user)], base: "https://host.example/gitlab/")
        let user = try await test.client.currentUser()
        #expect(user.isBot && user.id == 9)
        let request = try #require(test.transport.requests.first)
        #expect(request.url == "https://host.example/gitlab/api/v4/user")
        #expect(request.headers["private-token"] == "glpat-test")
        #expect(!"\(request)".contains("glpat"))
    }

    @Test("names are escaped, dots alone too")
    func escaping() async throws {
        let test = try TestClient([.json("x", status: 404), .json("x", status: 404)])
        _ = try await test.client.branch("feature/a b?#%", projectID: 3)
        _ = try await test.client.file("../é.txt", at: "main", projectID: 3)
        #expect(
            test.calls == [
                "GET /api/v4/projects/3/repository/branches/feature%2Fa%20b%3F%23%25",
                "GET /api/v4/projects/3/repository/files/..%2F%C3%A9.txt/raw?ref=main",
            ])
        #expect(PathPart.escape("..") == "%2E%2E")
    }

    @Test(
        "A31: an address is a plain one or none",
        arguments: [
            ("https://gitlab.example.com", "https://gitlab.example.com" as String?), ("https://GitLab.Example.com:443/", "https://gitlab.example.com"),
            ("http://10.0.0.1:8080/gitlab/api/v4/", "http://10.0.0.1:8080/gitlab"), ("https://[::1]:8443/x", "https://[::1]:8443/x"),
            ("https://user@gitlab.example.com", nil), ("https://gitlab.example.com?x", nil), ("ftp://gitlab.example.com", nil),
            ("gitlab.example.com", nil), ("https://", nil), ("https://a b", nil), ("https://a/../b", nil), ("https://a/%2e", nil),
            ("https://a:0", nil), ("https://a:99999", nil), ("https://a\\b", nil), ("https://a#b", nil),
        ])
    func addresses(_ text: String, expected: String?) {
        #expect(GitLabAddress(text)?.base == expected)
    }

    @Test("lists follow rel=next on the configured host only, whatever host the link names")
    func paging() async throws {
        let link = #"<http://internal:8080/other/api/v4/projects/3/labels?page=2&per_page=100>; rel="next", <http://x/api/v4/y>; rel="last""#
        let test = try TestClient(
            [.json(#"[{"name":"a"}]"#, headers: ["Link": link]), .json(#"[{"name":"b"}]"#)], base: "https://host.example/gl")
        #expect(try await test.client.labels(projectID: 3).map(\.name) == ["a", "b"])
        #expect(test.calls == ["GET /api/v4/projects/3/labels?per_page=100", "GET /api/v4/projects/3/labels?page=2&per_page=100"])
        #expect(test.transport.requests.allSatisfy { $0.url.hasPrefix("https://host.example/gl/api/v4/") })
    }

    @Test("a list ends where pages repeat, at its limit, and goes on by number without Link")
    func pagingEnds() async throws {
        let same = #"<https://gitlab.example.com/api/v4/projects/3/labels?per_page=100>; rel="next""#
        let loop = try TestClient([.json(#"[{"name":"a"}]"#, headers: ["Link": same])])
        #expect(try await loop.client.labels(projectID: 3).count == 1)
        let numbered = try TestClient([.json(#"[{"name":"a"}]"#, headers: ["X-Next-Page": "2"]), .json("[]", headers: ["X-Next-Page": ""])])
        #expect(try await numbered.client.labels(projectID: 3).count == 1)
        #expect(numbered.calls.last == "GET /api/v4/projects/3/labels?per_page=100&page=2")
        let limited = try TestClient([.json(#"[{"id":1,"body":"a"},{"id":2,"body":"b"}]"#, headers: ["Link": same])])
        let notes = try await limited.client.notes(on: .issue(projectID: 3, iid: 1), limit: 1)
        #expect(notes.map(\.id) == [1])
        // A page of large comments is read in smaller ones.
        let large = ScriptedTransport.Answer.failure(TransportFailure(.tooLarge(limit: 32 << 20)))
        let smaller = try TestClient([large, large, .json(#"[{"id":1,"body":"a"}]"#)])
        #expect(try await smaller.client.notes(on: .issue(projectID: 3, iid: 1)).map(\.id) == [1])
        #expect(smaller.calls.map { $0.suffix(11) } == ["er_page=100", "per_page=20", "&per_page=4"])
        let hopeless = try TestClient([large, large, large])
        let failure = await #expect(throws: GitLabFailure.self) { try await hopeless.client.notes(on: .issue(projectID: 3, iid: 1)) }
        #expect(failure?.reason == .tooLarge && failure?.isTransient == false)
        // Each page names another, and none holds anything.
        let endless = try TestClient((2...1_100).map { .json("[]", headers: ["X-Next-Page": "\($0)"]) })
        #expect(try await endless.client.labels(projectID: 3).isEmpty)
        #expect(endless.calls.count == 1_000)
    }

    @Test(
        "every shape of error says something",
        arguments: [
            (400, #"{"message":"title is missing"}"#, GitLabFailure.Reason.validation, "title is missing"),
            (400, #"{"message":{"base":["is bad","is old"]}}"#, .validation, "base is bad, is old"),
            (422, #"{"message":["a","b"]}"#, .validation, "a, b"), (400, #"{"error":"name is invalid"}"#, .validation, "name is invalid"),
            (403, #"{"error":"insufficient_scope","error_description":"needs more","scope":"api"}"#, .forbidden, "insufficient_scope: needs more: api"),
            (401, #"{"message":"401 Unauthorized"}"#, .authentication, "401 Unauthorized"), (404, #"{"message":"404 Not found"}"#, .notFound, "404 Not found"),
            (403, "<html>no</html>", .forbidden, ""), (418, "tea\u{7}pot", .validation, "tea pot"), (400, "", .validation, ""), (409, "[]", .conflict, ""),
        ])
    func errors(_ status: Int, body: String, reason: GitLabFailure.Reason, detail: String) async throws {
        let test = try TestClient([.json(body, status: status)])
        let failure = await failure { () async throws(GitLabFailure) in try await test.client.currentUser() }
        #expect(failure?.reason == reason)
        #expect(failure?.detail == detail)
        #expect(failure?.status == status)
        #expect(failure?.isTransient == false)
        #expect(failure?.message.isEmpty == false)
        #expect(failure?.description.contains("glpat") == false)
    }

    @Test(
        "reading again follows trouble that passes",
        arguments: [
            ScriptedTransport.Answer.json("", status: 502), .json("", status: 500), .json("Retry later", status: 429),
            .json(#"{"message":"409 Conflict: Resource lock"}"#, status: 409), .failure(TransportFailure(.connectionClosed)),
            .failure(TransportFailure(.timeout(.firstByte))), .failure(TransportFailure(.dns)),
        ])
    func retries(_ answer: ScriptedTransport.Answer) async throws {
        let test = try TestClient([answer, answer, .json(Self.user)])
        #expect(try await test.client.currentUser().id == 9)
        #expect(test.sleeps.sleeps.count == 2)
        let never = try TestClient([answer, answer, answer, answer])
        let failure = await failure { () async throws(GitLabFailure) in try await never.client.currentUser() }
        #expect(failure?.isTransient == true)
    }

    @Test(
        "writing is repeated only when GitLab has not acted",
        arguments: [
            (ScriptedTransport.Answer.json("Retry later", status: 429), true), (.json(#"{"message":"Resource lock"}"#, status: 409), true),
            (.failure(TransportFailure(.refused)), true), (.failure(TransportFailure(.dns)), true), (.failure(TransportFailure(.timeout(.connect))), true),
            (.json("", status: 502), false), (.json("", status: 500), false), (.failure(TransportFailure(.connectionClosed)), false),
            (.failure(TransportFailure(.timeout(.firstByte))), false),
        ])
    func writing(_ answer: ScriptedTransport.Answer, isRepeated: Bool) async throws {
        let test = try TestClient([answer, .json(#"{"id":5,"body":"x"}"#, status: 201)])
        let failure = await failure { () async throws(GitLabFailure) in
            try await test.client.createNote(on: .issue(projectID: 3, iid: 1), OutgoingText(untrusted: "x"))
        }
        #expect((failure == nil) == isRepeated)
        #expect(test.transport.requests.count == (isRepeated ? 2 : 1))
    }

    @Test(
        "rate limits are waited for, by either header",
        arguments: [
            (["Retry-After": "7"] as HeaderFields, 7.0), (["RateLimit-Reset": "1700000030"], 30), ([:], 0.5),
        ] as [(HeaderFields, Double)])
    func rateLimits(_ headers: HeaderFields, seconds: Double) async throws {
        let test = try TestClient([.json("Retry later\n", status: 429, headers: headers), .json(Self.user)])
        _ = try await test.client.currentUser()
        #expect(test.sleeps.sleeps == [.seconds(seconds)])
    }

    @Test("a moved project is followed with the same request, also by POST")
    func moved() async throws {
        let test = try TestClient([
            .json("", status: 301, headers: ["Location": "https://gitlab.example.com/api/v4/projects/8/issues/1/notes"]),
            .json(#"{"id":5,"body":"x"}"#, status: 201),
        ])
        _ = try await test.client.createNote(on: .issue(projectID: 3, iid: 1), OutgoingText(untrusted: "x"))
        #expect(test.calls == ["POST /api/v4/projects/3/issues/1/notes", "POST /api/v4/projects/8/issues/1/notes"])
        #expect(test.transport.requests[0].body == test.transport.requests[1].body)
    }

    @Test(
        "A31: the token follows no redirect to another place",
        arguments: [
            "https://evil.example/api/v4/user", "http://gitlab.example.com/api/v4/user", "https://gitlab.example.com:8443/api/v4/user",
            "https://gitlab.example.com.evil.example/api/v4/user", "//evil.example/api/v4/user", "https://gitlab.example.com@evil.example/api/v4/user",
            "/elsewhere", "/api/v4/../../x", "javascript:x",
        ])
    func redirects(_ location: String) async throws {
        let test = try TestClient([.json("", status: 302, headers: ["Location": location])])
        let failure = await failure { () async throws(GitLabFailure) in try await test.client.currentUser() }
        #expect(failure?.reason == .redirected)
        #expect(test.transport.requests.count == 1)
    }

    @Test("redirects in a circle end, and the sign-in page means a bad token")
    func circles() async throws {
        let circle = ScriptedTransport.Answer.json("", status: 301, headers: ["Location": "/api/v4/user"])
        let test = try TestClient([circle, circle, circle, circle])
        #expect(await failure { () async throws(GitLabFailure) in try await test.client.currentUser() }?.reason == .redirected)
        let signIn = try TestClient([.json("", status: 302, headers: ["Location": "https://gitlab.example.com/users/sign_in"])])
        #expect(await failure { () async throws(GitLabFailure) in try await signIn.client.currentUser() }?.reason == .authentication)
    }

    @Test("what is no answer of GitLab's API is told so", arguments: ["<html>Welcome</html>", "[]", "{}", #"{"id":"x"}"#, ""])
    func unreadable(_ body: String) async throws {
        let test = try TestClient([.json(body)])
        #expect(await failure { () async throws(GitLabFailure) in try await test.client.currentUser() }?.reason == .unreadable)
    }

    @Test("an open merge request of the branch is taken instead of a second one")
    func existing() async throws {
        let test = try TestClient([
            .json(#"{"message":["Another open merge request already exists for this source branch: !17"]}"#, status: 409),
            .json(Self.mergeRequest(17)),
        ])
        let (found, isNew) = try await test.client.createMergeRequest(Self.new, projectID: 3)
        #expect(found.iid == 17 && !isNew)
        #expect(test.calls.last == "GET /api/v4/projects/3/merge_requests/17")
        let unnamed = try TestClient([
            .json(#"{"message":"Conflict"}"#, status: 409), .json("[\(Self.mergeRequest(4))]"),
        ])
        #expect(try await unnamed.client.createMergeRequest(Self.new, projectID: 3).mergeRequest.iid == 4)
        let created = try TestClient([.json(Self.mergeRequest(5), status: 201)])
        #expect(try await created.client.createMergeRequest(Self.new, projectID: 3).isNew)
        let body = String(decoding: created.transport.requests[0].body ?? [], as: UTF8.self)
        #expect(body == #"{"description":"D","source_branch":"ai/1","target_branch":"main","title":"Draft: T"}"#)
    }

    @Test("a merge request is waited for until its diff is there, with growing pauses")
    func preparation() async throws {
        let refs = #","diff_refs":{"base_sha":"a","start_sha":"b","head_sha":"c"},"sha":"c""#
        let test = try TestClient([
            .json(Self.mergeRequest(1, #","prepared_at":null,"diff_refs":null"#)),
            .json(Self.mergeRequest(1, #","prepared_at":null,"detailed_merge_status":"preparing"\#(refs)"#)),
            .json(Self.mergeRequest(1, #","prepared_at":"2026-01-01T00:00:00Z"\#(refs)"#)),
        ])
        let ready = try await test.client.preparedMergeRequest(projectID: 3, iid: 1, head: "c")
        #expect(ready.diffRefs?.headSHA == "c")
        #expect(test.sleeps.sleeps == [.milliseconds(200), .milliseconds(400)])
        let never = try TestClient([], always: HTTPReply(status: 200, body: Array(Self.mergeRequest(1).utf8)))
        let late = try await never.client.preparedMergeRequest(projectID: 3, iid: 1, within: .seconds(10))
        #expect(!late.isPrepared)
        #expect(never.sleeps.sleeps.reduce(.zero, +) <= .seconds(10))
    }

    @Test("a reaction given before, and a status said before, are done")
    func doneBefore() async throws {
        let test = try TestClient([
            .json(#"{"message":"404 Award Emoji Name has already been taken Not Found"}"#, status: 404),
            .json(#"{"message":"Cannot transition status via :run from :running"}"#, status: 400),
            .json("", status: 404),
        ])
        try await test.client.award("eyes", on: .mergeRequest(projectID: 3, iid: 2), note: 8)
        try await test.client.setStatus(.running, ofCommit: "abc", projectID: 3, name: "ai")
        try await test.client.deleteBranch("ai/1", projectID: 3)
        #expect(test.calls[0] == "POST /api/v4/projects/3/merge_requests/2/notes/8/award_emoji")
    }

    @Test("A53: a comment that GitLab took for commands is a failure")
    func commandsOnly() async throws {
        let test = try TestClient([.json(#"{"commands_changes":{}}"#, status: 202)])
        let failure = await failure { () async throws(GitLabFailure) in
            try await test.client.createNote(on: .issue(projectID: 3, iid: 1), OutgoingText(untrusted: "x"))
        }
        #expect(failure?.reason == .validation)
    }

    @Test(
        "A14: membership counts when active, unexpired and high enough",
        arguments: [
            (#""access_level":30,"state":"active""#, true), (#""access_level":40,"state":"active","expires_at":null"#, true),
            (#""access_level":25,"state":"active""#, false), (#""access_level":50,"state":"blocked""#, false), (#""access_level":50"#, false),
            (#""access_level":30,"state":"active","expires_at":"2026-01-02""#, true),
            (#""access_level":30,"state":"active","expires_at":"2026-01-01""#, false),
            (#""access_level":30,"state":"active","membership_state":"awaiting""#, false),
        ])
    func membership(_ fields: String, expected: Bool) async throws {
        let test = try TestClient([.json(#"{"id":7,"username":"ann",\#(fields)}"#)])
        let member = try #require(try await test.client.member(userID: 7, ofProject: 3))
        let now = try #require(GitLabTime("2026-01-01T10:00:00Z"))
        #expect(member.reaches(30, at: now) == expected)
    }

    @Test("A14: no member is nil, and a membership that can't be read is an error")
    func unreadableMembership() async throws {
        let test = try TestClient([
            .json("", status: 404), .json(#"{"id":7,"username":"ann","access_level":30,"state":"active","expires_at":"soon"}"#),
            .json(#"{"id":7,"username":"ann","access_level":"30","state":"active"}"#),
        ])
        #expect(try await test.client.member(userID: 7, ofProject: 3) == nil)
        for _ in 0..<2 {
            let failure = await failure { () async throws(GitLabFailure) in try await test.client.member(userID: 7, ofProject: 3) }
            #expect(failure?.reason == .unreadable)
        }
    }

    @Test("a job's log comes from its end, without colours and overwritten lines")
    func trace() async throws {
        let log = String(repeating: "noise\n", count: 5_000) + "section_start:1:x\r\u{1B}[0K\u{1B}[31mFAILED\u{1B}[0m\r\nlast\n"
        let test = try TestClient([.json(log), .json("short")])
        let trace = try await test.client.trace(ofJob: 5, projectID: 3, limit: 200)
        #expect(trace.isCut)
        #expect(trace.text.hasSuffix("noise\nFAILED\nlast\n"))
        #expect(trace.text.utf8.count <= 200)
        #expect(try await test.client.trace(ofJob: 5, projectID: 3) == GitLabJobTrace(text: "short", isCut: false))
    }

    @Test(
        "wildcards of protected branches cover what GitLab's cover",
        arguments: [
            ("main", "main", true), ("main", "mainly", false), ("release/*", "release/1", true), ("*", "x", true), ("*-stable", "1-stable", true),
            ("a*b*c", "axxbyyc", true), ("a*b*c", "ac", false), ("ab*ba", "aba", false), ("ai/*", "ai", false),
        ])
    func wildcards(_ rule: String, branch: String, covers: Bool) throws {
        let rule = try JSONDecoder().decode(GitLabProtectedBranch.self, from: Data(#"{"name":"\#(rule)"}"#.utf8))
        #expect(rule.covers(branch) == covers)
    }

    @Test("a cancelled call ends with that")
    func cancelled() async throws {
        let test = try TestClient([.failure(TransportFailure(.cancelled))])
        #expect(await failure { () async throws(GitLabFailure) in try await test.client.currentUser() }?.reason == .cancelled)
    }

    @Test("an old server without metadata, push rules or diffs is coped with")
    func oldServer() async throws {
        let test = try TestClient([
            .json("", status: 404), .json(#"{"version":"15.0.2-ee"}"#), .json("", status: 403), .json("null"), .json("", status: 404),
            .json(#"{"changes":[{"old_path":"a","new_path":"b","diff":"@@"}]}"#),
        ])
        let version = try await test.client.version()
        #expect(version.isAtLeast(15, 0) && !version.isAtLeast(15, 1))
        #expect(try await test.client.pushRules(projectID: 3) == nil)
        #expect(try await test.client.pushRules(projectID: 3) == nil)
        #expect(try await test.client.diffs(projectID: 3, iid: 1).map(\.newPath) == ["b"])
    }
}
