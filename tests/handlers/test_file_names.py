"""What files are called, from the person's side."""

import pytest

from emulators.botapi import SeenMessage
from emulators.botapi.attachments import Attachment
from emulators.onefichier import EmulatedAccount
from emulators.user import Group
from tests.handlers.flow import everything_running, pass_time, until
from tests.handlers.world import World

USAGE = (
    "Reply to a file with /upload and the name that it shall have,\n"
    "or write that below a file as you send it."
)


def names_in(account: EmulatedAccount) -> list[str]:
    return sorted(file.name for file in account.files.values())


async def leave_channels_out(world: World) -> None:
    message = await world.tell("/settings")
    await world.press("@channel in names", message)
    await world.press("leave out", message)


async def result_of(world: World, *, after: SeenMessage) -> SeenMessage:
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅", after=after)
        # Noted down as told by then.
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    return result


@pytest.mark.parametrize("caption", ["/upload Holiday", "/upload@onefichier_test_bot Holiday\nmore words"])
async def test_a_name_below_the_file_is_its_name(world: World, caption: str) -> None:
    account = await world.log_in()
    sent = world.person.send_file(name="IMG_1.MOV", size=10, caption=caption)
    result = await result_of(world, after=sent)
    assert names_in(account) == ["Holiday.MOV"]
    assert result.text.startswith("✅ Holiday.MOV")


async def test_a_command_below_the_file_without_a_name_changes_nothing(world: World) -> None:
    account = await world.log_in()
    sent = world.person.send_file(name="a.txt", size=10, caption="/upload")
    await result_of(world, after=sent)
    assert names_in(account) == ["a.txt"]


async def test_of_an_album_only_the_file_with_the_name_gets_it(world: World) -> None:
    account = await world.log_in()
    album = [Attachment(name="a.txt", size=5, caption="/upload First"), Attachment(name="b.txt", size=5)]
    sent = world.person.send_album(album)
    await result_of(world, after=sent[-1])
    assert names_in(account) == ["First.txt", "b.txt"]


async def test_a_photo_is_called_as_its_caption_begins(world: World) -> None:
    account = await world.log_in()
    sent = world.person.send_file("photo", size=10, caption="Beach\nwith all of us")
    await result_of(world, after=sent)
    assert names_in(account) == ["Beach.jpg"]


async def test_a_file_that_waits_gets_its_new_name_in_the_queue(world: World) -> None:
    account = await world.log_in()
    sent = world.person.send_file(name="a.txt", size=10)
    await world.handle()
    answer = await world.tell("/upload Notes <1>", reply_to=sent)
    assert answer.html == "It will be called <b>Notes &lt;1&gt;.txt</b>."
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅")
    assert names_in(account) == ["Notes ＜1＞.txt"]
    assert "1fichier doesn’t allow < and > in names: saved as Notes ＜1＞.txt" in result.text
    assert result.reply_to is sent


async def test_a_file_on_its_way_is_sent_anew_under_its_new_name(world: World) -> None:
    account = await world.log_in()
    world.api.faults.add_download(stall_after=100_000)
    sent = world.person.send_file(name="a.bin", size=1_000_000)
    await world.handle()
    async with everything_running(world):
        await world.person.chat.wait_for("Uploading")
        asked = world.person.say("/upload b.bin", reply_to=sent)
        await world.handle()
        result = await world.person.chat.wait_for("✅")
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    assert names_in(account) == ["b.bin"]
    assert result.reply_to is asked


async def test_a_file_that_is_there_is_uploaded_again_under_its_new_name(world: World) -> None:
    account = await world.log_in()
    sent = world.person.send_file(name="a.txt", size=10)
    await result_of(world, after=sent)
    asked = world.person.say("/upload b", reply_to=sent)
    result = await result_of(world, after=asked)
    assert names_in(account) == ["a.txt", "b.txt"]
    assert result.reply_to is asked


async def test_the_command_handled_twice_uploads_once(world: World) -> None:
    account = await world.log_in()
    sent = world.person.send_file(name="a.txt", size=10)
    await result_of(world, after=sent)
    asked = world.person.say("/upload b", reply_to=sent)
    raw = dict(world.api.updates.pending[-1])
    await world.handle()
    world.api.updates.push("message", raw["message"])
    await result_of(world, after=asked)
    assert names_in(account) == ["a.txt", "b.txt"]


async def test_a_new_name_in_the_queue_handled_twice_uploads_once(world: World) -> None:
    account = await world.log_in()
    sent = world.person.send_file(name="a.txt", size=10)
    await world.handle()
    asked = world.person.say("/upload b", reply_to=sent)
    raw = dict(world.api.updates.pending[-1])
    await result_of(world, after=asked)
    world.api.updates.push("message", raw["message"])
    await world.handle()
    async with everything_running(world):
        await pass_time(world, 10)
    assert names_in(account) == ["b.txt"]


