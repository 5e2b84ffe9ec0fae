import Yams

/// The files of the project itself that a pipeline's definition includes: whoever changes one changes the pipeline.
package enum CIIncludes {
    /// The largest file that is read.
    package static let sizeLimit = 256 << 10

    /// Paths or globs, relative to the repository's root, of every `include` in the text: that of the pipeline itself, and those of
    /// the child pipelines that its jobs start. Nil where the text can't be read to its end, and anything may be included.
    package static func local(in text: String) -> [String]? {
        guard text.utf8.count <= sizeLimit,
            (try? YAMLShape.check(text, .init(depth: 40, nodes: 40_000, allowsAliases: true, allowsDocuments: true))) != nil
        else { return nil }
        var found = Found()
        do {
            // A header with `spec:` is a document of its own.
            for document in try Yams.compose_all(yaml: text) { found.look(at: document) }
        } catch {
            return nil
        }
        return found.isWhole ? found.paths : nil
    }

    private struct Found {
        var paths: [String] = []
        /// Every include was understood.
        var isWhole = true

        mutating func look(at node: Node) {
            switch node {
            case .mapping(let mapping):
                for (key, value) in mapping {
                    if key.string == "include" { take(value) }
                    look(at: value)
                }
            case .sequence(let sequence): for child in sequence { look(at: child) }
            default: break
            }
        }

        private mutating func take(_ include: Node) {
            switch include {
            case .sequence(let sequence): for entry in sequence { take(entry) }
            case .mapping(let mapping):
                guard let local = mapping["local"] else { return }
                guard let path = local.string else { return isWhole = false }
                add(path)
            case .scalar(let scalar):
                // A plain text is a file of the project, except for a URL.
                if !scalar.string.contains("://") { add(scalar.string) }
            default: isWhole = false
            }
        }

        private mutating func add(_ text: String) {
            // What a variable or an input stands for is not known here: it may be any path.
            let path = text.replacing(/\$\[\[.*?\]\]|\$\{[^}]*\}|\$[A-Za-z_][A-Za-z0-9_]*/, with: "**").drop { $0 == "/" }
            guard !path.isEmpty, !paths.contains(String(path)) else { return }
            guard paths.count < 500, path.utf8.count <= 1000 else { return isWhole = false }
            paths.append(String(path))
        }
    }
}
