"""What the tests of how an upload ends have in common."""

from typing import Any

from emulators.botapi import VirtualFile
from emulators.onefichier import UPLOAD
from storage import Transfer
from tests.transfers.world import World

SIZE = 300_000


def sent(world: World) -> int:
    """How often a body was begun."""
    return len(world.calls(UPLOAD))


async def uploaded(world: World, size: int = SIZE, **fault: Any) -> Transfer:
    """Send one file through a fault of the upload node; its row at the end."""
    world.fichier.faults.add(UPLOAD, **fault)
    world.run_uploads()
    [row] = await world.ended(await world.send(VirtualFile(size)))
    return row
