import Crypto
import Foundation
import Rehearsal
import TestSupport
import Testing

@Suite("Webhooks", .timeLimit(.minutes(2)))
struct WebhookTests {
    static let base = "projects/acme%2Ftools%2Fwidgets"
    static let signingToken = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()

    @Test("a delivery carries GitLab's headers, the secret and a signature over the raw body")
    func headers() async throws {
        try await Stage.with { stage in
            let receiver = HookReceiver()
            try await receiver.serving { url in
                let made = try await stage.api(
                    "POST", "\(Self.base)/hooks",
                    [
                        "url": .string(url), "token": "sixteen-letters!", "signing_token": .string(Self.signingToken),
                        "note_events": true, "push_events": false,
                    ], token: stage.danaToken)
                #expect(made.status == 201, "\(made.text)")
                #expect(made.json["signing_token_present"] == true && made.json["token"] == nil)
                try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Broken")
                try await stage.world.comment("/ai do it", on: .issue(Stage.project, 1), by: "dana")
                await stage.world.untilQuiet()
                let got = try #require(receiver.received.first)
                #expect(receiver.received.count == 1)
                #expect(got.headers["x-gitlab-event"] == "Note Hook")
                #expect(got.headers["x-gitlab-token"] == "sixteen-letters!")
                #expect(got.headers["user-agent"] == "GitLab/19.1.0")
                #expect(got.headers["webhook-id"] == got.headers["idempotency-key"])
                #expect(got.headers["x-gitlab-instance"] == stage.url)
                let id = try #require(got.headers["webhook-id"])
                let time = try #require(got.headers["webhook-timestamp"])
                let code = HMAC<SHA256>.authenticationCode(
                    for: Data("\(id).\(time).".utf8) + Data(got.bytes), using: SymmetricKey(data: (0..<32).map { UInt8($0) }))
                #expect(got.headers["webhook-signature"] == "v1," + Data(code).base64EncodedString())
            }
        }
    }

    @Test("payloads have the attributes of the current line's samples")
    func shapes() async throws {
        guard let folder = SharedFiles.find("gitlab/webhooks") else {
            print("NOTE: GitLab's payload samples (shared/gitlab/webhooks) are missing; shapes are NOT compared.")
            return
        }
        @Sendable func sample(_ name: String) throws -> GitLabJSON {
            try GitLabJSON(parsing: Data(contentsOf: URL(filePath: "\(folder)/\(name).json")))
        }
        try await Stage.with { stage in
            let world = stage.world
            try await world.openIssue(in: Stage.project, by: "dana", title: "Broken")
            try await world.comment("/ai do it", on: .issue(Stage.project, 1), by: "dana")
            try await world.assign(issue: 1, of: Stage.project, to: ["ai-bot"], by: "dana")
            let made = try await stage.openMergeRequest()
            try await world.requestReview(mergeRequest: made.iid, of: Stage.project, from: ["ai-bot"], by: "dana")
            try await world.requestReview(mergeRequest: made.iid, of: Stage.project, from: ["ai-bot"], by: "dana")
            try await world.commentOnLine(
                "/ai why", inMergeRequest: made.iid, of: Stage.project, path: "src/main.txt", newLine: 10, by: "dana")
            let events = await world.recordedEvents
            func missing(_ name: String, _ trigger: String, _ fits: (GitLabJSON) -> Bool) throws -> [String] {
                let event = try #require(events.last { $0.trigger == trigger && fits($0.body) }?.body, "no event for \(name)")
                var missing: [String] = []
                Self.compare(try sample(name), event, at: "", &missing)
                return missing
            }
            #expect(try missing("made_note_issue_ai_command", "note_events") { $0["issue"] != nil } == [])
            #expect(try missing("made_note_mr_diffnote_multiline", "note_events") { $0["merge_request"] != nil } == [])
            #expect(try missing("made_issue_assigned_to_bot", "issues_events") { $0["object_attributes"]?["action"] == "update" } == [])
            #expect(try missing("made_mr_review_re_requested", "merge_requests_events") { $0["changes"]?["reviewers"] != nil } == [])
            let again = try #require(events.last { $0.trigger == "merge_requests_events" }?.body)
            #expect(again["changes"]?["reviewers"]?["current"]?[0]?["re_requested"] == true)
            #expect(again["changes"]?["reviewers"]?["previous"]?[0]?["username"]?.text == "ai-bot")
        }
    }

    /// Keys that the sample has and the event has not.
    private static func compare(_ sample: GitLabJSON, _ event: GitLabJSON, at path: String, _ missing: inout [String]) {
        switch (sample, event) {
        case (.object(let wanted), .object(let got)):
            for (key, value) in wanted {
                // A description of each change names only what changed, and this line code range came with the sample.
                if ["line_range"].contains(key) { continue }
                if path == ".changes", got[key] == nil, key == "updated_at" { continue }
                guard let found = got[key] else {
                    missing.append("\(path).\(key)")
                    continue
                }
                compare(value, found, at: "\(path).\(key)", &missing)
            }
        case (.list(let wanted), .list(let got)):
            if let first = wanted.first, let found = got.first { compare(first, found, at: "\(path)[]", &missing) }
        default: break
        }
    }

