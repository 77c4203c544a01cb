"""The end of a file or a URL, together with the facts to be told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from storage.batches import note_if_ended, note_item_ended
from storage.database import Transaction
from storage.records import FactKind, to_seconds


async def end_transfer(
    transaction: Transaction, transfer_id: int, change: str, values: Mapping[str, Any], now: datetime
) -> None:
    """`change`: what to set besides. An end is final."""
    await _end(transaction, "transfer", FactKind.FILE_ENDED, transfer_id, change, values, now)


async def end_remote(
    transaction: Transaction, remote_id: int, change: str, values: Mapping[str, Any], now: datetime
) -> None:
    """As `end_transfer`."""
    await _end(transaction, "remote_upload", FactKind.LINK_ENDED, remote_id, change, values, now)


async def _end(
    transaction: Transaction,
    table: str,
    kind: FactKind,
    item_id: int,
    change: str,
    values: Mapping[str, Any],
    now: datetime,
) -> None:
    row = await transaction.fetch_one(
        f"UPDATE {table} SET {change}, ended_at = :now WHERE id = :id AND ended_at IS NULL RETURNING batch_id",
        {**values, "id": item_id, "now": to_seconds(now)},
    )
    if row is not None:
        await note_item_ended(transaction, kind, item_id, row["batch_id"], now)
        await note_if_ended(transaction, row["batch_id"], now)
