"""Batches: what one chat sends together gets one status message and one result."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from storage.database import Database, Row, Transaction
from storage.preferences import Sounds
from storage.records import Batch, BatchKind, FactKind, to_seconds
from storage.rows import batch_from

# A bulk forward arrives as single messages; two seconds between two of them are still one gesture.
BATCH_GAP = timedelta(seconds=2)
# So many names and links still fit one readable result.
BATCH_FILES = 50

# A remote upload that its person does not want, or not to hear of any more, keeps nobody waiting for the others.
_ACTIVE_ITEMS = """
    EXISTS (SELECT 1 FROM transfer WHERE transfer.batch_id = batch.id
            AND transfer.state IN ('queued', 'fetching', 'sending', 'confirming'))
    OR EXISTS (SELECT 1 FROM remote_upload WHERE remote_upload.batch_id = batch.id AND remote_upload.told = 1
            AND remote_upload.unwanted = 0 AND remote_upload.state IN ('waiting', 'requesting', 'fetching', 'executed'))
"""


def join_batch(transaction: Transaction, values: Mapping[str, Any]) -> Row:
    """The open upload batch that a file sent at `sent_at` belongs to, or a new one.

    `values`: person, chat, message, sent_at, now (seconds).
    """
    values = {**values, "gap": BATCH_GAP.total_seconds(), "most": BATCH_FILES}
    # An album's messages may be handled out of order: the batch spans from its earliest to its latest message.
    row = transaction.fetch_one(
        "UPDATE batch SET joined_at = :now,"
        " first_sent_at = CASE WHEN :sent_at < first_sent_at THEN :sent_at ELSE first_sent_at END,"
        " last_sent_at = CASE WHEN :sent_at > last_sent_at THEN :sent_at ELSE last_sent_at END,"
        " reply_to = CASE WHEN :message < reply_to THEN :message ELSE reply_to END"
        " WHERE id = ("
        " SELECT id FROM batch WHERE kind = 'upload' AND chat_id = :chat AND person_id = :person"
        " AND closed_at IS NULL AND :sent_at BETWEEN first_sent_at - :gap AND last_sent_at + :gap"
        " AND (SELECT count(*) FROM transfer WHERE transfer.batch_id = batch.id) < :most"
        " ORDER BY id DESC LIMIT 1) RETURNING *",
        values,
    )
    return row or make_batch(transaction, BatchKind.UPLOAD, values)


def make_batch(transaction: Transaction, kind: BatchKind, values: Mapping[str, Any]) -> Row:
    row = transaction.fetch_one(
        "INSERT INTO batch (kind, person_id, chat_id, reply_to, first_sent_at, last_sent_at, joined_at, created_at)"
        " VALUES (:kind, :person, :chat, :message, :sent_at, :sent_at, :now, :now) RETURNING *",
        {**values, "kind": kind.value},
    )
    if row is None:
        raise AssertionError("an insert returns its row")
    return row


def note_if_ended(transaction: Transaction, batch_id: int, now: datetime) -> None:
    """Have the batch's result told once nothing of it is under way and no further file can join."""
    transaction.execute(
        "INSERT INTO outbox (person_id, chat_id, kind, subject, not_before, created_at)"
        " SELECT person_id, chat_id, 'batch_ended', id,"
        "  CASE kind WHEN 'upload' THEN joined_at + :gap ELSE joined_at END, :now"
        f" FROM batch WHERE id = :batch AND closed_at IS NULL AND NOT ({_ACTIVE_ITEMS})"
        " AND (kind = 'remote' OR EXISTS ("
        "  SELECT 1 FROM transfer WHERE transfer.batch_id = batch.id AND transfer.refused = 0))"
        " ON CONFLICT (person_id, chat_id, kind, subject) DO UPDATE SET state = 'due', parts_told = 0,"
        " not_before = excluded.not_before",
        {"batch": batch_id, "gap": BATCH_GAP.total_seconds(), "now": to_seconds(now)},
    )


