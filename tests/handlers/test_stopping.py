"""Links that 1fichier is fetching already, and nobody wants any more."""

import pytest

from emulators.botapi import SeenMessage
from emulators.onefichier import Failed, Fetched
from emulators.user import Group
from storage import RemoteState
from tests.handlers.flow import everything_running, noted, pass_time, until
from tests.handlers.world import World

A_MONTH = 30 * 86_400.0
ARRIVING = "What arrives will be deleted."


def url(name: str) -> str:
    return f"https://example.org/{name}.iso"


async def fetching(world: World, *names: str) -> SeenMessage:
    """Links that 1fichier fetches until the test says otherwise; their status message."""
    world.fichier.remotes.manual = True
    await world.tell("/remote " + " ".join(url(name) for name in names))
    status = await world.person.chat.wait_for("⏳ 1fichier is fetching")

    async def all_fetched() -> bool:
        found = await world.services.remotes_store.active_of(world.person.id)
        return {each.state for each in found} == {RemoteState.FETCHING}

    await noted(world, all_fetched)
    await pass_time(world, 5)
    return status


def arrive(world: World) -> None:
    for task in world.fichier.remotes.tasks.values():
        if task.executed_at is None:
            world.fichier.remotes.finish(task.id, [Fetched(task.urls[0].rpartition("/")[2], b"x")])


async def nothing_is_active(world: World) -> None:
    async def ended() -> bool:
        return not await world.services.remotes_store.active_of(world.person.id)

    await noted(world, ended)


async def test_a_file_that_is_not_wanted_is_deleted_when_it_arrives(world: World) -> None:
    account = await world.log_in()
    async with everything_running(world):
        status = await fetching(world, "a")
        button = status.button("Delete on arrival")
        assert await world.press("Delete on arrival", status) == ARRIVING
        await world.person.chat.wait_for("I’ll delete the file as soon as it arrives.")
        arrive(world)
        assert len(account.files) == 1
        await nothing_is_active(world)
        await pass_time(world, 5)
        press = world.person.press(button, status)
        await world.handle()
    assert press.answer is not None
    assert press.answer.text == "Already done."
    assert account.files == {}
    assert world.person.chat.notifications == []
    assert (await world.tell("/jobs")).text == "Nothing is running."


async def test_what_1fichier_does_not_let_go_is_told(world: World) -> None:
    account = await world.log_in()
    async with everything_running(world):
        status = await fetching(world, "a")
        await world.press("Delete on arrival", status)
        await world.person.chat.wait_for("I’ll delete the file")
        world.fichier.faults.add("file/rm.cgi", "ko", text="Locked file")
        arrive(world)
        told = await world.person.chat.wait_for("⚠️ It has arrived", timeout=20)
    (file,) = account.files.values()
    assert told.text.splitlines()[:4] == [
        "⚠️ It has arrived, and I couldn’t delete it.",
        "Its reason: “Locked file”.",
        "✅ a.iso · 1 byte",
        file.url,
    ]
    assert told.has_button("Delete")


async def test_a_deletion_without_an_answer_is_tried_again(world: World) -> None:
    account = await world.log_in()
    async with everything_running(world):
        status = await fetching(world, "a")
        await world.press("Delete on arrival", status)
        world.fichier.faults.add("file/rm.cgi", "cut", acts=True)
        arrive(world)
        await nothing_is_active(world)
    assert account.files == {}


async def test_the_others_of_its_batch_do_not_wait_for_it(world: World) -> None:
    account = await world.log_in()
    async with everything_running(world):
        await fetching(world, "a", "b")
        jobs = await world.tell("/jobs")
        await world.press("Cancel 1", jobs)
        assert await world.press("Delete on arrival", jobs) == ARRIVING
        tasks = list(world.fichier.remotes.tasks.values())
        world.fichier.remotes.finish(tasks[1].id, [Fetched("b.iso", b"x")])
        await world.person.chat.wait_for("✅ b.iso")
        arrive(world)
        await nothing_is_active(world)
    assert [file.name for file in account.files.values()] == ["b.iso"]


async def test_of_several_all_are_asked_about_at_once(world: World) -> None:
    account = await world.log_in()
    async with everything_running(world):
        status = await fetching(world, "a", "b")
        assert await world.press("Cancel all", status) == ""
        asked = world.person.chat.last
        assert asked.text == (
            "1fichier is fetching 2 links already, and can’t stop that.\n"
            "I can delete the files as they arrive, or just leave you in peace about them."
        )
        assert await world.press("Delete on arrival", asked) == ARRIVING
        assert asked.text == ARRIVING
        assert asked.buttons == []
        await world.person.chat.wait_for("I’ll delete the 2 files as they arrive.")
        arrive(world)
        await nothing_is_active(world)
    assert account.files == {}
    assert world.person.chat.notifications == []


