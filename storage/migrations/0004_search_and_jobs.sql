-- Search in file names, shared folders, jobs on files and folders

-- What is cached is listed anew: SQL cannot fold the names it holds.
DELETE FROM file;
UPDATE folder SET listed_at = NULL;

-- The name without accents and capitals, which is what is searched.
ALTER TABLE file ADD COLUMN folded TEXT NOT NULL DEFAULT '';
-- When its owner last posted it by inline mode.
ALTER TABLE file ADD COLUMN chosen_at REAL;
CREATE INDEX file_search ON file (account_id, uploaded_at, folded) WHERE deleted_at IS NULL;
CREATE INDEX file_chosen ON file (account_id, chosen_at) WHERE chosen_at IS NOT NULL;

-- The public address; empty: none.
ALTER TABLE folder ADD COLUMN shared_url TEXT NOT NULL DEFAULT '';

-- How far the list of all of an account's files has been read: it comes in windows of time, one an hour.
CREATE TABLE file_index (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    -- When somebody last searched: nothing is read anew for people who do not.
    wanted_at REAL NOT NULL,
    not_before REAL NOT NULL DEFAULT 0,
    -- Files sent before head_at are known, back to tail_at; NULL there with a head: back to the first.
    head_at REAL,
    tail_at REAL,
    -- Length of the next window in seconds; NULL: as far back as there are files.
    span REAL,
    -- Part of a window could not be had.
    gaps INTEGER NOT NULL DEFAULT 0
);

-- Work on files and folders that is longer than an answer. It outlives a restart, and its message shows how far it is.
CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('delete_folder', 'move_files', 'share_files')),
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    chat_id INTEGER NOT NULL,
    message_id INTEGER,
    folder_id INTEGER,
    folder_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('counting', 'asking', 'working', 'done', 'failed', 'cancelled')),
    cancelled_at REAL,
    tries INTEGER NOT NULL DEFAULT 0,
    not_before REAL NOT NULL DEFAULT 0,
    files INTEGER NOT NULL DEFAULT 0,
    folders INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0,
    files_done INTEGER NOT NULL DEFAULT 0,
    shared_url TEXT,
    detail TEXT,
    created_at REAL NOT NULL,
    asked_at REAL,
    ended_at REAL
);
CREATE INDEX job_person ON job (person_id);
CREATE INDEX job_account ON job (account_id);
CREATE UNIQUE INDEX job_message ON job (chat_id, message_id) WHERE state IN ('counting', 'asking', 'working');
CREATE INDEX job_running ON job (account_id, id) WHERE state IN ('counting', 'working');
CREATE INDEX job_ended ON job (created_at) WHERE state NOT IN ('counting', 'working');

-- The files of a job that names them.
CREATE TABLE job_file (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    link_id TEXT NOT NULL,
    link TEXT NOT NULL,
    name TEXT,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
    PRIMARY KEY (job_id, position)
);
