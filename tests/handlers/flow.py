"""The parts that work in the background, and time that passes while they do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from handlers import DeliveryBoard, JobBoard, Postman, StatusBoard
from tests.handlers.world import World

# What passes in a hundredth of a second: a minute takes a third of one.
TICK_SECONDS = 2.0
REAL_SECONDS = 0.01
LONGEST_WAIT = 60.0


@contextlib.asynccontextmanager
async def in_background(*parts: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run until the end of the block. A part that breaks down breaks the block."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def time_passing(world: World) -> None:
    while True:
        await world.rest()
        await world.clock.advance(TICK_SECONDS)
        await asyncio.sleep(REAL_SECONDS)


@contextlib.asynccontextmanager
async def everything_running(world: World) -> AsyncIterator[None]:
    """Files travel, links are fetched, statuses and results are told, and time passes."""
    services = world.services
    board, job_board = StatusBoard(services), JobBoard(services)
    delivery_board = DeliveryBoard(services)
    async with in_background(
        services.deliveries.run(),
        delivery_board.run(),
        services.uploads.run(),
        services.remotes.run(),
        services.jobs.run(),
        board.run(),
        job_board.run(),
        Postman(services, board, job_board, delivery_board).run(),
        time_passing(world),
    ):
        yield


@contextlib.asynccontextmanager
async def telling(world: World) -> AsyncIterator[None]:
    """Statuses and results are told; time stands still but for `pass_time`."""
    board, job_board = StatusBoard(world.services), JobBoard(world.services)
    async with in_background(board.run(), Postman(world.services, board, job_board).run()):
        yield


@contextlib.asynccontextmanager
async def jobs_running(world: World) -> AsyncIterator[None]:
    """As `telling`, and jobs on files and folders are done: presses are answered in time, however busy the machine is."""
    services = world.services
    board, job_board = StatusBoard(services), JobBoard(services)
    async with in_background(
        services.jobs.run(), board.run(), job_board.run(), Postman(services, board, job_board).run()
    ):
        yield


async def pass_time(world: World, seconds: float) -> None:
    """Let time pass in small steps, in each of which everybody gets as far as they can."""
    steps = max(1, round(seconds / 0.5))
    await world.rest()
    for _ in range(steps):
        await world.clock.advance(seconds / steps)
        await world.rest()


async def until(world: World, condition: Callable[[], object]) -> None:
    """Wait for what the background brings about, with little time passing."""
    async with asyncio.timeout(LONGEST_WAIT):
        while not condition():
            await _a_moment(world)


async def noted(world: World, condition: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """As `until`, for what has to stand in the database."""
    async with asyncio.timeout(LONGEST_WAIT):
        while not await condition():
            await _a_moment(world)


async def _a_moment(world: World) -> None:
    await world.rest()
    await world.clock.advance(0.1)
    await asyncio.sleep(REAL_SECONDS)
