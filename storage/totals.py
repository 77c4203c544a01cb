"""Counts over everybody: how much there is, never what or whose."""

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database
from storage.records import to_seconds, to_time, to_time_or_none

# In two parts, each of which has an index of its own: the handled ones of two days are not read.
_WAITING_UPDATES = (
    "SELECT received_at FROM inbox WHERE state = 'new' AND overtakes = 0"
    " UNION ALL SELECT received_at FROM inbox WHERE state = 'new' AND overtakes = 1"
)


@dataclass(frozen=True)
class Ended:
    """`what`: upload or remote; `outcome`: the state it ended in; `reason`: empty, or why it is no link."""

    what: str
    outcome: str
    reason: str
    number: int
    bytes: int


@dataclass(frozen=True)
class Totals:
    """`uploads` and `remotes`: those under way, by state. `refused_keys`: accounts whose work waits for /login."""

    people: int
    accounts: int
    refused_keys: int
    uploads: dict[str, int]
    remotes: dict[str, int]
    inbox: int
    outbox: int
    unreachable_chats: int
    ended: list[Ended]


@dataclass(frozen=True)
class PersonTotals:
    person_id: int
    has_key: bool
    uploads: int
    remotes: int
    bytes: int


class TotalsStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Totals:
        return Totals(
            people=await self._count("SELECT count(*) AS n FROM person"),
            accounts=await self._count("SELECT count(*) AS n FROM account"),
            refused_keys=await self._count("SELECT count(*) AS n FROM account WHERE refused_at IS NOT NULL"),
            uploads=await self._by_state(
                "SELECT state, count(*) AS n FROM transfer"
                " WHERE state IN ('queued', 'fetching', 'sending', 'confirming') GROUP BY state"
            ),
            remotes=await self._by_state(
                "SELECT state, count(*) AS n FROM remote_upload"
                " WHERE state IN ('waiting', 'requesting', 'fetching', 'executed') GROUP BY state"
            ),
            inbox=await self._count(f"SELECT count(*) AS n FROM ({_WAITING_UPDATES}) AS waiting"),
            outbox=await self._count("SELECT count(*) AS n FROM outbox WHERE state = 'due'"),
            unreachable_chats=await self._count("SELECT count(*) AS n FROM unreachable_chat"),
            ended=await self.ended(),
        )

    async def ended(self) -> list[Ended]:
        rows = await self._database.fetch_all("SELECT * FROM tally ORDER BY what, outcome, reason")
        return [
            Ended(row["what"], row["outcome"], row["reason"], row["number"], row["bytes"]) for row in rows
        ]

    async def pauses(self, now: datetime) -> list[tuple[bool, datetime]]:
        """(whether it holds the whole address, until when) of every pause of 1fichier's that is not over."""
        rows = await self._database.fetch_all(
            "SELECT scope, not_before FROM service_limit WHERE endpoint = '*' AND not_before > :now",
            {"now": to_seconds(now)},
        )
        return [(row["scope"] == "address", to_time(row["not_before"])) for row in rows]

    async def oldest_update(self) -> datetime | None:
        """When the update came that has waited longest; None when none waits."""
        row = await self._database.fetch_one(
            f"SELECT min(received_at) AS since FROM ({_WAITING_UPDATES}) AS waiting"
        )
        return to_time_or_none(row["since"]) if row else None

    async def people(self) -> list[PersonTotals]:
        """Everybody, by number."""
        rows = await self._database.fetch_all(
            "SELECT person.id, person.account_id IS NOT NULL AS has_key,"
            " (SELECT count(*) FROM transfer"
            "  WHERE transfer.person_id = person.id AND state = 'done' AND there_since IS NULL) AS uploads,"
            " (SELECT count(*) FROM remote_upload WHERE remote_upload.person_id = person.id AND state = 'done')"
            "  AS remotes,"
            " (SELECT coalesce(sum(stored_size), 0) FROM transfer"
            "  WHERE transfer.person_id = person.id AND state = 'done' AND there_since IS NULL) AS bytes"
            " FROM person ORDER BY person.id"
        )
        return [
            PersonTotals(row["id"], bool(row["has_key"]), row["uploads"], row["remotes"], row["bytes"])
            for row in rows
        ]

    async def _count(self, sql: str) -> int:
        row = await self._database.fetch_one(sql)
        return int(row["n"]) if row else 0

    async def _by_state(self, sql: str) -> dict[str, int]:
        return {row["state"]: row["n"] for row in await self._database.fetch_all(sql)}
