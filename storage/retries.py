"""What ended without a link, or without being sent, begins anew: in a batch of its own, once for each wish."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.batches import make_batch
from storage.database import Database, Row, Transaction
from storage.records import Batch, BatchKind, to_seconds
from storage.rows import batch_from
from storage.troubles import NO_TROUBLE


class RetryOf(StrEnum):
    """What a wish to try again is about. Of a batch, it is everything that failed."""

    BATCH = "batch"
    FILE = "transfer"
    LINK = "remote_upload"


class RetryRefusal(StrEnum):
    """`NOTHING`: what had failed has begun anew already. `GONE`: nobody knows of it any more."""

    NOTHING = "nothing"
    NOT_THEIRS = "not_theirs"
    GONE = "gone"


class RetryWhat(StrEnum):
    """`FAILED`: what ended without a link. `KNOWN`: files that were not sent because the account had them."""

    FAILED = "failed"
    KNOWN = "known"


_ITEMS = {BatchKind.UPLOAD: "transfer", BatchKind.REMOTE: "remote_upload"}
_WANTED = {
    (BatchKind.UPLOAD, RetryWhat.FAILED): "state IN ('failed', 'unknown') AND refused = 0",
    (BatchKind.UPLOAD, RetryWhat.KNOWN): "state = 'done' AND there_since IS NOT NULL",
    # What nobody wanted to hear of any more is not wanted again either.
    (BatchKind.REMOTE, RetryWhat.FAILED): "state IN ('failed', 'unknown') AND told = 1",
}
# As it was before its first try. It is as old as the wish: what is given up after a day is given up a day from now.
_ANEW = {
    BatchKind.UPLOAD: "state = 'queued', cancelled_at = NULL, tries = 0, damaged = 0, not_before = 0, node_url = NULL,"
    " node_upload_id = NULL, whole_at = NULL, redirected = 0, checksum = NULL, reason = NULL, detail = NULL,"
    " link = NULL, stored_name = NULL, stored_size = NULL, there_since = NULL, held = 0, again = CASE WHEN :again = 1 THEN 1 ELSE again END,"
    " sealed_password = (SELECT sealed_upload_password FROM person WHERE person.id = :person),"
    " protected = EXISTS (SELECT 1 FROM person WHERE person.id = :person AND sealed_upload_password IS NOT NULL),"
    f" created_at = :now, ended_at = NULL, {NO_TROUBLE},"
    " account_id = coalesce(account_id, (SELECT account_id FROM person WHERE person.id = :person))",
    BatchKind.REMOTE: "state = 'waiting', told = 1, unwanted = 0, not_before = 0, task_id = NULL, requested_at = NULL,"
    " polls_without = 0, link = NULL, link_id = NULL, reason = NULL, detail = NULL, created_at = :now, ended_at = NULL,"
    f" {NO_TROUBLE}",
}


class RetryStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self,
        what: RetryOf,
        subject: int,
        person_id: int,
        now: datetime,
        *,
        wanted: RetryWhat = RetryWhat.FAILED,
    ) -> Batch | RetryRefusal:
        """Queue it again; the batch that it is now."""
        values: dict[str, Any] = {
            "subject": subject,
            "person": person_id,
            "now": to_seconds(now),
            "again": int(wanted is RetryWhat.KNOWN),
        }

        def work(transaction: Transaction) -> Row | RetryRefusal:
            owner = transaction.fetch_one(f"SELECT person_id FROM {what.value} WHERE id = :subject", values)
            if owner is None:
                return RetryRefusal.GONE
            if owner["person_id"] != person_id:
                return RetryRefusal.NOT_THEIRS
            column = "batch_id" if what is RetryOf.BATCH else "id"
            for (kind, which), condition in _WANTED.items():
                table = _ITEMS[kind]
                if which is wanted and what in {RetryOf.BATCH, RetryOf(table)}:
                    items = transaction.fetch_all(
                        f"SELECT id, message_id, batch_id FROM {table} WHERE {column} = :subject"
                        f" AND {condition} ORDER BY message_id, id",
                        values,
                    )
                    if items:
                        return _begin(transaction, kind, items, values)
            return RetryRefusal.NOTHING

        row = await self._database.write(work)
        return row if isinstance(row, RetryRefusal) else batch_from(row)


def _begin(transaction: Transaction, kind: BatchKind, items: list[Row], values: dict[str, Any]) -> Row:
    # The chat may have become another one since.
    old = transaction.fetch_one("SELECT chat_id FROM batch WHERE id = :batch_id", dict(items[0]))
    if old is None:
        raise AssertionError("what was sent has a batch")
    first = {"chat": old["chat_id"], "message": items[0]["message_id"], "sent_at": values["now"]}
    batch = make_batch(transaction, kind, values | first)
    for item in items:
        transaction.execute(
            f"UPDATE {_ITEMS[kind]} SET batch_id = :batch, {_ANEW[kind]} WHERE id = :id",
            {**values, "batch": batch["id"], "id": item["id"]},
        )
    return batch
