"""Days of a public bot's traffic at full speed: nothing grows, and what is old enough is gone."""

import contextlib
import logging
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.reliability import census
from tests.reliability.conftest import Figures
from tests.reliability.day import HOUR, Crowd
from tests.reliability.whole import WholeBot, whole_bot

# Updates are kept for two days, the history here for one, questions for eight: those are seen to go in the long form.
REST_DAYS, LONG_REST_DAYS = 2.5, 10
TABLES = (
    "inbox",
    "outbox",
    "batch",
    "transfer",
    "remote_upload",
    "job",
    "question",
    "service_limit",
    "unreachable_chat",
)
# Between two days of the same traffic; what a day keeps for the next differs a little from one to the other.
GROWTH = 0.01
# A hundredth of what the bot and its libraries take: what was imported before tracing began is not in the figures.
GROWTH_BYTES = 80_000
# Whoever wants to be warned has their account looked at twice a day, also when nobody does anything: what one such call leaves
# for a while, and the last minute of calls to Telegram.
OF_ONE_CALL = {"AccountWatch._tried", "Schedule.key_free_at", "Bars._bars", "Throttle._outcomes"}
ENTRIES_OF_ONE_CALL = 30


@contextlib.contextmanager
def errors_noted() -> Iterator[Counter[str]]:
    """What is logged as an error. Records are not kept, for what they hold would not be let go."""
    found: Counter[str] = Counter()

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found[record.getMessage()] += 1

    root = logging.getLogger()
    before, root.handlers = root.handlers, [Noting(logging.ERROR)]
    try:
        yield found
    finally:
        root.handlers = before


@dataclass(frozen=True)
class Measure:
    traced: int
    resident: int
    objects: int
    tasks: int
    files: int
    due: int
    rows: dict[str, int]
    containers: Counter[str]


async def measure(bot: WholeBot) -> Measure:
    await bot.time.reached()
    census.collected()
    return Measure(
        traced=census.traced_memory(),
        resident=census.resident_memory(),
        objects=census.objects(),
        tasks=census.tasks(),
        files=census.open_files(),
        due=await count(bot, "outbox WHERE state = 'due'"),
        rows={table: await count(bot, table) for table in TABLES},
        containers=census.containers(),
    )


async def count(bot: WholeBot, what: str) -> int:
    return int((await bot.rows(f"SELECT count(*) AS n FROM {what}"))[0]["n"])


async def test_days_of_traffic_leave_nothing_behind(fast_path: Path, figures: Figures, soak: bool) -> None:
    """Days of traffic at full speed, then days without any."""
    days, visits, rest = (4, 80, LONG_REST_DAYS) if soak else (2, 20, REST_DAYS)
    with errors_noted() as errors, contextlib.ExitStack() as tracing:
        if soak:
            # It takes twice the time of all else.
            census.begin_tracing()
            tracing.callback(tracemalloc.stop)
        async with whole_bot(
            fast_path,
            history_days=1,
            onefichier_min_interval_seconds=0.3,
            onefichier_address_interval_seconds=0.1,
        ) as bot:
            await bot.time.passes(60)
            measures = {"start": await measure(bot)}
            crowd = Crowd(bot)
            await crowd.arrive()
            calls = [0, 0]
            for day in range(1, days + 1):
                await crowd.day(visits)
                calls = [calls[0] + len(bot.calls()), calls[1] + len(bot.fichier.calls)]
                bot.forget()
                measures[f"day {day}"] = await measure(bot)
            tracing.close()
            crowd.everybody_rests()
            await bot.time.passes(rest * 24 * HOUR, step=HOUR)
            measures[f"{rest:g} days later"] = await measure(bot)
    figures.note(f"{crowd.done} actions, {calls[0]} calls to Telegram, {calls[1]} to 1fichier")
    show(figures, measures, traced=soak)
    figures.note(f"errors in the log: {dict(errors) or 'none'}")

    start, *_, before, last, rested = measures.values()
    assert last.objects <= before.objects * (1 + GROWTH)
    assert last.traced <= before.traced + GROWTH_BYTES
    assert last.tasks <= start.tasks + 3
    assert last.files <= start.files + 6
    grown = {name: number for name, number in rested.containers.items() if number > start.containers[name]}
    assert grown.keys() <= OF_ONE_CALL
    assert all(number <= ENTRIES_OF_ONE_CALL for number in grown.values())
    kept = {name for name, number in rested.rows.items() if number}
    assert kept <= ({"service_limit"} if soak else {"service_limit", "question"})
    assert rested.rows["service_limit"] <= ENTRIES_OF_ONE_CALL
    assert not errors


def show(figures: Figures, measures: dict[str, Measure], *, traced: bool) -> None:
    columns = list(measures.values())
    figures.table(
        ("", *measures),
        [
            *(
                [("allocated by Python, kB", *(each.traced // 1000 or "" for each in columns))]
                if traced
                else []
            ),
            ("memory of the process, MB", *(each.resident // 1_000_000 for each in columns)),
            ("living objects", *(each.objects for each in columns)),
            ("in containers of ours", *(sum(each.containers.values()) for each in columns)),
            ("tasks", *(each.tasks for each in columns)),
            ("open files", *(each.files for each in columns)),
            ("facts due", *(each.due for each in columns)),
            *((f"rows: {table}", *(each.rows[table] for each in columns)) for table in TABLES),
        ],
    )
