"""Watching remote uploads of many accounts."""

import asyncio
import statistics
import time
from collections import Counter
from typing import Final

from cryptography.fernet import Fernet

from benchmarks.figures import Figure, Findings, Measurement, Run, Sense, Table
from benchmarks.seeds import key_of, remote_url, seed_remotes
from benchmarks.stage import Bot, running_bot, settings_for, telegram
from benchmarks.usage import cpu_seconds
from emulators.onefichier import OneFichier
from emulators.onefichier.remotes import RemoteTask
from emulators.serving import serve
from emulators.user import Person

ACCOUNTS: Final = {True: (20,), False: (10, 100, 1_000)}
EACH: Final = 10
"""What 1fichier lets one account have outstanding."""
ROUNDS: Final = {True: 1, False: 3}
ROUND_SECONDS: Final = 120.0
POLL_SECONDS: Final = "2"
"""Rest between two rounds, in which the one is told from the other."""
REST_SECONDS: Final = 1.0

FIGURES: Final = (
    Figure("remote calls", "10,000 waiting remote uploads of 1,000 accounts: API calls per round and account", Sense.AT_MOST, 1),
    Figure("remote cpu", "the same: CPU of a round", Sense.AT_MOST, 2, unit="s"),
)  # fmt: skip


async def measure(run: Run) -> Findings:
    rows = [await one(run, accounts) for accounts in ACCOUNTS[run.short]]
    columns = ("accounts", "remote uploads", "calls per round and account", "CPU s of a round")
    return Findings(
        values={"remote calls": rows[-1][2], "remote cpu": rows[-1][3]},
        tables=[Table("Watching remote uploads", columns, rows)],
    )


async def one(run: Run, accounts: int) -> tuple[int, int, float, float]:
    folder = run.folder(f"remotes-{accounts}")
    secret = Fernet.generate_key().decode()
    async with OneFichier() as service, serve(service.app) as service_url:
        service.remotes.manual = True
        tasks = [fetching(service, person) for person in range(1, accounts + 1)]
        await seed_remotes(folder / "data", secret, tasks)
        api = telegram()
        people = [Person(api, user_id=number, first_name="Ada") for number in range(1, accounts + 1)]
        for person in people:
            person.chat.started = True
        async with api.serve() as api_url:
            settings = settings_for(
                data=folder / "data",
                secret=secret,
                telegram_url=api_url,
                onefichier_url=service_url,
                BOT_REMOTE_POLL_SECONDS=POLL_SECONDS,
            )
            async with running_bot(api, settings, folder / "bot.log") as bot:
                # The first round shares the process with its start, and everybody is shown anew what is going on.
                await next_round(service, bot, accounts)
                await everybody_is_shown(people, bot)
                await end_of_round(service)
                rounds = [await next_round(service, bot, accounts) for _ in range(ROUNDS[run.short])]
    calls, cpu = (statistics.median(values) for values in zip(*rounds, strict=True))
    return accounts, accounts * EACH, calls / accounts, cpu


def fetching(service: OneFichier, person: int) -> list[int]:
    """An account whose remote uploads do not end; returns their ids."""
    account = service.add_account(key_of(person))
    tasks = [RemoteTask(service.mint.folder_id(), account, [], 0, service.now()) for _ in range(EACH)]
    for task in tasks:
        task.urls.append(remote_url(task.id))
        service.remotes.tasks[task.id] = task
    return [task.id for task in tasks]


async def everybody_is_shown(people: list[Person], bot: Bot) -> None:
    """Raises TimeoutError: somebody has no status message."""
    deadline = time.monotonic() + ROUND_SECONDS
    while not all(person.chat.from_bot for person in people):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not everybody has a status message: {bot.complaints()}")
        await asyncio.sleep(REST_SECONDS)


async def end_of_round(service: OneFichier) -> None:
    calls = -1
    while calls != len(service.calls):
        calls = len(service.calls)
        await asyncio.sleep(REST_SECONDS)


async def next_round(service: OneFichier, bot: Bot, accounts: int) -> tuple[int, float]:
    """Calls and CPU time of one round, from the rest before it to the rest after it.

    Raises:
        TimeoutError: there was none.
    """
    cpu = cpu_seconds(bot.pid)
    service.calls.clear()
    deadline = time.monotonic() + ROUND_SECONDS
    while len({call.account for call in service.calls}) < accounts:
        if time.monotonic() > deadline:
            seen = Counter(call.endpoint for call in service.calls)
            raise TimeoutError(f"no whole round within {ROUND_SECONDS:.0f} s: {seen}, {bot.complaints()}")
        await asyncio.sleep(0.01)
    await asyncio.sleep(REST_SECONDS)
    return len(service.calls), cpu_seconds(bot.pid) - cpu


REMOTES: Final = Measurement(
    "remotes",
    "All calls that reach the emulated 1fichier, and the CPU time of the whole bot, from the rest before a round to the rest after it. Every account has ten requests that 1fichier "
    "still fetches, the most it may have. A tenth and a hundredth of the accounts beside it. Medians.",
    FIGURES,
    measure,
)
