"""Files on their way from 1fichier into a chat."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from storage.database import Database, Row, Transaction
from storage.records import FactKind, to_seconds, to_time

# A partial index serves only a query that repeats its condition word for word.
_ACTIVE: Final = "state IN ('queued', 'sending', 'confirming')"


class DeliveryState(StrEnum):
    """`CONFIRMING`: the last piece may have left. `UNKNOWN`: whether it arrived is not known."""

    QUEUED = "queued"
    SENDING = "sending"
    CONFIRMING = "confirming"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class DeliveryReason(StrEnum):
    """Why a file was not sent."""

    NEEDS_CUSTOMER = "needs_customer"
    NEEDS_CDN = "needs_cdn"
    OTHER_PLACE = "other_place"
    OWNER_LOCKED = "owner_locked"
    GONE = "gone"
    NOT_ALLOWED = "not_allowed"
    KEY_REFUSED = "key_refused"
    REFUSED = "refused"
    DIFFERS = "differs"
    CONNECTION_LOST = "connection_lost"
    TELEGRAM_REFUSED = "telegram_refused"
    BROKEN = "broken"


@dataclass(frozen=True)
class Delivery:
    """`message_id`: of the message that shows it."""

    id: int
    person_id: int
    account_id: int
    chat_id: int
    message_id: int
    link_id: str
    link: str
    name: str
    size: int
    state: DeliveryState
    tries: int
    not_before: datetime | None
    reason: DeliveryReason | None
    detail: str | None

    @property
    def active(self) -> bool:
        return self.state in {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.CONFIRMING}


@dataclass(frozen=True)
class WantedFile:
    link_id: str
    link: str
    name: str
    size: int


class DeliveryStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self,
        person_id: int,
        account_id: int,
        file: WantedFile,
        chat_id: int,
        message_id: int,
        now: datetime,
        *,
        asked_by: str,
    ) -> Delivery:
        """Have a file sent; the one there is when that message shows one under way, or this press has asked before."""
        values = {
            "person": person_id,
            "account": account_id,
            "chat": chat_id,
            "message": message_id,
            "link_id": file.link_id,
            "link": file.link,
            "name": file.name,
            "size": file.size,
            "asked_by": asked_by,
            "now": to_seconds(now),
        }

        def work(transaction: Transaction) -> Row | None:
            asked = transaction.fetch_one("SELECT * FROM delivery WHERE asked_by = :asked_by", values)
            if asked is not None:
                return asked
            known = transaction.fetch_one(
                f"SELECT * FROM delivery WHERE chat_id = :chat AND message_id = :message AND {_ACTIVE}",
                values,
            )
            return known or transaction.fetch_one(
                "INSERT INTO delivery"
                " (person_id, account_id, chat_id, message_id, link_id, link, name, size, asked_by, created_at)"
                " VALUES (:person, :account, :chat, :message, :link_id, :link, :name, :size, :asked_by, :now)"
                " RETURNING *",
                values,
            )

        row = await self._database.write(work)
        if row is None:
            raise AssertionError("an insert returns its row")
        return _delivery(row)

    async def find(self, delivery_id: int) -> Delivery | None:
        row = await self._database.fetch_one("SELECT * FROM delivery WHERE id = :id", {"id": delivery_id})
        return _delivery(row) if row else None

    async def active(self) -> list[Delivery]:
        """All that have not ended, oldest first."""
        rows = await self._database.fetch_all(f"SELECT * FROM delivery WHERE {_ACTIVE} ORDER BY id")
        return [_delivery(row) for row in rows]

    async def begin_sending(self, delivery_id: int) -> bool:
        """False when it is not in the queue any more."""
        return await self._step(delivery_id, DeliveryState.QUEUED, DeliveryState.SENDING)

    async def begin_confirming(self, delivery_id: int) -> bool:
        """The last piece may leave; False when it was cancelled."""
        return await self._step(delivery_id, DeliveryState.SENDING, DeliveryState.CONFIRMING)

    async def queue_again(self, delivery_id: int, *, not_before: datetime, count: bool) -> None:
        """`count`: the try counts."""
        await self._database.execute(
            "UPDATE delivery SET state = 'queued', tries = tries + :count, not_before = :due"
            f" WHERE id = :id AND {_ACTIVE}",
            {"id": delivery_id, "due": to_seconds(not_before), "count": int(count)},
        )

    async def cancel(self, delivery_id: int, person_id: int, now: datetime) -> bool:
        """End it while nothing of it can have arrived. The person is told by what they pressed."""
        return bool(
            await self._database.execute(
                "UPDATE delivery SET state = 'cancelled', ended_at = :now"
                " WHERE id = :id AND person_id = :person AND state IN ('queued', 'sending')",
                {"id": delivery_id, "person": person_id, "now": to_seconds(now)},
            )
        )

    async def end(
        self,
        delivery: Delivery,
        state: DeliveryState,
        now: datetime,
        reason: DeliveryReason | None = None,
        detail: str | None = None,
    ) -> None:
        """An end is final, and to be told."""

        def work(transaction: Transaction) -> None:
            values = {
                "id": delivery.id,
                "state": state.value,
                "reason": reason.value if reason else None,
                "detail": detail,
                "now": to_seconds(now),
            }
            changed = transaction.execute(
                "UPDATE delivery SET state = :state, reason = :reason, detail = :detail, ended_at = :now"
                f" WHERE id = :id AND {_ACTIVE}",
                values,
            )
            if changed:
                transaction.execute(
                    "INSERT INTO outbox (person_id, chat_id, kind, subject, created_at)"
                    " SELECT person_id, chat_id, :kind, id, :now FROM delivery WHERE id = :id"
                    " ON CONFLICT (person_id, chat_id, kind, subject) DO NOTHING",
                    {**values, "kind": FactKind.DELIVERY_ENDED.value},
                )

        await self._database.write(work)

    async def prune(self, before: datetime) -> int:
        return await self._database.execute(
            "DELETE FROM delivery WHERE created_at < :before AND ended_at IS NOT NULL",
            {"before": to_seconds(before)},
        )

    async def _step(self, delivery_id: int, before: DeliveryState, after: DeliveryState) -> bool:
        return bool(
            await self._database.execute(
                "UPDATE delivery SET state = :after WHERE id = :id AND state = :before",
                {"id": delivery_id, "before": before.value, "after": after.value},
            )
        )


def _delivery(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        person_id=row["person_id"],
        account_id=row["account_id"],
        chat_id=row["chat_id"],
        message_id=row["message_id"],
        link_id=row["link_id"],
        link=row["link"],
        name=row["name"],
        size=row["size"],
        state=DeliveryState(row["state"]),
        tries=row["tries"],
        not_before=to_time(row["not_before"]) if row["not_before"] else None,
        reason=DeliveryReason(row["reason"]) if row["reason"] else None,
        detail=row["detail"],
    )
