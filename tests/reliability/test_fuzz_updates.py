"""Updates with everything wrong that can be, through the whole bot: nobody's chat is blocked, and nothing else is lost."""

import asyncio
import contextlib
import io
import json
import logging
import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from bot.app import serve
from bot.logs import Redactor, TextFormatter
from bot.settings import Address, Settings
from emulators.botapi import BotApi
from emulators.onefichier import OneFichier
from emulators.serving import serve as serve_emulator
from emulators.user import Group, Person
from tests.reliability.conftest import Figures
from tests.reliability.updates import GROUP, PEOPLE, built

TOKEN: Final = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawM"
SECRET: Final = "planted-webhook-secret"
HOOK: Final = "/telegram"

# Long polling hands out a hundred at once, and so is the faster way.
POLLED_IN_CI, POLLED_IN_SOAK = 1_700, 20_000
PUSHED_IN_CI, PUSHED_IN_SOAK = 400, 5_000
# Between so many of them, everybody says something whose answer is looked for.
BETWEEN: Final = 100
# Real time for what is waiting to be handled, which a busy machine may need.
PATIENCE_SECONDS: Final = 60.0
# The emulated server numbers its own from a hundred million on.
FIRST_ID: Final = 1_000_000

# An update that cannot be understood is set aside, said to whoever sent it, and found by its reference.
EXPECTED: Final = re.compile(r"Update \d+ is set aside under reference [A-Z2-9]{4}: it has an unknown form")
SORRY: Final = "Something went wrong on my side"


@dataclass
class Fuzzed:
    """A running bot, those who talk to it, and everything it logged."""

    api: BotApi
    people: list[Person]
    hook: str
    log: io.StringIO
    levels: list[tuple[int, str]]
    asked: int = 0

    async def everybody_asks(self) -> None:
        """Have everybody say something of their own, and wait for its answer, which comes behind everything before it."""
        self.asked += 1
        said = [person.say(f"/remote no-link-{self.asked}") for person in self.people]
        for message in said:
            # Looked for behind the question only: the chat is long, and is looked at after every change.
            await message.chat.wait_for(f"no-link-{self.asked}", timeout=PATIENCE_SECONDS, after=message)

    def answers(self, person: Person) -> list[int]:
        """The numbers of what was asked, in the order of the answers."""
        texts = [message.text for message in person.chat.from_bot]
        found = [re.search(r"isn’t a link: no-link-(\d+)$", text) for text in texts]
        return [int(match[1]) for match in found if match]


class _Kept(logging.Handler):
    def __init__(self, levels: list[tuple[int, str]]) -> None:
        super().__init__()
        self._levels = levels

    def emit(self, record: logging.LogRecord) -> None:
        self._levels.append((record.levelno, record.getMessage()))


@contextlib.contextmanager
def _logged() -> Iterator[tuple[io.StringIO, list[tuple[int, str]]]]:
    """What the process would write, as its own formatter writes it, and every record's level."""
    text, levels = io.StringIO(), list[tuple[int, str]]()
    written, kept = logging.StreamHandler(text), _Kept(levels)
    written.setFormatter(TextFormatter(Redactor()))
    root = logging.getLogger()
    # As the process has it: at their own levels these libraries log every request.
    levels_before = {logger: logger.level for logger in (root, *map(logging.getLogger, ("httpx", "uvicorn")))}
    for logger in levels_before:
        logger.setLevel(logging.INFO if logger is root else logging.WARNING)
    for handler in (written, kept):
        root.addHandler(handler)
    try:
        yield text, levels
    finally:
        for logger, level in levels_before.items():
            logger.setLevel(level)
        for handler in (written, kept):
            root.removeHandler(handler)


