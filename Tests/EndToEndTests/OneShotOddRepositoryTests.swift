import Domain
import Foundation
import Rehearsal
import Testing

/// Repositories that are not plain, and what a task does to them: what it was asked for, and nothing else.
@Suite("A task from the command line on an odd repository", .serialized)
struct OneShotOddRepositoryTests {
    @Test("a repository of this machine may be named from the working folder, and with a space", .timeLimit(.minutes(2)), arguments: ["./a b.git", "a b.git"])
    func relative(address: String) async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: OneShotStage.files(nil)) { scene in
            try await scene.shell("mv origin.git 'a b.git'")
            let (code, result, log) = try await scene.work(repository: address)
            #expect(code == 0 && result.status == .completed, "\(result.error ?? "") \(log)")
            #expect(try await scene.shell("git -C 'a b.git' show ai/task_001:NOTES.md") == "Notes.")
        }
    }

    private static let script: ModelScript = {
        var script = OneShotStage.script(nil)
        script.conversations[1].turns[0] = .init(calls: [
            .init("edit_file", ["path": "windows.txt", "search": "two", "replace": "deux"]),
            .init("edit_file", ["path": "run.sh", "search": "hello", "replace": "bonjour"]),
            .init("write_file", ["path": "NOTES.md", "content": "Notes.\n"]),
        ])
        return script
    }()

    @Test("line ends, modes, links, names of any bytes, large-file pointers and submodules survive an edit", .timeLimit(.minutes(2)))
    func odd() async throws {
        let prepare = #"""
            printf 'one\r\ntwo\r\nthree\r\n' >windows.txt; printf '#!/bin/sh\necho hello\n' >run.sh; chmod 755 run.sh
            ln -s windows.txt link; ln -s /nowhere/at/all dangling; printf 'x\n' >"$(printf 'caf\351 \t.txt')"
            printf '*.bin filter=lfs diff=lfs merge=lfs -text\n' >.gitattributes
            printf 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n' >large.bin
            printf '[submodule "sub"]\n\tpath = sub\n\turl = https://example.invalid/sub.git\n' >.gitmodules
            mkdir sub; git update-index --add --cacheinfo 160000,4b825dc642cb6eb9a060e54bf8d69288fbee4904,sub
            """#
        try await OneShotScene.run(Self.script, files: OneShotStage.files(nil), prepare: prepare) { scene in
            let (code, result, log) = try await scene.work()
            #expect(code == 0 && result.status == .completed, "\(result.error ?? "") \(log)")
            #expect(Set(result.changes.map(\.description)) == ["modified: windows.txt", "modified: run.sh", "created: NOTES.md"])
            let raw = try await scene.git("diff --raw --no-renames --no-abbrev main ai/task_001 | cut -d' ' -f1,2,5")
            #expect(raw == ":000000 100644 A\tNOTES.md\n:100755 100755 M\trun.sh\n:100644 100644 M\twindows.txt")
            #expect(try await scene.git("cat-file blob ai/task_001:windows.txt | od -An -c | tr -d ' \\n'") == #"one\r\ndeux\r\nthree\r\n"#)
            #expect(scene.leftFiles().isEmpty)
        }
    }

    @Test("in an empty repository the first commit makes the first branch", .timeLimit(.minutes(2)))
    func empty() async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: OneShotStage.files(nil)) { scene in
            try await scene.shell("git init -q --bare -b main empty.git")
            let (code, result, log) = try await scene.work(repository: "\(scene.folder)/empty.git")
            #expect(code == 0 && result.status == .completed, "\(result.error ?? "") \(log)")
            let branch = try #require(result.branch)
            #expect(try await scene.shell("git -C empty.git for-each-ref --format='%(refname:short) %(objectname)'") == "\(branch) \(result.commitHash ?? "")")
            #expect(result.testResults?.verdict == .noTests, "\(String(describing: result.testResults))")
        }
    }

    @Test("A24: a branch can't loosen the project's rules for itself, whatever the default branch is called", .timeLimit(.minutes(2)))
    func oddDefault() async throws {
        var files = OneShotStage.files(nil)
        files[".ai-coder.yml"]? += "protected: [NOTES.md]\n"
        try await OneShotScene.run(OneShotStage.script(nil), files: files, settings: ["MAX_ITERATIONS": "0"]) { scene in
            try await scene.shell(
                """
                git -C origin.git branch -m main "what's-new"; cd first; git checkout -q -b side
                echo 'test: ["sh test.sh"]' >.ai-coder.yml; git commit -q -a -m side; git push -q ../origin.git side
                """)
            let (code, result, log) = try await scene.work(["branch": "side"])
            #expect(code == 1 && result.error?.contains("NOTES.md is protected") == true, "\(code) \(result.error ?? "") \(log)")
        }
    }

    @Test("a tag can be started from and is not moved", .timeLimit(.minutes(2)))
    func tag() async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: OneShotStage.files(nil)) { scene in
            _ = try await scene.git("tag v1 main")
            let (code, result, log) = try await scene.work(["branch": "v1"])
            #expect(code == 0 && result.status == .completed, "\(result.error ?? "") \(log)")
            #expect(try await scene.git("rev-parse v1 main ai/task_001^ | sort -u | wc -l") == "1")
        }
    }

    @Test("what is not there is told in one sentence", .timeLimit(.minutes(2)), arguments: ["branch", "repository"])
    func missing(_ what: String) async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: OneShotStage.files(nil)) { scene in
            let (code, result, _) =
                what == "branch" ? try await scene.work(["branch": "no-such-branch"]) : try await scene.work(repository: "\(scene.folder)/no-such-branch.git")
            let error = result.error ?? ""
            #expect(code != 0 && result.status == .failed && error.contains("no-such-branch"), "\(code) \(error)")
            #expect(!error.contains("\n") && !error.contains("fatal:"), "\(error)")
            #expect(scene.model.log.entries.isEmpty)
            #expect(scene.leftFiles().isEmpty, "\(scene.leftFiles())")
        }
    }
}
