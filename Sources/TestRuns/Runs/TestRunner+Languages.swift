extension TestRunner {
    /// Whether a run looks at the syntax of a changed file of this name: it does for languages whose program is at hand.
    package static func checksSyntax(of path: String, tools: Set<String>) -> Bool {
        SyntaxCheck.all.contains { tools.contains($0.tool) && $0.covers(path) }
    }
}
