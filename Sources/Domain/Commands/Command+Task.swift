extension Command {
    /// What kind of task a command leads to, and the words that go with it.
    package var task: (kind: CodingTask.Kind, intent: String) {
        switch self {
        case .change(let text): (.change, text)
        case .review(let text): (.review, text)
        case .answer(let text): (.answer, text)
        case .plan(let text): (.plan, text)
        case .approve(let text): (.approve, text)
        case .fix(let text): (.fix, text)
        case .stop: (.stop, "")
        case .status: (.status, "")
        case .retry: (.retry, "")
        case .help: (.help, "")
        // The help then says that the word is not known.
        case .unknown(let word): (.help, word)
        }
    }
}
