-- Files of a local Bot API server, what is known of checksums, and what is under way
-- local_path lies below the directory that the server keeps for this bot; the directory's own name is a secret.

ALTER TABLE transfer ADD COLUMN local_path TEXT;
-- Copies at 1fichier that differed from what was sent, and were removed.
ALTER TABLE transfer ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0;
-- Whether the checksum of what was sent was held against the stored file's.
ALTER TABLE transfer ADD COLUMN verified INTEGER NOT NULL DEFAULT 0;

CREATE INDEX transfer_local_path ON transfer (id) WHERE local_path IS NOT NULL;
CREATE INDEX transfer_needed_file ON transfer (file_unique_id)
    WHERE state IN ('queued', 'fetching', 'sending', 'confirming');
CREATE INDEX transfer_under_way ON transfer (id) WHERE state IN ('fetching', 'sending', 'confirming');
