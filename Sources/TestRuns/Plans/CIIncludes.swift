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
            var documents = try Yams.compose_all(yaml: text)
            while let document = documents.next() { found.look(at: document) }
            // It ends silently where it can't go on: at a key that stands twice, say, of which GitLab takes the last.
            if documents.error != nil { return nil }
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
                if let local = mapping["local"] {
                    guard let path = local.string else { return isWhole = false }
                    add(path)
                }
                if let file = mapping["file"], let project = mapping["project"] { take(file, ofProject: project, at: mapping["ref"]) }
                if let component = mapping["component"]?.string { take(component: component) }
                if let address = mapping["remote"]?.string { take(address: address) }
            case .scalar(let scalar):
                // A plain text is a file of the project, except for a URL, which a variable may begin.
                if !scalar.string.contains("://") { add(scalar.string) }
                take(address: scalar.string)
            default: isWhole = false
            }
        }

        /// A variable may name this very project, or its present commit.
        private mutating func take(_ file: Node, ofProject project: Node, at ref: Node?) {
            let words = [project.string, ref?.string ?? ""]
            guard words.contains(where: { $0.map(CIIncludes.holdsVariable) ?? true }) else { return }
            if let path = file.string { return add(path) }
            guard case .sequence(let files) = file else { return isWhole = false }
            for file in files {
                if let path = file.string { add(path) } else { isWhole = false }
            }
        }

        /// `host/group/project/name@version`, which is a file in the project's folder of templates.
        private mutating func take(component: String) {
            guard CIIncludes.holdsVariable(component) else { return }
            let place = component.prefix { $0 != "@" }
            guard let name = place.split(separator: "/").last else { return isWhole = false }
            add("templates/\(name).yml")
            add("templates/\(name)/template.yml")
        }

        /// A file of this very project, perhaps, as GitLab shows it raw; a branch's name may be of several parts.
        private mutating func take(address: String) {
            guard CIIncludes.holdsVariable(address), address.contains("/-/raw/") else { return }
            let path = address.prefix { $0 != "?" && $0 != "#" }
            guard let name = path.split(separator: "/").last else { return isWhole = false }
            add("**/\(name)")
        }

        private mutating func add(_ text: String) {
            guard text.utf8.count <= 1000 else { return isWhole = false }
            // What a variable or an input stands for is not known here: it may be any path.
            let text = text.replacing(CIIncludes.variable, with: "**")
            var parts: [Substring.UnicodeScalarView] = []
            for part in text[...].unicodeScalars.split(separator: "/") where !part.elementsEqual(".".unicodeScalars) {
                if part.elementsEqual("..".unicodeScalars) { _ = parts.popLast() } else { parts.append(part) }
            }
            let path = parts.map { String($0) }.joined(separator: "/")
            guard !path.isEmpty, !paths.contains(path) else { return }
            guard paths.count < 500, path.utf8.count <= 1000 else { return isWhole = false }
            paths.append(path)
        }
    }

    /// `$NAME`, `${NAME}`, `%NAME%` and `$[[ inputs.name ]]`.
    private static var variable: Regex<Substring> {
        /\$\[\[.*?\]\]|\$\{[^}]*\}|\$[A-Za-z_][A-Za-z0-9_]*|%[A-Za-z_][A-Za-z0-9_]*%/.matchingSemantics(.unicodeScalar)
    }

    private static func holdsVariable(_ text: String) -> Bool { text.utf8.contains { $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: "%") } }
}
