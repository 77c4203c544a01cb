"""Waiting for what another task, or the other side of a connection, does in real time."""

import asyncio
from collections.abc import Awaitable, Callable

STEP_SECONDS = 0.005
STEPS = 1_000


async def until(condition: Callable[[], object | Awaitable[object]]) -> None:
    """Return as soon as `condition` holds.

    Raises:
        TimeoutError: it did not within five seconds.
    """
    for _ in range(STEPS):
        holds = condition()
        if await holds if isinstance(holds, Awaitable) else holds:
            return
        await asyncio.sleep(STEP_SECONDS)
    raise TimeoutError
