CREATE TABLE access (
    person_id INTEGER PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('guest', 'admin', 'banned')),
    invitation_id INTEGER REFERENCES invitation (id) ON DELETE SET NULL,
    since REAL NOT NULL
);
CREATE INDEX access_invitation ON access (invitation_id);
CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    sealed_key BLOB NOT NULL,
    refused_at REAL,
    folder_id INTEGER NOT NULL DEFAULT 0,
    folder_name TEXT NOT NULL DEFAULT '',
    info TEXT,
    info_at REAL,
    created_at REAL NOT NULL
, number INTEGER NOT NULL DEFAULT 1, name TEXT NOT NULL DEFAULT '');
CREATE INDEX account_person ON account (person_id);
CREATE TABLE account_warning (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('nearly_full', 'over_quota', 'ends_soon', 'ends_very_soon', 'uploads_forbidden')),
    since REAL NOT NULL,
    UNIQUE (account_id, kind)
);
CREATE TABLE alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    figure REAL NOT NULL,
    began_at REAL NOT NULL,
    ended_at REAL
);
CREATE UNIQUE INDEX alert_open ON alert (kind) WHERE ended_at IS NULL;
CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('upload', 'remote')),
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    chat_id INTEGER NOT NULL,
    reply_to INTEGER NOT NULL,
    first_sent_at REAL NOT NULL,
    last_sent_at REAL NOT NULL,
    joined_at REAL NOT NULL,
    closed_at REAL,
    told_at REAL,
    status_message_id INTEGER,
    notice_message_id INTEGER,
    created_at REAL NOT NULL
);
CREATE INDEX batch_created ON batch (created_at);
CREATE INDEX batch_left_over ON batch (chat_id) WHERE told_at IS NOT NULL AND status_message_id IS NOT NULL;
CREATE INDEX batch_open ON batch (chat_id, person_id) WHERE closed_at IS NULL;
CREATE INDEX batch_person ON batch (person_id);
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
CREATE INDEX delivery_account ON delivery (account_id);
CREATE INDEX delivery_active ON delivery (id) WHERE state IN ('queued', 'sending', 'confirming');
CREATE INDEX delivery_created ON delivery (created_at);
CREATE UNIQUE INDEX delivery_message ON delivery (chat_id, message_id)
    WHERE state IN ('queued', 'sending', 'confirming');
CREATE INDEX delivery_person ON delivery (person_id);
CREATE TABLE file (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    link_id TEXT NOT NULL,
    link TEXT NOT NULL,
    folder_id INTEGER,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    uploaded_at REAL,
    has_password INTEGER NOT NULL DEFAULT 0,
    patched_at REAL,
    deleted_at REAL, folded TEXT NOT NULL DEFAULT '', chosen_at REAL,
    PRIMARY KEY (account_id, link_id)
);
CREATE INDEX file_chosen ON file (account_id, chosen_at) WHERE chosen_at IS NOT NULL;
CREATE INDEX file_deleted ON file (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX file_folder ON file (account_id, folder_id);
CREATE INDEX file_name ON file (account_id, name);
CREATE INDEX file_search ON file (account_id, uploaded_at, folded) WHERE deleted_at IS NULL;
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
CREATE TABLE folder (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    folder_id INTEGER NOT NULL,
    parent_id INTEGER,
    name TEXT NOT NULL,
    listed_at REAL,
    complete INTEGER NOT NULL DEFAULT 1, shared_url TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, folder_id)
);
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    update_id INTEGER NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    overtakes INTEGER NOT NULL DEFAULT 0,
    sealed_update BLOB,
    state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'handled', 'set_aside')),
    starts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    reference TEXT,
    received_at REAL NOT NULL
);
CREATE INDEX inbox_lane ON inbox (lane, id) WHERE state = 'new' AND overtakes = 0;
CREATE INDEX inbox_overtaking ON inbox (id) WHERE state = 'new' AND overtakes = 1;
CREATE INDEX inbox_received ON inbox (received_at);
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
, trouble_since REAL);
CREATE INDEX job_account ON job (account_id);
CREATE INDEX job_ended ON job (created_at) WHERE state NOT IN ('counting', 'working');
CREATE UNIQUE INDEX job_message ON job (chat_id, message_id) WHERE state IN ('counting', 'asking', 'working');
CREATE INDEX job_person ON job (person_id);
CREATE INDEX job_running ON job (account_id, id) WHERE state IN ('counting', 'working');
CREATE TABLE job_file (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    link_id TEXT NOT NULL,
    link TEXT NOT NULL,
    name TEXT,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
    PRIMARY KEY (job_id, position)
);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    chat_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject INTEGER NOT NULL,
    not_before REAL NOT NULL DEFAULT 0,
    plain INTEGER NOT NULL DEFAULT 0,
    -- Tried and put off: what came later for the same chat waits behind it.
    holds_chat INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'told', 'set_aside')),
    created_at REAL NOT NULL, parts_told INTEGER NOT NULL DEFAULT 0,
    UNIQUE (person_id, chat_id, kind, subject)
);
CREATE INDEX outbox_due ON outbox (chat_id, id, not_before) WHERE state = 'due';
CREATE INDEX outbox_ended ON outbox (created_at) WHERE state <> 'due';
CREATE INDEX outbox_holding ON outbox (chat_id, id) WHERE state = 'due' AND holds_chat = 1;
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    language_code TEXT,
    account_id INTEGER REFERENCES account (id) ON DELETE SET NULL,
    first_seen_at REAL NOT NULL,
    -- A turn counter: who was served longest ago is next.
    served_at REAL NOT NULL DEFAULT 0
