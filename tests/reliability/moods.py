"""What the tests of Telegram's moods have in common."""

from emulators.botapi import Call, SeenMessage
from emulators.user import Participant, Person
from storage import TransferState
from tests.handlers.world import World


async def sent(world: World, *names: str, by: Participant | None = None) -> SeenMessage:
    """Files that arrive together; the first message."""
    messages = [
        (by or world.person).send_file(name=name, size=10, caption="@onefichier_test_bot") for name in names
    ]
    await world.handle()
    return messages[0]


async def end_all_of(world: World, person: Person, state: TransferState = TransferState.FAILED) -> None:
    for transfer in await world.services.transfers.active_of(person.id):
        await world.services.transfers.end(transfer.id, state, now=world.clock.now())
        world.services.wakeups.batch_item_ended(transfer.batch_id)


async def something_new(world: World, person: Person, size: int) -> None:
    """Have the status of what a person sent say something else: a size that turned out to be another."""
    for transfer in await world.services.transfers.active_of(person.id):
        await world.services.transfers.note_size(transfer.id, size)
        world.services.wakeups.batch_changed(transfer.batch_id)


async def several_people(world: World, count: int) -> list[Person]:
    everybody = [world.somebody(f"Person {number}") for number in range(count)]
    for each in everybody:
        each.chat.started = True
        await world.log_in(each)
    return everybody


def edits(world: World) -> list[Call]:
    return world.api.calls("editMessageText")
