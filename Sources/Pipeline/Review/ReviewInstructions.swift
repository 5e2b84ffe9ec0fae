import Agent
import Workspaces
import Yams

/// `.gitlab/duo/mr-review-instructions.yaml`: what a project asks of reviews, each for the files that its filters name.
struct ReviewInstructions {
    static let fileName = ".gitlab/duo/mr-review-instructions.yaml"

    private struct Entry {
        var name: String
        var filters: [String]
        var text: String
    }

    private var entries: [Entry] = []

    /// What can't be read says nothing; the file belongs to another tool, and its errors are told there.
    init(yaml text: String) {
        guard text.utf8.count <= 64 << 10, let root = try? Yams.compose(yaml: text), let list = root["instructions"]?.sequence else { return }
        for node in list.prefix(50) {
            guard let words = node["instructions"]?.string, !words.isEmpty else { continue }
            let filters = node["fileFilters"]?.sequence?.compactMap(\.string) ?? []
            entries.append(Entry(name: node["name"]?.string ?? "", filters: Array(filters.prefix(50)), text: String(words.prefix(16_000))))
        }
    }

    /// Those that hold for at least one of the files.
    func matching(_ paths: [String]) -> [AgentContext.Instruction] {
        entries.filter { entry in paths.contains { Self.covers(entry.filters, $0) } }.map { entry in
            let files = entry.filters.isEmpty ? "" : ", for \(entry.filters.joined(separator: ", "))"
            return .init(path: "\(Self.fileName)\(entry.name.isEmpty ? "" : " (\(entry.name.prefix(100)))")\(files.prefix(300))", text: entry.text)
        }
    }

    /// A filter that begins with `!` takes files out again; without any other filter the rest is in.
    private static func covers(_ filters: [String], _ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        func matches(_ filter: String) -> Bool {
            let pattern = GlobPattern(filter)
            return pattern.matches(path) || (!pattern.isAnchored && pattern.matches(name))
        }
        let wanted = filters.filter { !$0.hasPrefix("!") }
        guard !filters.contains(where: { $0.hasPrefix("!") && matches(String($0.dropFirst())) }) else { return false }
        return wanted.isEmpty || wanted.contains(where: matches)
    }
}
