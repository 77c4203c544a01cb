"""The demo in a thread beside the test, which waits for the browser and so cannot run an event loop of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount, Fetched
from emulators.page.demo import Demo, demo
from emulators.tour import TOKEN
from tests.emulators.botapi.calling import Caller

ADA = 11_111_111
BO = 22_222_222
GROUP = -1_000_000_000_033
CHANNEL = -1_000_000_000_077

PATIENCE_SECONDS = 60.0

T = TypeVar("T")


class Stage:
    """What the page shows, for a test to arrange and to compare with. Times are bounded by `PATIENCE_SECONDS`."""

    demo: Demo

    def __init__(self, directory: Path, *, port: int = 0) -> None:
        self._directory = directory
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._stack = contextlib.AsyncExitStack()

    def __enter__(self) -> Self:
        self._directory.mkdir(exist_ok=True)
        self._thread.start()
        self.demo = self.run(
            self._stack.enter_async_context(
                demo(port=self._port, directory=self._directory, bot_log=self._directory / "bot.log")
            )
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return self.demo.url

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        """Do something where the demo runs, and return what comes of it."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(PATIENCE_SECONDS)

    def pressed(self, data: str) -> dict[str, Any]:
        """The press of a button with this data, once it has come."""
        updates = self.demo.api.updates

        def newest() -> dict[str, Any] | None:
            presses = (update.get("callback_query") for update in reversed(updates.pending))
            return next((press for press in presses if press and press["data"] == data), None)

        return self.run(updates.changes.until(newest, PATIENCE_SECONDS))

    def searched(self, text: str, offset: str = "") -> dict[str, Any]:
        """The inline query for this text, once it has come."""
        updates = self.demo.api.updates

        def found() -> dict[str, Any] | None:
            queries = (update.get("inline_query") for update in updates.pending)
            return next(
                (each for each in queries if each and (each["query"], each["offset"]) == (text, offset)), None
            )

        return self.run(updates.changes.until(found, PATIENCE_SECONDS))

    def control(self, path: str, **body: Any) -> dict[str, Any]:
        """Ask the control interface for something."""
        response = httpx.post(f"{self.url}/control/{path}", json=body, trust_env=False)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def say(self, person: int, chat: int, text: str) -> None:
        self.control(f"people/{person}/chats/{chat}/messages", text=text)

    def bot(self, method: str, **parameters: Any) -> Any:
        """Call Telegram as a bot would, in tests that have no other; the result."""

        async def call() -> Any:
            transport = httpx.ASGITransport(app=self.demo.api.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://bot-api") as http:
                return (await Caller(http, TOKEN)(method, **parameters)).result

        return self.run(call())

    def start_bot(self) -> None:
        self.control("process", do="start")
        self.until_bot("running")

    def until_bot(self, condition: str) -> None:
        """Wait until the bot's process is in a condition."""
        keeper = self.demo.keeper
        self.run(self.demo.api.changes.until(lambda: keeper.condition == condition or None, PATIENCE_SECONDS))

    def log_in(self, person: int) -> None:
        """Have a person give the bot their key."""
        resident = self.demo.scene.resident(person)
        self.say(person, person, f"/login {resident.account.key}")
        self.see(person, "Your key works")

    def see(self, chat: int, text: str) -> SeenMessage:
        """Wait for a message of the bot in a chat."""
        return self.run(self.demo.scene.chats[chat].wait_for(text, timeout=PATIENCE_SECONDS))

    def hold_remotes(self) -> None:
        """Let 1fichier take links in and not fetch them, until `finish_remotes`."""
        self.demo.onefichier.remotes.manual = True

    def finish_remotes(self, content: bytes) -> None:
        """Let all that was held be fetched now."""

        async def finish() -> None:
            remotes = self.demo.onefichier.remotes
            remotes.manual = False
            for task in list(remotes.tasks.values()):
                if remotes.is_pending(task):
                    remotes.finish(task.id, [Fetched(url.rpartition("/")[2], content) for url in task.urls])

        self.run(finish())

    def account(self, person: int) -> EmulatedAccount:
        return self.demo.scene.resident(person).account
