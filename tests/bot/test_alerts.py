"""What admins are told by itself: when an event begins, and when it does not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.alerts import LEAST_BESIDE_DATABASE, LONG_SILENCE_SECONDS, Watch
from onefichier import OneFichier, Pacing, api_http
from storage import LimitRows
from tests.bot.state import settings_for
from tests.handlers.world import World, open_world

ADMIN = 1_000
PLENTY = 20_000_000_000


@dataclass
class Situation:
    """What the watch looks at, and what the admins were told."""

    world: World
    service: OneFichier
    directory: Path
    silence: float = 0.0
    free: int | None = PLENTY

    @property
    def watch(self) -> Watch:
        settings = settings_for(self.directory / "data", telegram_files_dir=self.directory / "files")
        return Watch(
            settings,
            self.world.services,
            self.service,
            self.world.clock,
            silence=lambda: self.silence,
            free_bytes=self._free_bytes,
        )

    async def look(self) -> list[str]:
        """Look twice, and return the kinds of all events so far."""
        for _ in range(2):
            await self.watch.look()
        rows = await self.world.database.fetch_all(
            "SELECT alert.kind FROM outbox JOIN alert ON alert.id = outbox.subject"
            " WHERE outbox.kind = 'alert' AND outbox.chat_id = :admin ORDER BY outbox.id",
            {"admin": ADMIN},
        )
        return [row["kind"] for row in rows]

    def _free_bytes(self, directory: Path) -> int:
        if self.free is None:
            raise FileNotFoundError(2, "No such file or directory", str(directory))
        return self.free


@pytest.fixture(autouse=True)
def _times_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def situation(tmp_path: Path) -> AsyncIterator[Situation]:
    async with open_world(tmp_path, admins={ADMIN}) as world, api_http() as http:
        await world.services.people.meet(ADMIN, "en", world.clock.now())
        limits = LimitRows(world.database)
        service = OneFichier(
            http, http, api_url="http://127.0.0.1:9/v1", pacing=Pacing(), clock=world.clock, limits=limits
        )
        async with service:
            yield Situation(world, service, tmp_path)


async def test_as_long_as_all_is_well_nobody_is_told_anything(situation: Situation) -> None:
    assert await situation.look() == []


async def test_a_locked_address_is_told_with_its_end_once_per_lock(situation: Situation) -> None:
    clock, limits = situation.world.clock, LimitRows(situation.world.database)
    until = clock.now() + timedelta(minutes=10)
    await limits.save("address", "*", until)
    await limits.save("account:5", "*", until)
    await situation.service.start()
    assert await situation.look() == ["address_locked"]
    alert = await situation.world.services.alerts.find(1)
    assert alert is not None
    assert alert.figure == pytest.approx(until.timestamp())
    await clock.advance(601)
    assert await situation.look() == ["address_locked"]
    await limits.save("address", "*", clock.now() + timedelta(minutes=10))
    await situation.service.start()
    assert await situation.look() == ["address_locked"] * 2


async def test_a_full_disk_is_told_once_until_there_is_clearly_room_again(situation: Situation) -> None:
    situation.free = LEAST_BESIDE_DATABASE - 1
    assert sorted(await situation.look()) == ["database_nearly_full", "disk_low"]
    situation.free = LEAST_BESIDE_DATABASE + 1
    assert len(await situation.look()) == 2
    situation.free = PLENTY
    await situation.look()
    situation.free = LEAST_BESIDE_DATABASE - 1
    told = await situation.look()
    assert told.count("database_nearly_full") == 2


async def test_a_disk_that_cannot_be_asked_is_logged_and_stops_nothing(
    situation: Situation, caplog: pytest.LogCaptureFixture
) -> None:
    situation.free = None
    situation.silence = LONG_SILENCE_SECONDS
    assert await situation.look() == ["telegram_unreachable"]
    assert "cannot be read: No such file or directory" in caplog.text


async def test_telegram_out_of_reach_for_long_is_told_once(situation: Situation) -> None:
    situation.silence = LONG_SILENCE_SECONDS - 1
    assert await situation.look() == []
    situation.silence = LONG_SILENCE_SECONDS + 60
    assert await situation.look() == ["telegram_unreachable"]
    alert = await situation.world.services.alerts.find(1)
    assert alert is not None
    since = situation.world.clock.now().timestamp() - LONG_SILENCE_SECONDS - 60
    assert alert.figure == pytest.approx(since)
    situation.silence = 0
    assert await situation.look() == ["telegram_unreachable"]
