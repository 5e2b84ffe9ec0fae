import Domain
import Foundation
import GRDB

/// Whose task comes next: of the project with the fewest running, there of the person with the fewest, and among equals of the
/// one that was served longest ago. Who asks for a thousand things at once keeps nobody waiting for more than a turn.
struct NextTask {
    private struct Head {
        var number: Int64
        var project: String
        /// Nil is one person, too: whoever uses the command line or the API.
        var person: String
        var order: [Int64] = []
    }

    let db: Database
    let lane: TaskLane
    let time: Date

    /// A turn that is older is no different from none.
    private static let memory: TimeInterval = 86_400

    func find() throws -> Int64? {
        var heads = try db.rows(ClaimStatements.heads, ["lane": lane.rawValue, "now": time.stored]).map(head)
        guard heads.count > 1 else { return heads.first?.number }
        var projects: [String: Int64] = [:]
        var persons: [String: Int64] = [:]
        for row in try db.rows(ClaimStatements.loads, ["lane": lane.rawValue]) {
            let (load, running): (Int64, Head) = (row["load"], head(row))
            projects[running.project, default: 0] += load
            persons[running.person, default: 0] += load
        }
        var turns: [String: Int64] = [:]
        for row in try db.rows(ClaimStatements.turns) {
            let key: StoredText = row["key"]
            turns[key.text] = row["at"]
        }
        for index in heads.indices {
            let (project, person) = (heads[index].project, heads[index].person)
            heads[index].order = [
                projects[project] ?? 0, turns[project] ?? 0, persons[person] ?? 0, turns[person] ?? 0, heads[index].number,
            ]
        }
        return heads.min { $0.order.lexicographicallyPrecedes($1.order) }?.number
    }

    /// To be called when the task is leased.
    func take(_ number: Int64) throws {
        guard let row = try db.row("SELECT project_key AS project, person_key AS person FROM task WHERE number = ?", [number]) else { return }
        let head = head(row)
        try db.run(ClaimStatements.forgetTurns, [time.addingTimeInterval(-Self.memory).stored])
        for key in [head.project, head.person] { try db.run(ClaimStatements.takeTurn, [StoredText(key), time.stored]) }
    }

    /// The keys as turns name them: per lane, since an answer at once is no work.
    private func head(_ row: Row) -> Head {
        let (project, person): (StoredText, StoredText?) = (row["project"], row["person"])
        return Head(
            number: row["number"] ?? 0, project: "\(lane.rawValue) project \(project.text)",
            person: "\(lane.rawValue) person \(project.text) \(person?.text ?? "")")
    }
}