, language TEXT, time_zone TEXT, sounds TEXT, links TEXT, duplicates TEXT, strip_channel INTEGER, sealed_upload_password BLOB, sort_channels INTEGER, warnings INTEGER, delete_messages INTEGER);
CREATE INDEX person_account ON person (account_id);
CREATE INDEX person_served ON person (served_at);
CREATE TABLE process (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    started_at REAL NOT NULL,
    stopped_at REAL
);
CREATE TABLE proof (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sealed BLOB NOT NULL
);
CREATE TABLE question (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    chat_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    sealed_subject BLOB NOT NULL,
    awaits_text INTEGER NOT NULL DEFAULT 0,
    answered INTEGER NOT NULL DEFAULT 0,
    message_id INTEGER,
    asked_at REAL NOT NULL,
    until REAL NOT NULL
);
CREATE INDEX question_person ON question (person_id, chat_id);
CREATE TRIGGER remote_ended AFTER UPDATE OF ended_at ON remote_upload WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
BEGIN
    INSERT INTO tally (what, outcome, reason, number, bytes)
        VALUES ('remote', NEW.state, coalesce(NEW.reason, ''), 1, coalesce(NEW.stored_size, 0))
        ON CONFLICT (what, outcome, reason) DO UPDATE SET number = number + 1, bytes = bytes + excluded.bytes;
END;
CREATE TABLE remote_upload (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    chat_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    sealed_url BLOB NOT NULL,
    shown_url TEXT NOT NULL,
    folder_id INTEGER NOT NULL DEFAULT 0,
    folder_name TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (
        state IN ('waiting', 'requesting', 'fetching', 'executed', 'done', 'failed', 'cancelled', 'unknown')
    ),
    told INTEGER NOT NULL DEFAULT 1,
    not_before REAL NOT NULL DEFAULT 0,
    task_id INTEGER,
    requested_at REAL,
    polls_without INTEGER NOT NULL DEFAULT 0,
    link TEXT,
    link_id TEXT,
    stored_name TEXT,
    stored_size INTEGER,
    web_page INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    detail TEXT,
    created_at REAL NOT NULL,
    ended_at REAL, unwanted INTEGER NOT NULL DEFAULT 0, troubles INTEGER NOT NULL DEFAULT 0, trouble_since REAL,
    UNIQUE (account_id, chat_id, message_id, position)
);
CREATE INDEX remote_active ON remote_upload (account_id, id)
    WHERE state IN ('waiting', 'requesting', 'fetching', 'executed');
CREATE INDEX remote_batch ON remote_upload (batch_id);
CREATE INDEX remote_link ON remote_upload (link_id) WHERE link_id IS NOT NULL;
CREATE INDEX remote_person ON remote_upload (person_id, state, id);
CREATE INDEX remote_state ON remote_upload (state) WHERE state IN ('waiting', 'requesting', 'fetching', 'executed');
CREATE INDEX remote_taken_in ON remote_upload (person_id, created_at);
CREATE INDEX remote_task ON remote_upload (account_id, task_id) WHERE task_id IS NOT NULL;
CREATE TABLE service_limit (
    scope TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    not_before REAL NOT NULL,
    PRIMARY KEY (scope, endpoint)
);
CREATE TABLE switch (
    name TEXT PRIMARY KEY,
    since REAL NOT NULL
);
CREATE TABLE tally (
    what TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    number INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (what, outcome, reason)
);
CREATE TRIGGER transfer_ended AFTER UPDATE OF ended_at ON transfer
    WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND NEW.there_since IS NULL
