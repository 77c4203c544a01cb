"""Facts to be told. A row is made in the transaction that makes the fact true, and marked once Telegram has taken the message."""

from datetime import datetime

from storage.database import Database, Row, Transaction
from storage.records import Fact, FactKind, to_seconds, to_time_or_none

# A chat that was told too much, or could not be written to just now, is left alone, and what came later for it waits
# behind what was put off. An account's figures wait for 1fichier, which is no reason to keep a link from anybody; nor is a message
# that cannot be deleted yet.
_WAITS_FOR_THE_CHAT = frozenset(FactKind) - {FactKind.ACCOUNT_INFO, FactKind.CLEAN_UP}

# Greater than any id and any time.
_NO_SUBJECT = 2**63 - 1

# Due, and behind no earlier fact of its chat that was put off.
_NEXT_IN_ITS_CHAT = """
    outbox.state = 'due' AND outbox.chat_id NOT IN (SELECT chat_id FROM unreachable_chat)
    AND NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.chat_id = outbox.chat_id
        AND earlier.id < outbox.id AND earlier.state = 'due' AND earlier.holds_chat = 1)
"""


class OutboxStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self,
        person_id: int,
        chat_id: int,
        kind: FactKind,
        subject: int,
        *,
        now: datetime,
        not_before: datetime | None = None,
        unless_from: int | None = None,
    ) -> bool:
        """Have a chat told something once. False when this very fact is due or was told already.

        `unless_from`: also when one of the kind with this subject or a greater one is or was.
        """
        changed = await self._database.execute(
            "INSERT INTO outbox (person_id, chat_id, kind, subject, not_before, created_at)"
            " SELECT :person, :chat, :kind, :subject, :not_before, :now"
            " WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE person_id = :person AND chat_id = :chat"
            "  AND kind = :kind AND subject >= :known)"
            " ON CONFLICT (person_id, chat_id, kind, subject) DO NOTHING",
            {
                "person": person_id,
                "chat": chat_id,
                "kind": kind.value,
                "subject": subject,
                "known": _NO_SUBJECT if unless_from is None else unless_from,
                "not_before": to_seconds(not_before or now),
                "now": to_seconds(now),
            },
        )
        return bool(changed)

    async def due(self, now: datetime, limit: int) -> list[Fact]:
        """The oldest due fact of each chat that can be reached, so that the order within a chat holds."""
        rows = await self._database.fetch_all(
            "SELECT * FROM outbox WHERE id IN ("
            f" SELECT min(id) FROM outbox WHERE {_NEXT_IN_ITS_CHAT} AND not_before <= :now GROUP BY chat_id)"
            " ORDER BY id LIMIT :limit",
            {"now": to_seconds(now), "limit": limit},
        )
        return [_fact(row) for row in rows]

    async def next_due(self) -> datetime | None:
        """When `due` will next have something. Chats that cannot be reached do not count."""
        row = await self._database.fetch_one(
            f"SELECT min(not_before) AS due FROM outbox WHERE {_NEXT_IN_ITS_CHAT}"
        )
        return to_time_or_none(row["due"]) if row else None

    async def told(self, fact: Fact, now: datetime, *, clean_up: bool = False) -> None:
        """Telegram has taken it. `clean_up`: the batch's own messages are to be deleted next."""

        def work(transaction: Transaction) -> None:
            values = {"id": fact.id, "subject": fact.subject, "now": to_seconds(now)}
            transaction.execute("UPDATE outbox SET state = 'told' WHERE id = :id", values)
            if fact.kind is FactKind.BATCH_ENDED:
                transaction.execute("UPDATE batch SET told_at = :now WHERE id = :subject", values)
            if clean_up:
                transaction.execute(
                    "INSERT INTO outbox (person_id, chat_id, kind, subject, created_at)"
                    " SELECT person_id, chat_id, :kind, subject, :now FROM outbox WHERE id = :id"
                    " ON CONFLICT (person_id, chat_id, kind, subject) DO NOTHING",
                    {**values, "kind": FactKind.CLEAN_UP.value},
                )

        await self._database.write(work)

    async def note_part_told(self, fact: Fact, parts: int) -> None:
        """Telegram has taken so many messages of it, and more are to follow."""
        await self._database.execute(
            "UPDATE outbox SET parts_told = :parts WHERE id = :id", {"id": fact.id, "parts": parts}
        )

    async def put_off(self, fact: Fact, not_before: datetime) -> None:
        """Try again later. Whatever else is due in the chat keeps its place behind this."""
        await self._database.execute(
            "UPDATE outbox SET not_before = :due, holds_chat = :holds WHERE id = :id",
            {
                "id": fact.id,
                "due": to_seconds(not_before),
                "holds": int(fact.kind in _WAITS_FOR_THE_CHAT),
            },
        )

    async def drop(self, fact: Fact) -> None:
        """It is no longer true; it will be put again when it is."""
        await self._database.execute("DELETE FROM outbox WHERE id = :id", {"id": fact.id})

    async def try_plain(self, fact: Fact) -> None:
        """Telegram refused the full text for good: the minimal one comes next."""
        await self._database.execute("UPDATE outbox SET plain = 1 WHERE id = :id", {"id": fact.id})

    async def set_aside(self, fact: Fact) -> None:
        await self._database.execute("UPDATE outbox SET state = 'set_aside' WHERE id = :id", {"id": fact.id})

    async def move_chat(self, old: int, new: int) -> None:
        """A group became a supergroup: what is still to be said there follows.

        Messages of the old chat stay behind, and ids start anew in the new one: a status message cannot be
        edited and a file not be replied to any more, and files and URLs keep the chat and message that they came with.
        """

        def work(transaction: Transaction) -> None:
            values = {"new": new, "old": old}
            transaction.execute(
                "DELETE FROM outbox WHERE chat_id = :old AND EXISTS (SELECT 1 FROM outbox AS known"
                " WHERE known.chat_id = :new AND known.person_id = outbox.person_id"
                " AND known.kind = outbox.kind AND known.subject = outbox.subject)",
                values,
            )
            transaction.execute("UPDATE outbox SET chat_id = :new WHERE chat_id = :old", values)
            transaction.execute(
                "UPDATE batch SET chat_id = :new, reply_to = 0, status_message_id = NULL, notice_message_id = NULL"
                " WHERE chat_id = :old",
                values,
            )
            transaction.execute(
                "UPDATE question SET chat_id = :new, message_id = NULL WHERE chat_id = :old", values
            )
            transaction.execute(
                "UPDATE job SET chat_id = :new, message_id = NULL WHERE chat_id = :old", values
            )
            # No message has such a number: how it ends is told in a new one.
            transaction.execute(
                "UPDATE delivery SET chat_id = :new, message_id = -id WHERE chat_id = :old", values
            )
            transaction.execute("DELETE FROM unreachable_chat WHERE chat_id = :old", values)

        await self._database.write(work)

    async def depth(self) -> int:
        row = await self._database.fetch_one("SELECT count(*) AS n FROM outbox WHERE state = 'due'")
        return int(row["n"]) if row else 0

    async def prune(self, before: datetime) -> int:
        return await self._database.execute(
            "DELETE FROM outbox WHERE state <> 'due' AND created_at < :before", {"before": to_seconds(before)}
        )


def _fact(row: Row) -> Fact:
    return Fact(
        id=row["id"],
        person_id=row["person_id"],
        chat_id=row["chat_id"],
        kind=FactKind(row["kind"]),
        subject=row["subject"],
        plain=bool(row["plain"]),
        parts_told=row["parts_told"],
    )
