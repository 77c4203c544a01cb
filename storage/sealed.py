"""Every sealed value of the database: under which secret key it is, and sealing it anew under the first."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from storage.database import Database, Row, Transaction
from storage.vault import Vault

# A transaction of so many takes some milliseconds, during which nothing else is written.
BATCH: Final = 100

# Sealed last: once it is under the first key, everything else is.
_PROOF: Final = "proof"


@dataclass(frozen=True)
class Resealed:
    """`unreadable`: values that none of the keys opens. They are left as they are, should their key turn up."""

    changed: int = 0
    unreadable: int = 0


async def reseal_all(
    database: Database, vault: Vault, *, after_batch: Callable[[int], None] = lambda _: None
) -> Resealed:
    """Seal under the first key whatever is not, batch by batch. Broken off, it is simply done again.

    `after_batch` is told how many were changed so far.
    """
    changed = unreadable = 0
    for table, column in await _columns(database):
        last = 0
        while True:
            rows, changed_here, unreadable_here = await _reseal_batch(database, vault, table, column, last)
            changed += changed_here
            unreadable += unreadable_here
            after_batch(changed)
            if not rows:
                break
            last = rows[-1]["id"]
    return Resealed(changed, unreadable)


async def count_by_key(database: Database, vault: Vault) -> Counter[int | None]:
    """How many values each key opens, by its position from 1; None: no key."""
    found: Counter[int | None] = Counter()
    for table, column in await _columns(database):
        last = 0
        while rows := await database.fetch_all(_next_batch(table, column), {"after": last, "most": BATCH}):
            found.update(vault.position_of_key(bytes(row["sealed"])) for row in rows)
            last = rows[-1]["id"]
    return found


async def _reseal_batch(
    database: Database, vault: Vault, table: str, column: str, last: int
) -> tuple[list[Row], int, int]:
    def work(transaction: Transaction) -> tuple[list[Row], int, int]:
        rows = transaction.fetch_all(_next_batch(table, column), {"after": last, "most": BATCH})
        changed = unreadable = 0
        for row in rows:
            position = vault.position_of_key(bytes(row["sealed"]))
            if position is None:
                unreadable += 1
            elif position > 1:
                transaction.execute(
                    f"UPDATE {table} SET {column} = :sealed WHERE id = :id",
                    {"id": row["id"], "sealed": vault.reseal(bytes(row["sealed"]))},
                )
                changed += 1
        return rows, changed, unreadable

    return await database.write(work)


def _next_batch(table: str, column: str) -> str:
    return (
        f"SELECT id, {column} AS sealed FROM {table} WHERE id > :after AND {column} IS NOT NULL"
        " ORDER BY id LIMIT :most"
    )


async def _columns(database: Database) -> list[tuple[str, str]]:
    """(table, column) of everything that is sealed: by the schema's rule, columns named `sealed` or `sealed_*`."""
    found = []
    for table in await database.fetch_all(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ):
        columns = await database.fetch_all(f"PRAGMA table_info({table['name']})")
        found += [
            (table["name"], column["name"])
            for column in columns
            if column["name"] == "sealed" or column["name"].startswith("sealed_")
        ]
    return sorted(found, key=lambda each: each[0] == _PROOF)
