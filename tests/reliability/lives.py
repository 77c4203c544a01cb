"""The real process, started and killed again and again, and what its database says meanwhile."""

import asyncio
import contextlib
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emulators.process import bot_process

# Several times what a busy machine needs to load the bot's code.
START_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.005
# A killed process writes no figures of coverage; to take them would only slow its starts.
_UNMEASURED: Final = {"COVERAGE_PROCESS_CONFIG": "", "COVERAGE_PROCESS_START": ""}


class Records:
    """The bot's database, read from outside. Nothing stays open between two looks: a start finds what the kill left."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        with contextlib.closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    def count(self, table_where: str, **values: Any) -> int:
        """How many rows there are, as in `count("transfer WHERE state = 'done'")`."""
        [row] = self.rows(f"SELECT count(*) AS n FROM {table_where}", **values)
        return int(row["n"])

    async def more(self, table_where: str, than: int, *, seconds: float) -> None:
        """Wait for more rows than so many. Raises TimeoutError."""
        await until(lambda: self.count(table_where) > than, seconds)

    @contextlib.contextmanager
    def no_commits(self) -> Iterator[None]:
        """Hold the lock that every writer needs: the bot's next transaction waits."""
        with contextlib.closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")


async def until(condition: Callable[[], bool], seconds: float, *, every: float = LOOK_SECONDS) -> None:
    """Look again and again: a database and a process ring no bell. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + seconds
    while not condition():
        if loop.time() > give_up_at:
            raise TimeoutError
        await asyncio.sleep(every)


@dataclass(frozen=True)
class _Process:
    process: asyncio.subprocess.Process
    pipe: Path
    ending: contextlib.AsyncExitStack


class Lives:
    """`python -m bot run`, one life after another.

    Loading its code is the better part of a start. Hence the next process is started while one lives, with its token in
    a pipe (`BOT_TOKEN_FILE`): it opens and sends nothing before it has read that, which is when its life begins.
    """

    def __init__(self, settings: Mapping[str, str], directory: Path) -> None:
        self._settings = {
            name: value for name, value in settings.items() if name != "BOT_TOKEN"
        } | _UNMEASURED
        self._token = settings["BOT_TOKEN"]
        self._directory = directory
        self._loading: _Process | None = None
        self._living: _Process | None = None
        self.started = 0

    @property
    def log_path(self) -> Path:
        return self._directory / "bot.log"

    def log(self) -> list[str]:
        return self.log_path.read_text("utf-8").splitlines() if self.log_path.exists() else []

    async def begin(self) -> None:
        """Begin a life, and load the process of the one after it."""
        if self._living is not None:
            raise AssertionError("one life at a time")
        self._living = self._loading or await self._load()
        await self._hand_token(self._living)
        self._loading = await self._load()

    async def kill(self) -> None:
        process = self._of_living()
        process.kill()
        if await process.wait() != -signal.SIGKILL:
            raise AssertionError(f"the bot had ended by itself, exit code {process.returncode}")
        await self._leave()

    async def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        process = self._of_living()
        await self._leave()
        return await process.wait()

    def pause(self) -> None:
        self._of_living().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._of_living().send_signal(signal.SIGCONT)

    async def aclose(self) -> None:
        for each in (self._living, self._loading):
            if each is not None:
                if each.process.returncode is None:
                    each.process.kill()
                await each.ending.aclose()

    def _of_living(self) -> asyncio.subprocess.Process:
        if self._living is None:
            raise AssertionError("the bot does not live")
        return self._living.process

    async def _leave(self) -> None:
        living, self._living = self._living, None
        if living is not None:
            await living.ending.aclose()

    async def _load(self) -> _Process:
        self.started += 1
        pipe = self._directory / f"token.{self.started}"
        os.mkfifo(pipe, 0o600)
        async with contextlib.AsyncExitStack() as ending:
            settings = self._settings | {"BOT_TOKEN_FILE": str(pipe)}
            process = await ending.enter_async_context(bot_process(settings, log=self.log_path))
            return _Process(process, pipe, ending.pop_all())

    async def _hand_token(self, loaded: _Process) -> None:
        pipes: list[int] = []

        def is_read() -> bool:
            if loaded.process.returncode is not None:
                raise AssertionError(f"the bot did not start: {self.log()[-1:]}")
            with contextlib.suppress(OSError):  # as long as nobody reads there
                pipes.append(os.open(loaded.pipe, os.O_WRONLY | os.O_NONBLOCK))
            return bool(pipes)

        await until(is_read, START_SECONDS)
        os.write(pipes[0], self._token.encode())
        os.close(pipes[0])
        loaded.pipe.unlink()


@contextlib.asynccontextmanager
async def lives(settings: Mapping[str, str], directory: Path) -> AsyncIterator[Lives]:
    led = Lives(settings, directory)
    try:
        yield led
    finally:
        await led.aclose()
