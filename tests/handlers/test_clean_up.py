"""Messages that are deleted once their files have been uploaded."""

import pytest

from emulators.botapi import SeenMessage
from emulators.botapi.attachments import Attachment
from emulators.user import Group
from tests.handlers.flow import everything_running, until
from tests.handlers.world import World


@pytest.fixture
async def _tidy(world: World) -> None:
    await world.log_in()
    message = await world.tell("/settings")
    await world.press("Your messages", message)
    await world.press("delete after upload", message)


async def uploaded(world: World, *sent: SeenMessage) -> SeenMessage:
    """Have what was sent uploaded; the result, with all that follows from it done."""
    await world.handle()
    result = await world.person.chat.wait_for("1fichier.com/?")
    await until(world, lambda: all(message.deleted for message in sent))
    return result


@pytest.mark.usefixtures("_tidy")
async def test_of_an_uploaded_file_only_the_link_stays(world: World) -> None:
    async with everything_running(world):
        sent = world.person.send(Attachment(name="a.txt", size=10))
        result = await uploaded(world, sent)
    assert result.text.startswith("✅ a.txt")
    assert not result.deleted


@pytest.mark.usefixtures("_tidy")
async def test_all_messages_of_an_album_go(world: World) -> None:
    async with everything_running(world):
        sent = world.person.send_album([Attachment(name=f"{number}.txt", size=10) for number in range(3)])
        await uploaded(world, *sent)


@pytest.mark.usefixtures("_tidy")
async def test_what_was_not_uploaded_stays(world: World) -> None:
    async with everything_running(world):
        good, bad = world.person.send_album(
            [Attachment(name="good.txt", size=10), Attachment(name="empty.txt", size=0)]
        )
        await uploaded(world, good)
        assert not bad.deleted


@pytest.mark.usefixtures("_tidy")
async def test_telegram_may_want_a_rest_first(world: World) -> None:
    world.api.faults.add(method="deleteMessage", status=429, retry_after=30, times=2)
    sent = world.person.send_album([Attachment(name=f"{number}.txt", size=10) for number in range(2)])
    # Before time passes, in which an album may fall apart.
    await world.handle()
    async with everything_running(world):
        await uploaded(world, *sent)
        await world.person.chat.wait_for("2 files uploaded")
    assert len([message for message in world.person.chat.from_bot if "2 files uploaded" in message.text]) == 1


@pytest.mark.usefixtures("_tidy")
async def test_in_a_group_nothing_is_taken_from_others(world: World) -> None:
    group = Group(world.api, -500, "Friends", [world.person])
    async with everything_running(world):
        first = world.person.in_group(group).say("/help@onefichier_test_bot")
        await world.handle()
        sent = world.person.in_group(group).send(
            Attachment(name="a.txt", size=10), reply_to=group.chat.from_bot[-1]
        )
        await world.handle()
        await group.chat.wait_for("1fichier.com/?")
        await until(world, lambda: not world.services.wakeups.outbox.is_set())
    assert [first.deleted, sent.deleted] == [False, False]


async def test_by_default_all_stays(world: World) -> None:
    await world.log_in()
    async with everything_running(world):
        sent = world.person.send(Attachment(name="a.txt", size=10))
        await world.handle()
        await world.person.chat.wait_for("✅ a.txt")
    assert not sent.deleted
    rows = await world.database.fetch_all("SELECT 1 FROM outbox WHERE kind = 'clean_up'")
    assert rows == []
