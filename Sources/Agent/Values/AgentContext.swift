/// What a stage is told about the task: gathered by the pipeline, which also says what of it may be trusted.
///
/// It must be the same on a replay, since the first message of each stage is made from it: gather it in durable steps.
package struct AgentContext: Sendable, Hashable, Codable {
    /// What is wanted, in the requester's words.
    package var intent: String
    /// In which language the requester wrote, for people (`German`), or nil to let the model see for itself.
    package var language: String?
    /// What the repository is called, and the branch that the work starts from; for orientation only.
    package var repository: String?
    package var branch: String?
    /// Text that other people wrote: shown to the model fenced, labelled and as data.
    package var sections: [Section]
    /// What the project tells its agents, read from its default branch: `AGENTS.md`, `CLAUDE.md`, `.gitlab/duo/`, `.ai-coder.yml`.
    package var instructions: [Instruction]
    /// The commands that the harness will run to judge the work, as far as they are known.
    package var testCommands: [String]
    /// Paths and globs whose change is refused unless the request names them.
    package var protectedPaths: [String]

    package init(
        intent: String, language: String? = nil, repository: String? = nil, branch: String? = nil,
        sections: [Section] = [], instructions: [Instruction] = [], testCommands: [String] = [],
        protectedPaths: [String] = []
    ) {
        self.intent = intent
        self.language = language
        self.repository = repository
        self.branch = branch
        self.sections = sections
        self.instructions = instructions
        self.testCommands = testCommands
        self.protectedPaths = protectedPaths
    }

    package struct Section: Sendable, Hashable, Codable {
        /// Where the text is from, as the model is to see it: `issue #12, description by @ann`, `log of job test (failed)`.
        package var source: String
        package var text: String
        package init(source: String, text: String) {
            self.source = source
            self.text = text
        }
    }

    package struct Instruction: Sendable, Hashable, Codable {
        package var path: String
        package var text: String
        package init(path: String, text: String) {
            self.path = path
            self.text = text
        }
    }
}
