"""A file becomes a row of a batch, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.batches import join_batch, note_if_ended, withdraw_end
from storage.database import Row, Transaction
from storage.duplicates import has_namesake, has_twin_of
from storage.records import Account, Batch, IncomingFile, Reason, Transfer, TransferState, to_seconds
from storage.rows import batch_from, transfer_from


@dataclass(frozen=True)
class AcceptedFile:
    """`new` is False when this very file of this very message was accepted before."""

    transfer: Transfer
    batch: Batch
    new: bool


def accept(
    transaction: Transaction,
    person_id: int,
    file: IncomingFile,
    account: Account | None,
    *,
    sent_at: datetime,
    now: datetime,
    refused: Reason | None,
    again: bool,
) -> AcceptedFile:
    """As `TransferStore.accept`."""
    values: dict[str, Any] = {
        "person": person_id,
        "account": account.id if account else None,
        "chat": file.chat_id,
        "message": file.message_id,
        "file": file.file_id,
        "unique": file.file_unique_id,
        "kind": file.kind,
        "given_name": file.given_name,
        "name": file.name,
        "size": file.size,
        "channel": file.channel,
        "folder": account.folder_id if account else 0,
        "folder_name": account.folder_name if account else "",
        "state": (TransferState.FAILED if refused else TransferState.QUEUED).value,
        "reason": refused.value if refused else None,
        "refused": int(refused is not None),
        "again": int(again),
        "sent_at": to_seconds(sent_at),
        "now": to_seconds(now),
        "ended": to_seconds(now) if refused else None,
    }
    known = _known(transaction, values)
    if known is not None:
        return known
    asks = not (again or refused) and not has_twin_of(transaction, values)
    values["held"] = int(asks and has_namesake(transaction, values))
    values |= _password(transaction, values)
    batch = join_batch(transaction, values)
    row = transaction.fetch_one(
        "INSERT INTO transfer (batch_id, person_id, account_id, chat_id, message_id, file_id, file_unique_id,"
        " kind, given_name, name, size, folder_id, folder_name, state, reason, refused, again, held,"
        " protected, sealed_password, channel, created_at, ended_at)"
        " VALUES (:batch, :person, :account, :chat, :message, :file, :unique,"
        " :kind, :given_name, :name, :size, :folder, :folder_name, :state, :reason, :refused, :again, :held,"
        " :protected, :password, :channel, :now, :ended) RETURNING *",
        {**values, "batch": batch["id"]},
    )
    if row is None:
        raise AssertionError("an insert returns its row")
    if refused:
        note_if_ended(transaction, batch["id"], now)
    else:
        withdraw_end(transaction, batch)
    return AcceptedFile(transfer_from(row), batch_from(batch), new=True)


def _password(transaction: Transaction, values: dict[str, Any]) -> dict[str, Any]:
    """What the person has set for new files when the file comes; a later change is for later files."""
    row = transaction.fetch_one(
        "SELECT sealed_upload_password FROM person WHERE id = :person AND :refused = 0", values
    )
    sealed = row["sealed_upload_password"] if row else None
    return {"password": sealed, "protected": int(sealed is not None)}


def _known(transaction: Transaction, values: dict[str, Any]) -> AcceptedFile | None:
    row: Row | None = transaction.fetch_one(
        "SELECT * FROM transfer WHERE chat_id = :chat AND message_id = :message AND file_unique_id = :unique",
        values,
    )
    if row is None:
        return None
    batch = transaction.fetch_one("SELECT * FROM batch WHERE id = :id", {"id": row["batch_id"]})
    if batch is None:
        raise AssertionError("a transfer has a batch")
    return AcceptedFile(transfer_from(row), batch_from(batch), new=False)
