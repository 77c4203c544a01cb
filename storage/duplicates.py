"""What an account has already of what is sent: the same Telegram file, or a file of the same name and size."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Database, Transaction
from storage.endings import end_transfer
from storage.file_rows import file_from
from storage.records import StoredFile, Transfer, to_seconds, to_time

# Not those of which we know that they are gone.
_TWINS = """
    FROM transfer LEFT JOIN file ON file.account_id = transfer.account_id AND file.link_id = transfer.link_id
    WHERE transfer.account_id = :account AND transfer.file_unique_id = :unique
        AND transfer.link_id IS NOT NULL AND file.deleted_at IS NULL
"""
_NAMESAKES = """
    FROM file WHERE account_id = :account AND name = :name AND size = :size AND deleted_at IS NULL
"""


@dataclass(frozen=True)
class Twin:
    """The same Telegram file, as it was uploaded before. `folder_id`: where it went then, or is now as far as known."""

    link: str
    link_id: str
    folder_id: int
    uploaded_at: datetime


def has_twin_of(transaction: Transaction, values: Mapping[str, Any]) -> bool:
    """`values`: account, unique."""
    return transaction.fetch_one(f"SELECT 1 {_TWINS} LIMIT 1", values) is not None


def has_namesake(transaction: Transaction, values: Mapping[str, Any]) -> bool:
    """`values`: account, name, size."""
    return transaction.fetch_one(f"SELECT 1 {_NAMESAKES} LIMIT 1", values) is not None


class DuplicateStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def twin(self, transfer: Transfer) -> Twin | None:
        """The latest upload of the same Telegram file into the same account."""
        row = await self._database.fetch_one(
            "SELECT transfer.link, transfer.link_id, transfer.ended_at,"
            f" coalesce(file.folder_id, transfer.folder_id) AS folder {_TWINS} ORDER BY transfer.id DESC LIMIT 1",
            {"account": transfer.account_id, "unique": transfer.file_unique_id},
        )
        if row is None:
            return None
        return Twin(row["link"], row["link_id"], row["folder"], to_time(row["ended_at"]))

    async def under_way(self, transfer: Transfer) -> bool:
        """Whether the same Telegram file is on its way into the same account by an earlier row."""
        row = await self._database.fetch_one(
            "SELECT 1 FROM transfer WHERE account_id = :account AND file_unique_id = :unique AND id < :id"
            " AND state IN ('queued', 'fetching', 'sending', 'confirming') AND held = 0 AND cancelled_at IS NULL",
            {"account": transfer.account_id, "unique": transfer.file_unique_id, "id": transfer.id},
        )
        return row is not None

    async def waiting(self, account_id: int) -> int:
        """How many files wait in the account's queue that were uploaded before."""
        row = await self._database.fetch_one(
            "SELECT count(*) AS n FROM transfer AS waiting WHERE account_id = :account AND state = 'queued'"
            " AND again = 0 AND EXISTS (SELECT 1 FROM transfer AS earlier"
            "  WHERE earlier.account_id = waiting.account_id AND earlier.file_unique_id = waiting.file_unique_id"
            "  AND earlier.link_id IS NOT NULL)",
            {"account": account_id},
        )
        return int(row["n"]) if row else 0

    async def namesake(self, transfer: Transfer) -> StoredFile | None:
        """The youngest file of the account with the same name and size."""
        row = await self._database.fetch_one(
            f"SELECT * {_NAMESAKES} ORDER BY uploaded_at DESC NULLS LAST LIMIT 1",
            {"account": transfer.account_id, "name": transfer.name, "size": transfer.size},
        )
        return file_from(row) if row else None

    async def is_name_taken(self, transfer: Transfer) -> bool:
        """Whether another file of its folder has the name that the upload got."""
        row = await self._database.fetch_one(
            "SELECT 1 FROM file WHERE account_id = :account AND name = :name AND folder_id = :folder"
            " AND deleted_at IS NULL AND link <> :link LIMIT 1",
            {
                "account": transfer.account_id,
                "name": transfer.stored_name,
                "folder": transfer.folder_id,
                "link": transfer.link,
            },
        )
        return row is not None

    async def finish(
        self, transfer_id: int, *, link: str, name: str, size: int, since: datetime, now: datetime
    ) -> None:
        """The account has had it since then: nothing was sent, and the link stays the earlier row's own."""

        def work(transaction: Transaction) -> None:
            end_transfer(
                transaction,
                transfer_id,
                "state = 'done', link = :link, stored_name = :name, stored_size = :size, there_since = :since,"
                " protected = 0",
                {"link": link, "name": name, "size": size, "since": to_seconds(since)},
                now,
            )

        await self._database.write(work)

    async def release(self, batch_id: int, person_id: int, *, upload: bool, now: datetime) -> int:
        """Answer for the files of a batch that wait for it: upload them, or leave them out. How many there were."""

        def work(transaction: Transaction) -> int:
            values = {"batch": batch_id, "person": person_id}
            rows = transaction.fetch_all(
                "SELECT id FROM transfer WHERE batch_id = :batch AND person_id = :person"
                " AND state = 'queued' AND held = 1",
                values,
            )
            for row in rows:
                if upload:
                    transaction.execute(
                        "UPDATE transfer SET held = 0, again = 1 WHERE id = :id", {"id": row["id"]}
                    )
                else:
                    end_transfer(transaction, row["id"], "state = 'cancelled', cancelled_at = :now", {}, now)
            return len(rows)

        return await self._database.write(work)