async def test_a_file_of_a_friend_in_a_group_is_uploaded_on_command(world: World) -> None:
    account = await world.log_in()
    eve = world.somebody()
    group = Group(world.api, -100, "Friends", [world.person, eve], bot_is_admin=True)
    theirs = eve.in_group(group).send_file(name="theirs.txt", size=5)
    asked = world.person.in_group(group).say("/upload@onefichier_test_bot", reply_to=theirs)
    await world.handle()
    async with everything_running(world):
        result = await group.chat.wait_for("✅")
    assert names_in(account) == ["theirs.txt"]
    assert result.reply_to is asked


@pytest.mark.parametrize("said", ["/upload", "/upload Name"])
async def test_without_a_file_the_command_tells_how_it_is_used(world: World, said: str) -> None:
    assert (await world.tell(said)).text == USAGE
    assert (await world.tell(said, reply_to=world.person.chat.last)).text == USAGE


async def test_without_a_key_the_file_is_kept_under_its_new_name(world: World) -> None:
    sent = world.person.send_file(name="a.txt", size=10)
    await world.handle()
    await world.tell("/upload b", reply_to=sent)
    account = await world.log_in()
    await result_of(world, after=sent)
    assert names_in(account) == ["b.txt"]


async def test_a_name_answers_the_question_about_the_old_one(world: World) -> None:
    account = await world.log_in()
    sent = world.person.send_file(name="a.txt", size=10)
    await result_of(world, after=sent)
    second = world.person.send_file(name="a.txt", size=10)
    await world.handle()
    asked = world.person.say("/upload b", reply_to=second)
    await result_of(world, after=asked)
    assert names_in(account) == ["a.txt", "b.txt"]


async def test_a_leading_channel_is_kept_unless_it_shall_be_left_out(world: World) -> None:
    account = await world.log_in()
    world.person.forward(Attachment(name="@some_channel_Film.mkv", size=10), origin="channel")
    await world.handle()
    await leave_channels_out(world)
    sent = world.person.forward(Attachment(name="@some_channel_Film.mkv", size=11), origin="channel")
    result = await result_of(world, after=sent)
    assert names_in(account) == ["@some_channel_Film.mkv", "Film.mkv"]
    assert "saved as" not in result.text


async def test_a_name_that_was_asked_for_keeps_its_channel(world: World) -> None:
    account = await world.log_in()
    await leave_channels_out(world)
    sent = world.person.send_file(name="a.mkv", size=10, caption="/upload @some_channel Film")
    await result_of(world, after=sent)
    assert names_in(account) == ["@some_channel Film.mkv"]


async def test_a_name_that_is_taken_is_told(world: World) -> None:
    account = await world.log_in()
    account.add_file("a.txt", b"another")
    await world.tell("/list")
    sent = world.person.send_file(name="a.txt", size=10)
    result = await result_of(world, after=sent)
    assert result.text.splitlines()[-1] == (
        "Another file in this folder has the same name: only their links tell them apart."
    )


async def test_a_name_in_another_folder_is_not_taken(world: World) -> None:
    account = await world.log_in()
    folder = account.add_folder("Videos")
    account.add_file("a.txt", b"another", folder_id=folder.id)
    await world.tell("/list")
    await world.press("Videos")
    sent = world.person.send_file(name="a.txt", size=10)
    result = await result_of(world, after=sent)
    assert result.text.splitlines()[-1] == "📁 Main folder"


async def test_names_that_are_taken_in_a_batch_are_counted(world: World) -> None:
    await world.log_in()
    sent = world.person.send_album([Attachment(name="a.txt", size=5), Attachment(name="a.txt", size=6)])
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("2 files uploaded", after=sent[-1])
    assert result.text.splitlines()[-1] == (
        "2 files have the names of others in their folder: only their links tell them apart."
    )


async def test_somebody_elses_file_in_the_queue_keeps_its_name(world: World) -> None:
    await world.log_in()
    eve = world.somebody()
    await world.log_in(eve)
    group = Group(world.api, -100, "Friends", [world.person, eve], bot_is_admin=True)
    mine = world.person.in_group(group).send_file(name="a.txt", size=5, caption="@onefichier_test_bot")
    await world.handle()
    eve.in_group(group).say("/upload@onefichier_test_bot b", reply_to=mine)
    await world.handle()
    async with everything_running(world):
        await until(world, lambda: len(group.chat.from_bot) >= 2)
    (waiting,) = await world.services.transfers.of_batch(1)
    assert waiting.given_name == "a.txt"
