"""The account's folders and files as last listed, patched by what the bot itself has changed since."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from storage.database import Database, Row, Transaction
from storage.file_rows import file_from, remove_unlisted, values_of, write_listed
from storage.records import StoredFile, StoredFolder, to_seconds, to_time_or_none

# 1fichier's listings lag behind by seconds to minutes. For so long our own change is believed over the listing:
# a file we put there stays although it is not listed yet, one we deleted stays away although it still is.
LISTING_LAG = timedelta(minutes=10)


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
        """Take over a fresh listing of one folder, keeping our own recent changes.

        A listing that 1fichier has cut shows some of the files only, so what it lacks is kept.
        """
        values: dict[str, Any] = {
            "account": account_id,
            "folder": folder.folder_id,
            "now": to_seconds(now),
            "recent": to_seconds(now - LISTING_LAG),
        }

        def work(transaction: Transaction) -> None:
            _replace_folders(transaction, values, folder, sub_folders)
            _replace_files(transaction, values, files, complete=folder.complete)

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
        return [file_from(row) for row in rows]

    async def file(self, account_id: int, link_id: str) -> StoredFile | None:
        row = await self._database.fetch_one(
            "SELECT * FROM file WHERE account_id = :account AND link_id = :link AND deleted_at IS NULL",
            {"account": account_id, "link": link_id},
        )
        return file_from(row) if row else None

    async def known_before(self, account_id: int, link_ids: Iterable[str], moment: datetime) -> set[str]:
        """Which of these links we had heard of by then, so that nothing that happened since can have made them."""
        known = set()
        for link_id in link_ids:
            row = await self._database.fetch_one(
                "SELECT 1 FROM file LEFT JOIN folder"
                " ON folder.account_id = file.account_id AND folder.folder_id = file.folder_id"
                " WHERE file.account_id = :account AND file.link_id = :link"
                " AND (file.patched_at < :moment OR (file.patched_at IS NULL AND folder.listed_at < :moment))",
                {"account": account_id, "link": link_id, "moment": to_seconds(moment)},
            )
            if row is not None:
                known.add(link_id)
        return known

    async def note_file(self, account_id: int, file: StoredFile, now: datetime) -> None:
        """A file we have put there or changed ourselves."""
        await self._database.execute(
            "INSERT INTO file"
            " (account_id, link_id, link, folder_id, name, folded, size, uploaded_at, has_password, patched_at)"
            " VALUES"
            " (:account, :link_id, :link, :folder, :name, :folded, :size, :uploaded_at, :has_password, :patched_at)"
            " ON CONFLICT (account_id, link_id) DO UPDATE SET link = excluded.link,"
            " folder_id = coalesce(excluded.folder_id, file.folder_id), name = excluded.name,"
            " folded = excluded.folded, size = excluded.size, uploaded_at = coalesce(excluded.uploaded_at, file.uploaded_at), has_password = excluded.has_password,"
            " patched_at = excluded.patched_at,"
            # A link never comes back: what still shows a file we have just deleted has not heard of it yet.
            " deleted_at = CASE WHEN file.deleted_at >= :recent THEN file.deleted_at END",
            {
                **values_of(file),
                "account": account_id,
                "folder": file.folder_id,
                "patched_at": to_seconds(now),
                "recent": to_seconds(now - LISTING_LAG),
            },
        )

    async def note_deleted(self, account_id: int, link_id: str, now: datetime) -> None:
        await self.note_all_deleted(account_id, [link_id], now)

    async def note_all_deleted(self, account_id: int, link_ids: Iterable[str], now: datetime) -> None:
        """Files that we have deleted, in one transaction: a hundred of their own would keep other writers waiting."""

        def work(transaction: Transaction) -> None:
            for link_id in link_ids:
                transaction.execute(
                    "INSERT INTO file (account_id, link_id, link, name, size, deleted_at)"
                    " VALUES (:account, :link_id, '', '', 0, :now)"
                    " ON CONFLICT (account_id, link_id) DO UPDATE SET deleted_at = excluded.deleted_at",
                    {"account": account_id, "link_id": link_id, "now": to_seconds(now)},
                )

        await self._database.write(work)

    async def note_moved(
        self, account_id: int, link_ids: Iterable[str], folder_id: int, now: datetime
    ) -> None:
        """Files that we have moved into a folder; those that were never listed are found there when it is."""

        def work(transaction: Transaction) -> None:
            for link_id in link_ids:
                transaction.execute(
                    "UPDATE file SET folder_id = :folder, patched_at = :now"
                    " WHERE account_id = :account AND link_id = :link AND deleted_at IS NULL",
                    {"account": account_id, "link": link_id, "folder": folder_id, "now": to_seconds(now)},
                )

        await self._database.write(work)

    async def note_folder(self, account_id: int, folder: StoredFolder) -> None:
        """A folder that we have made, renamed, moved or shared. What is known of its own listing stays."""
        await self._database.execute(
            "INSERT INTO folder (account_id, folder_id, parent_id, name, shared_url)"
            " VALUES (:account, :folder, :parent, :name, :shared)"
            " ON CONFLICT (account_id, folder_id) DO UPDATE SET parent_id = excluded.parent_id,"
            " name = excluded.name, shared_url = excluded.shared_url",
            {
                "account": account_id,
                "folder": folder.folder_id,
                "parent": folder.parent_id,
                "name": folder.name,
                "shared": folder.shared_url,
            },
        )

    async def note_folder_seen(self, account_id: int, folder: StoredFolder) -> None:
        """A folder that a file was found in, whose place may not be known; nothing new where it is known itself."""
        await self._database.execute(
            "INSERT INTO folder (account_id, folder_id, parent_id, name) VALUES (:account, :folder, :parent, :name)"
            " ON CONFLICT (account_id, folder_id) DO NOTHING",
            {
                "account": account_id,
                "folder": folder.folder_id,
                "parent": folder.parent_id,
                "name": folder.name,
            },
        )

    async def forget_folder(self, account_id: int, folder_id: int) -> None:
        """A folder that is gone, and what was known to be in it."""

        def work(transaction: Transaction) -> None:
            values = {"account": account_id, "folder": folder_id}
            transaction.execute(
                "DELETE FROM file WHERE account_id = :account AND folder_id = :folder AND deleted_at IS NULL",
                values,
            )
            transaction.execute(
                "DELETE FROM folder WHERE account_id = :account AND folder_id = :folder", values
            )

        await self._database.write(work)

    async def prune(self, before: datetime) -> int:
        """Drop what was marked deleted before then; the listing has caught up with it."""
        return await self._database.execute(
            "DELETE FROM file WHERE deleted_at < :before", {"before": to_seconds(before)}
        )


def _replace_folders(
    transaction: Transaction,
    values: dict[str, Any],
    folder: StoredFolder,
    sub_folders: Sequence[StoredFolder],
) -> None:
    """Sub-folders that are listed still keep what is known of their own listing."""
    listed = {each.folder_id for each in sub_folders}
    known = transaction.fetch_all(
        "SELECT folder_id FROM folder WHERE account_id = :account AND parent_id = :folder AND folder_id <> 0",
        values,
    )
    for row in known:
        if row["folder_id"] not in listed:
            transaction.execute(
                "DELETE FROM folder WHERE account_id = :account AND folder_id = :gone",
                {**values, "gone": row["folder_id"]},
            )
    for each in sub_folders:
        transaction.execute(
            "INSERT INTO folder (account_id, folder_id, parent_id, name) VALUES (:account, :id, :folder, :name)"
            " ON CONFLICT (account_id, folder_id) DO UPDATE SET name = excluded.name, parent_id = excluded.parent_id",
            {**values, "id": each.folder_id, "name": each.name},
        )
    transaction.execute(
        "INSERT INTO folder (account_id, folder_id, parent_id, name, listed_at, complete, shared_url)"
        " VALUES (:account, :folder, :parent, :name, :now, :complete, :shared)"
        " ON CONFLICT (account_id, folder_id) DO UPDATE SET name = excluded.name,"
        " parent_id = coalesce(excluded.parent_id, folder.parent_id),"
        " listed_at = excluded.listed_at, complete = excluded.complete, shared_url = excluded.shared_url",
        {
            **values,
            "parent": folder.parent_id,
            "name": folder.name,
            "complete": int(folder.complete),
            "shared": folder.shared_url,
        },
    )


def _replace_files(
    transaction: Transaction, values: dict[str, Any], files: Sequence[StoredFile], *, complete: bool
) -> None:
    known = transaction.fetch_all(
        "SELECT * FROM file WHERE account_id = :account AND folder_id = :folder", values
    )
    if complete:
        remove_unlisted(transaction, values, files, known)
    here = [replace(file, folder_id=values["folder"]) for file in files]
    write_listed(transaction, values, here, known)


def _folder(row: Row) -> StoredFolder:
    return StoredFolder(
        folder_id=row["folder_id"],
        parent_id=row["parent_id"],
        name=row["name"],
        listed_at=to_time_or_none(row["listed_at"]),
        complete=bool(row["complete"]),
        shared_url=row["shared_url"],
    )