def note_item_ended(
    transaction: Transaction,
    kind: FactKind,
    item_id: int,
    batch_id: int,
    now: datetime,
    *,
    whatever_is_set: bool = False,
) -> None:
    """Have one file or URL told by itself, where its person wants to hear of each."""
    transaction.execute(
        "INSERT INTO outbox (person_id, chat_id, kind, subject, not_before, created_at)"
        " SELECT batch.person_id, chat_id, :kind, :item,"
        "  CASE batch.kind WHEN 'upload' THEN joined_at + :gap ELSE :now END, :now"
        " FROM batch JOIN person ON person.id = batch.person_id WHERE batch.id = :batch"
        "  AND (person.sounds = :each OR :always = 1)"
        " ON CONFLICT (person_id, chat_id, kind, subject) DO UPDATE SET state = 'due', plain = 0,"
        " not_before = excluded.not_before",
        {
            "kind": kind.value,
            "item": item_id,
            "batch": batch_id,
            "each": Sounds.EACH.value,
            "always": int(whatever_is_set),
            "gap": BATCH_GAP.total_seconds(),
            "now": to_seconds(now),
        },
    )


def withdraw_end(transaction: Transaction, batch: Row) -> None:
    """Another file has joined an open batch whose end had been noted; its new end will be."""
    transaction.execute(
        "DELETE FROM outbox WHERE person_id = :person AND chat_id = :chat AND kind = 'batch_ended'"
        " AND subject = :batch AND state = 'due'",
        {"person": batch["person_id"], "chat": batch["chat_id"], "batch": batch["id"]},
    )


class BatchStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, batch_id: int) -> Batch | None:
        row = await self._database.fetch_one("SELECT * FROM batch WHERE id = :id", {"id": batch_id})
        return batch_from(row) if row else None

    async def close(self, batch_id: int, now: datetime) -> Batch | None:
        """Let nothing join any more. None while something of it is still under way."""

        def work(transaction: Transaction) -> Row | None:
            return transaction.fetch_one(
                "UPDATE batch SET closed_at = coalesce(closed_at, :now)"
                f" WHERE id = :id AND NOT ({_ACTIVE_ITEMS}) RETURNING *",
                {"id": batch_id, "now": to_seconds(now)},
            )

        row = await self._database.write(work)
        return batch_from(row) if row else None

    async def under_way(self) -> list[Batch]:
        """Batches whose status message stands for something that is still going on."""
        rows = await self._database.fetch_all(
            "SELECT * FROM batch WHERE closed_at IS NULL AND id IN ("
            " SELECT batch_id FROM transfer WHERE state IN ('queued', 'fetching', 'sending', 'confirming')"
            " UNION SELECT batch_id FROM remote_upload"
            "  WHERE state IN ('waiting', 'requesting', 'fetching', 'executed') AND told = 1 AND unwanted = 0)"
            " ORDER BY id"
        )
        return [batch_from(row) for row in rows]

    async def left_over(self) -> list[Batch]:
        """Batches whose result has been told while their status message still stands."""
        rows = await self._database.fetch_all(
            "SELECT * FROM batch WHERE told_at IS NOT NULL AND status_message_id IS NOT NULL"
        )
        return [batch_from(row) for row in rows]

    async def shown_in(self, chat_id: int) -> list[int]:
        """Ids of the chat's batches that are under way, or whose status message is still to be deleted."""
        rows = await self._database.fetch_all(
            "SELECT id FROM batch WHERE chat_id = :chat AND closed_at IS NULL"
            " UNION SELECT id FROM batch"
            "  WHERE chat_id = :chat AND told_at IS NOT NULL AND status_message_id IS NOT NULL ORDER BY id",
            {"chat": chat_id},
        )
        return [row["id"] for row in rows]

    async def note_status_message(self, batch_id: int, message_id: int | None) -> None:
        await self._database.execute(
            "UPDATE batch SET status_message_id = :message WHERE id = :id",
            {"id": batch_id, "message": message_id},
        )

    async def note_notice_message(self, batch_id: int, message_id: int) -> None:
        await self._database.execute(
            "UPDATE batch SET notice_message_id = :message WHERE id = :id",
            {"id": batch_id, "message": message_id},
        )

    async def prune(self, before: datetime) -> int:
        """Drop batches (with their transfers) that ended and were told before then."""
        return await self._database.execute(
            "DELETE FROM batch WHERE created_at < :before AND coalesce(told_at, closed_at, joined_at) < :before"
            " AND NOT EXISTS (SELECT 1 FROM outbox"
            "  WHERE outbox.person_id = batch.person_id AND outbox.chat_id = batch.chat_id"
            "  AND outbox.kind = 'batch_ended' AND outbox.subject = batch.id AND outbox.state = 'due')"
            f" AND NOT ({_ACTIVE_ITEMS})",
            {"before": to_seconds(before)},
        )
