"""What those who look after the bot are told: each event once, in the transaction that notes it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.database import Database, Row, Transaction
from storage.records import FactKind, to_seconds, to_time


class AlertKind(StrEnum):
    """The comment behind each says what its figure is."""

    ADDRESS_LOCKED = "address_locked"  # until when, in Unix seconds
    DISK_LOW = "disk_low"  # free bytes of a local Bot API server's disk
    DATABASE_NEARLY_FULL = "database_nearly_full"  # free bytes beside the database
    TELEGRAM_UNREACHABLE = "telegram_unreachable"  # since when, in Unix seconds
    CRASHED = "crashed"  # when that process had started, in Unix seconds


@dataclass(frozen=True)
class Alert:
    id: int
    kind: AlertKind
    figure: float
    began_at: datetime


class AlertStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, kind: AlertKind, figure: float, *, admins: Collection[int], now: datetime) -> bool:
        """Have the admins told. False when the event is going on already, and they were told at its beginning."""
        return await self._note(kind, figure, admins=admins, now=now, ended=None)

    async def end(self, kind: AlertKind, now: datetime) -> bool:
        """The event is over; the next one is another. False when there was none."""
        return bool(
            await self._database.execute(
                "UPDATE alert SET ended_at = :now WHERE kind = :kind AND ended_at IS NULL",
                {"kind": kind.value, "now": to_seconds(now)},
            )
        )

    async def happened(
        self, kind: AlertKind, figure: float, *, admins: Collection[int], now: datetime
    ) -> None:
        """Have the admins told of something that begins and ends at once."""
        await self._note(kind, figure, admins=admins, now=now, ended=to_seconds(now))

    async def find(self, alert_id: int) -> Alert | None:
        row = await self._database.fetch_one("SELECT * FROM alert WHERE id = :id", {"id": alert_id})
        return _alert(row) if row else None

    async def prune(self, before: datetime) -> int:
        return await self._database.execute(
            "DELETE FROM alert WHERE ended_at < :before", {"before": to_seconds(before)}
        )

    async def _note(
        self, kind: AlertKind, figure: float, *, admins: Collection[int], now: datetime, ended: float | None
    ) -> bool:
        def work(transaction: Transaction) -> bool:
            values = {"kind": kind.value, "figure": figure, "now": to_seconds(now), "ended": ended}
            row = transaction.fetch_one(
                "INSERT INTO alert (kind, figure, began_at, ended_at) VALUES (:kind, :figure, :now, :ended)"
                " ON CONFLICT (kind) WHERE ended_at IS NULL DO NOTHING RETURNING id",
                values,
            )
            if row is None:
                return False
            for admin in admins:
                # Who has never written to the bot cannot be written to.
                transaction.execute(
                    "INSERT INTO outbox (person_id, chat_id, kind, subject, created_at)"
                    " SELECT id, id, :fact, :alert, :now FROM person WHERE id = :admin",
                    {
                        "admin": admin,
                        "alert": row["id"],
                        "fact": FactKind.ALERT.value,
                        "now": to_seconds(now),
                    },
                )
            return True

        return await self._database.write(work)


def _alert(row: Row) -> Alert:
    return Alert(row["id"], AlertKind(row["kind"]), row["figure"], to_time(row["began_at"]))
