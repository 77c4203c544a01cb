"""The whole bot as a process, between an emulated Telegram and the peer."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.fernet import Fernet

from benchmarks.figures import Run
from benchmarks.peer import FIRST, NODE, WHOLE, Peer, peer
from benchmarks.seeds import seed_people
from benchmarks.usage import Spent, cpu_seconds
from emulators.botapi import BotApi, SeenMessage, VirtualFile
from emulators.botapi.files import LINK_SECONDS, Files
from emulators.process import BOT, bot_process, bot_settings
from emulators.tour import TOKEN
from emulators.user import Person

MEBIBYTE: Final = 1 << 20
START_SECONDS: Final = 60.0
# The service is not there to be spared: pacing is not what is measured.
NO_PAUSE: Final = "0.001"
# After the last byte the bot records the link and says so; this ends within it.
AFTERMATH_SECONDS: Final = 0.3


class UncappedFiles(Files):
    """Hands out files of any size: the peer sends the bytes, and a long file tells more of a steady stream than a short one."""

    async def get(self, file_id: str) -> dict[str, Any]:
        stored = self.by_id[file_id]
        size = stored.content.size
        described = {"file_id": file_id, "file_unique_id": stored.file_unique_id, "file_size": size}
        self._links[stored.path] = self._clock() + LINK_SECONDS
        return described | {"file_path": stored.path}


def telegram(local_dir: Path | None = None) -> BotApi:
    api = BotApi(token=TOKEN, local_dir=local_dir)
    if local_dir is None:
        api.files = UncappedFiles(token=TOKEN, clock=time.time, local_dir=None)
    return api


@dataclass
class Bot:
    """One process of the bot. `log` has what it printed."""

    api: BotApi
    process: asyncio.subprocess.Process
    started_at: float
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    async def polls(self) -> float:
        """Return the moment (monotonic) of its first getUpdates, once it has come. Raises TimeoutError."""
        await self.api.updates.changes.until(lambda: self.api.updates.polling or None, START_SECONDS)
        return time.monotonic()

    def complaints(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]


@contextlib.asynccontextmanager
async def running_bot(
    api: BotApi, settings: Mapping[str, str], log: Path, *, program: Sequence[str] = BOT
) -> AsyncIterator[Bot]:
    """The bot from its start to its end; it need not poll yet."""
    started_at = time.monotonic()
    async with bot_process(settings, log=log, program=program) as process:
        yield Bot(api, process, started_at, log)


def settings_for(
    *, data: Path, secret: str, telegram_url: str, onefichier_url: str, **changed: str
) -> dict[str, str]:
    """As somebody would run it who has left all defaults, but for pauses and addresses."""
    settings = bot_settings(token=TOKEN, data=data, telegram_url=telegram_url, onefichier_url=onefichier_url)
    for name in ("BOT_PROGRESS_SECONDS", "BOT_REMOTE_POLL_SECONDS", "BOT_LOG_LEVEL"):
        del settings[name]
    return settings | {
        "BOT_SECRET_KEYS": secret,
        "BOT_ONEFICHIER_MIN_INTERVAL_SECONDS": NO_PAUSE,
        "BOT_ONEFICHIER_ADDRESS_INTERVAL_SECONDS": NO_PAUSE,
        "BOT_TELEGRAM_FILES_MIN_FREE_BYTES": "0",
        # A web endpoint as by default, on any port that is free.
        "BOT_LISTEN": "127.0.0.1:0",
        **changed,
    }


@dataclass
class Stage:
    """`people`: each has an account already. `local_file`: what the local Bot API server's files are links to."""

    bot: Bot
    peer: Peer
    people: list[Person]
    local_file: Path | None = None
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def send(self, person: Person, size: int) -> SeenMessage:
        """Have a person send a file."""
        # What Telegram's public servers would not hand out is not refused at the sight of its size.
        announced = size if self.local_file or size <= 20 * MEBIBYTE else None
        name = f"film {next(self._numbers)}.mkv"
        message = person.send_file(name=name, content=VirtualFile(size), file_size=announced)
        if self.local_file is not None:
            self._place(self.local_file)
        return message

    async def upload(self, size: int) -> Spent:
        """One file from the moment a node is asked for to the node's acceptance; the processors' time is all that it took.

        Raises:
            TimeoutError: it did not get there.
        """
        since, cpu = time.monotonic(), cpu_seconds(self.bot.pid)
        self.send(self.people[0], size)
        await self.until_sent(1, since)
        await asyncio.sleep(AFTERMATH_SECONDS)
        whole, asked = self.peer.of(WHOLE, since=since)[0], self.peer.of(NODE, since=since)[0]
        return Spent(whole.at - asked.at, cpu_seconds(self.bot.pid) - cpu)

    async def until_sent(self, files: int, since: float) -> None:
        try:
            await self.peer.until(lambda: len(self.peer.of(WHOLE, since=since)) >= files)
        except TimeoutError:
            begun = len(self.peer.of(FIRST, since=since))
            done = len(self.peer.of(WHOLE, since=since))
            raise TimeoutError(
                f"{done} of {files} files were sent, {begun} begun: {self.bot.complaints()}"
            ) from None

    def _place(self, file: Path) -> None:
        """Let the local server have the file that was sent last, without copying it."""
        files = self.bot.api.files
        if files.local_dir is None:
            raise AssertionError("only a local server keeps files")
        stored = next(reversed(files.by_id.values()))
        target = files.local_dir / TOKEN / stored.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(file)


@contextlib.asynccontextmanager
async def stage(
    run: Run,
    name: str,
    *,
    people: int = 1,
    local_file: Path | None = None,
    file_bytes: int = 0,
    rate: int = 0,
    checksums: Mapping[int, str] | None = None,
    program: Sequence[str] = BOT,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Stage]:
    """The bot, polling, with people who are logged in. `name` is that of its folder in the run's scratch folder.

    With `local_file` the files come from the disk of a local Bot API server, else from the peer over TLS; for
    `file_bytes`, `rate` and `checksums` see there.
    """
    folder = run.folder(name)
    secret = Fernet.generate_key().decode()
    data = folder / "data"
    await seed_people(data, secret, people)
    api = telegram(folder if local_file else None)
    async with (
        api.serve() as api_url,
        peer(run.scratch, telegram_url=api_url, file_bytes=file_bytes, rate=rate, checksums=checksums) as far,
        running_bot(
            api,
            settings_for(
                data=data,
                secret=secret,
                telegram_url=api_url if local_file else far.telegram_url,
                onefichier_url=far.url,
                SSL_CERT_FILE=str(far.certificate.certificate),
                **({"BOT_TELEGRAM_FILES_DIR": str(folder)} if local_file else {}),
                **(settings or {}),
            ),
            folder / "bot.log",
            program=program,
        ) as bot,
    ):
        met = [Person(api, user_id=number, first_name="Ada") for number in range(1, people + 1)]
        try:
            await bot.polls()
        except TimeoutError:
            raise TimeoutError(f"The bot did not start: {bot.complaints()}") from None
        yield Stage(bot, far, met, local_file)
