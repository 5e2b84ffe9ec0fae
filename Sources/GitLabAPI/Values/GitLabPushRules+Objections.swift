extension GitLabPushRules {
    /// What a push of the bot's would be refused for.
    package struct Objection: Sendable, Hashable {
        package let text: String
        /// False where it depends on what can't be seen from here.
        package let isCertain: Bool
    }

    /// - Parameters:
    ///   - branch: a name as the bot makes them.
    ///   - message: a commit message as the bot writes them.
    ///   - email: the address that its commits have.
    package func objections(branch: String, message: String, email: String) -> [Objection] {
        var found: [Objection] = []
        func object(_ text: String, isCertain: Bool = true) { found.append(Objection(text: text, isCertain: isCertain)) }
        func check(_ pattern: String?, _ text: String, refusesMatch: Bool = false, _ complaint: String) {
            guard let pattern, !pattern.isEmpty else { return }
            guard let expression = try? Regex(pattern) else {
                return object("push rules have a pattern that can't be judged here: \(pattern)", isCertain: false)
            }
            let matches = (try? expression.firstMatch(in: text)) != nil
            if matches == refusesMatch { object("push rules \(complaint); the pattern is \(pattern)") }
        }
        if rejectsUnsigned { object("push rules refuse unsigned commits, and the bot does not sign") }
        check(branchNamePattern, branch, "refuse branches that are named like \(branch)")
        check(commitMessagePattern, message, "refuse commit messages like the bot's, which are a summary and a Task-Id trailer")
        check(
            commitMessageNegativePattern, message, refusesMatch: true,
            "refuse commit messages like the bot's, which are a summary and a Task-Id trailer")
        check(authorEmailPattern, email, "refuse the bot's commits, whose address is \(email) (GIT_EMAIL)")
        if checksMember {
            object("push rules take commits of GitLab users only: \(email) (GIT_EMAIL) must be an address of an account there", isCertain: false)
        }
        if checksCommitter {
            object("push rules take commits of whoever pushes only: \(email) (GIT_EMAIL) must be a verified address of the bot's account", isCertain: false)
        }
        return found
    }
}
