"""Keeps the bot's process: starts it, stops it, kills it, and knows how it is."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from emulators.botapi import BotApi
from emulators.process import start, stop

Condition = Literal["starting", "running", "stopping", "stopped", "killed", "broken"]
"""`broken` is a process that ended by itself."""


class BotKeeper:
    """At most one bot. `since` is when its condition began (Unix seconds), `starts` counts its processes."""

    def __init__(self, settings: Mapping[str, str], api: BotApi, *, log: Path | None = None) -> None:
        self._settings = settings
        self._api = api
        self._log = log
        self._lock = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self.condition: Condition = "stopped"
        self.since = time.time()
        self.starts = 0
        self.exit_code: int | None = None

    @property
    def pid(self) -> int | None:
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and alive else None

    async def start(self) -> None:
        """Start the bot unless it is there."""
        async with self._lock:
            await self._start()

    async def restart(self) -> None:
        """SIGTERM, and a new process when the old one has ended."""
        async with self._lock:
            await self._stop()
            await self._start()

    async def kill(self) -> None:
        """SIGKILL, at once, also to a bot that is just being stopped."""
        if self._process is not None and self.pid is not None:
            self._process.kill()
            self._become("killed")
            await self._process.wait()

    async def aclose(self) -> None:
        async with self._lock:
            await self._stop()

    async def _start(self) -> None:
        if self.pid is not None:
            return
        polls = self._api.updates.polls
        self._process = await start(self._settings, log=self._log)
        self.starts += 1
        self._become("starting")
        self._watching = asyncio.create_task(self._watch(self._process, polls))

    async def _stop(self) -> None:
        if self._process is not None and self.pid is not None:
            self._become("stopping")
            await stop(self._process)
            self._become("stopped")
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching

    async def _watch(self, process: asyncio.subprocess.Process, polls: int) -> None:
        """Note that the bot has begun to ask for updates, and that it has ended."""
        ended = asyncio.create_task(process.wait())
        polled = asyncio.create_task(self._polled(polls))
        try:
            await asyncio.wait({ended, polled}, return_when=asyncio.FIRST_COMPLETED)
            if polled.done() and self.condition == "starting":
                self._become("running")
            self.exit_code = await ended
            if self.condition in {"starting", "running"}:
                self._become("broken")
        finally:
            ended.cancel()
            polled.cancel()

    async def _polled(self, polls: int) -> None:
        while self._api.updates.polls <= polls:
            await self._api.updates.changes.after(self._api.updates.changes.count)

    def _become(self, condition: Condition) -> None:
        self.condition, self.since = condition, time.time()
        self._api.changes.announce()
