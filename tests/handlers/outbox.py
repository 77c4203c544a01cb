"""Files that were sent and have ended, and what is still to be told of them."""

from storage import Reason, TransferState
from tests.handlers.flow import noted
from tests.handlers.world import World


async def sent(world: World, *names: str) -> None:
    for name in names:
        world.person.send_file(name=name, size=10)
    await world.handle()


async def ended(world: World, *, reason: Reason = Reason.BROKEN) -> None:
    """Have what was sent end without a link."""
    for transfer in await world.services.transfers.active_of(world.person.id):
        await world.services.transfers.end(
            transfer.id, TransferState.FAILED, now=world.clock.now(), reason=reason
        )
    await world.clock.advance(3)


async def depth(world: World) -> int:
    return await world.services.outbox.depth()


async def is_told(world: World) -> None:
    async def nothing_is_due() -> bool:
        return await depth(world) == 0

    await noted(world, nothing_is_due)
