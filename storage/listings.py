"""The account's folders and files as last listed, patched by what the bot itself has changed since."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from storage.database import Database, Row, Transaction
from storage.records import StoredFile, StoredFolder, to_seconds, to_time_or_none
from storage.rows import stored_file_from

# 1fichier's listings lag behind by seconds to minutes. For so long our own change is believed over the listing:
# a file we put there stays although it is not listed yet, one we deleted stays away although it still is.
LISTING_LAG = timedelta(minutes=10)

# Five thousand files one by one would keep every other writer waiting for a second.
_ROWS_AT_ONCE = 100


class ListingStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace_folder(
        self,
        account_id: int,
        folder: StoredFolder,
        sub_folders: Sequence[StoredFolder],
        files: Sequence[StoredFile],
        *,
        now: datetime,
    ) -> None:
        """Take over a fresh listing of one folder, keeping our own recent changes."""
        values: dict[str, Any] = {
            "account": account_id,
            "folder": folder.folder_id,
            "now": to_seconds(now),
            "recent": to_seconds(now - LISTING_LAG),
        }

        async def work(transaction: Transaction) -> None:
            await _replace_folders(transaction, values, folder, sub_folders)
            await _replace_files(transaction, values, files)

        await self._database.write(work)

    async def folder(self, account_id: int, folder_id: int) -> StoredFolder | None:
        row = await self._database.fetch_one(
            "SELECT * FROM folder WHERE account_id = :account AND folder_id = :folder",
            {"account": account_id, "folder": folder_id},
        )
        return _folder(row) if row else None

    async def sub_folders(self, account_id: int, folder_id: int) -> list[StoredFolder]:
        rows = await self._database.fetch_all(
            "SELECT * FROM folder WHERE account_id = :account AND parent_id = :folder AND folder_id <> 0",
            {"account": account_id, "folder": folder_id},
        )
        return [_folder(row) for row in rows]

    async def files(self, account_id: int, folder_id: int) -> list[StoredFile]:
        """Newest first."""
        rows = await self._database.fetch_all(
            "SELECT * FROM file WHERE account_id = :account AND folder_id = :folder AND deleted_at IS NULL"
            " ORDER BY uploaded_at DESC NULLS LAST, name",
            {"account": account_id, "folder": folder_id},
        )
        return [stored_file_from(row) for row in rows]

    async def file(self, account_id: int, link_id: str) -> StoredFile | None:
        row = await self._database.fetch_one(
            "SELECT * FROM file WHERE account_id = :account AND link_id = :link AND deleted_at IS NULL",
            {"account": account_id, "link": link_id},
        )
        return stored_file_from(row) if row else None

    async def note_file(self, account_id: int, file: StoredFile, now: datetime) -> None:
        """A file we have put there or changed ourselves."""
        await self._database.execute(
            "INSERT INTO file"
            " (account_id, link_id, link, folder_id, name, size, uploaded_at, has_password, patched_at)"
            " VALUES (:account, :link_id, :link, :folder, :name, :size, :uploaded_at, :has_password, :patched_at)"
            " ON CONFLICT (account_id, link_id) DO UPDATE SET link = excluded.link,"
            " folder_id = coalesce(excluded.folder_id, file.folder_id), name = excluded.name, size = excluded.size,"
            " uploaded_at = coalesce(excluded.uploaded_at, file.uploaded_at), has_password = excluded.has_password,"
            " patched_at = excluded.patched_at,"
            # A link never comes back: what still shows a file we have just deleted has not heard of it yet.
            " deleted_at = CASE WHEN file.deleted_at >= :recent THEN file.deleted_at END",
            {
                **_values(file),
                "account": account_id,
                "folder": file.folder_id,
                "patched_at": to_seconds(now),
                "recent": to_seconds(now - LISTING_LAG),
            },
        )

    async def note_deleted(self, account_id: int, link_id: str, now: datetime) -> None:
        await self._database.execute(
            "INSERT INTO file (account_id, link_id, link, name, size, deleted_at)"
            " VALUES (:account, :link_id, '', '', 0, :now)"
            " ON CONFLICT (account_id, link_id) DO UPDATE SET deleted_at = excluded.deleted_at",
            {"account": account_id, "link_id": link_id, "now": to_seconds(now)},
        )

    async def prune(self, before: datetime) -> int:
        """Drop what was marked deleted before then; the listing has caught up with it."""
        return await self._database.execute(
            "DELETE FROM file WHERE deleted_at < :before", {"before": to_seconds(before)}
        )


async def _replace_folders(
    transaction: Transaction,
    values: dict[str, Any],
    folder: StoredFolder,
    sub_folders: Sequence[StoredFolder],
) -> None:
    """Sub-folders that are listed still keep what is known of their own listing."""
    listed = {each.folder_id for each in sub_folders}
    known = await transaction.fetch_all(
        "SELECT folder_id FROM folder WHERE account_id = :account AND parent_id = :folder AND folder_id <> 0",
        values,
    )
    for row in known:
        if row["folder_id"] not in listed:
            await transaction.execute(
                "DELETE FROM folder WHERE account_id = :account AND folder_id = :gone",
                {**values, "gone": row["folder_id"]},
            )
    for each in sub_folders:
        await transaction.execute(
            "INSERT INTO folder (account_id, folder_id, parent_id, name) VALUES (:account, :id, :folder, :name)"
            " ON CONFLICT (account_id, folder_id) DO UPDATE SET name = excluded.name, parent_id = excluded.parent_id",
            {**values, "id": each.folder_id, "name": each.name},
        )
    await transaction.execute(
        "INSERT INTO folder (account_id, folder_id, parent_id, name, listed_at, complete)"
        " VALUES (:account, :folder, :parent, :name, :now, :complete)"
        " ON CONFLICT (account_id, folder_id) DO UPDATE SET name = excluded.name,"
        " parent_id = coalesce(excluded.parent_id, folder.parent_id),"
        " listed_at = excluded.listed_at, complete = excluded.complete",
        {**values, "parent": folder.parent_id, "name": folder.name, "complete": int(folder.complete)},
    )


async def _replace_files(
    transaction: Transaction, values: dict[str, Any], files: Sequence[StoredFile]
) -> None:
    """Only what has changed is written: a large folder looked at again costs one query."""
    rows = await transaction.fetch_all(
        "SELECT * FROM file WHERE account_id = :account AND folder_id = :folder", values
    )
    known = {row["link_id"]: row for row in rows}
    listed = {file.link_id for file in files}
    for row in rows:
        if row["link_id"] not in listed and not _is_recent(row, values["recent"]):
            await transaction.execute(
                "DELETE FROM file WHERE account_id = :account AND link_id = :gone",
                {**values, "gone": row["link_id"]},
            )
    changed = [file for file in files if not _is_known(file, known.get(file.link_id))]
    for start in range(0, len(changed), _ROWS_AT_ONCE):
        part = changed[start : start + _ROWS_AT_ONCE]
        await transaction.execute(
            "INSERT INTO file (account_id, folder_id, link_id, link, name, size, uploaded_at, has_password) VALUES"
            + ", ".join(
                f"(:account, :folder, :link_id{n}, :link{n}, :name{n}, :size{n}, :uploaded_at{n}, :has_password{n})"
                for n in range(len(part))
            )
            + " ON CONFLICT (account_id, link_id) DO UPDATE SET link = excluded.link,"
            " folder_id = excluded.folder_id, name = excluded.name, size = excluded.size,"
            " uploaded_at = excluded.uploaded_at, has_password = excluded.has_password, deleted_at = NULL"
            " WHERE coalesce(file.patched_at, 0) < :recent AND coalesce(file.deleted_at, 0) < :recent",
            values
            | {f"{key}{n}": value for n, file in enumerate(part) for key, value in _values(file).items()},
        )


def _is_known(file: StoredFile, row: Row | None) -> bool:
    return row is not None and row["deleted_at"] is None and _values(file).items() <= dict(row).items()


def _is_recent(row: Row, since: float) -> bool:
    return max(row["patched_at"] or 0, row["deleted_at"] or 0) >= since


def _values(file: StoredFile) -> dict[str, Any]:
    return {
        "link_id": file.link_id,
        "link": file.link,
        "name": file.name,
        "size": file.size,
        "uploaded_at": to_seconds(file.uploaded_at) if file.uploaded_at else None,
        "has_password": int(file.has_password),
    }


def _folder(row: Row) -> StoredFolder:
    return StoredFolder(
        folder_id=row["folder_id"],
        parent_id=row["parent_id"],
        name=row["name"],
        listed_at=to_time_or_none(row["listed_at"]),
        complete=bool(row["complete"]),
    )
