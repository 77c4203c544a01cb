"""What holds for every test."""

import itertools
import os
from collections.abc import Iterator
from typing import Any

import coverage
import pytest
from hypothesis import HealthCheck, settings

from tests.loop import WatchedLoop

# How fast examples are made says something of the machine, and nothing of the code.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")

# What a test measured goes from the process that it runs in to the one that shows it as a property of its reports.
FIGURES = "figures"

# Whoever asks for it drives the conversation or the transfers through both emulators, over loopback.
WORLD = "world"


# The longest come first: at the end they would keep one worker busy while the others have nothing to do.
LONGEST = (
    "tests/reliability/test_kills.py",
    "tests/reliability/test_storm.py",
    "tests/reliability/test_fuzz_updates.py",
    "tests/reliability/test_resources.py",
    "tests/test_image.py",
    "tests/reliability/",
    "tests/end_to_end/",
    "",
)


# Tests whose every line has tests of its own elsewhere. To count lines takes as long again as the test itself.
UNCOUNTED = ("tests/reliability/", "tests/end_to_end/", "tests/browser/")
# How coverage tells the processes that a test starts.
PROCESSES_ARE_COUNTED = "COVERAGE_PROCESS_CONFIG"
IS_COUNTED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next(i for i, path in enumerate(LONGEST) if item.nodeid.startswith(path)))
    # Each worker begins with a part of the list that hangs together: the longest are dealt out, one to each.
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items[:] = [item for first in range(workers) for item in items[first::workers]]
    counted: set[str] = set()
    for item in items:
        if WORLD in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.emulated)
        # Further cases of a test go the ways of its first one, but for lines that the floor has room for.
        test = item.nodeid.partition("[")[0]
        item.stash[IS_COUNTED] = not test.startswith(UNCOUNTED) and test not in counted
        counted.add(test)


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, type[WatchedLoop]]:
    return {"watched": WatchedLoop}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    counting = coverage.Coverage.current()
    if counting is None or item.stash[IS_COUNTED]:
        return (yield)
    counting.stop()
    of_processes = os.environ.pop(PROCESSES_ARE_COUNTED, None)
    try:
        return (yield)
    finally:
        if of_processes is not None:
            os.environ[PROCESSES_ARE_COUNTED] = of_processes
        counting.start()


@pytest.fixture(autouse=True)
def pauses_as_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the process sets it: python-telegram-bot warns where it is left open how `retry_after` is given."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # Each phase of a test has a report, and the last ones have all of it.
    noted: dict[int, tuple[str, list[str]]] = {}
    for report in itertools.chain.from_iterable(terminalreporter.stats.values()):
        properties: dict[str, Any] = dict(getattr(report, "user_properties", ()))
        if found := properties.get(FIGURES):
            place, title, lines = found
            noted[place] = (title, lines)
    by_title: dict[str, list[str]] = {}
    for _, (title, lines) in sorted(noted.items()):
        by_title.setdefault(title, []).extend(lines)
    for title, lines in by_title.items():
        terminalreporter.section(title, sep="-")
        for line in lines:
            terminalreporter.write_line(line)
