from pathlib import Path

import pytest

from emulators.botapi.attachments import Attachment
from emulators.user import Group
from storage import Reason, TransferState
from tests.handlers.flow import everything_running, telling, until
from tests.handlers.world import World, open_world

MEGABYTE = 2**20


async def waiting_names(world: World, person_id: int = 1_000) -> list[str]:
    return [each.given_name for each in await world.services.transfers.active_of(person_id)]


async def test_a_file_without_a_key_is_kept_and_that_is_said_once(world: World) -> None:
    first = world.person.send_file(name="Holiday <2026>.mp4")
    second = world.person.send_file(name="b.txt")
    third = world.person.send_file(name="c.txt")
    await world.handle()
    (said,) = world.person.chat.from_bot
    assert said.html == (
        "🔑 I need your key before I can upload.\n"
        "I’ve kept <b>Holiday &lt;2026&gt;.mp4</b> and will send it as soon as you’ve used /login"
    )
    assert said.reply_to is first
    assert said.silent
    assert (first.reactions, second.reactions, third.reactions) == ([], ["👀"], ["👀"])
    assert await waiting_names(world) == ["Holiday <2026>.mp4", "b.txt", "c.txt"]


async def test_files_sent_before_the_key_travel_after_it(world: World) -> None:
    world.person.send_file(name="early.txt", size=10)
    await world.handle()
    account = await world.log_in()
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅")
    (file,) = account.files.values()
    assert result.html == f"✅ <b>early.txt</b> · 10 bytes\n{file.url}\n📁 Main folder"


async def test_the_same_update_handled_twice_is_one_file(world: World) -> None:
    await world.log_in()
    world.person.send_file(name="a.txt")
    raw = world.api.updates.pending[-1]
    await world.handle()
    world.api.updates.push("message", raw["message"])
    await world.handle()
    assert await waiting_names(world) == ["a.txt"]


async def test_a_file_too_big_is_refused_at_once_with_the_way_out(world: World) -> None:
    await world.log_in()
    sent = world.person.send_file(name="Holiday.mp4", size=1_400_000_000)
    await world.handle()
    (said,) = world.person.chat.from_bot
    assert said.html == (
        "⚠️ <b>Holiday.mp4</b> is too big: 1.4 GB, and I can take 20 MB.\n"
        "Bots like this one get no more from Telegram. Two ways out:\n"
        "• Is it on the web? Send me its link, any size.\n"
        "• The owner of this bot can raise the limit to 2 GB."
    )
    assert said.reply_to is sent
    (transfer,) = await world.services.transfers.of_batch(1)
    assert (transfer.state, transfer.reason, transfer.refused) == (
        TransferState.FAILED,
        Reason.TOO_BIG,
        True,
    )


async def test_the_largest_file_that_telegram_hands_out_is_taken(world: World) -> None:
    await world.log_in()
    world.person.send_file(name="a.bin", size=20 * MEGABYTE)
    await world.handle()
    assert await waiting_names(world) == ["a.bin"]


async def test_the_owner_is_told_where_the_limit_is_raised(tmp_path: Path) -> None:
    async with open_world(tmp_path, admins=[1_000]) as world:
        world.person.send_file(name="Holiday.mp4", size=30 * MEGABYTE)
        await world.handle()
        assert "see “Large files” in the guide" in world.person.chat.last.text


async def test_an_empty_file_is_refused_at_once(world: World) -> None:
    await world.log_in()
    world.person.send_file(name="notes.txt", size=0)
    await world.handle()
    assert world.person.chat.last.html == "⚠️ <b>notes.txt</b> is empty: 1fichier takes no empty files."


async def test_what_is_refused_of_one_batch_stands_in_one_notice(world: World) -> None:
    await world.log_in()
    album = [Attachment(name=f"big{number}.mkv", size=30 * MEGABYTE) for number in range(2)]
    album += [Attachment(name=f"zero{number}.txt", size=0) for number in range(2)]
    album += [Attachment(name="good.txt", size=10)]
    world.person.send_album(album)
    await world.handle()
    (notice,) = world.person.chat.from_bot
    assert notice.html.splitlines() == [
        "⚠️ 2 files are too big, as I can take 20 MB:",
        "• <b>big0.mkv</b> · 31.5 MB",
        "• <b>big1.mkv</b> · 31.5 MB",
        "Bots like this one get no more from Telegram. Two ways out:",
        "• Is it on the web? Send me its link, any size.",
        "• The owner of this bot can raise the limit to 2 GB.",
        "⚠️ 2 files are empty, and 1fichier takes no empty files:",
        "• <b>zero0.txt</b> · 0 bytes",
        "• <b>zero1.txt</b> · 0 bytes",
    ]
    assert len(notice.edits) == 3
    assert await waiting_names(world) == ["good.txt"]


async def test_a_long_list_of_refused_files_is_counted(world: World) -> None:
    await world.log_in()
    for number in range(12):
        world.person.send_file(name=f"{number}.txt", size=0)
    await world.handle()
    assert world.person.chat.last.text.endswith("and 2 more")


async def test_a_notice_that_was_deleted_is_said_again(world: World) -> None:
    await world.log_in()
    world.person.send_file(name="a.txt", size=0)
    await world.handle()
    world.person.delete(world.person.chat.last)
    world.person.send_file(name="b.txt", size=0)
    await world.handle()
    assert "a.txt" in world.person.chat.last.text
    assert "b.txt" in world.person.chat.last.text


@pytest.mark.parametrize(
    ("announced", "size"),
    [pytest.param(None, 300_000, id="no size"), pytest.param(7, 300_000, id="a size that lies")],
)
async def test_a_size_that_is_missing_or_wrong_does_not_matter(
    world: World, announced: int | None, size: int
) -> None:
    account = await world.log_in()
    world.person.send_file(name="a.bin", size=size, file_size=announced)
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅")
    assert "300 kB" in result.text
    assert [file.size for file in account.files.values()] == [size]


async def test_two_files_of_the_same_name_get_two_links(world: World) -> None:
    account = await world.log_in()
    world.person.send_file(name="same.txt", content=b"one")
    world.person.send_file(name="same.txt", content=b"two")
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("2 files uploaded")
    assert {file.read() for file in account.files.values()} == {b"one", b"two"}
    assert all(file.url in result.text for file in account.files.values())


async def test_in_a_group_only_files_that_speak_to_the_bot_are_taken(world: World) -> None:
    await world.log_in()
    group = Group(world.api, -100, "Friends", [world.person], bot_is_admin=True)
    member = world.person.in_group(group)
    member.send_file(name="for friends.txt", size=5)
    member.send_file(name="for me.txt", size=5, caption="@onefichier_test_bot")
    await world.handle()
    assert await waiting_names(world) == ["for me.txt"]


async def test_a_status_message_answers_a_file_at_once_and_silently(world: World) -> None:
    await world.log_in()
    async with telling(world):
        sent = world.person.send_file(name="a.txt", size=5)
        await world.handle()
        await until(world, lambda: world.person.chat.from_bot)
    (status,) = world.person.chat.from_bot
    assert status.html == "⏳ In the queue\n<b>a.txt</b> · 5 bytes\n📁 Main folder"
    assert status.silent
    assert status.reply_to is sent