BEGIN
    INSERT INTO tally (what, outcome, reason, number, bytes)
        VALUES ('upload', NEW.state, coalesce(NEW.reason, ''), 1, coalesce(NEW.stored_size, 0))
        ON CONFLICT (what, outcome, reason) DO UPDATE SET number = number + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER transfer_refused AFTER INSERT ON transfer WHEN NEW.ended_at IS NOT NULL
BEGIN
    INSERT INTO tally (what, outcome, reason, number, bytes)
        VALUES ('upload', NEW.state, coalesce(NEW.reason, ''), 1, 0)
        ON CONFLICT (what, outcome, reason) DO UPDATE SET number = number + 1;
END;
CREATE TABLE transfer (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    chat_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    file_id TEXT NOT NULL,
    file_unique_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    given_name TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER,
    folder_id INTEGER NOT NULL DEFAULT 0,
    folder_name TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'queued' CHECK (
        state IN ('queued', 'fetching', 'sending', 'confirming', 'done', 'failed', 'cancelled', 'unknown')
    ),
    cancelled_at REAL,
    refused INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    not_before REAL NOT NULL DEFAULT 0,
    node_url TEXT,
    node_upload_id TEXT,
    whole_at REAL,
    redirected INTEGER NOT NULL DEFAULT 0,
    link TEXT,
    link_id TEXT,
    stored_name TEXT,
    stored_size INTEGER,
    checksum TEXT,
    sealed_remove_link BLOB,
    reason TEXT,
    detail TEXT,
    created_at REAL NOT NULL,
    ended_at REAL, local_path TEXT, damaged INTEGER NOT NULL DEFAULT 0, verified INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, again INTEGER NOT NULL DEFAULT 0, there_since REAL, protected INTEGER NOT NULL DEFAULT 0, sealed_password BLOB, channel TEXT NOT NULL DEFAULT '', troubles INTEGER NOT NULL DEFAULT 0, trouble_since REAL,
    UNIQUE (chat_id, message_id, file_unique_id)
);
CREATE INDEX transfer_account ON transfer (account_id, file_unique_id);
CREATE INDEX transfer_active ON transfer (batch_id)
    WHERE state IN ('queued', 'fetching', 'sending', 'confirming');
CREATE INDEX transfer_batch ON transfer (batch_id);
CREATE INDEX transfer_due ON transfer (not_before, account_id) WHERE state = 'queued';
CREATE INDEX transfer_guest ON transfer (id) WHERE sealed_remove_link IS NOT NULL;
CREATE INDEX transfer_held ON transfer (created_at) WHERE state = 'queued' AND held = 1;
CREATE INDEX transfer_keyless ON transfer (created_at) WHERE state = 'queued' AND account_id IS NULL;
CREATE UNIQUE INDEX transfer_link ON transfer (link_id) WHERE link_id IS NOT NULL;
CREATE INDEX transfer_local_path ON transfer (id) WHERE local_path IS NOT NULL;
CREATE INDEX transfer_needed_file ON transfer (file_unique_id)
    WHERE state IN ('queued', 'fetching', 'sending', 'confirming');
CREATE INDEX transfer_person ON transfer (person_id, state, id);
CREATE INDEX transfer_queued ON transfer (person_id, account_id, id, not_before)
    WHERE state = 'queued' AND cancelled_at IS NULL AND held = 0;
CREATE INDEX transfer_state ON transfer (state) WHERE state IN ('queued', 'fetching', 'sending', 'confirming');
CREATE INDEX transfer_taken_in ON transfer (person_id, created_at);
CREATE INDEX transfer_under_way ON transfer (id) WHERE state IN ('fetching', 'sending', 'confirming');
CREATE INDEX transfer_unsettled ON transfer (account_id, name, size) WHERE state IN ('confirming', 'unknown');
CREATE TABLE unreachable_chat (
    chat_id INTEGER PRIMARY KEY,
    since REAL NOT NULL
);
