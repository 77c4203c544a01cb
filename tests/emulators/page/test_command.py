"""`python -m emulators` in a terminal."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.bot.waiting import until

pytestmark = pytest.mark.process


class Terminal:
    """A command as it runs, and what it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""

    async def until(self, pattern: str) -> re.Match[str]:
        async with asyncio.timeout(20):
            while (match := re.search(pattern, self.said)) is None:
                if self.process.stdout is None or not (line := await self.process.stdout.readline()):
                    raise AssertionError(self.said)
                self.said += line.decode()
        return match

    async def ended(self) -> int:
        async with asyncio.timeout(20):
            if self.process.stdout is not None:
                self.said += (await self.process.stdout.read()).decode()
            return await self.process.wait()


@contextlib.asynccontextmanager
async def terminal(directory: Path, *arguments: str) -> AsyncIterator[Terminal]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "emulators",
        *arguments,
        env=os.environ | {"TMPDIR": str(directory)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    demo = Terminal(process)
    try:
        yield demo
    finally:
        # Not killed: it has a bot to end.
        if process.returncode is None:
            process.terminate()
            await demo.ended()


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "docker-stop"])
async def test_it_says_where_it_is_and_ends_with_all_it_started(
    number: signal.Signals, tmp_path: Path
) -> None:
    async with terminal(tmp_path, "--port", "0") as demo, httpx.AsyncClient(trust_env=False) as http:
        url = (await demo.until(r"The demo is on (http://127\.0\.0\.1:\d+)\n"))[1]
        assert (await http.get(url)).text.startswith("<!doctype html>")
        bots: list[int] = []

        async def started() -> bool:
            bots.append((await http.get(f"{url}/control/state")).json()["process"]["pid"])
            return bots[-1] is not None

        await until(started)
        bot = bots[-1]

        # As a terminal does, to the whole group; the bot is not in it, so that it is ended and not broken off.
        assert os.getpgid(bot) == bot
        os.killpg(demo.process.pid, number)

        assert await demo.ended() == 0
        assert "Everything has ended." in demo.said
        assert "Traceback" not in demo.said
        with pytest.raises(ProcessLookupError):
            os.kill(bot, 0)
        with pytest.raises(httpx.ConnectError):
            await http.get(url)
    assert names_in(tmp_path) == []


async def test_a_port_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with terminal(tmp_path, "--port", str(port)) as demo:
            url = (await demo.until(r"The demo is on (http://127\.0\.0\.1:\d+)\n"))[1]
            assert f"Port {port} is taken, so the demo takes another one." in demo.said
            assert not url.endswith(f":{port}")


async def test_in_a_container_it_listens_for_the_port_that_is_published(tmp_path: Path) -> None:
    async with terminal(tmp_path, "--host", "0.0.0.0", "--port", "0") as demo:
        url = (await demo.until(r"The demo is on (http://127\.0\.0\.1:\d+)\n"))[1]
        # Another address of this machine stands for the one the container has.
        async with httpx.AsyncClient(trust_env=False, base_url=url.replace("127.0.0.1", "127.0.0.2")) as http:
            assert (await http.get("/", headers={"Host": "localhost:8800"})).status_code == 200
            assert (await http.get("/")).status_code == 403
