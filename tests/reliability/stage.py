"""Where jobs are done under faults: the bot without its intake, between both services, on a clock of the test's."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from emulators.user import Person
from handlers import JobBoard, Postman, StatusBoard
from onefichier import Pacing, Patience
from tests.handlers.flow import in_background
from tests.handlers.world import World, open_world
from tests.reliability.jobs import USER_INFO, Job, Scene

PACING: Final = Pacing(lock_pause_seconds=900)
SETTLE_FOR: Final = timedelta(minutes=3)
# Connections know only real time, so what they time out on is kept short.
IMPATIENT: Final = Patience(answer=0.2, whole_answer=0.4, stall=0.2, verdict=0.2)
# On a machine that is busy otherwise, an answer takes longer than the milliseconds it should.
PATIENT: Final = Patience(answer=10, whole_answer=20, stall=10, verdict=10)
_FIRST_PERSON: Final = 10_000


@contextlib.asynccontextmanager
async def running_world(patience: Patience = PATIENT) -> AsyncIterator[World]:
    """A world in which everything works in the background, 1fichier's limits are in force, and time waits for everybody."""
    async with contextlib.AsyncExitStack() as stack:
        world = await stack.enter_async_context(
            open_world(
                stack.enter_context(_directory()),
                enforce_limits=True,
                pacing=PACING,
                patience=patience,
                settle_for=SETTLE_FOR,
            )
        )
        services = world.services
        board = StatusBoard(services)
        await stack.enter_async_context(
            in_background(
                services.uploads.run(),
                services.remotes.run(),
                board.run(),
                Postman(services, board, JobBoard(services)).run(),
            )
        )
        yield world


async def new_scene(world: World) -> Scene:
    """One more person, logged in."""
    account = world.fichier.add_account()
    person = Person(world.api, user_id=_FIRST_PERSON + len(world.fichier.accounts), first_name="Ada")
    person.chat.started = True
    assert account.key is not None
    await world.services.people.meet(person.id, "en", world.clock.now())
    await world.services.people.store_key(person.id, account.key, world.clock.now())
    return Scene(world, person, account)


async def rest(world: World, job: Job) -> None:
    """Leave nothing behind for whoever comes next: no fault, no pause."""
    world.fichier.faults.clear()
    await world.until(lambda: world.services.uploads.paused_until(0) is None)
    await world.passes(PACING.account_address_seconds if job.endpoint == USER_INFO else 1)
    world.fichier.limits.unlock()


@contextlib.contextmanager
def _directory() -> Iterator[Path]:
    """In memory where there is such a place: how long a disk takes for its promises is not tested here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as path:
        yield Path(path)
