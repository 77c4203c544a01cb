import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage import Database, InboxStore, Vault, open_database
from tests.bot.dispatching import Stage


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("BOT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Undo what setting up the logs of a process does to this one."""
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    names = ("httpx", "httpcore", "telegram", "aiosqlite", "uvicorn", "asyncio")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    logging.captureWarnings(capture=False)
    sys.excepthook = hook
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.fixture
def as_before(restored_logging: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Undo what a command does to its process."""
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "bot.db") as opened:
        yield opened


@pytest.fixture
def inbox(database: Database) -> InboxStore:
    return InboxStore(database, Vault([Fernet.generate_key().decode()]))


@pytest.fixture
async def stage(inbox: InboxStore) -> AsyncIterator[Stage]:
    stage = Stage(inbox)
    yield stage
    await stage.stop()