    @Test("an edit names the author as user and the editor only in updated_by_id")
    func edits() async throws {
        try await Stage.with { stage in
            let world = stage.world
            try await world.openIssue(in: Stage.project, by: "dana", title: "Broken")
            let note = try #require(try await world.comment("harmless", on: .issue(Stage.project, 1), by: "gus"))
            try await world.edit(note: note.id, to: "/ai do it", by: "dana")
            try await world.edit(note: note.id, to: "/ai do it", by: "dana")
            let events = await world.recordedEvents.filter { $0.trigger == "note_events" }
            #expect(events.count == 2, "an edit that changes nothing makes no event")
            let last = try #require(events.last?.body)
            #expect(last["object_attributes"]?["action"]?.text == "update")
            #expect(last["user"]?["username"]?.text == "gus")
            let dana = try #require(await world.users.values.first { $0.username == "dana" }?.id)
            #expect(last["object_attributes"]?["updated_by_id"]?.int == dana)
        }
    }

    @Test("hidden talk goes out under its own switches only, and commands alone send nothing")
    func confidential() async throws {
        try await Stage.with { stage in
            let receiver = HookReceiver()
            try await receiver.serving { url in
                try await stage.world.installHook(
                    in: Stage.project, url: url, switches: ["note_events", "confidential_note_events"])
                try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Broken")
                try await stage.world.comment("inner", on: .issue(Stage.project, 1), by: "dana", isInternal: true)
                try await stage.world.comment("/close", on: .issue(Stage.project, 1), by: "dana")
                await stage.world.untilQuiet()
                #expect(receiver.received.map { $0.headers["x-gitlab-event"] } == ["Confidential Note Hook"])
                #expect(receiver.received.first?.json["event_type"]?.text == "confidential_note")
                #expect(receiver.received.first?.json["issue"]?["confidential"] == false)
            }
        }
    }

    @Test("nothing is sent twice by itself; four failures pause the hook, a successful test wakes it")
    func autoDisable() async throws {
        try await Stage.with { stage in
            let receiver = HookReceiver(statuses: [500, 500, 401, 500, 200])
            try await receiver.serving { url in
                let hook = try await stage.world.installHook(in: Stage.project, url: url)
                try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Broken")
                await stage.world.untilQuiet()
                for number in 1...5 {
                    try await stage.world.comment("note \(number)", on: .issue(Stage.project, 1), by: "dana")
                    await stage.world.untilQuiet()
                }
                #expect(receiver.received.count == 4)
                let path = "\(Self.base)/hooks/\(hook.id)"
                #expect(try await stage.api("GET", path, token: stage.danaToken).json["alert_status"]?.text == "temporarily_disabled")
                let failed = try await stage.api("GET", "\(path)/events?status=server_failure", token: stage.danaToken)
                #expect(failed.json.list?.count == 3)
                let test = try await stage.api("POST", "\(path)/test/note_events", token: stage.danaToken)
                #expect(test.status == 201, "\(test.text)")
                #expect(try await stage.api("GET", path, token: stage.danaToken).json["alert_status"]?.text == "executable")
            }
        }
    }

    @Test("a delivery sent again by hand keeps its id")
    func resend() async throws {
        try await Stage.with { stage in
            let receiver = HookReceiver()
            try await receiver.serving { url in
                let hook = try await stage.world.installHook(in: Stage.project, url: url)
                try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Broken")
                await stage.world.untilQuiet()
                let path = "\(Self.base)/hooks/\(hook.id)/events"
                let id = try #require(try await stage.api("GET", path, token: stage.danaToken).json[0]?["id"]?.int)
                #expect(try await stage.api("POST", "\(path)/\(id)/resend", token: stage.danaToken).status == 201)
                #expect(receiver.received.count == 2)
                #expect(receiver.received[0].headers["webhook-id"] == receiver.received[1].headers["webhook-id"])
                #expect(receiver.received[0].bytes == receiver.received[1].bytes)
            }
        }
    }

    @Test("a write that echoes the event id does not set off the same hook again")
    func recursion() async throws {
        try await Stage.with { stage in
            let receiver = HookReceiver()
            try await receiver.serving { url in
                try await stage.world.installHook(in: Stage.project, url: url, switches: ["note_events"])
                try await stage.world.openIssue(in: Stage.project, by: "dana", title: "Broken")
                try await stage.world.comment("/ai do it", on: .issue(Stage.project, 1), by: "dana")
                await stage.world.untilQuiet()
                let id = try #require(receiver.received.first?.headers["x-gitlab-event-uuid"])
                _ = try await stage.api(
                    "POST", "\(Self.base)/issues/1/notes", ["body": "On it"], headers: ["X-Gitlab-Event-UUID": id])
                _ = try await stage.api("POST", "\(Self.base)/issues/1/notes", ["body": "Done"])
                await stage.world.untilQuiet()
                #expect(receiver.received.compactMap { $0.json["object_attributes"]?["note"]?.text } == ["/ai do it", "Done"])
            }
        }
    }

    @Test("only Maintainers manage hooks, and group hooks are unknown to a free server")
    func rights() async throws {
        try await Stage.with { stage in
            let refused = try await stage.api("GET", "\(Self.base)/hooks")
            #expect(refused.status == 403)
            #expect(try await stage.api("GET", "\(Self.base)/hooks", token: stage.danaToken).json == [])
            #expect(try await stage.api("GET", "groups/acme/hooks", token: stage.danaToken).status == 404)
        }
    }
}
