"""The stores over a real database in a temporary directory."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage import (
    AcceptedFile,
    Account,
    AccountStore,
    Batch,
    BatchStore,
    Database,
    DuplicateStore,
    Fact,
    FileIndex,
    IncomingFile,
    JobStore,
    LimitRows,
    ListingStore,
    OutboxStore,
    PeopleStore,
    QuestionStore,
    Reason,
    RemoteStore,
    RemoteUpload,
    RetryStore,
    Transfer,
    TransferStore,
    Vault,
    WantedUrl,
    open_database,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


@dataclass
class Stores:
    """Every store over one database, and the little that most tests need of them."""

    database: Database
    vault: Vault
    people: PeopleStore
    batches: BatchStore
    transfers: TransferStore
    remotes: RemoteStore
    outbox: OutboxStore
    questions: QuestionStore
    listings: ListingStore
    index: FileIndex
    jobs: JobStore
    limits: LimitRows
    retries: RetryStore
    duplicates: DuplicateStore
    accounts: AccountStore
    _message_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def person(self, person_id: int) -> Account:
        """Somebody with a key."""
        await self.people.meet(person_id, "en", NOON)
        account, _ = await self.people.store_key(person_id, f"key of {person_id}", NOON)
        return account

    async def accept(
        self,
        account: Account | int,
        *,
        chat: int | None = None,
        message: int | None = None,
        name: str = "a.txt",
        size: int | None = 10,
        sent: float = 0,
        now: float | None = None,
        refused: Reason | None = None,
    ) -> AcceptedFile:
        """A file of somebody with an account, or of the person with this number and none yet. Times in seconds after noon."""
        person_id = account if isinstance(account, int) else account.person_id
        message = next(self._message_ids) if message is None else message
        file = IncomingFile(
            chat_id=person_id if chat is None else chat,
            message_id=message,
            file_id=f"file {message}",
            file_unique_id=f"unique {message}",
            kind="document",
            given_name=name,
            name=name,
            size=size,
        )
        return await self.transfers.accept(
            person_id,
            file,
            None if isinstance(account, int) else account,
            sent_at=after(sent),
            now=after(sent if now is None else now),
            refused=refused,
        )

    async def take(self, *, per_person: int = 2, now: float = 0) -> Transfer | None:
        return await self.transfers.take_next(per_person=per_person, now=after(now))

    async def taken(self, transfer: Transfer | AcceptedFile) -> int:
        """Take files until this one runs; returns its id."""
        wanted = transfer.transfer.id if isinstance(transfer, AcceptedFile) else transfer.id
        while (row := await self.transfer(wanted)).state == "queued":
            assert await self.take(per_person=1000) is not None, row
        return wanted

    async def sending(self, transfer: Transfer | AcceptedFile) -> int:
        transfer_id = await self.taken(transfer)
        assert await self.transfers.begin_sending(transfer_id, node_url="https://up1", upload_id="u1")
        return transfer_id

    async def confirming(self, transfer: Transfer | AcceptedFile, *, now: float = 0) -> int:
        transfer_id = await self.sending(transfer)
        assert await self.transfers.begin_confirming(transfer_id, checksum="c0ffee", now=after(now))
        return transfer_id

    async def finish(self, transfer_id: int, link_id: str = "abc", *, now: float = 0) -> bool:
        return await self.transfers.finish(
            transfer_id,
            link=f"https://1fichier.com/?{link_id}",
            link_id=link_id,
            name="a.txt",
            size=10,
            now=after(now),
        )

    async def done(self, accepted: AcceptedFile, *, now: float = 0) -> None:
        assert await self.finish(await self.confirming(accepted), f"link{accepted.transfer.id}", now=now)

    async def transfer(self, transfer_id: int) -> Transfer:
        found = await self.transfers.find(transfer_id)
        assert found is not None
        return found

    async def batch(self, batch_id: int) -> Batch:
        found = await self.batches.find(batch_id)
        assert found is not None
        return found

    async def want(
        self, account: Account, *urls: str, chat: int | None = None, message: int | None = None
    ) -> list[RemoteUpload]:
        """Remote uploads of one message."""
        batch, _ = await self.remotes.accept(
            account,
            account.person_id if chat is None else chat,
            next(self._message_ids) if message is None else message,
            [WantedUrl(url, url.rpartition("@")[2].partition("?")[0]) for url in urls],
            now=NOON,
        )
        return await self.remotes.of_batch(batch.id)

    async def remote(self, remote_id: int) -> RemoteUpload:
        found = await self.remotes.find(remote_id)
        assert found is not None
        return found

    async def due(self, now: float = 0) -> list[tuple[str, int]]:
        """What is due, as (kind, subject)."""
        return [(fact.kind.value, fact.subject) for fact in await self.facts(now)]

    async def facts(self, now: float = 0) -> list[Fact]:
        return await self.outbox.due(after(now), 100)

    async def count(self, table: str) -> int:
        row = await self.database.fetch_one(f"SELECT count(*) AS n FROM {table}")
        assert row is not None
        return int(row["n"])


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    vault = Vault([Fernet.generate_key().decode()])
    async with open_database(tmp_path / "bot.db") as database:
        yield Stores(
            database=database,
            vault=vault,
            people=PeopleStore(database, vault),
            batches=BatchStore(database),
            transfers=TransferStore(database, vault),
            remotes=RemoteStore(database, vault),
            outbox=OutboxStore(database),
            questions=QuestionStore(database, vault),
            listings=ListingStore(database),
            index=FileIndex(database),
            jobs=JobStore(database),
            limits=LimitRows(database),
            retries=RetryStore(database),
            duplicates=DuplicateStore(database),
            accounts=AccountStore(database, vault),
        )
