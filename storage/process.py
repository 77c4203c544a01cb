"""What one process leaves for the next: that it came to its end in order, and what admins had switched on."""

from datetime import datetime
from enum import StrEnum

from storage.database import Database, Row, Transaction
from storage.records import to_seconds, to_time


class Switch(StrEnum):
    MAINTENANCE = "maintenance"


class ProcessStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, now: datetime) -> datetime | None:
        """Note the start. When the process before did not end in order: when that one had started."""

        def work(transaction: Transaction) -> Row | None:
            before = transaction.fetch_one("SELECT * FROM process")
            transaction.execute(
                "INSERT INTO process (id, started_at) VALUES (1, :now) ON CONFLICT (id)"
                " DO UPDATE SET started_at = excluded.started_at, stopped_at = NULL",
                {"now": to_seconds(now)},
            )
            return before

        before = await self._database.write(work)
        return to_time(before["started_at"]) if before and before["stopped_at"] is None else None

    async def end(self, now: datetime) -> None:
        await self._database.execute("UPDATE process SET stopped_at = :now", {"now": to_seconds(now)})

    async def started_at(self) -> datetime | None:
        row = await self._database.fetch_one("SELECT started_at FROM process")
        return to_time(row["started_at"]) if row else None

    async def is_on(self, switch: Switch) -> bool:
        row = await self._database.fetch_one(
            "SELECT 1 FROM switch WHERE name = :name", {"name": switch.value}
        )
        return row is not None

    async def turn(self, switch: Switch, now: datetime, *, on: bool) -> None:
        values = {"name": switch.value, "now": to_seconds(now)}
        if on:
            await self._database.execute(
                "INSERT INTO switch (name, since) VALUES (:name, :now) ON CONFLICT (name) DO NOTHING", values
            )
        else:
            await self._database.execute("DELETE FROM switch WHERE name = :name", {"name": switch.value})
