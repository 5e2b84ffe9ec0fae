import Yams

/// The files of the project itself that a `.gitlab-ci.yml` includes: whoever changes one changes the pipeline.
package enum CIIncludes {
    /// Paths or globs, relative to the repository's root; empty where the text can't be read.
    package static func local(in text: String) -> [String] {
        guard text.utf8.count <= 256 << 10, (try? YAMLShape.check(text, .init(depth: 20, nodes: 20_000, allowsAliases: true))) != nil,
            let root = try? Yams.compose(yaml: text), case .mapping(let mapping) = root, let include = mapping["include"]
        else { return [] }
        let entries: [Node]
        if case .sequence(let sequence) = include { entries = Array(sequence) } else { entries = [include] }
        return entries.prefix(150).compactMap { entry in
            if case .mapping(let mapping) = entry { return mapping["local"]?.string }
            // A plain text is a file of the project, except for a URL.
            return entry.string.flatMap { $0.contains("://") ? nil : $0 }
        }.map { path in String(path.drop { $0 == "/" }) }.filter { !$0.isEmpty && $0.utf8.count <= 1000 }
    }
}
