"""How late the event loop wakes whom it should wake: the sign that something holds it."""

import asyncio
from typing import Final

from bot.metrics import Metrics

EVERY_SECONDS: Final = 0.5


async def measure_lag(metrics: Metrics) -> None:
    """Measure until cancelled. In real time, whatever clock the rest goes by."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)
        metrics.lag.observe(max(0.0, loop.time() - due))
