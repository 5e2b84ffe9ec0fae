import CYaml

/// A look at a YAML text before it is composed: how deep it nests, how many nodes it would unfold to, and where its anchors
/// and aliases are.
///
/// The composer follows aliases while it builds nodes, compares keys and calls itself for each level, so a small hostile text
/// could keep it busy for hours or use up its stack. The parser below it only tells events, one after the other.
struct YAMLShape {
    struct Bounds: Sendable {
        var depth: Int
        /// Aliases count as often as they would be unfolded.
        var nodes: Int
        var allowsAliases: Bool
        var allowsDocuments = false
    }

    struct Problem: Error, Hashable {
        var line: Int?
        var message: String
    }

    static func check(_ text: String, _ bounds: Bounds) throws(Problem) {
        var shape = YAMLShape(bounds)
        try shape.read(Array(text.utf8))
    }

    private struct Container {
        let anchor: String?
        var nodes = 1
    }

    private let bounds: Bounds
    private var open: [Container] = []
    private var sizes: [String: Int] = [:]
    private var nodes = 0
    private var documents = 0

    private init(_ bounds: Bounds) { self.bounds = bounds }

    private mutating func read(_ bytes: [UInt8]) throws(Problem) {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { throw Problem(line: nil, message: "the file could not be read") }
        defer { yaml_parser_delete(&parser) }
        let result: Result<Void, Problem> = bytes.withUnsafeBufferPointer { buffer in
            yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
            return Result { () throws(Problem) in
                while true {
                    var event = yaml_event_t()
                    guard yaml_parser_parse(&parser, &event) == 1 else {
                        let said = parser.problem.map { String(cString: $0) } ?? "it ends too early"
                        throw Problem(line: Int(parser.problem_mark.line) + 1, message: "not YAML: \(said)")
                    }
                    defer { yaml_event_delete(&event) }
                    if event.type == YAML_STREAM_END_EVENT { return }
                    try take(event)
                }
            }
        }
        try result.get()
    }

    private mutating func take(_ event: yaml_event_t) throws(Problem) {
        let line = Int(event.start_mark.line) + 1
        switch event.type {
        case YAML_DOCUMENT_START_EVENT:
            documents += 1
            guard documents == 1 || bounds.allowsDocuments else { throw Problem(line: line, message: "a second document is not allowed") }
        case YAML_ALIAS_EVENT:
            let name = String(cString: event.data.alias.anchor)
            guard bounds.allowsAliases else { throw Problem(line: line, message: "anchors and aliases are not allowed (`*\(name.prefix(40))`)") }
            // An alias to nothing is the composer's to refuse.
            try add(sizes[name] ?? 1, line)
        case YAML_SCALAR_EVENT:
            let anchor = try anchor(event.data.scalar.anchor, line)
            try add(1, line)
            if let anchor { sizes[anchor] = 1 }
        case YAML_SEQUENCE_START_EVENT: try enter(event.data.sequence_start.anchor, line)
        case YAML_MAPPING_START_EVENT: try enter(event.data.mapping_start.anchor, line)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            guard let container = open.popLast() else { return }
            if let anchor = container.anchor { sizes[anchor] = container.nodes }
            if !open.isEmpty { open[open.count - 1].nodes += container.nodes }
        default: return
        }
    }

    private mutating func enter(_ anchor: UnsafeMutablePointer<yaml_char_t>?, _ line: Int) throws(Problem) {
        let name = try self.anchor(anchor, line)
        guard open.count < bounds.depth else { throw Problem(line: line, message: "nested deeper than \(bounds.depth) levels") }
        try count(1, line)
        open.append(Container(anchor: name))
    }

    private mutating func add(_ size: Int, _ line: Int) throws(Problem) {
        try count(size, line)
        if !open.isEmpty { open[open.count - 1].nodes += size }
    }

    private mutating func count(_ size: Int, _ line: Int) throws(Problem) {
        nodes += size
        guard nodes <= bounds.nodes else { throw Problem(line: line, message: "more than \(bounds.nodes) entries") }
    }

    private func anchor(_ pointer: UnsafeMutablePointer<yaml_char_t>?, _ line: Int) throws(Problem) -> String? {
        guard let pointer else { return nil }
        let name = String(cString: pointer)
        guard bounds.allowsAliases else { throw Problem(line: line, message: "anchors and aliases are not allowed (`&\(name.prefix(40))`)") }
        return name
    }
}
