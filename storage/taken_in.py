"""What one person had taken in lately: for limits that somebody set."""

from datetime import datetime

from storage.database import Database
from storage.records import to_seconds, to_time_or_none

# What failed is not their doing; what was cancelled before it began, or was there already, has cost nothing.
_COUNTS = "state <> 'failed' AND (state <> 'cancelled' OR tries > 0) AND there_since IS NULL"


class TakenInStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def bytes(self, person_id: int, since: datetime) -> int:
        row = await self._database.fetch_one(
            "SELECT coalesce(sum(coalesce(stored_size, size, 0)), 0) AS n FROM transfer"
            f" WHERE person_id = :person AND created_at > :since AND {_COUNTS}",
            {"person": person_id, "since": to_seconds(since)},
        )
        return int(row["n"]) if row else 0

    async def oldest_file(self, person_id: int, since: datetime) -> datetime | None:
        row = await self._database.fetch_one(
            "SELECT min(created_at) AS oldest FROM transfer"
            f" WHERE person_id = :person AND created_at > :since AND {_COUNTS}",
            {"person": person_id, "since": to_seconds(since)},
        )
        return to_time_or_none(row["oldest"]) if row else None

    async def links(self, person_id: int, since: datetime, *, besides: tuple[int, int]) -> int:
        """`besides`: those of this chat and message are not counted, so that a message can be handled twice."""
        row = await self._database.fetch_one(
            "SELECT count(*) AS n FROM remote_upload WHERE person_id = :person AND created_at > :since"
            " AND NOT (chat_id = :chat AND message_id = :message)",
            {"person": person_id, "since": to_seconds(since), "chat": besides[0], "message": besides[1]},
        )
        return int(row["n"]) if row else 0

    async def oldest_link(self, person_id: int, since: datetime) -> datetime | None:
        row = await self._database.fetch_one(
            "SELECT min(created_at) AS oldest FROM remote_upload WHERE person_id = :person AND created_at > :since",
            {"person": person_id, "since": to_seconds(since)},
        )
        return to_time_or_none(row["oldest"]) if row else None
