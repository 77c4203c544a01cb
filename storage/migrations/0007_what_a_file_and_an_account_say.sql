-- Where files come from, what people are warned of, what is deleted in chats
-- Title of the channel that the file was forwarded from, whose folder it shall go into; empty when it is there, or none is wanted.
ALTER TABLE transfer ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN sort_channels INTEGER;

-- What the owner of an account has been warned of: a row stands for as long as it is so, and is told once.
ALTER TABLE person ADD COLUMN warnings INTEGER;
CREATE TABLE account_warning (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('nearly_full', 'over_quota', 'ends_soon', 'ends_very_soon', 'uploads_forbidden')),
    since REAL NOT NULL,
    UNIQUE (account_id, kind)
);

-- Messages whose files have been uploaded are deleted.
ALTER TABLE person ADD COLUMN delete_messages INTEGER;
