/// The texts that steer the model, each a file beside this one. They hold no clock, no id and nothing of the task, so that a
/// provider's cache serves all tasks.
enum Prompts {
    static let analyze = text(PackageResources.analyze_md)
    static let code = text(PackageResources.code_md)
    static let answer = text(PackageResources.answer_md)
    static let reply = text(PackageResources.reply_md)
    static let review = text(PackageResources.review_md)
    static let repair = text(PackageResources.repair_md)
    static let problem = text(PackageResources.problem_md)
    static let compaction = text(PackageResources.compaction_md)

    private static func text(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
