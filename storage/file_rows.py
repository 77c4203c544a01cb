"""Rows of files as listings bring them, written where something has changed."""

from collections.abc import Sequence
from typing import Any

from storage.database import Row, Transaction
from storage.folding import folded
from storage.records import StoredFile, to_seconds, to_time_or_none

# Five thousand files one by one would keep every other writer waiting for a second.
_ROWS_AT_ONCE = 100


def write_listed(
    transaction: Transaction,
    values: dict[str, Any],
    files: Sequence[StoredFile],
    known: Sequence[Row],
) -> None:
    """Take listed files over: only what differs from the `known` rows is written, so that a second look is cheap.

    What we have changed ourselves since `values["recent"]` is believed over the listing, and stays.
    """
    rows = {row["link_id"]: row for row in known}
    changed = [file for file in files if not _is_known(file, rows.get(file.link_id))]
    for start in range(0, len(changed), _ROWS_AT_ONCE):
        part = changed[start : start + _ROWS_AT_ONCE]
        transaction.execute(
            "INSERT INTO file (account_id, folder_id, link_id, link, name, folded, size, uploaded_at, has_password)"
            " VALUES "
            + ", ".join(
                f"(:account, :folder{n}, :link_id{n}, :link{n}, :name{n}, :folded{n}, :size{n}, :uploaded_at{n},"
                f" :has_password{n})"
                for n in range(len(part))
            )
            + " ON CONFLICT (account_id, link_id) DO UPDATE SET link = excluded.link,"
            # The list of all files does not say where they are.
            " folder_id = coalesce(excluded.folder_id, file.folder_id), name = excluded.name,"
            " folded = excluded.folded, size = excluded.size, uploaded_at = excluded.uploaded_at,"
            " has_password = excluded.has_password, deleted_at = NULL"
            " WHERE coalesce(file.patched_at, 0) < :recent AND coalesce(file.deleted_at, 0) < :recent",
            values
            | {
                f"{key}{n}": value
                for n, file in enumerate(part)
                for key, value in ({"folder": file.folder_id} | values_of(file)).items()
            },
        )


def remove_unlisted(
    transaction: Transaction, values: dict[str, Any], files: Sequence[StoredFile], known: Sequence[Row]
) -> None:
    """Forget what a listing no longer shows, unless we have changed it since `values["recent"]`."""
    listed = {file.link_id for file in files}
    for row in known:
        if row["link_id"] not in listed and not _is_recent(row, values["recent"]):
            transaction.execute(
                "DELETE FROM file WHERE account_id = :account AND link_id = :gone",
                {**values, "gone": row["link_id"]},
            )


def values_of(file: StoredFile) -> dict[str, Any]:
    """All columns that a file fills, but its folder."""
    return {
        "link_id": file.link_id,
        "link": file.link,
        "name": file.name,
        "folded": folded(file.name),
        "size": file.size,
        "uploaded_at": to_seconds(file.uploaded_at) if file.uploaded_at else None,
        "has_password": int(file.has_password),
    }


def file_from(row: Row) -> StoredFile:
    return StoredFile(
        link_id=row["link_id"],
        link=row["link"],
        folder_id=row["folder_id"],
        name=row["name"],
        size=row["size"],
        uploaded_at=to_time_or_none(row["uploaded_at"]),
        has_password=bool(row["has_password"]),
    )


def _is_known(file: StoredFile, row: Row | None) -> bool:
    if row is None or row["deleted_at"] is not None or file.folder_id not in {None, row["folder_id"]}:
        return False
    return values_of(file).items() <= dict(row).items()


def _is_recent(row: Row, since: float) -> bool:
    return max(row["patched_at"] or 0, row["deleted_at"] or 0) >= since
