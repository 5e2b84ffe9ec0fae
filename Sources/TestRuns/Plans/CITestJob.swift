import Yams

/// The test job of a `.gitlab-ci.yml`, when it is plain: one job named for tests, whose script uses no include, extension,
/// reference or CI variable that only GitLab could fill in.
struct CITestJob {
    var name: String
    var before: [String]
    var script: [String]

    static func find(in text: String) -> CITestJob? {
        // These files live from anchors, within reason.
        guard text.utf8.count <= 256 << 10, (try? YAMLShape.check(text, .init(depth: 20, nodes: 20_000, allowsAliases: true))) != nil,
            let root = try? Yams.compose(yaml: text), case .mapping(let mapping) = root
        else { return nil }
        let shared = lines(mapping["before_script"]) ?? []
        let candidates = mapping.compactMap { key, value -> CITestJob? in
            guard let name = key.string, !name.hasPrefix("."), case .mapping(let job) = value, isTest(name, job),
                job["extends"] == nil, job["trigger"] == nil, let script = lines(job["script"])
            else { return nil }
            return CITestJob(name: name, before: lines(job["before_script"]) ?? shared, script: script)
        }
        guard candidates.count == 1, let job = candidates.first else { return nil }
        let isPlain = (job.before + job.script).allSatisfy { line in
            !line.contains("$CI_") && !line.contains("${CI_") && !line.contains("!reference") && !line.contains("$[[")
        }
        return isPlain ? job : nil
    }

    private static func isTest(_ name: String, _ job: Node.Mapping) -> Bool {
        let words = ["test", "tests", "unit", "unit-test", "unit-tests", "unit_test", "unit_tests", "check"]
        return words.contains(name.lowercased())
            || (job["stage"]?.string?.lowercased() == "test" && name.lowercased().contains("test"))
    }

    private static func lines(_ node: Node?) -> [String]? {
        guard let node else { return nil }
        if let line = node.string { return [line] }
        guard case .sequence(let items) = node else { return nil }
        let lines = items.compactMap(\.string)
        return lines.count == items.count && !lines.isEmpty ? lines : nil
    }
}
