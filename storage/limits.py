"""Pauses and used allowances of 1fichier, kept across restarts."""

from datetime import datetime

from storage.database import Database
from storage.records import to_seconds, to_time


class LimitRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[tuple[str, str, datetime]]:
        """Every row as (scope, endpoint, not before)."""
        rows = await self._database.fetch_all("SELECT scope, endpoint, not_before FROM service_limit")
        return [(row["scope"], row["endpoint"], to_time(row["not_before"])) for row in rows]

    async def save(self, scope: str, endpoint: str, not_before: datetime) -> None:
        await self._database.execute(
            "INSERT INTO service_limit (scope, endpoint, not_before) VALUES (:scope, :endpoint, :not_before)"
            " ON CONFLICT (scope, endpoint) DO UPDATE SET not_before = excluded.not_before",
            {"scope": scope, "endpoint": endpoint, "not_before": to_seconds(not_before)},
        )

    async def prune(self, now: datetime) -> int:
        return await self._database.execute(
            "DELETE FROM service_limit WHERE not_before < :now", {"now": to_seconds(now)}
        )
