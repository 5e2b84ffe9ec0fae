import Domain
import Foundation
import GRDB

/// A delivery ready to be written down together with the task it leads to.
struct DeliveryInsertion: Sendable {
    private let delivery: NewDelivery
    private let task: TaskInsertion?
    private let time: Date

    init(_ delivery: NewDelivery, at time: Date) throws {
        self.delivery = delivery
        self.time = time
        task = try delivery.task.map { try TaskInsertion($0, reason: delivery.reason) }
    }

    var leadsToNothing: Bool { task == nil }

    /// To be called in a transaction: the delivery and its task are there together or not at all.
    func insert(into db: Database) throws -> IntakeOutcome {
        guard let task else { return try ignore(reason: delivery.reason, in: db) }
        if let need = delivery.needs, try !isMet(need, in: task.task.threadKey, db) {
            return try ignore(reason: delivery.reasonWithoutThread, in: db)
        }
        if let reason = try excess(task.task, in: db) {
            // The event itself stays unheard, so that it can be told again when there is room.
            guard try insertRow(.ignored, reason: reason, task: nil, keepingMeaning: false, in: db) else { return try duplicate(in: db) }
            return .ignored(reason: reason)
        }
        guard try insertRow(.accepted, reason: delivery.reason, task: task.task.id, in: db) else {
            return try duplicate(in: db)
        }
        guard try task.insert(into: db, at: time) != nil else {
            // The same task under another delivery: whoever names tasks meant them to be one.
            try db.run("UPDATE delivery SET result = 'duplicate' WHERE id = ?", [StoredText(delivery.id)])
            return .duplicate(of: delivery.id, task.task.id)
        }
        return .accepted(task.task.id, reason: delivery.reason)
    }

    /// What one person may have waiting, far above what anybody means: it keeps a flood from filling the disk. Answers given at
    /// once, such as a stop, are not counted among it.
    static let mostOfPerson = 2_000
    static let mostOfAll = 50_000

    /// Known deliveries are not asked this; they are told what became of the first.
    private func excess(_ task: CodingTask, in db: Database) throws -> String? {
        guard try db.row("SELECT 1 FROM delivery WHERE id = ? OR meaning = ?", [StoredText(delivery.id), StoredText(delivery.meaning)]) == nil else {
            return nil
        }
        guard task.lane == .work else { return nil }
        if let person = task.personKey {
            let sql = "SELECT count(*) FROM task WHERE person_key = ? AND lane = 'work' AND state <> 'ended'"
            let open: Int = try db.row(sql, [StoredText(person)])?[0] ?? 0
            if open >= Self.mostOfPerson { return "too_many_tasks" }
        }
        let isFull = try db.row("SELECT 1 FROM task WHERE state <> 'ended' LIMIT 1 OFFSET ?", [Self.mostOfAll]) != nil
        return isFull ? "queue_full" : nil
    }

    private func ignore(reason: String, in db: Database) throws -> IntakeOutcome {
        guard try insertRow(.ignored, reason: reason, task: nil, in: db) else { return try duplicate(in: db) }
        return .ignored(reason: reason)
    }

    private func isMet(_ need: NewDelivery.Need, in thread: String?, _ db: Database) throws -> Bool {
        switch need {
        case .openTask: try hasOpenTask(thread, in: db)
        case .review: try hasReview(thread, in: db)
        case .openTaskOrReview: try hasOpenTask(thread, in: db) || hasReview(thread, in: db)
        }
    }

    private func hasReview(_ thread: String?, in db: Database) throws -> Bool {
        try db.row(
            """
            SELECT 1 FROM task WHERE thread_key = ? AND lane = 'work'
                AND json_extract(CAST(definition AS TEXT), '$.kind') = 'review' LIMIT 1
            """,
            [StoredText(thread)]) != nil
    }

    private func hasOpenTask(_ thread: String?, in db: Database) throws -> Bool {
        try db.row(
            "SELECT 1 FROM task WHERE thread_key = ? AND lane = 'work' AND state <> 'ended' LIMIT 1",
            [StoredText(thread)]) != nil
    }

    /// False when the delivery's id or meaning is known already.
    private func insertRow(
        _ result: DeliveryRecord.Result, reason: String, task: TaskID?, keepingMeaning: Bool = true, in db: Database
    ) throws -> Bool {
        try db.run(
            """
            INSERT INTO delivery (id, meaning, received_at, event, project_id, project_path, result, reason, task)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            [
                StoredText(delivery.id), keepingMeaning ? StoredText(delivery.meaning) : nil,
                delivery.receivedAt.stored, StoredText(delivery.event), delivery.projectID,
                StoredText(delivery.projectPath), result.rawValue, StoredText(reason), task?.rawValue,
            ])
        return db.changesCount > 0
    }

    /// The same delivery again leaves no trace. Another delivery of the same event is noted, so that it can be explained.
    private func duplicate(in db: Database) throws -> IntakeOutcome {
        if let row = try db.row("SELECT task FROM delivery WHERE id = ?", [StoredText(delivery.id)]) {
            return .duplicate(of: delivery.id, taskID(row[0]))
        }
        guard
            let meaning = delivery.meaning,
            let row = try db.row("SELECT task, id FROM delivery WHERE meaning = ?", [StoredText(meaning)])
        else {
            throw StoreFailure(.unexpected, "A delivery could not be written down; it is to be sent again.")
        }
        let first: StoredText = row[1]
        let task = taskID(row[0])
        _ = try insertRow(.duplicate, reason: "same_event", task: task, keepingMeaning: false, in: db)
        return .duplicate(of: first.text, task)
    }

    private func taskID(_ text: String?) -> TaskID? { text.flatMap(TaskID.init(rawValue:)) }
}
