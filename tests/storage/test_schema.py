"""The schema that the migrations make, against the one checked in.

`python -m tests.storage.test_schema > tests/storage/schema.sql` writes it anew: what a migration changes stands in the diff.
"""

import asyncio
import contextlib
import sqlite3
import sys
import tempfile
from pathlib import Path

from storage import open_database
from tests.storage.conftest import Stores

CHECKED_IN = Path(__file__).with_name("schema.sql")


def dump(path: Path) -> str:
    """Every table with its indices."""
    with contextlib.closing(sqlite3.connect(path)) as opened:
        rows = opened.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
            " ORDER BY tbl_name, type DESC, name"
        ).fetchall()
    return "".join(f"{sql};\n" for (sql,) in rows)


async def new_schema() -> str:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "bot.db"
        async with open_database(path):
            pass
        return dump(path)


async def test_the_migrations_make_the_schema_that_is_checked_in() -> None:
    assert await new_schema() == CHECKED_IN.read_text(encoding="utf-8")


async def test_every_reference_has_an_index_to_cascade_by(stores: Stores) -> None:
    missing: list[str] = []
    tables = await stores.database.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'")
    for table in (row["name"] for row in tables):
        firsts = set()
        for index in await stores.database.fetch_all(f"PRAGMA index_list({table})"):
            indexed = await stores.database.fetch_all(f"PRAGMA index_info({index['name']})")
            firsts |= set() if index["partial"] else {indexed[0]["name"]}
        # A table is found by what its primary key begins with, also where that is its own number.
        columns = await stores.database.fetch_all(f"PRAGMA table_info({table})")
        firsts |= {column["name"] for column in columns if column["pk"] == 1}
        keys = await stores.database.fetch_all(f"PRAGMA foreign_key_list({table})")
        missing += [f"{table}.{key['from']}" for key in keys if key["from"] not in firsts]
    assert missing == []


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(new_schema()))
