"""The end of a file or a URL, together with the facts to be told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from storage.batches import note_if_ended, note_item_ended
from storage.database import Transaction
from storage.records import FactKind, to_seconds


def end_transfer(
    transaction: Transaction, transfer_id: int, change: str, values: Mapping[str, Any], now: datetime
) -> None:
    """`change`: what to set besides. An end is final, and a password has no more use then."""
    change += ", sealed_password = NULL"
    _end(transaction, "transfer", FactKind.FILE_ENDED, transfer_id, change, values, now)


def end_remote(
    transaction: Transaction,
    remote_id: int,
    change: str,
    values: Mapping[str, Any],
    now: datetime,
    *,
    told_alone: bool = False,
) -> None:
    """As `end_transfer`. `told_alone`: its batch may have been told already, and this is still to be said."""
    kind = FactKind.LINK_ENDED
    _end(transaction, "remote_upload", kind, remote_id, change, values, now, told_alone=told_alone)


def _end(
    transaction: Transaction,
    table: str,
    kind: FactKind,
    item_id: int,
    change: str,
    values: Mapping[str, Any],
    now: datetime,
    *,
    told_alone: bool = False,
) -> None:
    row = transaction.fetch_one(
        f"UPDATE {table} SET {change}, ended_at = :now WHERE id = :id AND ended_at IS NULL RETURNING batch_id",
        {**values, "id": item_id, "now": to_seconds(now)},
    )
    if row is not None:
        batch_id = row["batch_id"]
        note_item_ended(transaction, kind, item_id, batch_id, now, whatever_is_set=told_alone)
        note_if_ended(transaction, row["batch_id"], now)
