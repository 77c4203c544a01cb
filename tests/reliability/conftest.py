"""Under fire: what is promised, held against kills, faults, floods and nonsense. `make soak` is the long form."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from tests.conftest import FIGURES
from tests.handlers.world import World, open_world
from tests.reliability.stillness import Stillness


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
    request.node.user_properties.append((FIGURES, (place, title, lines)))
    return Figures(lines)


@pytest.fixture
async def world(fast_path: Path) -> AsyncIterator[World]:
    async with open_world(fast_path) as world:
        yield world


@pytest.fixture
async def time(world: World) -> Stillness:
    return Stillness(world.clock)
