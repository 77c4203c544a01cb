"""`python -m bot stats`: how much there is and how it ends, in numbers."""

import asyncio
import shutil
from datetime import UTC, datetime

from bot.console import say, size
from bot.settings import Settings
from bot.store import open_beside
from storage import Ended, ProcessStore, Switch, TotalsStore


def run(settings: Settings) -> None:
    """Print one figure a line.

    Raises:
        BotError, StorageError: there is nothing to be read.
    """
    asyncio.run(_print(settings))


async def _print(settings: Settings) -> None:
    now = datetime.now(UTC)
    async with open_beside(settings) as (state, running):
        store, process = TotalsStore(state.database), ProcessStore(state.database)
        totals, pauses = await store.all(), await store.pauses(now)
        started = await process.started_at()
        maintenance = await process.is_on(Switch.MAINTENANCE)
    since = f"running since {started:%Y-%m-%d %H:%M} UTC" if running and started else "not running"
    _line("bot", f"{since}{', in maintenance' if maintenance else ''}")
    _line("people", f"{totals.people}, {totals.accounts} with a key, {totals.refused_keys} of them refused")
    _line("uploads under way", _by_state(totals.uploads))
    _line("links under way", _by_state(totals.remotes))
    for what, name in (("upload", "uploads ended"), ("remote", "links ended")):
        _line(name, _endings([each for each in totals.ended if each.what == what]))
    _line("updates waiting", str(totals.inbox))
    _line("messages waiting", f"{totals.outbox}, {totals.unreachable_chats} chats out of reach")
    for address, until in sorted(pauses, reverse=True):
        _line("1fichier pauses", f"{'everything' if address else 'one account'} until {until:%H:%M:%S} UTC")
    _line("database", size(settings.database_path.stat().st_size))
    _line("disk beside it", f"{size(shutil.disk_usage(settings.data_dir).free)} free")


def _line(name: str, value: str) -> None:
    say(f"{name:<20}{value}")


def _by_state(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "none"


def _endings(ended: list[Ended]) -> str:
    parts = [
        f"{each.number} {each.outcome}{f' ({each.reason})' if each.reason else ''}"
        f"{f', {size(each.bytes)}' if each.bytes else ''}"
        for each in sorted(ended, key=lambda each: -each.number)
    ]
    return "; ".join(parts) or "none"
