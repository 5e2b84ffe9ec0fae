import GRDB

/// The tables, as a list of steps that only goes forward. A step that was released is never changed: a change is a new step.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: tasks, journal, followers, deliveries") { db in
            try db.execute(sql: tasks)
            try db.execute(sql: journal)
            try db.execute(sql: followers)
            try db.execute(sql: deliveries)
        }
        migrator.registerMigration("2: working time") { db in
            try db.execute(sql: workingTime)
        }
        migrator.registerMigration("3: turns of persons and projects") { db in
            try db.execute(sql: turns)
        }
        return migrator
    }

    // Columns of type ANY hold text from outside: see `StoredText`. Times are microseconds since 1970.

    /// Partial indexes hold open tasks only, so that claiming costs the same however many tasks have ended.
    private static let tasks = """
        CREATE TABLE task (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            lane TEXT NOT NULL CHECK (lane IN ('work', 'control')),
            state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'ended')),
            status TEXT NOT NULL,
            progress INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            project_key ANY NOT NULL,
            branch_key ANY NOT NULL,
            thread_key ANY,
            project_path ANY,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            ended_at INTEGER,
            not_before INTEGER,
            lease_owner BLOB,
            lease_until INTEGER,
            stop_by ANY,
            stop_reason ANY,
            definition BLOB NOT NULL,
            result BLOB,
            CHECK ((state = 'leased') = (lease_owner IS NOT NULL)),
            CHECK ((state = 'leased') = (lease_until IS NOT NULL)),
            CHECK ((state = 'ended') = (ended_at IS NOT NULL))
        ) STRICT;
        CREATE INDEX task_queued ON task (lane, number, not_before, project_key, branch_key) WHERE state = 'queued';
        CREATE UNIQUE INDEX task_leased ON task (lane, branch_key) WHERE state = 'leased';
        CREATE INDEX task_leased_until ON task (lease_until) WHERE state = 'leased';
        CREATE INDEX task_open ON task (thread_key, number) WHERE lane = 'work' AND state <> 'ended';
        CREATE INDEX task_thread ON task (thread_key, number) WHERE lane = 'work';
        CREATE INDEX task_status ON task (status, number);
        CREATE INDEX task_project ON task (project_path, number);
        CREATE INDEX task_ended ON task (ended_at) WHERE state = 'ended';
        """

    /// `seen_at` is when the one who holds the task was last heard of; up to then its time is counted in `worked`.
    private static let workingTime = """
        ALTER TABLE task ADD COLUMN worked INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE task ADD COLUMN seen_at INTEGER;
        """

    /// A step's work tree stands apart: only a task's newest one is kept, so that a journal does not grow by a patch with each step.
    private static let journal = """
        CREATE TABLE entry (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            task INTEGER NOT NULL REFERENCES task (number) ON DELETE CASCADE,
            at INTEGER NOT NULL,
            kind ANY NOT NULL,
            name ANY NOT NULL,
            payload BLOB NOT NULL
        ) STRICT;
        CREATE INDEX entry_task ON entry (task, sequence, kind);
        CREATE UNIQUE INDEX entry_step ON entry (task, name) WHERE kind = 'step';
        CREATE TABLE work_tree (
            task INTEGER PRIMARY KEY REFERENCES task (number) ON DELETE CASCADE,
            step INTEGER NOT NULL,
            patch BLOB NOT NULL
        ) STRICT;
        """

    /// `next` is the first entry that the follower has not dealt with; an index over those that have one makes looking for work cost
    /// what there is to do, not what has been done.
    private static let followers = """
        CREATE TABLE follower_kind (
            kind ANY NOT NULL,
            follower TEXT NOT NULL,
            PRIMARY KEY (kind, follower)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE follower_cursor (
            task INTEGER NOT NULL REFERENCES task (number) ON DELETE CASCADE,
            follower TEXT NOT NULL,
            position INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            not_before INTEGER,
            state BLOB,
            next INTEGER,
            PRIMARY KEY (task, follower)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX follower_behind ON follower_cursor (follower, next, not_before) WHERE next IS NOT NULL;
        """

    /// Who asked for a task, so that persons take turns within a project, and when each was last served.
    private static let turns = """
        ALTER TABLE task ADD COLUMN person_key ANY;
        UPDATE task SET person_key = 'gitlab:' || json_extract(CAST(definition AS TEXT), '$.origin.gitLab._0.requester.id')
            WHERE json_extract(CAST(definition AS TEXT), '$.origin.gitLab._0.requester.id') IS NOT NULL;
        DROP INDEX task_queued;
        CREATE INDEX task_queued ON task (lane, number, not_before, project_key, branch_key, person_key) WHERE state = 'queued';
        CREATE INDEX task_person ON task (person_key, lane) WHERE state <> 'ended';
        CREATE TABLE turn (
            key ANY NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let deliveries = """
        CREATE TABLE delivery (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id ANY NOT NULL UNIQUE,
            meaning ANY,
            received_at INTEGER NOT NULL,
            event ANY NOT NULL,
            project_id INTEGER,
            project_path ANY,
            result TEXT NOT NULL CHECK (result IN ('accepted', 'ignored', 'duplicate', 'rejected')),
            reason ANY NOT NULL,
            task TEXT
        ) STRICT;
        CREATE UNIQUE INDEX delivery_meaning ON delivery (meaning) WHERE meaning IS NOT NULL;
        CREATE INDEX delivery_received ON delivery (received_at);
        """
}
