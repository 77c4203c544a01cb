"""Files that are there already: their link at once, or a question first."""

import pytest

from emulators.botapi import SeenMessage
from emulators.botapi.attachments import Attachment
from emulators.user import Group
from tests.handlers.flow import everything_running, pass_time, telling, until
from tests.handlers.world import World

A_DAY = 86_400.0
A_MONTH = 30 * A_DAY
UPLOAD = "upload.cgi"


def uploads(world: World) -> int:
    return sum(call.endpoint == UPLOAD for call in world.fichier.calls)


async def uploaded(world: World, *names: str, size: int = 1_000) -> None:
    """Files that the account has from now on; the same name is the same Telegram file."""
    sent = [world.person.send_file(name=name, size=size, file_unique_id=f"same-{name}") for name in names]
    await world.handle()
    async with everything_running(world):
        await world.person.chat.wait_for("✅", after=sent[-1])
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))


async def ask_about(world: World, *names: str, size: int = 1_000) -> SeenMessage:
    """Have other Telegram files of those names and that size sent; the question about them."""
    sent = [world.person.send_file(name=name, size=size) for name in names]
    await world.handle()
    async with telling(world):
        # An earlier question stands until its result has been told and it is removed.
        await until(world, lambda: world.person.chat.matching("❓", after=sent[-1]))
        await pass_time(world, 1)
    found = world.person.chat.matching("❓", after=sent[-1])
    assert found is not None
    return found


async def all_that_happens(world: World, seconds: float = 20) -> None:
    async with everything_running(world):
        await pass_time(world, seconds)


async def always_upload(world: World) -> None:
    message = await world.tell("/settings")
    await world.press("Files you have", message)
    await world.press("always upload", message)


async def test_the_same_file_gets_its_link_and_nothing_is_sent(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "Holiday.mp4")
    await world.clock.advance(A_DAY)
    asked = len(world.fichier.calls)
    sent = world.person.send_file(name="Other name.mp4", size=1_000, file_unique_id="same-Holiday.mp4")
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("You already have")
    (file,) = account.files.values()
    assert result.html == f"✅ You already have <b>Holiday.mp4</b>, sent on 2 March 2026.\n{file.url}"
    assert result.reply_to is sent
    assert result.button("Copy link").copy_text == file.url
    assert [call.endpoint for call in list(world.fichier.calls)[asked:]] == ["file/info.cgi"]
    assert uploads(world) == 1


