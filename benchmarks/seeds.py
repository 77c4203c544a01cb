"""Local state as a bot has it that has run before, written by the bot's own stores."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from storage import (
    Account,
    Database,
    IncomingFile,
    PeopleStore,
    RemoteStore,
    TransferStore,
    Vault,
    WantedUrl,
    open_database,
)

KEY: Final = "benchmarkKeyOfAnEmulatedAccount0"
DATABASE: Final = "bot.db"


async def seed_people(data: Path, secret: str, people: int) -> None:
    """People numbered from 1, each with an account."""
    vault = Vault([secret])
    async with open_database(data / DATABASE) as database:
        await _people(database, vault, people)


async def seed_transfers(data: Path, secret: str, *, people: int, file_ids: Sequence[str], size: int) -> None:
    """Files that wait in the queue, the same number for everybody."""
    vault = Vault([secret])
    async with open_database(data / DATABASE) as database:
        accounts = await _people(database, vault, people)
        store = TransferStore(database, vault)
        for number, file_id in enumerate(file_ids):
            now = _now()
            account = accounts[number % people]
            file = IncomingFile(
                chat_id=account.person_id,
                message_id=number + 1,
                file_id=file_id,
                file_unique_id=f"unique-{number}",
                kind="document",
                given_name=f"film {number}.mkv",
                name=f"film {number}.mkv",
                size=size,
            )
            await store.accept(account.person_id, file, account, sent_at=now, now=now)


async def seed_remotes(data: Path, secret: str, tasks: list[list[int]]) -> None:
    """Remote uploads that 1fichier is fetching: for each account, in order, the ids of its tasks."""
    vault = Vault([secret])
    async with open_database(data / DATABASE) as database:
        accounts = await _people(database, vault, len(tasks))
        store = RemoteStore(database, vault)
        for account, ids in zip(accounts, tasks, strict=True):
            now = _now()
            urls = [WantedUrl(remote_url(task), remote_url(task)) for task in ids]
            await store.accept(account, account.person_id, 1, urls, now=now)
            for remote, task in zip(await store.active_of_account(account.id), ids, strict=True):
                await store.begin_requesting(remote.id, now)
                await store.note_fetching(remote.id, task)


def remote_url(task: int) -> str:
    return f"https://example.org/{task}.iso"


def key_of(person: int) -> str:
    """A key of its own for each account, where that matters."""
    return f"{KEY[:-8]}{person:08d}"


async def _people(database: Database, vault: Vault, people: int) -> list[Account]:
    store = PeopleStore(database, vault)
    accounts = []
    for number in range(1, people + 1):
        await store.meet(number, "en", _now())
        account, _ = await store.store_key(number, key_of(number), _now())
        accounts.append(account)
    return accounts


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
