"""A day and a half of use, and what is left of it days later."""

import contextlib
import functools
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from emulators.botapi import BotApi
from emulators.onefichier import OneFichier
from emulators.serving import serve
from emulators.user import Person
from tests.bot.in_process import TOKEN, Bot
from tests.bot.waiting import until
from tests.clock import FakeClock

TWO_HOURS = 7200.0
TIMES_OF_USE = 15
TIMES_IN_A_DAY = 12
# Rows that are there however long the bot runs: one a person, one in all, totals, what the account holds, and an event that goes on:
# in time that leaps, Telegram is out of reach for hours.
LASTING = {
    "account",
    "access",
    "alert",
    "file",
    "file_index",
    "folder",
    "person",
    "process",
    "proof",
    "tally",
}


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[tuple[Bot, Person, FakeClock]]:
    clock = FakeClock()
    api = BotApi(token=TOKEN, clock=lambda: clock.now().timestamp())
    async with (
        OneFichier(clock=lambda: clock.now().timestamp()) as onefichier,
        serve(api.app) as telegram_url,
        serve(onefichier.app) as onefichier_url,
    ):
        bot = Bot(api, telegram_url, tmp_path / "data")
        bot.start(clock=clock, onefichier_api_url=f"{onefichier_url}/v1", history_days=1)
        person = Person(api, user_id=5, first_name="Ada")
        person.say(f"/login {onefichier.add_account().key}")
        await passes_until(clock, lambda: "Your key works" in str(person.chat.messages[-1:]))
        yield bot, person, clock
        await bot.end()


async def passes_until(clock: FakeClock, condition: Callable[[], bool]) -> None:
    """Let seconds pass until something is so."""

    async def holds() -> bool:
        if condition():
            return True
        await clock.advance(1)
        return False

    await until(holds)


def linked(person: Person, name: str) -> bool:
    return any(
        name in message.text and "https://1fichier.com/?" in message.text for message in person.chat.messages
    )


def rows(bot: Bot) -> dict[str, int]:
    """How many rows each table has."""
    with contextlib.closing(sqlite3.connect(bot.settings.database_path)) as database:
        tables = [
            name
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


async def test_what_is_over_is_forgotten_and_the_totals_stay(day: tuple[Bot, Person, FakeClock]) -> None:
    bot, person, clock = day
    for time in range(TIMES_OF_USE):
        person.send_file(name=f"file {time}.bin", size=100)
        person.say("/delete https://1fichier.com/?abcdefghij0123456789")
        await passes_until(clock, functools.partial(linked, person, f"file {time}.bin"))
        await clock.leap(TWO_HOURS)

    def remembered() -> int:
        return rows(bot)["transfer"]

    # The history is a day long, give or take the ten minutes between two rounds.
    await passes_until(clock, lambda: remembered() <= TIMES_IN_A_DAY + 1)
    assert remembered() >= TIMES_IN_A_DAY - 2
    assert rows(bot)["inbox"] >= 2 * TIMES_OF_USE

    async def forgotten() -> bool:
        await clock.leap(TWO_HOURS)
        return not {name for name, number in rows(bot).items() if number} - LASTING

    await until(forgotten)
    with contextlib.closing(sqlite3.connect(bot.settings.database_path)) as database:
        assert database.execute("SELECT number FROM tally WHERE outcome = 'done'").fetchall() == [
            (TIMES_OF_USE,)
        ]
    await bot.stop()
    assert bot.settings.database_path.stat().st_size < 1_000_000
