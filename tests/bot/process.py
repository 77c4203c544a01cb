"""`python -m bot` as its own process, in a directory without an .env."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.__main__ import main

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawM"
PROJECT = Path(__file__).parents[2]


class Process:
    def __init__(
        self, directory: Path, telegram_url: str, onefichier_url: str = "http://127.0.0.1:9"
    ) -> None:
        self.directory = directory
        self.data_dir = directory / "data"
        self._started: list[asyncio.subprocess.Process] = []
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BOT_")},
            "PYTHONPATH": str(PROJECT),
            "BOT_TOKEN": TOKEN,
            "BOT_DATA_DIR": str(self.data_dir),
            "BOT_TELEGRAM_API_URL": telegram_url,
            "BOT_ONEFICHIER_API_URL": f"{onefichier_url}/v1",
            "BOT_LISTEN": "",
        }

    async def start(self, *arguments: str, **variables: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", *arguments),
            cwd=self.directory,
            env=self.environment | variables,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._started.append(process)
        return process

    async def run(self, *arguments: str, **variables: str) -> tuple[int | None, str, str]:
        """The exit code, what it said, and what it complained of."""
        process = await self.start(*arguments, **variables)
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    async def here(
        self, capsys: pytest.CaptureFixture[str], *arguments: str, **variables: str
    ) -> tuple[int | None, str, str]:
        """The same within this process, in a thread: a new interpreter takes most of a command's time.

        What the command does to the process is undone by the fixture `as_before`.
        """
        capsys.readouterr()
        environment = dict(os.environ)
        os.environ.update(self.environment | variables)
        try:
            code = await asyncio.to_thread(main, list(arguments))
        finally:
            os.environ.clear()
            os.environ.update(environment)
        return code, *capsys.readouterr()

    async def end(self) -> None:
        for process in self._started:
            if process.returncode is None:
                process.kill()
                await process.communicate()
