/// How the next task is found.
///
/// The search walks the partial index of queued tasks; leased tasks, a handful at any time, are looked up in another partial
/// index. Ended tasks are in neither. Tasks of the command line are claimed by their id alone.
enum ClaimStatements {
    /// Leases that have run out count as waiting.
    static let requeueExpired = """
        UPDATE task SET state = 'queued', lease_owner = NULL, lease_until = NULL WHERE state = 'leased' AND lease_until <= ?
        """

    /// The oldest of each person in each project that may be claimed now.
    static let heads = """
        SELECT min(number) AS number, project_key AS project, person_key AS person FROM task
        WHERE state = 'queued' AND lane = :lane AND (not_before IS NULL OR not_before <= :now)
            AND project_key NOT GLOB 'run:*' AND branch_key NOT IN (SELECT branch_key FROM task WHERE state = 'leased' AND lane = :lane)
        GROUP BY project_key, person_key
        """

    /// How many tasks each person in each project has running.
    static let loads = """
        SELECT project_key AS project, person_key AS person, count(*) AS load FROM task WHERE state = 'leased' AND lane = :lane
        GROUP BY project_key, person_key
        """

    /// When projects and persons were served last.
    static let turns = "SELECT key, at FROM turn"

    static let lease = """
        UPDATE task SET state = 'leased', lease_owner = :owner, lease_until = :until, attempts = attempts + 1, not_before = NULL,
            started_at = coalesce(started_at, :now), seen_at = :now
        WHERE number = :number
        """

    /// The holder is alive: the time since it was last heard of was spent on the task.
    static let countWork = """
        UPDATE task SET worked = worked + max(0, :now - coalesce(seen_at, :now)), seen_at = :now
        WHERE number = :number AND state = 'leased'
        """

    static let takeTurn = "INSERT INTO turn (key, at) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET at = excluded.at"
    static let forgetTurns = "DELETE FROM turn WHERE at < ?"
}