async def test_what_waits_of_several_is_cancelled_at_once(world: World) -> None:
    await world.log_in()
    async with everything_running(world):
        world.fichier.remotes.manual = True
        await world.tell("/remote " + " ".join(url(str(number)) for number in range(12)))
        await until(world, lambda: len(world.fichier.remotes.tasks) == 10)
        await pass_time(world, 3)
        status = await world.person.chat.wait_for(lambda each: each.has_button("Cancel all"))
        assert await world.press("Cancel all", status) == "Cancelled."
        assert world.person.chat.last.text.startswith("1fichier is fetching 10 links already")
        await world.press("Don’t tell me")
        await nothing_waits(world)
    assert len(world.fichier.remotes.tasks) == 10


async def nothing_waits(world: World) -> None:
    async def none() -> bool:
        found = await world.services.remotes_store.active_of(world.person.id)
        return not [each for each in found if each.state is RemoteState.WAITING]

    await noted(world, none)


async def test_going_on_changes_nothing(world: World) -> None:
    account = await world.log_in()
    async with everything_running(world):
        status = await fetching(world, "a", "b")
        await world.press("Cancel all", status)
        asked = world.person.chat.last
        await world.press("Go on", asked)
        assert asked.text == "It goes on."
        arrive(world)
        await world.person.chat.wait_for("✅ 2 links fetched")
    assert len(account.files) == 2


async def test_cancel_in_reply_to_the_links_asks_too(world: World) -> None:
    await world.log_in()
    async with everything_running(world):
        await fetching(world, "a")
        said = next(each for each in world.person.chat.messages if each.text.startswith("/remote"))
        answer = await world.tell("/cancel", reply_to=said)
        assert answer.text.startswith("1fichier can’t stop a link once it is being fetched.")
        assert await world.press("Delete on arrival", answer) == ARRIVING


async def test_a_link_whose_source_fails_needs_no_deletion(world: World) -> None:
    await world.log_in()
    async with everything_running(world):
        status = await fetching(world, "a")
        await world.press("Delete on arrival", status)
        (task,) = world.fichier.remotes.tasks.values()
        world.fichier.remotes.finish(task.id, [Failed("404")])
        await nothing_is_active(world)
        await pass_time(world, 5)
    assert world.person.chat.notifications == []


async def test_no_news_of_a_file_that_was_to_be_deleted_is_told(world: World) -> None:
    await world.log_in()
    async with everything_running(world):
        status = await fetching(world, "a")
        await world.press("Delete on arrival", status)
        await world.person.chat.wait_for("I’ll delete the file")
        await pass_time(world, 1)
    await world.clock.advance(25 * 3_600)
    async with everything_running(world):
        await world.person.chat.wait_for("⚠️ No news of example.org/a.iso", timeout=20)


async def test_only_their_owner_can_turn_links_away(world: World) -> None:
    await world.log_in()
    eve = world.somebody()
    await world.log_in(eve)
    group = Group(world.api, -100, "Friends", [world.person, eve], bot_is_admin=True)
    world.fichier.remotes.manual = True
    world.person.in_group(group).say(f"/remote@onefichier_test_bot {url('a')}")
    await world.handle()
    async with everything_running(world):
        status = await group.chat.wait_for(lambda each: each.has_button("Delete on arrival"))
        for words in ("Delete on arrival", "Don’t tell me"):
            press = eve.in_group(group).press(words, status)
            await world.handle()
            assert press.answer is not None
            assert press.answer.text == "This button isn’t yours."
    (remote,) = await world.services.remotes_store.active_of(world.person.id)
    assert (remote.told, remote.unwanted) == (True, False)


@pytest.mark.parametrize("data", ["x:d", "x:d:z:1", "x:s:l:999", "x:s:b:999"])
async def test_a_button_about_nothing_is_harmless(world: World, data: str) -> None:
    await world.log_in()
    async with everything_running(world):
        status = await fetching(world, "a")
        status.payload["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = data
        answer = await world.press("Delete on arrival", status)
    assert answer in {
        "That’s too old. Send the command again.",
        "This button isn’t yours.",
        "Already done.",
    }
    (remote,) = await world.services.remotes_store.active_of(world.person.id)
    assert remote.told


async def test_after_a_month_there_is_nothing_left_to_turn_away(world: World) -> None:
    await world.log_in()
    async with everything_running(world):
        status = await fetching(world, "a")
        button = status.button("Delete on arrival")
        arrive(world)
        await world.person.chat.wait_for("✅ a.iso")
    await world.clock.advance(A_MONTH)
    press = world.person.press(button, status)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "Already done."


async def test_the_same_link_wanted_by_another_message_stays(world: World) -> None:
    account = await world.log_in()
    async with everything_running(world):
        status = await fetching(world, "a")
        await world.tell(f"/remote {url('a')}")
        await world.press("Delete on arrival", status)
        await pass_time(world, 100)
        arrive(world)
        await world.person.chat.wait_for("✅ a.iso")
        await nothing_is_active(world)
    assert len(account.files) == 1
