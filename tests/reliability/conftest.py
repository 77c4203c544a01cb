"""Under fire: what is promised, held against kills, faults, floods and nonsense. `make soak` is the long form."""

import itertools
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import coverage
import pytest

# Properties are what reports take along from the processes that tests run in.
_FIGURES = "figures"


class Figures:
    """What a test measured, shown below the results of the whole run: figures nobody sees prove nothing."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def note(self, line: str) -> None:
        self._lines.append(line)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Note a table, its columns as wide as what stands in them."""
        texts = [[str(cell) for cell in row] for row in (head, *rows)]
        widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
        self._lines += [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in texts
        ]


@pytest.fixture(autouse=True)
def uncounted() -> Iterator[None]:
    """Every line that runs here has tests of its own elsewhere; counting them again would take a third of the time."""
    counting = coverage.Coverage.current()
    if counting is None:
        yield
        return
    counting.stop()
    try:
        yield
    finally:
        counting.start()


@pytest.fixture(scope="session")
def soak() -> bool:
    """Whether the long form was asked for."""
    return os.environ.get("SOAK", "") not in {"", "0"}


@pytest.fixture
def fast_path(tmp_path: Path) -> Iterator[Path]:
    """A directory in memory where there is one: what is measured over simulated hours is not the disk."""
    memory = Path("/dev/shm")  # a directory of our own is made there
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="onefichier-bot-") as directory:
        yield Path(directory)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Where a test puts its figures; shown under the first line of the test's docstring, or its name."""
    title = (request.function.__doc__ or request.node.name).strip().partition("\n")[0]
    lines: list[str] = []
    place = request.session.items.index(request.node)
    request.node.user_properties.append((_FIGURES, (place, title, lines)))
    return Figures(lines)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # Each phase of a test has a report, and the last ones have all of it.
    noted: dict[int, tuple[str, list[str]]] = {}
    for report in itertools.chain.from_iterable(terminalreporter.stats.values()):
        properties: dict[str, Any] = dict(getattr(report, "user_properties", ()))
        if found := properties.get(_FIGURES):
            place, title, lines = found
            noted[place] = (title, lines)
    by_title: dict[str, list[str]] = {}
    for _, (title, lines) in sorted(noted.items()):
        by_title.setdefault(title, []).extend(lines)
    for title, lines in by_title.items():
        terminalreporter.section(title, sep="-")
        for line in lines:
            terminalreporter.write_line(line)
