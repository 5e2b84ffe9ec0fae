import Domain
import Foundation
import GitLabAPI
import Rehearsal
import Testing

@testable import Pipeline

/// A14: who may command, asked of GitLab for each of them.
@Suite("A14: who may command")
struct AccessCheckTests {
    private static func person(_ name: String, _ quiet: QuietGitLab) async throws -> GitLabOrigin.Person {
        let user = await quiet.world.createUser(name)
        return .init(id: Int64(user.id), username: name, name: name)
    }

    private static func verdict(_ person: GitLabOrigin.Person, _ quiet: QuietGitLab, least: Int = 30) async throws -> AccessCheck.Verdict {
        var access = quiet.access
        access.minAccessLevel = least
        return try await AccessCheck(gitLab: access, now: quiet.parts.now()).check(person, inProject: try await quiet.projectID)
    }

    @Test("a role counts from the least one on, and no name stands for one", .timeLimit(.minutes(1)))
    func roles() async throws {
        try await QuietGitLab.run { quiet in
            let levels: [(GitLabWorld.AccessLevel, Int)] = [(.guest, 10), (.reporter, 20), (.developer, 30), (.maintainer, 40), (.owner, 50)]
            for (level, number) in levels {
                let member = try await Self.person("member-\(number)", quiet)
                try await quiet.world.setMember(member.username, of: QuietGitLab.project, level)
                for least in [10, 20, 30, 40, 50] {
                    let verdict = try await Self.verdict(member, quiet, least: least)
                    #expect(verdict == (number >= least ? .allowed(level: number) : .refused(reason: "role_too_low")))
                }
            }
            // Another's number under a maintainer's name.
            let stranger = try await Self.person("stranger", quiet)
            let posing = GitLabOrigin.Person(id: stranger.id, username: "dana", name: "Dana")
            #expect(try await Self.verdict(posing, quiet) == .refused(reason: "not_a_member"))
            #expect(try await Self.verdict(.init(id: 0, username: "dana", name: "Dana"), quiet) == .refused(reason: "unknown_person"))
        }
    }

    @Test("whoever is blocked, not yet admitted or no longer a member may not", .timeLimit(.minutes(1)))
    func states() async throws {
        try await QuietGitLab.run { quiet in
            let waiting = try await Self.person("waiting", quiet)
            try await quiet.world.setMember("waiting", of: QuietGitLab.project, .developer, state: "awaiting")
            #expect(try await Self.verdict(waiting, quiet) == .refused(reason: "role_too_low"))
            let former = try await Self.person("former", quiet)
            try await quiet.world.setMember("former", of: QuietGitLab.project, .owner, expiresAt: Date().addingTimeInterval(-86_400 * 2))
            #expect(try await !Self.verdict(former, quiet).isAllowed)
            let blocked = try await Self.person("blocked", quiet)
            try await quiet.world.setMember("blocked", of: QuietGitLab.project, .owner)
            await quiet.world.setState("blocked", ofUser: "blocked")
            #expect(try await !Self.verdict(blocked, quiet).isAllowed)
            let robot = await quiet.world.createUser("robot", isBot: true)
            try await quiet.world.setMember("robot", of: QuietGitLab.project, .maintainer)
            #expect(try await Self.verdict(.init(id: Int64(robot.id), username: "robot", name: ""), quiet) == .refused(reason: "bot"))
            let own = try await quiet.access.bot()
            #expect(try await Self.verdict(.init(id: own.id, username: own.username, name: ""), quiet) == .refused(reason: "own_action"))
        }
    }

    @Test(
        "when GitLab can't be asked, the answer is not yes", .timeLimit(.minutes(1)),
        arguments: ["*/members/all/*", "*/users/*", "*/projects/*"])
    func faults(path: String) async throws {
        try await QuietGitLab.run { quiet in
            let user = try #require(await quiet.world.users.values.first { $0.username == "dana" })
            let dana = GitLabOrigin.Person(id: Int64(user.id), username: "dana", name: "Dana")
            #expect(try await Self.verdict(dana, quiet).isAllowed)
            for status in [403, 404, 501] {
                await quiet.world.add(FaultRule(.status(status, body: "{}", headers: [:]), path: path))
                let verdict = try? await Self.verdict(dana, quiet)
                #expect(verdict?.isAllowed != true, "\(path) answers \(status)")
                await quiet.world.clearFaults()
            }
        }
    }

    @Test("nobody may where the bot does not belong: outside PROJECTS, or without a role that lets it push", .timeLimit(.minutes(1)))
    func places() async throws {
        for (projects, role, refusal) in [
            (["greenhouse/other"], GitLabWorld.AccessLevel.developer, "project_not_allowed"),
            (["greenhouse"], .reporter, "bot_role_too_low"), ([], .guest, "bot_role_too_low"),
        ] {
            try await QuietGitLab.run(botIs: role, projects: projects) { quiet in
                let user = try #require(await quiet.world.users.values.first { $0.username == "dana" })
                let dana = GitLabOrigin.Person(id: Int64(user.id), username: "dana", name: "Dana")
                #expect(try await Self.verdict(dana, quiet) == .refused(reason: refusal))
            }
        }
    }
}
