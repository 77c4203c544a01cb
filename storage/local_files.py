"""Which files of a local Bot API server's disk are whose, so that none is left lying and none is deleted too early."""

from storage.database import Database, Transaction

_ACTIVE = "state IN ('queued', 'fetching', 'sending', 'confirming')"


class LocalFileStore:
    """Paths are relative to the directory that the server keeps for this bot."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, transfer_id: int, path: str) -> None:
        """The server has put the transfer's file there."""
        await self._database.execute(
            "UPDATE transfer SET local_path = :path WHERE id = :id", {"id": transfer_id, "path": path}
        )

    async def release(self, transfer_id: int) -> str | None:
        """The transfer needs its file no more. Returns the path when nothing else needs that file."""

        def work(transaction: Transaction) -> str | None:
            values = {"id": transfer_id}
            row = transaction.fetch_one(
                "SELECT local_path, file_unique_id FROM transfer WHERE id = :id AND local_path IS NOT NULL",
                values,
            )
            if row is None:
                return None
            transaction.execute("UPDATE transfer SET local_path = NULL WHERE id = :id", values)
            needed = transaction.fetch_one(
                f"SELECT 1 FROM transfer WHERE file_unique_id = :file AND id <> :id AND {_ACTIVE} LIMIT 1",
                {**values, "file": row["file_unique_id"]},
            )
            return str(row["local_path"]) if needed is None else None

        return await self._database.write(work)

    async def left_over(self) -> list[int]:
        """Transfers that have ended and whose file may still be there: a process died in between."""
        rows = await self._database.fetch_all(
            f"SELECT id FROM transfer WHERE local_path IS NOT NULL AND NOT ({_ACTIVE}) ORDER BY id"
        )
        return [row["id"] for row in rows]

    async def of_person(self, person_id: int, account_id: int | None = None) -> list[int]:
        """A person's transfers whose file is there; only those into one account, if it is named."""
        rows = await self._database.fetch_all(
            "SELECT id FROM transfer WHERE person_id = :person AND local_path IS NOT NULL"
            " AND (:account IS NULL OR account_id = :account) ORDER BY id",
            {"person": person_id, "account": account_id},
        )
        return [row["id"] for row in rows]
