-- What people set, files that are there already
-- A setting that nobody has touched is NULL: the code knows what holds then.
ALTER TABLE person ADD COLUMN language TEXT;
ALTER TABLE person ADD COLUMN time_zone TEXT;
ALTER TABLE person ADD COLUMN sounds TEXT;
ALTER TABLE person ADD COLUMN links TEXT;
ALTER TABLE person ADD COLUMN duplicates TEXT;
ALTER TABLE person ADD COLUMN strip_channel INTEGER;
ALTER TABLE person ADD COLUMN sealed_upload_password BLOB;

-- Of one person, who may have called them something.
ALTER TABLE account ADD COLUMN number INTEGER NOT NULL DEFAULT 1;
ALTER TABLE account ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- A file that is held waits for its person's answer: the account has one of that name and size.
ALTER TABLE transfer ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transfer ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transfer ADD COLUMN there_since REAL;
DROP INDEX transfer_queued;
CREATE INDEX transfer_queued ON transfer (person_id, account_id, id, not_before)
    WHERE state = 'queued' AND cancelled_at IS NULL AND held = 0;
CREATE INDEX transfer_held ON transfer (created_at) WHERE state = 'queued' AND held = 1;
DROP INDEX transfer_account;
CREATE INDEX transfer_account ON transfer (account_id, file_unique_id);

-- What was there already, and was not sent, is no upload that ended.
DROP TRIGGER transfer_ended;
CREATE TRIGGER transfer_ended AFTER UPDATE OF ended_at ON transfer
    WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND NEW.there_since IS NULL
BEGIN
    INSERT INTO tally (what, outcome, reason, number, bytes)
        VALUES ('upload', NEW.state, coalesce(NEW.reason, ''), 1, coalesce(NEW.stored_size, 0))
        ON CONFLICT (what, outcome, reason) DO UPDATE SET number = number + 1, bytes = bytes + excluded.bytes;
END;

-- What its person had set when it came, until it has been uploaded.
ALTER TABLE transfer ADD COLUMN protected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transfer ADD COLUMN sealed_password BLOB;

-- Of a URL that 1fichier cannot be kept from fetching: the file is deleted when it has come.
ALTER TABLE remote_upload ADD COLUMN unwanted INTEGER NOT NULL DEFAULT 0;

CREATE INDEX file_name ON file (account_id, name);
