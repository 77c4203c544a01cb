"""What nobody comes back for: kept for as long as the history, then let go of."""

from datetime import datetime
from typing import Any

from storage.batches import note_if_ended
from storage.database import Database, Transaction
from storage.records import Reason, RemoteState, TransferState, to_seconds

_PARKED = "account_id IN (SELECT id FROM account WHERE refused_at < :before)"


class HistoryStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def end_parked(self, before: datetime, now: datetime) -> int:
        """End, with the fact to be told, what has waited for a new key since before then; returns how many."""
        values: dict[str, Any] = {
            "before": to_seconds(before),
            "now": to_seconds(now),
            "failed": TransferState.FAILED.value,
            "unknown": RemoteState.UNKNOWN.value,
            "key_refused": Reason.KEY_REFUSED.value,
            "no_news": Reason.NO_NEWS.value,
        }

        def work(transaction: Transaction) -> int:
            ended = transaction.fetch_all(
                "UPDATE transfer SET state = :failed, reason = :key_refused, ended_at = :now"
                f" WHERE state = 'queued' AND created_at < :before AND {_PARKED} RETURNING batch_id",
                values,
            )
            # What 1fichier was asked for before may have arrived.
            ended += transaction.fetch_all(
                "UPDATE remote_upload SET ended_at = :now,"
                " state = CASE state WHEN 'waiting' THEN :failed ELSE :unknown END,"
                " reason = CASE state WHEN 'waiting' THEN :key_refused ELSE :no_news END"
                " WHERE state IN ('waiting', 'requesting', 'fetching', 'executed')"
                f" AND created_at < :before AND {_PARKED} RETURNING batch_id",
                values,
            )
            for batch_id in sorted({row["batch_id"] for row in ended}):
                note_if_ended(transaction, batch_id, now)
            return len(ended)

        return await self._database.write(work)

    async def forget_unreachable(self, before: datetime) -> int:
        """Drop what has been due since before then in chats that have been out of reach since; returns how many facts."""
        values = {"before": to_seconds(before)}

        def work(transaction: Transaction) -> int:
            dropped = transaction.execute(
                "DELETE FROM outbox WHERE state = 'due' AND created_at < :before"
                " AND chat_id IN (SELECT chat_id FROM unreachable_chat WHERE since < :before)",
                values,
            )
            # A chat that somebody has to be told something in is tried again only once it is heard of.
            transaction.execute(
                "DELETE FROM unreachable_chat WHERE since < :before AND NOT EXISTS ("
                " SELECT 1 FROM outbox WHERE outbox.chat_id = unreachable_chat.chat_id AND outbox.state = 'due')",
                values,
            )
            return dropped

        return await self._database.write(work)
