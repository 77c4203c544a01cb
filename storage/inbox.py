"""Updates as Telegram sent them, from their acknowledgement until they are handled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.database import Database, Row, Transaction
from storage.errors import CannotOpen
from storage.records import to_seconds, to_time
from storage.trips import SharedTrips
from storage.vault import Vault

_UPDATE = "update"

# Telegram offers an update for 24 hours at most, and chooses its ids anew after about a week without any: an
# id that comes again within two days is a repetition, one that comes later is another update.
REPETITION_WINDOW = timedelta(hours=48)


@dataclass(frozen=True)
class IncomingUpdate:
    """One update to be written down.

    Updates of one `lane` are handled in the order of their arrival; one that `overtakes` waits for nothing.
    `payload` is the update's JSON text.
    """

    update_id: int
    lane: str
    overtakes: bool
    payload: str = field(repr=False)


@dataclass(frozen=True)
class InboxEntry:
    """An update handed out to be handled.

    `starts` counts how often it was handed out, this time included; `failures` how often handling it raised.
    `payload` is None when none of the secret keys opens it.
    """

    id: int
    update_id: int
    lane: str
    overtakes: bool
    starts: int
    failures: int
    received_at: datetime
    payload: str | None = field(repr=False)


class InboxStore:
    """Every row is `new` until it is `handled` or `set_aside`; its content is erased with that change."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._endings = SharedTrips(self._end_together)

    async def receive(self, updates: Sequence[IncomingUpdate], now: datetime) -> int:
        """Write down a batch, all of it or nothing; returns how many of them were not known yet."""
        sealed = [
            {
                "update": update.update_id,
                "lane": update.lane,
                "overtakes": int(update.overtakes),
                "sealed": self._vault.seal(_UPDATE, update.update_id, update.payload),
                "now": to_seconds(now),
                "horizon": to_seconds(now - REPETITION_WINDOW),
            }
            for update in updates
        ]

        def work(transaction: Transaction) -> int:
            transaction.execute_many(
                "DELETE FROM inbox WHERE update_id = :update AND state <> 'new' AND received_at < :horizon",
                sealed,
            )
            return transaction.execute_many(
                "INSERT INTO inbox (update_id, lane, overtakes, sealed_update, received_at)"
                " VALUES (:update, :lane, :overtakes, :sealed, :now) ON CONFLICT (update_id) DO NOTHING",
                sealed,
            )

        return await self._database.write(work, ahead=True)

    async def take(self, *, busy: Collection[str], running: Collection[int], lanes: int) -> list[InboxEntry]:
        """Hand out what may start: one update each of `lanes` lanes at most, and all that overtake.

        Left out are the busy lanes, and among the overtaking ones those that are running (ids of entries).
        """

        def work(transaction: Transaction) -> list[Row]:
            overtaking = transaction.fetch_all(
                "SELECT id FROM inbox WHERE state = 'new' AND overtakes = 1 ORDER BY id"
            )
            oldest = transaction.fetch_all(
                "SELECT lane, min(id) AS id FROM inbox WHERE state = 'new' AND overtakes = 0"
                " GROUP BY lane ORDER BY min(id) LIMIT :limit",
                # The busy lanes may all stand before the others.
                {"limit": lanes + len(busy)},
            )
            ids = [row["id"] for row in overtaking if row["id"] not in running]
            ids += [row["id"] for row in oldest if row["lane"] not in busy][:lanes]
            return _start(transaction, ids)

        return [self._opened(row) for row in await self._database.write(work, ahead=True)]

    async def take_next(self, lane: str) -> InboxEntry | None:
        """The oldest update of one lane."""
        rows = await self._database.change(
            "UPDATE inbox SET starts = starts + 1 WHERE id ="
            " (SELECT min(id) FROM inbox WHERE lane = :lane AND state = 'new' AND overtakes = 0) RETURNING *",
            {"lane": lane},
            ahead=True,
        )
        return self._opened(rows[0]) if rows else None

    async def handled_then_next(self, entry: InboxEntry) -> InboxEntry | None:
        """Record an update as handled, and take the oldest of its lane that is left.

        What many lanes have handled at the same time is one trip to the disk.
        """
        return await self._endings.ask(entry)

    async def rest(self) -> None:
        """Return when nothing is being recorded by `handled_then_next` any more."""
        await self._endings.finish()

    async def _end_together(self, entries: Sequence[InboxEntry]) -> list[InboxEntry | None]:
        values: dict[str, int | str] = {f"id{position}": entry.id for position, entry in enumerate(entries)}
        values |= {f"lane{position}": entry.lane for position, entry in enumerate(entries)}
        done = ", ".join(f":id{position}" for position in range(len(entries)))
        lanes = ", ".join(f":lane{position}" for position in range(len(entries)))
        rows = await self._database.change(
            "UPDATE inbox SET"
            f" state = CASE WHEN id IN ({done}) THEN 'handled' ELSE state END,"
            f" sealed_update = CASE WHEN id IN ({done}) THEN NULL ELSE sealed_update END,"
            f" lane = CASE WHEN id IN ({done}) THEN '' ELSE lane END,"
            f" starts = CASE WHEN id IN ({done}) THEN starts ELSE starts + 1 END"
            f" WHERE id IN ({done}) OR id IN (SELECT min(id) FROM inbox WHERE lane IN ({lanes})"
            f" AND state = 'new' AND overtakes = 0 AND id NOT IN ({done}) GROUP BY lane) RETURNING *",
            values,
            ahead=True,
        )
        following = {row["lane"]: self._opened(row) for row in rows if row["lane"]}
        return [following.pop(each.lane, None) for each in entries]

    async def handled(self, entry_id: int) -> None:
        await self._database.execute(
            "UPDATE inbox SET state = 'handled', sealed_update = NULL, lane = '' WHERE id = :id",
            {"id": entry_id},
        )

    async def failed(self, entry_id: int) -> int:
        """Note that handling it raised; returns how often that has happened by now."""

        def work(transaction: Transaction) -> Row | None:
            return transaction.fetch_one(
                "UPDATE inbox SET failures = failures + 1 WHERE id = :id RETURNING failures", {"id": entry_id}
            )

        row = await self._database.write(work)
        return int(row["failures"]) if row else 0

    async def postponed(self, entry_id: int) -> None:
        """Take back the start: what stopped the handling was not the update's doing."""
        await self._database.execute(
            "UPDATE inbox SET starts = starts - 1 WHERE id = :id AND starts > 0", {"id": entry_id}
        )

    async def set_aside(self, entry_id: int, reference: str) -> None:
        """Give it up under the reference that the person was told and the log holds."""
        await self._database.execute(
            "UPDATE inbox SET state = 'set_aside', sealed_update = NULL, lane = '', reference = :reference WHERE id = :id",
            {"id": entry_id, "reference": reference},
        )

    async def prune(self, before: datetime) -> int:
        """Forget the ended rows received before then; returns their number."""
        return await self._database.execute(
            "DELETE FROM inbox WHERE state <> 'new' AND received_at < :before", {"before": to_seconds(before)}
        )

    async def depth(self) -> int:
        """How many updates are not handled yet."""
        row = await self._database.fetch_one("SELECT count(*) AS depth FROM inbox WHERE state = 'new'")
        return int(row["depth"]) if row else 0

    def _opened(self, row: Row) -> InboxEntry:
        try:
            payload = self._vault.open(_UPDATE, row["update_id"], row["sealed_update"])
        except CannotOpen:
            payload = None
        return InboxEntry(
            id=row["id"],
            update_id=row["update_id"],
            lane=row["lane"],
            overtakes=bool(row["overtakes"]),
            starts=row["starts"],
            failures=row["failures"],
            received_at=to_time(row["received_at"]),
            payload=payload,
        )


def _start(transaction: Transaction, ids: Sequence[int]) -> list[Row]:
    values = {f"id{position}": entry_id for position, entry_id in enumerate(ids)}
    names = ", ".join(f":{name}" for name in values)
    started = transaction.fetch_all(
        f"UPDATE inbox SET starts = starts + 1 WHERE id IN ({names}) AND state = 'new' RETURNING *", values
    )
    return sorted(started, key=lambda row: ids.index(row["id"]))
