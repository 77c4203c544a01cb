"""The card of a folder, as people come to it."""

from emulators.botapi import SeenMessage
from tests.handlers.world import World


async def card_of(world: World, name: str = "Videos") -> SeenMessage:
    """The card of a folder of the main one."""
    listed = await world.tell("/list")
    await world.press(f"📁 {name}")
    await world.press("This folder")
    return listed
