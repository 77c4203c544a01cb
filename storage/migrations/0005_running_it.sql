-- Who may use the bot, what admins are told, and totals that outlive the history

-- Strangers who were let in or kept out by an admin, beside those whom the settings name. No reference to person: a number may be
-- let in before it has written, and stays kept out when all else about it has been erased.
CREATE TABLE access (
    person_id INTEGER PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('guest', 'admin', 'banned')),
    invitation_id INTEGER REFERENCES invitation (id) ON DELETE SET NULL,
    since REAL NOT NULL
);
CREATE INDEX access_invitation ON access (invitation_id);

-- Links that let in. A claim makes its first opener an admin; its code is told in the log only, and kept as a hash.
CREATE TABLE invitation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    role TEXT NOT NULL CHECK (role IN ('guest', 'admin')),
    code_hash TEXT NOT NULL UNIQUE,
    sealed_code BLOB,
    -- The press that asked for it, so that one handled twice makes one.
    asked_by TEXT UNIQUE,
    uses_left INTEGER NOT NULL,
    until REAL NOT NULL
);

-- What the admins switched on.
CREATE TABLE switch (
    name TEXT PRIMARY KEY,
    since REAL NOT NULL
);

-- Events that admins are told of, once each: one that has not ended is not raised again.
CREATE TABLE alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    figure REAL NOT NULL,
    began_at REAL NOT NULL,
    ended_at REAL
);
CREATE UNIQUE INDEX alert_open ON alert (kind) WHERE ended_at IS NULL;

-- The process that has the data directory, or had it last.
CREATE TABLE process (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    started_at REAL NOT NULL,
    stopped_at REAL
);

-- How uploads and remote uploads have ended since the beginning. Kept by triggers: whichever statement ends a row, it is counted in
-- the same transaction.
CREATE TABLE tally (
    what TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    number INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (what, outcome, reason)
);
INSERT INTO tally (what, outcome, reason, number, bytes)
    SELECT 'upload', state, coalesce(reason, ''), count(*), coalesce(sum(stored_size), 0)
    FROM transfer WHERE ended_at IS NOT NULL GROUP BY state, coalesce(reason, '');
INSERT INTO tally (what, outcome, reason, number, bytes)
    SELECT 'remote', state, coalesce(reason, ''), count(*), coalesce(sum(stored_size), 0)
    FROM remote_upload WHERE ended_at IS NOT NULL GROUP BY state, coalesce(reason, '');

CREATE TRIGGER transfer_refused AFTER INSERT ON transfer WHEN NEW.ended_at IS NOT NULL
BEGIN
    INSERT INTO tally (what, outcome, reason, number, bytes)
        VALUES ('upload', NEW.state, coalesce(NEW.reason, ''), 1, 0)
        ON CONFLICT (what, outcome, reason) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER transfer_ended AFTER UPDATE OF ended_at ON transfer WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
BEGIN
    INSERT INTO tally (what, outcome, reason, number, bytes)
        VALUES ('upload', NEW.state, coalesce(NEW.reason, ''), 1, coalesce(NEW.stored_size, 0))
        ON CONFLICT (what, outcome, reason) DO UPDATE SET number = number + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER remote_ended AFTER UPDATE OF ended_at ON remote_upload WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
BEGIN
    INSERT INTO tally (what, outcome, reason, number, bytes)
        VALUES ('remote', NEW.state, coalesce(NEW.reason, ''), 1, coalesce(NEW.stored_size, 0))
        ON CONFLICT (what, outcome, reason) DO UPDATE SET number = number + 1, bytes = bytes + excluded.bytes;
END;

-- What is under way, to be counted by state.
CREATE INDEX transfer_state ON transfer (state) WHERE state IN ('queued', 'fetching', 'sending', 'confirming');
CREATE INDEX remote_state ON remote_upload (state) WHERE state IN ('waiting', 'requesting', 'fetching', 'executed');

-- What one person had taken in lately.
CREATE INDEX transfer_taken_in ON transfer (person_id, created_at);
CREATE INDEX remote_taken_in ON remote_upload (person_id, created_at);
