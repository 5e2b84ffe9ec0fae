import Domain
import Foundation
import Testing

/// A service's user may have a configuration of git's own, and on a shared machine somebody else may have written it.
@Suite("A task from the command line under a user who has configured git")
struct OneShotGitConfigurationTests {
    /// Sends what is fetched and pushed elsewhere, and starts a program on every occasion that git knows.
    private static func hostile(_ folder: String) -> String {
        """
        mkdir hooks; git init -q --bare elsewhere.git
        printf '#!/bin/sh\\ntouch \(folder)/ran\\ncat\\n' >program; chmod 755 program
        for name in pre-push reference-transaction post-index-change post-checkout; do cp program hooks/$name; done
        cat >home/.gitconfig <<'END'
        [url "\(folder)/elsewhere.git"]
            insteadOf = \(folder)/origin.git
        [core]
            hooksPath = \(folder)/hooks
            fsmonitor = \(folder)/program
            sshCommand = \(folder)/program
            attributesFile = \(folder)/attributes
        [filter "own"]
            clean = \(folder)/program
            smudge = \(folder)/program
        [commit]
            gpgSign = true
        [push]
            gpgSign = if-asked
            followTags = true
        [gpg]
            program = \(folder)/program
        [credential]
            helper = !\(folder)/program
        [user]
            name = Somebody Else
            email = somebody@example.com
        END
        echo '* filter=own' >attributes
        mkdir -p home/.config/git; cp home/.gitconfig home/.config/git/config; cp attributes home/.config/git/attributes
        mkdir -p work/bin; for name in git sh bwrap setpriv nice unshare mount ssh env; do cp program work/bin/$name; done
        """
    }

    @Test("A33, A49: it sends nothing elsewhere, starts no program of theirs by any name, and signs with no other name", .timeLimit(.minutes(2)))
    func planted() async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: OneShotStage.files(nil)) { scene in
            try await scene.shell(Self.hostile(scene.folder))
            let path = "\(scene.workspace)/bin:\(scene.environment["PATH"] ?? "")"
            let task = #"{"task_id": "task_001", "repo_url": "\#(scene.origin)", "intent": "do what is to be done"}"#
            let outcome = try await OneShotProcess([task], environment: scene.environment.merging(["PATH": path]) { $1 }, folder: scene.folder).outcome()
            let result = try OneShotScene.result(outcome)
            try await scene.shell("rm -rf home/.gitconfig home/.config")
            #expect(outcome.exitCode == 0 && result.status == .completed, "\(result.error ?? "") \(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: "\(scene.folder)/ran"))
            #expect(try await scene.shell("git -C elsewhere.git for-each-ref") == "")
            #expect(try await scene.git("rev-parse ai/task_001") == result.commitHash)
            #expect(try await scene.git("log -1 --format=%an%ae%cn ai/task_001").contains("Somebody") == false)
        }
    }
}
