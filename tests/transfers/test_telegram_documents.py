"""Documents that are sent while they are read."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from emulators.botapi import BotApi, SeenMessage
from emulators.serving import serve
from emulators.user import Person
from transfers.telegram_documents import (
    LAST_PIECE,
    Destination,
    LengthDiffers,
    SendInterrupted,
    SendPostponed,
    SendRefused,
    TelegramDocuments,
)

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
PIECE = 16_384


@dataclass
class _Bot:
    token: str = TOKEN


@dataclass
class Stage:
    api: BotApi
    person: Person
    documents: TelegramDocuments
    read: int = 0
    ahead: int = 0
    """The most that was read and had not been handed on."""
    released: bool = False

    async def pieces(self, size: int) -> AsyncIterator[bytes]:
        for start in range(0, size, PIECE):
            piece = b"x" * min(PIECE, size - start)
            self.read += len(piece)
            yield piece

    async def send(self, size: int, *, announced: int | None = None, name: str = "a.bin") -> None:
        sent = 0

        def on_sent(so_far: int) -> None:
            nonlocal sent
            self.ahead, sent = max(self.ahead, self.read - so_far), so_far

        async def before_last_piece() -> None:
            self.released = True

        await self.documents.send(
            Destination(self.person.id, 7, silent=True),
            name,
            size if announced is None else announced,
            self.pieces(size),
            before_last_piece=before_last_piece,
            on_sent=on_sent,
        )
        assert sent == size

    @property
    def sent(self) -> list[SeenMessage]:
        return [message for message in self.person.chat.from_bot if message.document is not None]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with contextlib.AsyncExitStack() as stack:
        api = BotApi(token=TOKEN)
        url = await stack.enter_async_context(serve(api.app))
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        person = Person(api, user_id=1_000, first_name="Ada")
        person.chat.started = True
        documents = TelegramDocuments(_Bot(), http, api_url=url, is_local=False, stall_seconds=5)
        yield Stage(api, person, documents)


async def test_no_more_is_held_than_a_piece_and_the_last_one(stage: Stage) -> None:
    await stage.send(5_000_000)
    assert stage.ahead <= LAST_PIECE + PIECE
    [message] = stage.sent
    assert message.document is not None
    assert message.document.size == 5_000_000
    assert message.silent


@pytest.mark.parametrize("announced", [99_999, 100_001], ids=["longer", "shorter"])
async def test_another_length_than_announced_never_leaves_whole(stage: Stage, announced: int) -> None:
    with pytest.raises(LengthDiffers):
        await stage.send(100_000, announced=announced)
    assert not stage.released
    assert stage.sent == []


@pytest.mark.parametrize("name", ['a"b\\c.txt', "a\r\nX: y.txt", "été 🎬.mkv", "." * 250])
async def test_any_name_is_a_name(stage: Stage, name: str) -> None:
    await stage.send(10, name=name)
    [message] = stage.sent
    assert message.document is not None
    assert len(message.document.name) == len(name)


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, SendRefused), (403, SendRefused), (429, SendPostponed), (502, SendInterrupted)],
)
async def test_a_no_is_told_apart(stage: Stage, status: int, error: type[Exception]) -> None:
    stage.api.faults.add(method="sendDocument", status=status)
    with pytest.raises(error):
        await stage.send(10)


async def test_no_error_names_the_token(stage: Stage) -> None:
    stage.api.faults.add(method="sendDocument", drop="before")
    with pytest.raises(SendInterrupted) as caught:
        await stage.send(10)
    assert TOKEN not in str(caught.value)


async def test_what_telegram_does_not_take_for_its_size_is_refused(stage: Stage) -> None:
    with pytest.raises(SendRefused, match="Too Large"):
        await stage.send(50 * 1024 * 1024 + 1)