async def test_the_same_file_is_sent_again_where_it_was_deleted_elsewhere(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin")
    account.files.clear()
    await uploaded(world, "a.bin")
    assert [file.name for file in account.files.values()] == ["a.bin"]
    # What is known to be gone is not asked about again.
    account.files.clear()
    await uploaded(world, "a.bin")
    assert [call.endpoint for call in world.fichier.calls].count("file/info.cgi") == 2


async def test_a_file_that_was_deleted_here_is_sent_again_without_a_question(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin")
    await world.press("Delete")
    await world.press("Delete")
    assert not account.files
    await uploaded(world, "a.bin")
    assert len(account.files) == 1
    assert "file/info.cgi" not in [call.endpoint for call in world.fichier.calls]


async def test_it_can_be_uploaded_again_once_per_press(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin")
    await uploaded(world, "a.bin")
    told = world.person.chat.matching("You already have")
    assert told is not None
    button = told.button("Upload again")
    for answer in ("It’s in the queue.", "Already done."):
        press = world.person.press(button, told)
        await world.handle()
        assert press.answer is not None
        assert press.answer.text == answer
    assert not told.has_button("Upload again")
    assert told.has_button("Copy link")
    async with everything_running(world):
        await world.person.chat.wait_for("✅ a.bin", after=told)
    assert len(account.files) == 2


async def test_a_batch_with_some_that_are_there_gives_one_result(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin", "b.bin")
    before = len(world.person.chat.notifications)
    for name in ("a.bin", "new.bin", "b.bin"):
        world.person.send_file(name=name, size=1_000, file_unique_id=f"same-{name}")
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅ 1 file uploaded")
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    assert result.text.splitlines()[:2] == [
        "✅ 1 file uploaded · 1 kB · 📁 Main folder",
        "2 more were there already.",
    ]
    assert all(file.url in result.text for file in account.files.values())
    assert len(account.files) == 3
    assert len(world.person.chat.notifications) == before + 1
    assert await world.press("Upload again", result) == "It’s in the queue."
    async with everything_running(world):
        await world.person.chat.wait_for("✅ 2 files uploaded", after=result)
    assert len(account.files) == 5


async def test_a_whole_batch_that_is_there_says_so(world: World) -> None:
    await world.log_in()
    await uploaded(world, "a.bin", "b.bin")
    await uploaded(world, "a.bin", "b.bin")
    assert world.person.chat.matching("✅ You already have these 2 files.")
    assert uploads(world) == 2


async def test_many_at_once_cost_one_listing(world: World) -> None:
    await world.log_in()
    names = [f"{number}.bin" for number in range(12)]
    await uploaded(world, *names)
    await world.clock.advance(60)
    asked = len(world.fichier.calls)
    await uploaded(world, *names)
    assert world.person.chat.matching("✅ You already have these 12 files.")
    calls = [call.endpoint for call in list(world.fichier.calls)[asked:]]
    assert calls.count("file/ls.cgi") == 1
    assert calls.count("file/info.cgi") <= 5


async def test_the_same_file_sent_twice_at_once_is_uploaded_once(world: World) -> None:
    account = await world.log_in()
    for _ in range(2):
        world.person.send_file(name="a.bin", size=1_000, file_unique_id="same")
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("1 file uploaded")
    (file,) = account.files.values()
    assert result.text.count(file.url) == 2
    assert "1 more was there already." in result.text


async def test_always_upload_asks_nothing(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin")
    await always_upload(world)
    await uploaded(world, "a.bin")
    world.person.send_file(name="a.bin", size=1_000)
    await world.handle()
    await all_that_happens(world)
    assert len(account.files) == 3
    assert "file/info.cgi" not in [call.endpoint for call in world.fichier.calls]
    assert not world.person.chat.matching("❓")


async def test_somebody_elses_files_and_other_accounts_do_not_count(world: World) -> None:
    await world.log_in()
    await uploaded(world, "a.bin")
    eve = world.somebody()
    theirs = await world.log_in(eve)
    eve.send_file(name="a.bin", size=1_000, file_unique_id="same-a.bin")
    await world.handle()
    async with everything_running(world):
        await eve.chat.wait_for("✅ a.bin")
    assert len(theirs.files) == 1


# The same name and size, but another Telegram file


async def test_the_same_name_and_size_is_asked_about_with_the_link_there_is(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin")
    (file,) = account.files.values()
    question = await ask_about(world, "a.bin")
    assert question.html.splitlines() == [
        "❓ You have a file of this name and size already.",
        "<b>a.bin</b> · 1 kB",
        file.url,
        "Shall I upload it all the same?",
    ]
    assert [[each.text for each in row] for row in question.buttons] == [["Upload it", "Leave it out"]]
    await all_that_happens(world)
    assert len(account.files) == 1, "it waits for the answer"
    assert "1. a.bin · waits for your answer" in (await world.tell("/jobs")).text


@pytest.mark.parametrize(("name", "size"), [("b.bin", 1_000), ("a.bin", 1_001)], ids=["name", "size"])
async def test_another_name_or_size_is_not_asked_about(world: World, name: str, size: int) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin")
    world.person.send_file(name=name, size=size)
    await world.handle()
    await all_that_happens(world)
    assert len(account.files) == 2


async def test_yes_uploads_it_and_no_leaves_it_out(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin")
    question = await ask_about(world, "a.bin")
    assert await world.press("Upload it", question) == "It’s in the queue."
    async with everything_running(world):
        await world.person.chat.wait_for("✅ a.bin", after=question)
    assert len(account.files) == 2
    question = await ask_about(world, "a.bin")
    leave = question.button("Leave it out")
    assert await world.press("Leave it out", question) == "Left out."
    async with everything_running(world):
        await world.person.chat.wait_for("Cancelled: a.bin was not uploaded.")
    assert len(account.files) == 2
    press = world.person.press(leave, question)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "Already done."


async def test_the_others_of_its_batch_go_on_and_one_result_follows_the_answer(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin", "b.bin")
    world.person.send_album([Attachment(name=f"{name}.bin", size=1_000) for name in ("a", "b", "new")])
    await world.handle()
    async with everything_running(world):
        question = await world.person.chat.wait_for(lambda each: "❓" in each.text and "new.bin" in each.text)
        await world.person.chat.wait_until(lambda _: len(account.files) == 3)
        await world.person.chat.wait_until(lambda _: question.text.startswith("❓"))
        (new,) = account.named("new.bin")
        assert question.html.splitlines() == [
            "❓ 2 files you have already, by their names and sizes:",
            "• <b>a.bin</b>",
            "• <b>b.bin</b>",
            "Shall I upload them all the same?",
            "",
            "<b>new.bin</b>",
            new.url,
        ]
        await pass_time(world, 30)
        assert not world.person.chat.matching("✅ 1 file", after=question)
        await world.press("Upload them", question)
        await world.person.chat.wait_for("✅ 3 files uploaded", after=question)
        await world.person.chat.wait_until(lambda _: question.deleted)


async def test_leaving_them_out_tells_the_others(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin", "b.bin")
    world.person.send_album([Attachment(name=f"{name}.bin", size=1_000) for name in ("a", "b", "new")])
    await world.handle()
    async with everything_running(world):
        question = await world.person.chat.wait_for(lambda each: each.text.startswith("❓"))
        assert await world.press("Leave them out", question) == "Left out."
        await world.person.chat.wait_for("✅ new.bin", after=question)
    assert len(account.files) == 3


async def test_a_long_list_of_them_is_counted(world: World) -> None:
    await world.log_in()
    names = [f"{number}.bin" for number in range(12)]
    await uploaded(world, *names)
    question = await ask_about(world, *names)
    assert question.text.splitlines()[0].startswith("❓ 12 files you have already")
    assert "and 2 more" in question.text


async def test_only_their_owner_can_answer(world: World) -> None:
    await world.log_in()
    await uploaded(world, "a.bin")
    eve = world.somebody()
    await world.log_in(eve)
    group = Group(world.api, -100, "Friends", [world.person, eve], bot_is_admin=True)
    world.person.in_group(group).send_file(name="a.bin", size=1_000, caption="@onefichier_test_bot")
    await world.handle()
    async with telling(world):
        await until(world, lambda: group.chat.matching("❓"))
    press = eve.in_group(group).press("Upload it", group.chat.last)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "This button isn’t yours."
    assert "waits for your answer" in (await world.tell("/jobs")).text


async def test_without_an_answer_it_ends_after_a_day_and_can_be_tried_again(world: World) -> None:
    account = await world.log_in()
    await uploaded(world, "a.bin")
    question = await ask_about(world, "a.bin")
    upload = question.button("Upload it")
    await world.clock.advance(A_DAY + 60)
    async with everything_running(world):
        told = await world.person.chat.wait_for("⚠️ a.bin was not uploaded.")
        await world.person.chat.wait_until(lambda _: question.deleted)
    assert told.text.splitlines()[1] == "I asked whether to upload it and had no answer for 24 hours."
    await world.clock.advance(A_MONTH)
    press = world.person.press(upload, question)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "Already done."
    await world.press("Try again", told)
    async with everything_running(world):
        await world.person.chat.wait_for("✅ a.bin", after=told)
    assert len(account.files) == 2


@pytest.mark.parametrize("data", ["h:999:y", "h:2:x", "h"])
async def test_an_answer_to_nothing_is_too_old(world: World, data: str) -> None:
    await world.log_in()
    await uploaded(world, "a.bin")
    question = await ask_about(world, "a.bin")
    question.payload["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = data
    assert await world.press("Upload it", question) == "That’s too old. Send the command again."


async def test_cancel_in_reply_to_the_file_answers_too(world: World) -> None:
    await world.log_in()
    await uploaded(world, "a.bin")
    await ask_about(world, "a.bin")
    sent = next(each for each in reversed(world.person.chat.messages) if "document" in each.payload)
    assert (await world.tell("/cancel", reply_to=sent)).text == "Cancelled."
