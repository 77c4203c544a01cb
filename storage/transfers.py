"""Uploads: accepted, taken fairly, moved from state to state, ended together with the fact to be told."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.acceptance import AcceptedFile, accept
from storage.adoption import has_twin, owned
from storage.database import Database, Transaction
from storage.endings import end_transfer
from storage.guests import guest_uploads, note_guest_upload
from storage.people import PASSWORD
from storage.queue import take_next
from storage.records import (
    Account,
    IncomingFile,
    Reason,
    Transfer,
    TransferState,
    Trouble,
    to_seconds,
    to_time,
    to_time_or_none,
)
from storage.rows import transfer_from
from storage.troubles import NO_TROUBLE, NOTE_TROUBLE, noted
from storage.vault import Vault


class CancelOutcome(StrEnum):
    """`DELETING`: 1fichier may have the file already; it is deleted as soon as it appears."""

    CANCELLED = "cancelled"
    DELETING = "deleting"
    TOO_LATE = "too_late"
    NOT_THEIRS = "not_theirs"


class TransferStore:
    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def accept(
        self,
        person_id: int,
        file: IncomingFile,
        account: Account | None,
        *,
        sent_at: datetime,
        now: datetime,
        refused: Reason | None = None,
        again: bool = False,
    ) -> AcceptedFile:
        """Record a file and its batch. Without an account it waits for a key; `refused`: it ends here, told at once.

        One of which the account has the name and the size already waits for an answer, unless it shall be uploaded
        `again`.
        """
        return await self._database.write(
            lambda transaction: accept(
                transaction,
                person_id,
                file,
                account,
                sent_at=sent_at,
                now=now,
                refused=refused,
                again=again,
            )
        )

    async def find(self, transfer_id: int) -> Transfer | None:
        row = await self._database.fetch_one("SELECT * FROM transfer WHERE id = :id", {"id": transfer_id})
        return transfer_from(row) if row else None

    async def of_batch(self, batch_id: int) -> list[Transfer]:
        rows = await self._database.fetch_all(
            "SELECT * FROM transfer WHERE batch_id = :batch ORDER BY message_id, id", {"batch": batch_id}
        )
        return [transfer_from(row) for row in rows]

    async def active_of(self, person_id: int) -> list[Transfer]:
        rows = await self._database.fetch_all(
            "SELECT * FROM transfer WHERE person_id = :person"
            " AND state IN ('queued', 'fetching', 'sending', 'confirming') ORDER BY id",
            {"person": person_id},
        )
        return [transfer_from(row) for row in rows]

    async def of_message(self, chat_id: int, message_id: int, file_unique_id: str) -> Transfer | None:
        """The file that this message brought."""
        row = await self._database.fetch_one(
            "SELECT * FROM transfer WHERE chat_id = :chat AND message_id = :message AND file_unique_id = :unique",
            {"chat": chat_id, "message": message_id, "unique": file_unique_id},
        )
        return transfer_from(row) if row else None

    async def rename_queued(self, transfer_id: int, given_name: str, name: str) -> bool:
        """Call a file otherwise before it is sent, and without asking further. False when it is on its way."""
        return bool(
            await self._database.execute(
                "UPDATE transfer SET given_name = :given, name = :name, held = 0, again = 1"
                " WHERE id = :id AND state = 'queued' AND cancelled_at IS NULL",
                {"id": transfer_id, "given": given_name, "name": name},
            )
        )

    async def put_into(self, transfer_id: int, folder_id: int, folder_name: str) -> None:
        """Where a file goes that was to be sorted."""
        await self._database.execute(
            "UPDATE transfer SET folder_id = :folder, folder_name = :name, channel = '' WHERE id = :id",
            {"id": transfer_id, "folder": folder_id, "name": folder_name},
        )

    async def of_link(self, person_id: int, link_id: str) -> Transfer | None:
        row = await self._database.fetch_one(
            "SELECT * FROM transfer WHERE person_id = :person AND link_id = :link",
            {"person": person_id, "link": link_id},
        )
        return transfer_from(row) if row else None

    async def take_next(self, *, per_person: int, now: datetime) -> Transfer | None:
        """The next file, now `fetching`: round robin over people, oldest first within one, at most `per_person` each."""
        row = await self._database.write(
            lambda transaction: take_next(transaction, per_person=per_person, now=now)
        )
        return transfer_from(row) if row else None

    async def before_it(self, transfer: Transfer) -> int:
        """How many files of the same person stand before this one in the queue."""
        row = await self._database.fetch_one(
            "SELECT count(*) AS n FROM transfer WHERE person_id = :person AND id < :id"
            " AND state IN ('queued', 'fetching', 'sending') AND held = 0",
            {"person": transfer.person_id, "id": transfer.id},
        )
        return int(row["n"]) if row else 0

    async def next_due(self, after: datetime | None = None) -> datetime | None:
        """When the earliest queued file may be taken, were there room. Files due at `after` or before are left out."""
        row = await self._database.fetch_one(
            "SELECT transfer.not_before AS due FROM transfer"
            " JOIN account ON account.id = transfer.account_id AND account.refused_at IS NULL"
            " WHERE transfer.state = 'queued' AND transfer.held = 0 AND transfer.not_before > :after"
            " ORDER BY transfer.not_before LIMIT 1",
            # A file that was never put off is due since 1970.
            {"after": to_seconds(after) if after else -1.0},
        )
        return to_time_or_none(row["due"]) if row else None

    async def under_way(self) -> list[Transfer]:
        """All that left the queue and have not ended."""
        rows = await self._database.fetch_all(
            "SELECT * FROM transfer WHERE state IN ('fetching', 'sending', 'confirming') ORDER BY id"
        )
        return [transfer_from(row) for row in rows]

    def password(self, transfer: Transfer) -> str:
        """What the file is protected with, in clear; empty: it is not.

        Raises:
            CannotOpen: it was sealed with keys that are gone.
        """
        sealed = transfer.sealed_password
        return self._vault.open(PASSWORD, transfer.person_id, sealed) if sealed is not None else ""

    async def note_size(self, transfer_id: int, size: int) -> None:
        await self._database.execute(
            "UPDATE transfer SET size = :size WHERE id = :id", {"id": transfer_id, "size": size}
        )

    async def begin_sending(self, transfer_id: int, *, node_url: str, upload_id: str) -> bool:
        """False when it was cancelled meanwhile."""
        return await self._move(
            "state = 'sending', node_url = :node, node_upload_id = :upload",
            transfer_id,
            ("fetching", "sending"),
            {"node": node_url, "upload": upload_id},
        )

    async def begin_confirming(self, transfer_id: int, *, checksum: str | None, now: datetime) -> bool:
        """The last piece may go out once this is True. False when it was cancelled before."""
        return await self._move(
            f"state = 'confirming', whole_at = :now, redirected = 0, checksum = :checksum, {NO_TROUBLE}",
            transfer_id,
            ("sending",),
            {"now": to_seconds(now), "checksum": checksum},
        )

    async def note_redirected(self, transfer_id: int) -> None:
        await self._database.execute("UPDATE transfer SET redirected = 1 WHERE id = :id", {"id": transfer_id})

    async def queue_again(
        self,
        transfer_id: int,
        *,
        not_before: datetime,
        count: bool = True,
        damaged: bool = False,
        trouble: Trouble | None = None,
    ) -> None:
        """Back into the queue, for nothing of it can be at 1fichier. `count` False: this try does not count.

        `damaged`: there was a copy that differed from what was sent. `trouble`: why it could not go on; what is known of
        that stays until its last piece may go out. What its person has cancelled meanwhile ends as cancelled instead.
        """

        def work(transaction: Transaction) -> None:
            values = {
                "id": transfer_id,
                "due": to_seconds(not_before),
                "uncounted": int(not count),
                "damaged": int(damaged),
                **noted(trouble),
            }
            queued = transaction.execute(
                "UPDATE transfer SET state = 'queued', not_before = :due, tries = tries - :uncounted, node_url = NULL,"
                " node_upload_id = NULL, whole_at = NULL, redirected = 0, checksum = NULL, damaged = damaged + :damaged,"
                f" {NOTE_TROUBLE}"
                " WHERE id = :id AND cancelled_at IS NULL AND state IN ('fetching', 'sending', 'confirming')",
                values,
            )
            if queued:
                return
            row = transaction.fetch_one(
                "SELECT cancelled_at FROM transfer WHERE id = :id AND cancelled_at IS NOT NULL", values
            )
            if row is not None:
                end_transfer(
                    transaction, transfer_id, "state = 'cancelled'", {}, to_time(row["cancelled_at"])
                )

        await self._database.write(work)

    async def finish(
        self,
        transfer_id: int,
        *,
        link: str,
        link_id: str,
        name: str,
        size: int | None,
        now: datetime,
        verified: bool = False,
    ) -> bool:
        """Record the link together with the fact to be told. `verified`: the stored file has the checksum of what was sent.

        False when another transfer owns that link, and when this one has been cancelled: then its file is to be deleted.
        """

        def work(transaction: Transaction) -> bool:
            values = {"id": transfer_id, "link_id": link_id}
            hindered = transaction.fetch_one(
                "SELECT 1 FROM transfer WHERE (link_id = :link_id AND id <> :id)"
                " OR (id = :id AND cancelled_at IS NOT NULL AND ended_at IS NULL)",
                values,
            )
            if hindered is not None:
                return False
            end_transfer(
                transaction,
                transfer_id,
                "state = 'done', link = :link, link_id = :link_id, stored_name = :name, stored_size = :size,"
                " verified = :verified, reason = NULL, detail = NULL",
                {**values, "link": link, "name": name, "size": size, "verified": int(verified)},
                now,
            )
            return True

        return await self._database.write(work)

    async def end(
        self,
        transfer_id: int,
        state: TransferState,
        *,
        now: datetime,
        reason: Reason | None = None,
        detail: str | None = None,
    ) -> None:
        """End it without a link, together with the fact to be told."""

        def work(transaction: Transaction) -> None:
            end_transfer(
                transaction,
                transfer_id,
                "state = :state, reason = :reason, detail = :detail",
                {"state": state.value, "reason": reason.value if reason else None, "detail": detail},
                now,
            )

        await self._database.write(work)

    async def note_guest_upload(self, transfer_id: int, remove_link: str) -> None:
        """Keep the code that removes a file which landed outside the account, until it has been used."""
        await note_guest_upload(self._database, self._vault, transfer_id, remove_link)

    async def guest_uploads(self) -> list[tuple[int, str]]:
        """(transfer id, remove link) of every guest upload that is still to be removed and can be opened."""
        return await guest_uploads(self._database, self._vault)

    async def note_guest_removed(self, transfer_id: int) -> None:
        await self._database.execute(
            "UPDATE transfer SET sealed_remove_link = NULL WHERE id = :id", {"id": transfer_id}
        )

    async def cancel(self, transfer_id: int, person_id: int, now: datetime) -> CancelOutcome:
        """Wish it cancelled, durably. What runs is ended by its worker."""

        def work(transaction: Transaction) -> CancelOutcome:
            row = transaction.fetch_one(
                "SELECT state FROM transfer WHERE id = :id AND person_id = :person",
                {"id": transfer_id, "person": person_id},
            )
            if row is None:
                return CancelOutcome.NOT_THEIRS
            state = TransferState(row["state"])
            if state is TransferState.QUEUED:
                end_transfer(transaction, transfer_id, "state = 'cancelled', cancelled_at = :now", {}, now)
                return CancelOutcome.CANCELLED
            if state in {TransferState.FETCHING, TransferState.SENDING, TransferState.CONFIRMING}:
                transaction.execute(
                    "UPDATE transfer SET cancelled_at = coalesce(cancelled_at, :now) WHERE id = :id",
                    {"id": transfer_id, "now": to_seconds(now)},
                )
                return (
                    CancelOutcome.DELETING if state is TransferState.CONFIRMING else CancelOutcome.CANCELLED
                )
            return CancelOutcome.CANCELLED if state is TransferState.CANCELLED else CancelOutcome.TOO_LATE

        return await self._database.write(work)

    async def expire_without_key(self, accepted_before: datetime, now: datetime) -> int:
        """End the files whose person has not given a key in time; returns how many."""
        return await self._expire("account_id IS NULL", Reason.NO_KEY_IN_TIME, accepted_before, now)

    async def expire_unanswered(self, accepted_before: datetime, now: datetime) -> int:
        """End the files about which the person was asked in vain; returns how many."""
        return await self._expire("held = 1", Reason.NOT_ANSWERED, accepted_before, now)

    async def twins(self, transfer: Transfer) -> bool:
        """Whether another file of the account with the same name and size may turn up, too."""
        return await has_twin(self._database, transfer)

    async def links_owned(self, link_ids: Iterable[str]) -> set[str]:
        """Which of these links belong to a transfer or a remote upload already."""
        return await owned(self._database, link_ids)

    async def _expire(self, condition: str, reason: Reason, accepted_before: datetime, now: datetime) -> int:
        over = f"SELECT id FROM transfer WHERE state = 'queued' AND {condition} AND created_at < :before"
        before = {"before": to_seconds(accepted_before)}
        if not await self._database.fetch_all(over, before):
            # The rule, and a transaction would keep others waiting.
            return 0

        def work(transaction: Transaction) -> int:
            rows = transaction.fetch_all(over, before)
            change, values = "state = 'failed', reason = :reason", {"reason": reason.value}
            for row in rows:
                end_transfer(transaction, row["id"], change, values, now)
            return len(rows)

        return await self._database.write(work)

    async def _move(
        self, change: str, transfer_id: int, states: tuple[str, ...], values: dict[str, Any]
    ) -> bool:
        wanted = ", ".join(f"'{state}'" for state in states)
        changed = await self._database.execute(
            f"UPDATE transfer SET {change} WHERE id = :id AND cancelled_at IS NULL AND state IN ({wanted})",
            {**values, "id": transfer_id},
        )
        return bool(changed)