@contextlib.asynccontextmanager
async def _running(directory: Path, *, by_webhook: bool) -> AsyncIterator[Fuzzed]:
    # A local server delivers to any port, in plain HTTP.
    api = BotApi(token=TOKEN, local_dir=directory / "files")
    people = [Person(api, user_id=number, first_name="Ada") for number in PEOPLE]
    for person in people:
        person.chat.started = True
    Group(api, GROUP, "Us", people)
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        fichier = await enter(OneFichier(seed=1))
        log, levels = stack.enter_context(_logged())
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        hook = f"http://127.0.0.1:{port}{HOOK}"
        settings = Settings(
            token=TOKEN,
            data_dir=directory / "data",
            telegram_api_url=await enter(serve_emulator(api.app)),
            onefichier_api_url=f"{await enter(serve_emulator(fichier.app))}/v1",
            onefichier_min_interval_seconds=0.001,
            onefichier_address_interval_seconds=0.001,
            onefichier_list_seconds=0.001,
            listen=Address("127.0.0.1", port),
            webhook_url=hook if by_webhook else None,
            webhook_secret=SECRET if by_webhook else None,
        )
        stop = asyncio.Event()
        bot = asyncio.create_task(serve(settings, stop))
        fuzzed = Fuzzed(api, people, hook, log, levels)
        try:
            for person in people[:2]:
                person.say(f"/login {fichier.add_account().key}")
                await person.chat.wait_for("Your key works", timeout=PATIENCE_SECONDS)
            yield fuzzed
        finally:
            stop.set()
            await asyncio.wait({bot})
        bot.result()


@pytest.mark.emulated
async def test_no_update_blocks_a_chat_or_costs_another_one(
    figures: Figures, soak: bool, tmp_path: Path
) -> None:
    """Fuzz: updates, whole and mutilated, by webhook."""
    count = PUSHED_IN_SOAK if soak else PUSHED_IN_CI
    async with _running(tmp_path, by_webhook=True) as fuzzed, httpx.AsyncClient(trust_env=False) as client:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        begun = time.monotonic()
        for number, update in enumerate(built(count, salt="pushed"), start=1):
            body = json.dumps({"update_id": FIRST_ID + number} | update)
            response = await client.post(fuzzed.hook, content=body, headers=headers)
            assert response.status_code == httpx.codes.OK, body[:500]
            if number % BETWEEN == 0:
                await fuzzed.everybody_asks()
        seconds = time.monotonic() - begun
        await _assert_well(fuzzed)
    _show(figures, fuzzed, count, seconds)


@pytest.mark.emulated
async def test_no_update_blocks_long_polling(figures: Figures, soak: bool, tmp_path: Path) -> None:
    """Fuzz: updates, whole and mutilated, by long polling."""
    count = POLLED_IN_SOAK if soak else POLLED_IN_CI
    async with _running(tmp_path, by_webhook=False) as fuzzed:
        begun = time.monotonic()
        for number, update in enumerate(built(count, salt="polled"), start=1):
            fuzzed.api.push_raw(update)
            if number % BETWEEN == 0:
                await fuzzed.everybody_asks()
        seconds = time.monotonic() - begun
        await _assert_well(fuzzed)
    _show(figures, fuzzed, count, seconds)


async def _assert_well(fuzzed: Fuzzed) -> None:
    """Everybody is answered in order, once each, and nothing went wrong that was not meant to."""
    for person in fuzzed.people:
        person.say("/help")
        await person.chat.wait_for("/help: How it works", timeout=PATIENCE_SECONDS)
        assert fuzzed.answers(person) == list(range(1, fuzzed.asked + 1))
    unexpected = [
        text for level, text in fuzzed.levels if level >= logging.ERROR and not EXPECTED.fullmatch(text)
    ]
    assert unexpected == []
    assert "Traceback" not in fuzzed.log.getvalue()


def _show(figures: Figures, fuzzed: Fuzzed, count: int, seconds: float) -> None:
    aside = sum(bool(EXPECTED.fullmatch(text)) for _, text in fuzzed.levels)
    sorry = sum(SORRY in message.text for person in fuzzed.people for message in person.chat.from_bot)
    said = sum(len(person.chat.from_bot) for person in fuzzed.people)
    figures.note(f"{count} updates in {seconds:.0f} s, {aside} of them set aside (the person told: {sorry})")
    figures.note(
        f"{len(fuzzed.people) * (fuzzed.asked + 1)} questions in between, each answered once and in order"
    )
    figures.note(f"{said} messages of the bot; unhandled exceptions: 0")
