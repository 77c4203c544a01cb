import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from emulators.botapi import BotApi
from emulators.onefichier import OneFichier
from storage import Account
from tests.clock import FakeClock
from tests.transfers.hand_driven import WatchedDatabase
from tests.transfers.process import TOKEN, Options
from tests.transfers.world import World


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def options() -> Options:
    """To be overridden where a test needs other ones."""
    return Options()


@pytest.fixture(autouse=True)
def _telegram_durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the bot sets it: the library otherwise warns of its own durations."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def world(clock: FakeClock, options: Options, tmp_path: Path) -> AsyncIterator[World]:
    """Nothing runs yet: `run_uploads` and `run_remotes` start the loops."""

    def now() -> float:
        return clock.now().timestamp()

    async with contextlib.AsyncExitStack() as stack:
        database = await WatchedDatabase.open(tmp_path / "bot.sqlite3")
        stack.push_async_callback(database.close)
        fichier = await stack.enter_async_context(OneFichier(clock=now, seed=1))
        telegram = BotApi(token=TOKEN, clock=now, local_dir=options.local_dir)
        world = World(clock, telegram, fichier, database, options)
        await world.open(stack)
        yield world


@pytest.fixture
async def account(world: World) -> Account:
    """Ada's, with a key that works."""
    return await world.log_in()
