import Agent
import Domain
import Foundation
import Workspaces

/// A reply to one of the bot's findings: answered in its thread; when it asks for a change, that becomes a task of its own, which
/// answers there when it is done.
struct ReplyRecipe {
    let run: TaskRun

    func perform() async throws {
        guard let origin = run.task.gitLab else { return }
        let desk = try await Reception(run: run).open()
        try await AnswerRecipe(run: run).looking(from: desk) { agent, workshop, context in
            switch try await agent.reply(context, in: workshop.checkout.tree) {
            case .nothing:
                run.journal.learn { $0.summary = "Nothing needed saying." }
            case .answer(let text):
                run.journal.learn { $0.summary = text }
                try await desk.answer(text, about: workshop.checkout)
            case .change(let plan):
                let task = try await run.submit("change", from: origin) { task, owned in
                    task.kind = .change
                    owned.trigger = .thread
                }
                run.journal.learn { $0.summary = "A change was asked for, and task \(task) makes it: \(plan.summary)" }
            }
        }
    }
}
