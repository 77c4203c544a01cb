"""Work on files and folders that outlives its answer: begun, counted, confirmed, ended together with the fact to be told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.database import Database, Row, Transaction
from storage.records import Account, FactKind, to_seconds, to_time, to_time_or_none

_RUNNING = "state IN ('counting', 'working')"


class JobKind(StrEnum):
    DELETE_FOLDER = "delete_folder"
    """With all that is in it: counted first, and asked about once more."""
    MOVE_FILES = "move_files"
    SHARE_FILES = "share_files"
    """Moved into a new folder, which is then public: one link for all."""


class JobState(StrEnum):
    COUNTING = "counting"
    ASKING = "asking"
    """Nothing happens before the person has said yes."""
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobFileState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Job:
    """`files`, `folders`, `size`: what it is about; `files_done`: of them. `folder_id` is what it deletes, or where it moves to.

    `trouble_since`: 1fichier has given no verdict since then.
    """

    id: int
    kind: JobKind
    person_id: int
    account_id: int
    chat_id: int
    message_id: int | None
    folder_id: int | None
    folder_name: str
    state: JobState
    cancelling: bool
    tries: int
    not_before: datetime
    files: int
    folders: int
    size: int
    files_done: int
    shared_url: str | None
    detail: str | None
    created_at: datetime
    asked_at: datetime | None
    trouble_since: datetime | None = None

    @property
    def running(self) -> bool:
        return self.state in {JobState.COUNTING, JobState.WORKING}


@dataclass(frozen=True)
class JobFile:
    link_id: str
    link: str
    name: str | None
    state: JobFileState = field(default=JobFileState.WAITING)


class JobStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self,
        account: Account,
        kind: JobKind,
        *,
        chat_id: int,
        message_id: int,
        folder_id: int | None,
        folder_name: str,
        files: Sequence[JobFile] = (),
        now: datetime,
    ) -> Job:
        """Record a job. The one that the message shows already, if any: a press may be handled twice."""
        values: dict[str, Any] = {
            "kind": kind.value,
            "person": account.person_id,
            "account": account.id,
            "chat": chat_id,
            "message": message_id,
            "folder": folder_id,
            "name": folder_name,
            "state": (JobState.COUNTING if kind is JobKind.DELETE_FOLDER else JobState.WORKING).value,
            "files": len(files),
            "now": to_seconds(now),
        }

        def work(transaction: Transaction) -> Row | None:
            known = transaction.fetch_one(
                "SELECT * FROM job WHERE chat_id = :chat AND message_id = :message"
                " AND state IN ('counting', 'asking', 'working')",
                values,
            )
            if known is not None:
                return known
            row = transaction.fetch_one(
                "INSERT INTO job (kind, person_id, account_id, chat_id, message_id, folder_id, folder_name, state, files,"
                " created_at) VALUES (:kind, :person, :account, :chat, :message, :folder, :name, :state, :files, :now)"
                " RETURNING *",
                values,
            )
            for position, file in enumerate(files):
                transaction.execute(
                    "INSERT INTO job_file (job_id, position, link_id, link, name)"
                    " VALUES (:job, :position, :id, :link, :name)",
                    {
                        "job": row["id"] if row else None,
                        "position": position,
                        "id": file.link_id,
                        "link": file.link,
                        "name": file.name,
                    },
                )
            return row

        row = await self._database.write(work)
        if row is None:
            raise AssertionError("an insert returns its row")
        return _job(row)

    async def find(self, job_id: int) -> Job | None:
        row = await self._database.fetch_one("SELECT * FROM job WHERE id = :id", {"id": job_id})
        return _job(row) if row else None

    async def files(self, job_id: int) -> list[JobFile]:
        rows = await self._database.fetch_all(
            "SELECT * FROM job_file WHERE job_id = :job ORDER BY position", {"job": job_id}
        )
        return [JobFile(row["link_id"], row["link"], row["name"], JobFileState(row["state"])) for row in rows]

    async def running_of(self, person_id: int) -> list[Job]:
        rows = await self._database.fetch_all(
            f"SELECT * FROM job WHERE person_id = :person AND {_RUNNING} ORDER BY id", {"person": person_id}
        )
        return [_job(row) for row in rows]

    async def next_of_accounts(self) -> list[Job]:
        """The oldest job of each account whose key is not refused, due or not: one after another in an account."""
        rows = await self._database.fetch_all(
            f"SELECT * FROM job WHERE id IN (SELECT min(id) FROM job WHERE {_RUNNING} GROUP BY account_id)"
            " AND account_id NOT IN (SELECT id FROM account WHERE refused_at IS NOT NULL)"
            " ORDER BY id"
        )
        return [_job(row) for row in rows]

    async def end_parked(self, before: datetime, now: datetime) -> None:
        """End what has waited for a new key since before then."""
        rows = await self._database.fetch_all(
            f"SELECT id FROM job WHERE {_RUNNING} AND created_at < :before"
            " AND account_id IN (SELECT id FROM account WHERE refused_at < :before)",
            {"before": to_seconds(before)},
        )
        for row in rows:
            await self.end(row["id"], JobState.FAILED, now=now)

    async def counted(self, job_id: int, *, files: int, folders: int, size: int, now: datetime) -> None:
        """What a deletion would delete is known: have the person asked."""

        def work(transaction: Transaction) -> None:
            values = {"id": job_id, "files": files, "folders": folders, "size": size, "now": to_seconds(now)}
            changed = transaction.execute(
                "UPDATE job SET state = 'asking', files = :files, folders = :folders, size = :size, asked_at = :now,"
                " trouble_since = NULL WHERE id = :id AND state = 'counting' AND cancelled_at IS NULL",
                values,
            )
            if changed:
                _have_told(transaction, job_id, FactKind.JOB_ASKS, now)

        await self._database.write(work)

    async def confirm(self, job_id: int, person_id: int) -> bool:
        """The person has said yes; False when nothing was asked any more."""
        return bool(
            await self._database.execute(
                "UPDATE job SET state = 'working' WHERE id = :id AND person_id = :person AND state = 'asking'",
                {"id": job_id, "person": person_id},
            )
        )

    async def cancel(self, job_id: int, person_id: int, now: datetime) -> bool:
        """Wish it ended; what has been done stays done. False when it has ended, or is not theirs."""

        def work(transaction: Transaction) -> bool:
            values = {"id": job_id, "person": person_id, "now": to_seconds(now)}
            if transaction.execute(
                "UPDATE job SET state = 'cancelled', ended_at = :now"
                " WHERE id = :id AND person_id = :person AND state = 'asking'",
                values,
            ):
                _have_told(transaction, job_id, FactKind.JOB_ENDED, now)
                return True
            return bool(
                transaction.execute(
                    "UPDATE job SET cancelled_at = coalesce(cancelled_at, :now)"
                    f" WHERE id = :id AND person_id = :person AND {_RUNNING}",
                    values,
                )
            )

        return await self._database.write(work)

    async def note_deleted(self, job_id: int, count: int) -> None:
        await self._database.execute(
            "UPDATE job SET files_done = files_done + :count, trouble_since = NULL WHERE id = :id",
            {"id": job_id, "count": count},
        )

    async def note_files(self, job_id: int, link_ids: Iterable[str], state: JobFileState) -> None:
        def work(transaction: Transaction) -> None:
            for link_id in link_ids:
                transaction.execute(
                    "UPDATE job_file SET state = :state WHERE job_id = :job AND link_id = :link",
                    {"job": job_id, "link": link_id, "state": state.value},
                )
            transaction.execute(
                "UPDATE job SET files_done ="
                " (SELECT count(*) FROM job_file WHERE job_file.job_id = job.id AND job_file.state = 'done'),"
                " trouble_since = NULL"
                " WHERE id = :job",
                {"job": job_id},
            )

        await self._database.write(work)

    async def note_folder(self, job_id: int, folder_id: int, name: str) -> None:
        """The folder that it has made."""
        await self._database.execute(
            "UPDATE job SET folder_id = :folder, folder_name = :name, trouble_since = NULL WHERE id = :id",
            {"id": job_id, "folder": folder_id, "name": name},
        )

    async def note_try(self, job_id: int) -> None:
        """Before a call whose effect a later try has to look for."""
        await self._database.execute("UPDATE job SET tries = tries + 1 WHERE id = :id", {"id": job_id})

    async def put_off(
        self, job_id: int, not_before: datetime, *, trouble_since: datetime | None = None
    ) -> None:
        """`trouble_since`: 1fichier gave no verdict, the first time then; what is known of that stays until it gets on."""
        await self._database.execute(
            "UPDATE job SET not_before = :not_before, trouble_since = coalesce(:since, trouble_since) WHERE id = :id",
            {
                "id": job_id,
                "not_before": to_seconds(not_before),
                "since": to_seconds(trouble_since) if trouble_since else None,
            },
        )

    async def end(
        self,
        job_id: int,
        state: JobState,
        *,
        now: datetime,
        shared_url: str | None = None,
        detail: str | None = None,
    ) -> None:
        def work(transaction: Transaction) -> None:
            values = {"id": job_id, "state": state.value, "url": shared_url, "detail": detail}
            ended = transaction.execute(
                "UPDATE job SET state = :state, shared_url = :url, detail = :detail, ended_at = :now"
                f" WHERE id = :id AND {_RUNNING}",
                values | {"now": to_seconds(now)},
            )
            if ended:
                _have_told(transaction, job_id, FactKind.JOB_ENDED, now)

        await self._database.write(work)

    async def prune(self, before: datetime) -> int:
        return await self._database.execute(
            "DELETE FROM job WHERE state NOT IN ('counting', 'working') AND created_at < :before",
            {"before": to_seconds(before)},
        )


def _have_told(transaction: Transaction, job_id: int, kind: FactKind, now: datetime) -> None:
    transaction.execute(
        "INSERT INTO outbox (person_id, chat_id, kind, subject, created_at)"
        " SELECT person_id, chat_id, :kind, id, :now FROM job WHERE id = :id"
        " ON CONFLICT (person_id, chat_id, kind, subject) DO NOTHING",
        {"id": job_id, "kind": kind.value, "now": to_seconds(now)},
    )


def _job(row: Row) -> Job:
    return Job(
        id=row["id"],
        kind=JobKind(row["kind"]),
        person_id=row["person_id"],
        account_id=row["account_id"],
        chat_id=row["chat_id"],
        message_id=row["message_id"],
        folder_id=row["folder_id"],
        folder_name=row["folder_name"],
        state=JobState(row["state"]),
        cancelling=row["cancelled_at"] is not None,
        tries=row["tries"],
        not_before=to_time(row["not_before"]),
        files=row["files"],
        folders=row["folders"],
        size=row["size"],
        files_done=row["files_done"],
        shared_url=row["shared_url"],
        detail=row["detail"],
        created_at=to_time(row["created_at"]),
        asked_at=to_time_or_none(row["asked_at"]),
        trouble_since=to_time_or_none(row["trouble_since"]),
    )
