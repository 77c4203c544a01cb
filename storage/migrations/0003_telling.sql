-- What a long result has told already, and chats that come back into reach

-- A result of several messages that was interrupted goes on with the next one.
ALTER TABLE outbox ADD COLUMN parts_told INTEGER NOT NULL DEFAULT 0;

-- Told, with a status message that is still to be deleted.
CREATE INDEX batch_left_over ON batch (chat_id) WHERE told_at IS NOT NULL AND status_message_id IS NOT NULL;
