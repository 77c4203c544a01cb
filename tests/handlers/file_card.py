"""The card of a file, as people come to it."""

from emulators.botapi import SeenMessage
from emulators.onefichier import StoredFile
from tests.handlers.world import World


async def card_of(world: World, file: StoredFile) -> SeenMessage:
    return await world.tell(file.url)


async def from_list(world: World) -> SeenMessage:
    """The card of the first file of the list, in the message of the list."""
    listed = await world.tell("/list")
    await world.press("1")
    return listed
