from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from emulators.onefichier import EmulatedAccount
from tests.handlers.world import World, open_world


@pytest.fixture(autouse=True)
def _times_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """The form that python-telegram-bot is going over to; the present one warns wherever Telegram wants a rest."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def account(world: World) -> EmulatedAccount:
    return await world.log_in()
