"""Waiting for what another task, or the other side of a connection, does in real time."""

import asyncio
from collections.abc import Awaitable, Callable

STEP_SECONDS = 0.005
# A bound for what never comes; on a machine that does other things as well, what comes may take a while.
STEPS = 6_000


async def until(condition: Callable[[], object | Awaitable[object]]) -> None:
    """Return as soon as `condition` holds.

    Raises:
        TimeoutError: it did not within half a minute.
    """
    for _ in range(STEPS):
        holds = condition()
        if await holds if isinstance(holds, Awaitable) else holds:
            return
        await asyncio.sleep(STEP_SECONDS)
    raise TimeoutError
