/// How the next task is found.
///
/// Both searches walk the partial index of queued tasks from its oldest end; leased tasks, a handful at any time, are looked up in
/// another partial index. Ended tasks are in neither. Tasks of the command line are claimed by their id alone.
enum ClaimStatements {
    /// Leases that have run out count as waiting.
    static let requeueExpired = """
        UPDATE task SET state = 'queued', lease_owner = NULL, lease_until = NULL WHERE state = 'leased' AND lease_until <= ?
        """

    /// How many tasks projects have running, each number once.
    static let loads = """
        SELECT DISTINCT count(*) FROM task WHERE state = 'leased' AND lane = :lane GROUP BY project_key ORDER BY 1
        """

    /// The oldest of a project that has nothing running.
    static let ofIdleProject = """
        SELECT number FROM task WHERE state = 'queued' AND lane = :lane AND (not_before IS NULL OR not_before <= :now)
        AND project_key NOT GLOB 'run:*' AND branch_key NOT IN (SELECT branch_key FROM task WHERE state = 'leased' AND lane = :lane)
        AND project_key NOT IN (SELECT project_key FROM task WHERE state = 'leased' AND lane = :lane)
        ORDER BY number LIMIT 1
        """

    /// The oldest of a project that has `load` tasks running.
    static let ofProjectWithLoad = """
        SELECT number FROM task WHERE state = 'queued' AND lane = :lane AND (not_before IS NULL OR not_before <= :now)
        AND project_key NOT GLOB 'run:*' AND branch_key NOT IN (SELECT branch_key FROM task WHERE state = 'leased' AND lane = :lane)
        AND project_key IN (
            SELECT project_key FROM task WHERE state = 'leased' AND lane = :lane GROUP BY project_key HAVING count(*) = :load)
        ORDER BY number LIMIT 1
        """

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
}
