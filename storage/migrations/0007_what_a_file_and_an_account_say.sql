-- Where files come from, what people are warned of, what is deleted in chats, what is sent back
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

-- Files on their way from 1fichier into a chat. What was in `confirming` when a process ended may have arrived.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    chat_id INTEGER NOT NULL,
    -- The message that shows how far it is.
    message_id INTEGER NOT NULL,
    link_id TEXT NOT NULL,
    link TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    -- The press that asked for it, so that one handled twice sends it once.
    asked_by TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (
        state IN ('queued', 'sending', 'confirming', 'done', 'failed', 'cancelled', 'unknown')
    ),
    tries INTEGER NOT NULL DEFAULT 0,
    not_before REAL NOT NULL DEFAULT 0,
    reason TEXT,
    detail TEXT,
    created_at REAL NOT NULL,
    ended_at REAL
);
CREATE INDEX delivery_person ON delivery (person_id);
CREATE INDEX delivery_account ON delivery (account_id);
CREATE UNIQUE INDEX delivery_message ON delivery (chat_id, message_id)
    WHERE state IN ('queued', 'sending', 'confirming');
CREATE INDEX delivery_active ON delivery (id) WHERE state IN ('queued', 'sending', 'confirming');
CREATE INDEX delivery_created ON delivery (created_at);
