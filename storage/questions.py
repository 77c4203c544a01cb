"""What people were asked, until they answer or it is too old."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from storage.database import Database, Row, Transaction
from storage.errors import CannotOpen
from storage.records import Question, to_seconds, to_time
from storage.vault import Vault

_SUBJECT = "question"


class QuestionStore:
    """Subjects are sealed: they may hold links and URLs with credentials."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def ask(
        self,
        person_id: int,
        chat_id: int,
        kind: str,
        subject: Mapping[str, Any],
        *,
        now: datetime,
        lifetime: timedelta,
        awaits_text: bool = False,
    ) -> Question:
        """Note a question down. One that awaits text replaces any other of this person in this chat."""
        values = {
            "person": person_id,
            "chat": chat_id,
            "kind": kind,
            "sealed": self._vault.seal(_SUBJECT, person_id, json.dumps(subject)),
            "awaits": int(awaits_text),
            "now": to_seconds(now),
            "until": to_seconds(now + lifetime),
        }

        def work(transaction: Transaction) -> Row | None:
            if awaits_text:
                transaction.execute(
                    "DELETE FROM question WHERE person_id = :person AND chat_id = :chat AND awaits_text = 1",
                    values,
                )
            return transaction.fetch_one(
                "INSERT INTO question (person_id, chat_id, kind, sealed_subject, awaits_text, asked_at, until)"
                " VALUES (:person, :chat, :kind, :sealed, :awaits, :now, :until) RETURNING *",
                values,
            )

        row = await self._database.write(work)
        if row is None:
            raise AssertionError("an insert returns its row")
        return self._question(row)

    async def placed(self, question_id: int, message_id: int) -> None:
        """Remember which message asks it."""
        await self._database.execute(
            "UPDATE question SET message_id = :message WHERE id = :id",
            {"id": question_id, "message": message_id},
        )

    async def withdraw(self, question_id: int) -> None:
        """Nobody has seen it."""
        await self._database.execute("DELETE FROM question WHERE id = :id", {"id": question_id})

    async def change(self, question_id: int, person_id: int, subject: Mapping[str, Any]) -> None:
        """Have the question be about something else from now on."""
        await self._database.execute(
            "UPDATE question SET sealed_subject = :sealed WHERE id = :id AND person_id = :person",
            {
                "id": question_id,
                "person": person_id,
                "sealed": self._vault.seal(_SUBJECT, person_id, json.dumps(subject)),
            },
        )

    async def find(self, question_id: int, person_id: int) -> Question | None:
        """A question of this person, answered or not; None when it is not theirs or long gone."""
        row = await self._database.fetch_one(
            "SELECT * FROM question WHERE id = :id AND person_id = :person",
            {"id": question_id, "person": person_id},
        )
        return self._question_or_none(row)

    async def belongs_to_another(self, question_id: int, person_id: int) -> bool:
        row = await self._database.fetch_one(
            "SELECT 1 FROM question WHERE id = :id AND person_id <> :person",
            {"id": question_id, "person": person_id},
        )
        return row is not None

    async def awaiting_text(self, person_id: int, chat_id: int, now: datetime) -> Question | None:
        row = await self._database.fetch_one(
            "SELECT * FROM question WHERE person_id = :person AND chat_id = :chat AND awaits_text = 1"
            " AND answered = 0 AND until > :now",
            {"person": person_id, "chat": chat_id, "now": to_seconds(now)},
        )
        return self._question_or_none(row)

    async def latest_open(self, person_id: int, chat_id: int, now: datetime) -> Question | None:
        row = await self._database.fetch_one(
            "SELECT * FROM question WHERE person_id = :person AND chat_id = :chat AND answered = 0 AND until > :now"
            " ORDER BY id DESC LIMIT 1",
            {"person": person_id, "chat": chat_id, "now": to_seconds(now)},
        )
        return self._question_or_none(row)

    async def answer(self, question_id: int) -> bool:
        """Mark it answered; False when it was already, so that a second press does nothing."""
        return bool(
            await self._database.execute(
                "UPDATE question SET answered = 1 WHERE id = :id AND answered = 0", {"id": question_id}
            )
        )

    async def prune(self, before: datetime) -> int:
        return await self._database.execute(
            "DELETE FROM question WHERE until < :before", {"before": to_seconds(before)}
        )

    def _question_or_none(self, row: Row | None) -> Question | None:
        if row is None:
            return None
        try:
            return self._question(row)
        except CannotOpen:
            return None

    def _question(self, row: Row) -> Question:
        return Question(
            id=row["id"],
            person_id=row["person_id"],
            chat_id=row["chat_id"],
            kind=row["kind"],
            subject=json.loads(self._vault.open(_SUBJECT, row["person_id"], bytes(row["sealed_subject"]))),
            answered=bool(row["answered"]),
            message_id=row["message_id"],
            until=to_time(row["until"]),
        )
