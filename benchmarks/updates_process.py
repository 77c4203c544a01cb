"""One round of `benchmarks.updates` in a process of its own.

    python -m benchmarks.updates_process echo|bot UPDATES FOLDER

Prints updates per second, and the milliseconds of the processors that each took.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import httpx
from cryptography.fernet import Fernet
from telegram import Message, Update
from telegram.ext import Application, ApplicationBuilder, ContextTypes, MessageHandler, filters
from telegram.request import BaseRequest, RequestData

from benchmarks.seeds import seed_people
from benchmarks.usage import Spent
from bot.dispatch import Dispatcher
from bot.intake import Intake
from bot.metrics import Metrics
from bot.settings import Settings
from bot.store import open_local_state
from bot.wiring import pacing, wire
from handlers import CONTEXT_TYPES, OVERTAKING_PREFIXES, TelegramPace, process, register
from onefichier import OneFichier, SystemClock, api_http, node_http
from storage import InboxStore
from transfers import Checksums

ECHO: Final = "echo"
BOT: Final = "bot"
TOKEN: Final = "1:AAEmulatedTokenForBenchmarks00000000000"
CHATS: Final = 400
BATCH: Final = 100
"""As many as one getUpdates brings."""
LOOK_SECONDS: Final = 0.002
UNLIMITED: Final = 1e9


class InstantTelegram(BaseRequest):
    """A Telegram that does what it is asked before it is asked; counts what was sent."""

    def __init__(self, expected: int) -> None:
        self._left = expected
        self.all_sent = asyncio.Event()

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        del method, read_timeout, write_timeout, connect_timeout, pool_timeout
        if url.endswith("/getMe"):
            return 200, json.dumps(
                {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "b", "username": "b"}}
            ).encode()
        chat = int(request_data.json_parameters["chat_id"]) if request_data else 0
        self._left -= 1
        if not self._left:
            self.all_sent.set()
        return 200, json.dumps({"ok": True, "result": message(chat, 1, "answer")}).encode()  # fmt: skip


def message(chat: int, number: int, text: str) -> dict[str, Any]:
    person = {"id": chat, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    return {
        "message_id": number,
        "date": 1_800_000_000,
        "chat": {"id": chat, "type": "private", "first_name": "Ada"},
        "from": person,
        "text": text,
    }


def updates(count: int) -> list[dict[str, Any]]:
    entities = [{"type": "bot_command", "offset": 0, "length": 6}]
    return [
        {
            "update_id": number,
            "message": message(number % CHATS + 1, number, "/start") | {"entities": entities},
        }
        for number in range(1, count + 1)
    ]


async def echo(count: int, _: Path) -> Spent:
    """python-telegram-bot as its examples have it: its queue, one handler, one answer."""
    telegram = InstantTelegram(count)
    application = (
        ApplicationBuilder()
        .token(TOKEN)
        .request(telegram)
        .get_updates_request(telegram)
        .updater(None)
        .build()
    )

    async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if isinstance(update.effective_message, Message):
            await context.bot.send_message(
                update.effective_message.chat.id, update.effective_message.text or ""
            )

    application.add_handler(MessageHandler(filters.TEXT, answer))
    raw = updates(count)
    async with application:
        await application.start()
        began, cpu = time.perf_counter(), time.process_time()
        for update in raw:
            await application.update_queue.put(Update.de_json(update, application.bot))
        await telegram.all_sent.wait()
        spent = Spent(time.perf_counter() - began, time.process_time() - cpu)
        await application.stop()
    return spent  # fmt: skip


async def bot(count: int, folder: Path) -> Spent:
    """The bot's own parts, put together as `bot.app` does it."""
    secret = Fernet.generate_key().decode()
    await seed_people(folder, secret, CHATS)
    settings = Settings(token=TOKEN, data_dir=folder, secret_keys=secret, listen=None)
    telegram = InstantTelegram(count)
    clock, metrics = SystemClock(), Metrics()
    # Telegram's own limit of some 30 messages a second is kept elsewhere: what is measured is what the bot could do.
    pace = TelegramPace(clock, calls_per_second=UNLIMITED)
    application = (
        Application.builder()
        .context_types(CONTEXT_TYPES)
        .token(TOKEN)
        .request(telegram)
        .get_updates_request(telegram)
        .rate_limiter(pace)
        .updater(None)
        .job_queue(None)
        .build()
    )
    async with (
        open_local_state(settings) as state,
        api_http() as api,
        node_http() as nodes,
        httpx.AsyncClient() as files,
        OneFichier(
            api, nodes, api_url=settings.onefichier_api_url, pacing=pacing(settings), clock=clock
        ) as service,
        application,
    ):
        with Checksums(settings.verify, clock) as checksums:
            parts = wire(settings, state, service, application, pace, files, checksums, clock)
        register(application, parts.services)
        inbox = InboxStore(state.database, state.vault)

        async def handle(raw: Any) -> None:
            await process(application, Update.de_json(dict(raw), application.bot))

        async def apologise(_raw: Any, reference: str) -> None:
            raise RuntimeError(f"an update was set aside as {reference}")

        dispatcher = Dispatcher(inbox, handle=handle, apologise=apologise, clock=clock, metrics=metrics)
        intake = Intake(
            inbox,
            clock=clock,
            metrics=metrics,
            overtaking_prefixes=OVERTAKING_PREFIXES,
            arrived=dispatcher.wake,
        )
        raw = updates(count)
        dispatching = asyncio.create_task(dispatcher.run())
        began, cpu = time.perf_counter(), time.process_time()
        for first in range(0, count, BATCH):
            await intake.accept(raw[first : first + BATCH])
        await telegram.all_sent.wait()
        # Handled is what is recorded as handled.
        while True:
            if not await inbox.depth():
                break
            await asyncio.sleep(LOOK_SECONDS)
        spent = Spent(time.perf_counter() - began, time.process_time() - cpu)
        dispatching.cancel()
        await asyncio.wait({dispatching})
    return spent


WAYS: Final[dict[str, Callable[[int, Path], Awaitable[Spent]]]] = {ECHO: echo, BOT: bot}


async def main(way: str, count: str, folder: str) -> None:
    spent = await WAYS[way](int(count), Path(folder))
    print(int(count) / spent.seconds, spent.cpu / int(count) * 1000)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
