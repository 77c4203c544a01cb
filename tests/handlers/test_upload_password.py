"""The password that new files get: given once, shown nowhere."""

import pytest

from emulators.botapi import SeenMessage
from tests.handlers.flow import everything_running
from tests.handlers.world import World

A_MONTH = 30 * 86_400.0
PROMPT = "🔑 Send me the password for new files in your next message."
SECRET = "planted-password"


async def page(world: World) -> SeenMessage:
    message = await world.tell("/settings")
    assert await world.press("Password", message) == ""
    return message


async def set_password(world: World, password: str = SECRET) -> SeenMessage:
    """By /settings; the answer."""
    message = await page(world)
    assert await world.press("Set", message) == ""
    return await world.tell(password)


async def upload(world: World, *names: str) -> SeenMessage:
    """Files sent together; what is said of them in the end."""
    sent = [world.person.send_file(name=name, size=1_000) for name in names]
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅", after=sent[-1])
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    return result


async def test_new_files_get_it_and_it_stays_in_no_message(world: World) -> None:
    account = await world.log_in()
    message = await page(world)
    assert message.text.splitlines() == [
        "Password for new files",
        "With one, whoever downloads your new files has to know it.",
        "Links that 1fichier fetches come without.",
    ]
    await world.press("Set", message)
    assert "Password for new files: none" in message.text
    asked = world.person.chat.matching(PROMPT)
    assert asked is not None
    assert asked.text.splitlines()[1:] == [
        "It needs 6 characters or more. I’ll delete that message at once.",
        "Changed your mind? /cancel",
    ]
    said = world.person.say(SECRET)
    await world.handle()
    assert said.deleted
    assert asked.deleted
    answer = world.person.chat.from_bot[-1]
    assert answer.text.splitlines() == [
        "✅ New files get this password from now on.",
        "I’ve deleted your message and keep the password encrypted.",
    ]
    result = await upload(world, "Holiday.mp4")
    (file,) = account.files.values()
    assert file.password == SECRET
    assert result.text.splitlines()[2:] == ["📁 Main folder", "🔑 with your password"]
    assert "Password for new files: set" in (await world.tell("/settings")).text
    assert not [each for each in world.person.chat.from_bot if SECRET in each.text]
    assert b"planted" not in b"".join(
        path.read_bytes() for path in world.database.path.parent.iterdir() if path.is_file()
    )


async def test_a_file_that_has_it_shows_that_on_its_card_without_asking(world: World) -> None:
    account = await world.log_in()
    await set_password(world)
    await upload(world, "Holiday.mp4")
    (file,) = account.files.values()
    asked = len(world.fichier.calls)
    card = await world.tell(file.url)
    assert card.text.splitlines()[2] == "📁 Main folder · with a password"
    assert len(world.fichier.calls) == asked


async def test_of_several_it_is_said_once(world: World) -> None:
    await world.log_in()
    await set_password(world)
    result = await upload(world, "a.bin", "b.bin")
    assert "🔑 2 files have your password." in result.text.splitlines()


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", "⚠️ That is too short: 1fichier wants 6 characters or more."),
        ("x" * 101, "⚠️ That is too long: 100 characters at most."),
        ("first line\nsecond", "⚠️ That is more than one line."),
    ],
)
async def test_one_that_does_not_do_is_asked_for_again(world: World, password: str, problem: str) -> None:
    account = await world.log_in()
    message = await page(world)
    await world.press("Set", message)
    said = world.person.say(password)
    await world.handle()
    assert said.deleted
    answer = world.person.chat.from_bot[-1]
    assert answer.text.splitlines()[:2] == [problem, PROMPT]
    assert (await world.tell("long enough")).text.startswith("✅")
    await upload(world, "Holiday.mp4")
    (file,) = account.files.values()
    assert file.password == "long enough"


async def test_a_message_that_cannot_be_deleted_is_left_to_the_person(world: World) -> None:
    await world.log_in()
    message = await page(world)
    await world.press("Set", message)
    world.person.say(SECRET)
    world.api.faults.add(
        method="deleteMessage", status=400, description="Bad Request: message can't be deleted"
    )
    await world.handle()
    assert world.person.chat.from_bot[-1].text.splitlines() == [
        "⚠️ I couldn’t delete your message: please delete it yourself, it shows the password.",
        "✅ New files get this password from now on.",
    ]


async def test_without_it_files_are_open_again_and_those_sent_before_keep_it(world: World) -> None:
    account = await world.log_in()
    await set_password(world)
    world.person.send_file(name="before.bin", size=1_000)
    await world.handle()
    message = await page(world)
    assert message.text.splitlines()[1].startswith("New files get the password that you have set")
    await world.press("Remove", message)
    assert "Password for new files: none" in message.text
    await upload(world, "after.bin")
    assert {file.name: file.password for file in account.files.values()} == {
        "before.bin": SECRET,
        "after.bin": "",
    }


async def test_a_file_that_is_there_already_says_nothing_of_a_password(world: World) -> None:
    account = await world.log_in()
    sent = world.person.send_file(name="a.bin", size=1_000, file_unique_id="same")
    await world.handle()
    async with everything_running(world):
        await world.person.chat.wait_for("✅", after=sent)
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    await set_password(world)
    again = world.person.send_file(name="a.bin", size=1_000, file_unique_id="same")
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("You already have", after=again)
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    assert "🔑" not in result.text
    await world.press("Upload again", result)
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅ a.bin", after=again)
    assert sorted(file.password for file in account.files.values()) == ["", SECRET]
    assert "🔑 with your password" in result.text


async def test_changed_after_a_failure_it_holds_for_the_next_try(world: World) -> None:
    account = await world.log_in()
    await set_password(world, "the first one")
    world.api.faults.add(method="getFile", status=400, description="Bad Request: invalid file_id", times=3)
    world.person.send_file(name="a.bin", size=1_000)
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("was not uploaded")
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    message = await page(world)
    await world.press("Change", message)
    await world.tell("the second one")
    await world.press("Try again", result)
    async with everything_running(world):
        await world.person.chat.wait_for("✅ a.bin")
    assert [file.password for file in account.files.values()] == ["the second one"]


async def test_buttons_do_no_harm_twice_or_after_a_month(world: World) -> None:
    message = await page(world)
    await world.press("Set", message)
    assert await world.press("Password", message) == ""
    await world.press("Set", message)
    await world.tell("/cancel")
    await world.clock.advance(A_MONTH)
    assert await world.press("Password", message) == ""
    await world.press("Set", message)
    assert (await world.tell(SECRET)).text.startswith("✅")
    await world.press("Password", message)
    await world.press("Remove", message)
    person = await world.services.people.find(world.person.id)
    assert person is not None
    assert not person.has_upload_password
