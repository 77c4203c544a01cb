"""`python -m bot users`: who uses the bot, in numbers; let in, keep out, erase."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from bot.console import say, size
from bot.errors import BotError
from bot.settings import Settings
from bot.store import LocalState, open_beside
from storage import (
    AccessStore,
    LocalFileStore,
    PeopleStore,
    RemoteStore,
    Role,
    TotalsStore,
    TransferStore,
)

_HEAD: Final = ("NUMBER", "ACCESS", "KEY", "UPLOADS", "LINKS", "STORED")


def run(settings: Settings, action: str, number: int | None) -> None:
    """Do it, running or stopped.

    Raises:
        BotError, StorageError: nothing was done.
    """
    asyncio.run(_run(settings, action, number))


async def _run(settings: Settings, action: str, number: int | None) -> None:
    async with open_beside(settings) as (state, _):
        if number is None:
            await _list(settings, state)
        else:
            await _ACTIONS[action](settings, state, number)


async def _list(settings: Settings, state: LocalState) -> None:
    roles = {
        each.person_id: each.role.value
        for each in await AccessStore(state.database, state.vault).admissions()
    }
    roles |= {number: "allowed" for number in settings.allowed_users if number not in roles}
    roles |= dict.fromkeys(settings.admins, "admin")
    usual = "open" if settings.is_open else "stranger"
    rows = [
        (
            str(each.person_id),
            roles.pop(each.person_id, usual),
            "yes" if each.has_key else "no",
            str(each.uploads),
            str(each.remotes),
            size(each.bytes),
        )
        for each in await TotalsStore(state.database).people()
    ]
    # Those who have not written yet.
    rows += [(str(number), role, "-", "-", "-", "-") for number, role in sorted(roles.items())]
    for row in (_HEAD, *rows):
        say("  ".join(cell.ljust(12) for cell in row).rstrip())


async def _allow(settings: Settings, state: LocalState, number: int) -> None:
    del settings
    await AccessStore(state.database, state.vault).set_role(number, Role.GUEST, datetime.now(UTC))
    say(f"{number} may use the bot.")


async def _ban(settings: Settings, state: LocalState, number: int) -> None:
    if number in settings.admins:
        raise BotError(f"{number} is named in BOT_ADMINS: take it out there first.")
    now = datetime.now(UTC)
    await AccessStore(state.database, state.vault).set_role(number, Role.BANNED, now)
    transfers = TransferStore(state.database, state.vault)
    uploads = await transfers.active_of(number)
    for upload in uploads:
        await transfers.cancel(upload.id, number, now)
    remotes = RemoteStore(state.database, state.vault)
    links = await remotes.active_of(number)
    for link in links:
        if not await remotes.cancel_waiting(link.id, number, now):
            await remotes.stop_telling(link.id, number)
    say(f"{number} may not use the bot any more; {len(uploads)} uploads and {len(links)} links were stopped.")
    say("What is known about them is still there: `users remove` erases it.")


async def _remove(settings: Settings, state: LocalState, number: int) -> None:
    """Also beside the running bot: an upload that lost its row never sends its last piece, and so is not stored."""
    access = AccessStore(state.database, state.vault)
    banned = await access.role(number) is Role.BANNED
    await _delete_local_files(settings, state, number)
    await PeopleStore(state.database, state.vault).forget(number)
    if not banned:
        await access.forget(number)
    erased = await state.database.erase_traces()
    say(f"Everything known about {number} is erased{'; they stay banned' if banned else ''}.")
    if not erased:
        say("Traces remain in the write-ahead log until the bot has had a moment without readers.")


async def _delete_local_files(settings: Settings, state: LocalState, number: int) -> None:
    """A local Bot API server keeps a directory for each bot, which bears the bot's token."""
    files = LocalFileStore(state.database)
    for transfer_id in await files.of_person(number):
        path = await files.release(transfer_id)
        if path is not None and settings.telegram_files_dir is not None and settings.telegram_files_delete:
            own = settings.telegram_files_dir / settings.token.get_secret_value()
            await asyncio.to_thread((own / path).unlink, missing_ok=True)


_ACTIONS: Final = MappingProxyType[str, Callable[[Settings, LocalState, int], Awaitable[None]]](
    {"allow": _allow, "ban": _ban, "remove": _remove}
)
