"""Both emulated services, a real database, and a process of ours that may be ended and started again; time passes by hand."""

import asyncio
import contextlib
import functools
import itertools
from collections.abc import Iterator

from emulators.botapi.attachments import HONEST, Honest
from emulators.botapi.content import Content, content_of
from emulators.onefichier import Call, EmulatedAccount
from emulators.serving import serve
from storage import Account, Fact, FactKind, IncomingFile, RemoteUpload, Transfer, TransferState, WantedUrl
from tests.transfers.hand_driven import QUIET_SECONDS
from tests.transfers.process import Process, Surroundings
from transfers import Files, Uploads

ADA = 42
# What a cancelled transfer has to close its sockets, in real time.
CLOSED_WITHIN_SECONDS = 2.0


class World(Surroundings):
    _process: Process | None = None

    @functools.cached_property
    def _messages(self) -> Iterator[int]:
        return itertools.count(1)

    @property
    def process(self) -> Process:
        assert self._process is not None, "no process runs"
        return self._process

    @property
    def uploads(self) -> Uploads:
        return self.process.uploads

    @property
    def files(self) -> Files:
        return self.process.files

    async def open(self, stack: contextlib.AsyncExitStack) -> None:
        self.telegram_url = await stack.enter_async_context(serve(self.telegram_app))
        self.service_url = await stack.enter_async_context(serve(self.fichier_app))
        await self.start()
        stack.push_async_callback(self.stop)

    async def start(self) -> None:
        self._process = await Process(self).__aenter__()

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.__aexit__()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def run_uploads(self) -> None:
        self.process.run(self.uploads.run)

    def run_remotes(self) -> None:
        self.process.run(self.process.remotes.run)

    async def log_in(self, person_id: int = ADA, account: EmulatedAccount | None = None) -> Account:
        """Give a person a key without asking 1fichier."""
        await self.people.meet(person_id, "en", self.clock.now())
        key = (account or self.account).key
        assert key is not None
        stored, _ = await self.people.store_key(person_id, key, self.clock.now())
        return stored

    async def current(self, account: Account) -> Account:
        found = await self.people.account(account.id)
        assert found is not None
        return found

    async def file(
        self,
        content: bytes | Content = b"content",
        name: str = "a.bin",
        *,
        person_id: int = ADA,
        announced: int | Honest | None = HONEST,
        unique: str | None = None,
    ) -> IncomingFile:
        """A file as a message to the bot carries it; `announced` is the size that the message claims.

        `unique`: what tells Telegram's files apart.
        """
        await self.people.meet(person_id, "en", self.clock.now())
        real = content_of(content)
        size = real.size if isinstance(announced, Honest) else announced
        stored = self.telegram.files.add(
            "document", real, name=name, announced_size=size, file_unique_id=unique
        )
        return IncomingFile(
            chat_id=person_id,
            message_id=next(self._messages),
            file_id=stored.file_id,
            file_unique_id=stored.file_unique_id,
            kind="document",
            given_name=name,
            name=name,
            size=size,
        )

    async def send(
        self,
        content: bytes | Content = b"content",
        name: str = "a.bin",
        *,
        person_id: int = ADA,
        announced: int | Honest | None = HONEST,
        unique: str | None = None,
        again: bool = False,
    ) -> Transfer:
        """A person sends a file, which shall be uploaded `again` whatever is there already; its row."""
        file = await self.file(content, name, person_id=person_id, announced=announced, unique=unique)
        accepted = await self.uploads.accept(person_id, file, sent_at=self.clock.now(), again=again)
        return accepted.transfer

    async def row(self, transfer: Transfer) -> Transfer:
        found = await self.transfers.find(transfer.id)
        assert found is not None
        return found

    async def state(self, transfer: Transfer) -> TransferState:
        return (await self.row(transfer)).state

    async def ended(self, *transfers: Transfer) -> list[Transfer]:
        """Let time pass until all have ended; their rows."""

        async def over() -> bool:
            return not any([(await self.row(each)).active for each in transfers])

        await self.until(over)
        return [await self.row(each) for each in transfers]

    async def reaches(self, transfer: Transfer, *states: TransferState) -> Transfer:
        async def there() -> bool:
            return await self.state(transfer) in states

        await self.until(there)
        return await self.row(transfer)

    async def request(
        self, account: Account, *urls: str, message_id: int | None = None
    ) -> list[RemoteUpload]:
        """A person sends URLs; one row each."""
        wanted = [WantedUrl(url, url.partition("//")[2]) for url in urls]
        number = next(self._messages) if message_id is None else message_id
        batch, _ = await self.process.remotes.accept(account, account.person_id, number, wanted)
        return await self.remotes.of_batch(batch.id)

    async def remote(self, remote: RemoteUpload) -> RemoteUpload:
        found = await self.remotes.find(remote.id)
        assert found is not None
        return found

    async def fetched(self, *remotes: RemoteUpload) -> list[RemoteUpload]:
        """Let time pass until all have ended; their rows."""

        async def over() -> bool:
            return not any([(await self.remote(each)).active for each in remotes])

        await self.until(over)
        return [await self.remote(each) for each in remotes]

    def calls(self, endpoint: str) -> list[Call]:
        return [call for call in self.fichier.calls if call.endpoint == endpoint]

    async def facts(self, kind: FactKind) -> list[Fact]:
        """All that anybody is or was to be told of a kind."""
        rows = await self.database.fetch_all(
            "SELECT * FROM outbox WHERE kind = :kind ORDER BY id", {"kind": kind.value}
        )
        return [
            Fact(row["id"], row["person_id"], row["chat_id"], kind, row["subject"], bool(row["plain"]))
            for row in rows
        ]

    async def closed(self) -> None:
        """Wait, in real time, until neither service serves anything any more; time does not pass."""
        give_up_at = asyncio.get_running_loop().time() + CLOSED_WITHIN_SECONDS
        while self.telegram_app.running or self.fichier_app.running:  # the services ring no bell
            assert asyncio.get_running_loop().time() < give_up_at, "a connection is still open"
            await asyncio.sleep(QUIET_SECONDS)
