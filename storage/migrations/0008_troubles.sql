-- What a service that is away keeps from going on
-- How often in a row it was away for this one, and since when; NULL: it is there. Pauses and deadlines that counted from when the row was made
-- would count what it has waited for its turn, too.
ALTER TABLE transfer ADD COLUMN troubles INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transfer ADD COLUMN trouble_since REAL;
ALTER TABLE remote_upload ADD COLUMN troubles INTEGER NOT NULL DEFAULT 0;
ALTER TABLE remote_upload ADD COLUMN trouble_since REAL;

-- A job is tried again after the same pause each time.
ALTER TABLE job ADD COLUMN trouble_since REAL;
