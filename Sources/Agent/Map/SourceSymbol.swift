/// One declaration in an outline.
struct SourceSymbol: Sendable, Hashable {
    let line: Int
    /// As it is to be shown: kind, scope, name, parameters.
    let text: String
    let name: String
    let depth: Int
}
