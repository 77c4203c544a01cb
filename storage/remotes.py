"""Remote uploads: one row per URL, from the message that named it to the link."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from storage.batches import make_batch, note_if_ended
from storage.database import Database, Transaction
from storage.endings import end_remote
from storage.records import (
    Account,
    Batch,
    BatchKind,
    Reason,
    RemoteState,
    RemoteUpload,
    Trouble,
    to_seconds,
    to_time,
)
from storage.rows import account_from, batch_from, remote_from
from storage.troubles import NO_TROUBLE, NOTE_TROUBLE, noted
from storage.vault import Vault

_URL = "remote url"


@dataclass(frozen=True)
class WantedUrl:
    """`shown`: how people and logs see it, without credentials and query."""

    url: str = field(repr=False)
    shown: str


class WatchedUrl(NamedTuple):
    """`since`: when it was last requested."""

    state: RemoteState
    task_id: int | None
    since: datetime


class RemoteStore:
    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def accept(
        self, account: Account, chat_id: int, message_id: int, urls: Sequence[WantedUrl], *, now: datetime
    ) -> tuple[Batch, bool]:
        """Record the URLs of one message as one batch. The flag is False when they were recorded before."""
        values: dict[str, Any] = {
            "person": account.person_id,
            "account": account.id,
            "chat": chat_id,
            "message": message_id,
            "folder": account.folder_id,
            "folder_name": account.folder_name,
            "sent_at": to_seconds(now),
            "now": to_seconds(now),
        }

        def work(transaction: Transaction) -> tuple[Batch, bool]:
            known = transaction.fetch_one(
                "SELECT batch.* FROM batch JOIN remote_upload ON remote_upload.batch_id = batch.id"
                " WHERE remote_upload.account_id = :account AND remote_upload.chat_id = :chat"
                " AND remote_upload.message_id = :message LIMIT 1",
                values,
            )
            if known is not None:
                return batch_from(known), False
            batch = make_batch(transaction, BatchKind.REMOTE, values)
            for position, wanted in enumerate(urls):
                transaction.execute(
                    "INSERT INTO remote_upload (batch_id, person_id, account_id, chat_id, message_id, position,"
                    " sealed_url, shown_url, folder_id, folder_name, created_at) VALUES (:batch, :person, :account,"
                    " :chat, :message, :position, :sealed, :shown, :folder, :folder_name, :now)",
                    {
                        **values,
                        "batch": batch["id"],
                        "position": position,
                        "sealed": self._vault.seal(_URL, account.id, wanted.url),
                        "shown": wanted.shown,
                    },
                )
            return batch_from(batch), True

        return await self._database.write(work)

    def url(self, remote: RemoteUpload) -> str:
        """The URL as the person gave it.

        Raises:
            CannotOpen: it was sealed with keys that are gone.
        """
        return self._vault.open(_URL, remote.account_id, remote.sealed_url)

    async def find(self, remote_id: int) -> RemoteUpload | None:
        row = await self._database.fetch_one("SELECT * FROM remote_upload WHERE id = :id", {"id": remote_id})
        return remote_from(row) if row else None

    async def of_batch(self, batch_id: int) -> list[RemoteUpload]:
        return await self._many("batch_id = :batch ORDER BY position", {"batch": batch_id})

    async def active_of(self, person_id: int) -> list[RemoteUpload]:
        return await self._many(
            "person_id = :person AND state IN ('waiting', 'requesting', 'fetching', 'executed') ORDER BY id",
            {"person": person_id},
        )

    async def active_of_account(self, account_id: int) -> list[RemoteUpload]:
        return await self._many(
            "account_id = :account AND state IN ('waiting', 'requesting', 'fetching', 'executed') ORDER BY id",
            {"account": account_id},
        )

    async def watched_of(self, account_id: int) -> tuple[Account, list[WatchedUrl]] | None:
        """The account as it is now, and what 1fichier has of it, or may have, or has fetched. None when the account is gone.

        Read in every round: hence little of each URL, and all in one row.
        """
        row = await self._database.fetch_one(
            "SELECT account.*, (SELECT json_group_array(json_array(state, task_id, coalesce(requested_at, created_at)))"
            " FROM remote_upload WHERE account_id = account.id AND state IN ('requesting', 'fetching', 'executed')) AS watched"
            " FROM account WHERE id = :id",
            {"id": account_id},
        )
        if row is None:
            return None
        return account_from(row), [
            WatchedUrl(RemoteState(state), task_id, to_time(since))
            for state, task_id, since in json.loads(row["watched"])
        ]

    async def accounts_with_work(self) -> list[tuple[Account, bool]]:
        """Accounts in good standing that have something to request or to watch. The flag: something is to be requested."""
        rows = await self._database.fetch_all(
            "SELECT account.*, max(state = 'waiting') AS waits FROM remote_upload JOIN account ON account.id = account_id"
            " AND account.refused_at IS NULL"
            " WHERE state IN ('waiting', 'requesting', 'fetching', 'executed') GROUP BY account_id ORDER BY account_id"
        )
        return [(account_from(row), bool(row["waits"])) for row in rows]

    async def known_tasks(self, account_id: int) -> set[int]:
        rows = await self._database.fetch_all(
            "SELECT task_id FROM remote_upload WHERE account_id = :account AND task_id IS NOT NULL",
            {"account": account_id},
        )
        return {row["task_id"] for row in rows}

    async def begin_requesting(self, remote_id: int, now: datetime) -> bool:
        """Commit this before the call. False when it was cancelled meanwhile."""
        return bool(
            await self._database.execute(
                "UPDATE remote_upload SET state = 'requesting', requested_at = :now, polls_without = 0"
                " WHERE id = :id AND state = 'waiting'",
                {"id": remote_id, "now": to_seconds(now)},
            )
        )

    async def note_fetching(self, remote_id: int, task_id: int | None) -> None:
        """1fichier has it. Without a task id it was accepted by an earlier request whose answer was lost.

        What kept others of the account without their having been asked for is over with that.
        """

        def work(transaction: Transaction) -> None:
            values = {"id": remote_id, "task": task_id}
            transaction.execute(
                "UPDATE remote_upload SET state = 'fetching', task_id = coalesce(:task, task_id), polls_without = 0,"
                f" {NO_TROUBLE} WHERE id = :id AND state IN ('waiting', 'requesting', 'fetching')",
                values,
            )
            transaction.execute(
                f"UPDATE remote_upload SET {NO_TROUBLE}"
                " WHERE account_id = (SELECT account_id FROM remote_upload WHERE id = :id)"
                " AND state IN ('waiting', 'requesting', 'fetching', 'executed') AND troubles = 0"
                " AND trouble_since IS NOT NULL",
                values,
            )

        await self._database.write(work)

    async def wait_again(
        self, remote_id: int, not_before: datetime, *, trouble: Trouble | None = None
    ) -> None:
        """Ask again later: 1fichier has not got it. What nobody wants to hear of any more is not asked for again.

        `trouble`: why it could not go on; what is known of that stays until 1fichier has it.
        """

        def work(transaction: Transaction) -> None:
            values = {"id": remote_id, "due": to_seconds(not_before), **noted(trouble)}
            transaction.execute(
                "UPDATE remote_upload SET state = 'cancelled', ended_at = coalesce(requested_at, created_at)"
                " WHERE id = :id AND state IN ('waiting', 'requesting') AND (told = 0 OR unwanted = 1)",
                values,
            )
            transaction.execute(
                "UPDATE remote_upload SET state = 'waiting', not_before = :due, requested_at = NULL, polls_without = 0,"
                f" {NOTE_TROUBLE} WHERE id = :id AND state IN ('waiting', 'requesting')",
                values,
            )

        await self._database.write(work)

    async def note_poll_without(self, remote_id: int) -> int:
        """One more listing that does not show it; returns how many by now."""

        def work(transaction: Transaction) -> int:
            row = transaction.fetch_one(
                "UPDATE remote_upload SET polls_without = polls_without + 1 WHERE id = :id RETURNING polls_without",
                {"id": remote_id},
            )
            return int(row["polls_without"]) if row else 0

        return await self._database.write(work)

    async def note_executed(self, remote_id: int, *, link: str, link_id: str) -> None:
        """1fichier has fetched it; name and size are still to be asked for."""
        await self._database.execute(
            "UPDATE remote_upload SET state = 'executed', link = :link, link_id = :link_id, polls_without = 0"
            " WHERE id = :id AND state IN ('requesting', 'fetching')",
            {"id": remote_id, "link": link, "link_id": link_id},
        )

    async def finish(
        self,
        remote_id: int,
        *,
        name: str | None,
        size: int | None,
        web_page: bool,
        now: datetime,
        undeleted: str | None = None,
    ) -> None:
        """`undeleted`: why a file that nobody wants is there all the same; told by itself."""
        await self._end(
            remote_id,
            "state = 'done', stored_name = :name, stored_size = :size, web_page = :web_page, detail = :detail",
            {"name": name, "size": size, "web_page": int(web_page), "detail": undeleted},
            now,
            told_alone=undeleted is not None,
        )

    async def end(
        self,
        remote_id: int,
        state: RemoteState,
        *,
        now: datetime,
        reason: Reason | None = None,
        detail: str | None = None,
        told_alone: bool = False,
    ) -> None:
        """`told_alone`: its batch may have been told already, and this is still to be said."""
        await self._end(
            remote_id,
            "state = :state, reason = :reason, detail = :detail",
            {"state": state.value, "reason": reason.value if reason else None, "detail": detail},
            now,
            told_alone=told_alone,
        )

    async def cancel_waiting(self, remote_id: int, person_id: int, now: datetime) -> bool:
        """Only what has not been asked of 1fichier can be cancelled; True when it was."""

        def work(transaction: Transaction) -> bool:
            row = transaction.fetch_one(
                "UPDATE remote_upload SET state = 'cancelled', ended_at = :now"
                " WHERE id = :id AND person_id = :person AND state = 'waiting' RETURNING batch_id",
                {"id": remote_id, "person": person_id, "now": to_seconds(now)},
            )
            if row is not None:
                note_if_ended(transaction, row["batch_id"], now)
            return row is not None

        return await self._database.write(work)

    async def stop_telling(self, remote_id: int, person_id: int) -> bool:
        """The person no longer wants to know; it stays watched, silently, and the rest of its batch does not wait for it."""
        return await self._turn_away("told = 0", remote_id, person_id)

    async def want_deleted(self, remote_id: int, person_id: int) -> bool:
        """The file shall go as soon as it has come; the rest of its batch does not wait for that."""
        return await self._turn_away("unwanted = 1", remote_id, person_id)

    async def is_wanted_elsewhere(self, remote: RemoteUpload) -> bool:
        """Whether another row, which has the same task and so the same file, is to keep it."""
        row = await self._database.fetch_one(
            "SELECT 1 FROM remote_upload WHERE account_id = :account AND task_id = :task AND task_id IS NOT NULL"
            " AND id <> :id AND unwanted = 0",
            {"account": remote.account_id, "task": remote.task_id, "id": remote.id},
        )
        return row is not None

    async def _turn_away(self, change: str, remote_id: int, person_id: int) -> bool:
        def work(transaction: Transaction) -> bool:
            row = transaction.fetch_one(
                f"UPDATE remote_upload SET {change} WHERE id = :id AND person_id = :person"
                " RETURNING batch_id, ended_at, coalesce(requested_at, created_at) AS asked_at",
                {"id": remote_id, "person": person_id},
            )
            if row is not None and row["ended_at"] is None:
                note_if_ended(transaction, row["batch_id"], to_time(row["asked_at"]))
            return row is not None

        return await self._database.write(work)

    async def _end(
        self,
        remote_id: int,
        change: str,
        values: dict[str, Any],
        now: datetime,
        *,
        told_alone: bool = False,
    ) -> None:
        def work(transaction: Transaction) -> None:
            end_remote(transaction, remote_id, change, values, now, told_alone=told_alone)

        await self._database.write(work)

    async def _many(self, condition: str, values: dict[str, Any]) -> list[RemoteUpload]:
        rows = await self._database.fetch_all(f"SELECT * FROM remote_upload WHERE {condition}", values)
        return [remote_from(row) for row in rows]
