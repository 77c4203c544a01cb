"""A data directory as a stopped bot leaves it, for commands that look at it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from bot.settings import Settings
from bot.store import LocalState, open_local_state
from storage import IncomingFile, PeopleStore, TransferStore
from tests.bot.process import TOKEN
from tests.clock import FakeClock

T = TypeVar("T")
NOW = FakeClock().now()


def settings_for(data_dir: Path, **given: Any) -> Settings:
    return Settings(token=TOKEN, data_dir=data_dir, **given)


def in_state(settings: Settings, work: Callable[[LocalState], Awaitable[T]]) -> T:
    """Do something with the local state, as a bot that is started and stopped again."""

    async def run() -> T:
        async with open_local_state(settings) as state:
            return await work(state)

    return asyncio.run(run())


async def add_people(state: LocalState, *numbers: int) -> None:
    """People who have given their key, with one file each in the queue."""
    people, transfers = PeopleStore(state.database, state.vault), TransferStore(state.database, state.vault)
    for number in numbers:
        await people.meet(number, "en", NOW)
        account, _ = await people.store_key(number, f"planted-key-of-{number}", NOW)
        file = IncomingFile(
            chat_id=number,
            message_id=1,
            file_id="file",
            file_unique_id=f"unique-{number}",
            kind="document",
            given_name="planted-name.txt",
            name="planted-name.txt",
            size=10,
        )
        await transfers.accept(number, file, account, sent_at=NOW, now=NOW)


async def keys_in_clear(state: LocalState) -> list[str]:
    people = PeopleStore(state.database, state.vault)
    return [people.key(account) for account in await people.accounts()]
