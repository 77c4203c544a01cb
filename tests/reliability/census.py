"""What a process holds: every container of every living object of ours, tasks, open files, memory."""

import asyncio
import functools
import gc
import sys
import tracemalloc
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

OURS: Final = ("bot", "handlers", "transfers", "onefichier", "storage")
ROOT: Final = Path(__file__).resolve().parents[2]
NOT_MEASURED: Final = (ROOT / "tests", ROOT / "emulators")
# The interpreter's table of interned strings keeps the places of those that are gone until it is full, and is then made anew: 4 MB that
# would count as whoever came last. So many strings fill it.
INTERNED_STRINGS: Final = 400_000


def containers() -> Counter[str]:
    """How much stands in each dictionary, set, list and queue that an object of ours has, by class and attribute.

    With them go the caches of functions that have no bound.
    """
    found: Counter[str] = Counter()
    for each in gc.get_objects():
        kind = type(each)
        if isinstance(each, functools._lru_cache_wrapper) and each.cache_info().maxsize is None:
            if _is_ours(getattr(each, "__module__", "") or ""):
                found[f"{each.__module__}.{each.__qualname__}"] += each.cache_info().currsize
        elif _is_ours(kind.__module__ or ""):
            for name, value in _attributes(each):
                if isinstance(value, dict | set | list | deque):
                    found[f"{kind.__qualname__}.{name}"] += len(value)
    return found


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in OURS


def _attributes(each: object) -> Iterator[tuple[str, Any]]:
    yield from getattr(each, "__dict__", {}).items()
    for kind in type(each).__mro__:
        for name in getattr(kind, "__slots__", ()):
            if name != "__dict__" and hasattr(each, name):
                yield name, getattr(each, name)


def objects() -> int:
    """Living objects, whoever made them."""
    return len(gc.get_objects())


def tasks() -> int:
    """Tasks that somebody could have forgotten: all but the one that asks."""
    return len(asyncio.all_tasks()) - 1


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def begin_tracing() -> None:
    tracemalloc.start()
    for number in range(INTERNED_STRINGS):
        sys.intern(f"interned {number}")


def traced_memory() -> int:
    """Bytes that were allocated since tracing began, but for those of the tests and emulators, which have their own records of everybody."""
    if not tracemalloc.is_tracing():
        return 0
    others = [tracemalloc.Filter(inclusive=False, filename_pattern=str(each / "*")) for each in NOT_MEASURED]
    snapshot = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(False, tracemalloc.__file__), *others]
    )
    return sum(each.size for each in snapshot.statistics("filename"))


def resident_memory() -> int:
    """Bytes of the whole process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def collected() -> None:
    """Be rid of what nobody holds any more."""
    for _ in range(3):
        gc.collect()
