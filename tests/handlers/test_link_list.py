"""The links of many files."""

import pytest

from emulators.botapi import SeenMessage
from emulators.botapi.attachments import Attachment
from emulators.onefichier import Failed, Fetched
from emulators.user import Group
from handlers.link_list import as_text
from storage import LinkFormat
from tests.handlers.flow import everything_running
from tests.handlers.world import World

A_MONTH = 30 * 86_400.0


async def many(world: World, count: int = 8) -> SeenMessage:
    """The result of so many files."""
    world.person.send_album([Attachment(name=f"{n}.txt", size=100) for n in range(count)])
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for(f"✅ {count} files uploaded")
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    return result


def text_of(message: SeenMessage) -> str:
    assert message.document is not None
    return message.document.content.decode()


async def plain_links(world: World) -> None:
    message = await world.tell("/settings")
    await world.press("Several links", message)
    await world.press("links only", message)


async def test_few_links_are_copied_at_once(world: World) -> None:
    account = await world.log_in()
    result = await many(world, 5)
    copied = result.button("Copy all").copy_text
    assert copied is not None
    assert sorted(copied.splitlines()) == sorted(file.url for file in account.files.values())
    assert not result.has_button("Links as file")


async def test_many_links_come_as_a_text_file(world: World) -> None:
    account = await world.log_in()
    result = await many(world)
    assert await world.press("Links as file", result) == ""
    sent = world.person.chat.last
    assert sent.document is not None
    assert sent.document.name == "links.txt"
    assert sent.reply_to is result
    assert sent.silent
    entries = text_of(sent).removesuffix("\n\n").split("\n\n")
    assert sorted(entries) == sorted(f"{file.name}\n{file.url}" for file in account.files.values())


async def test_the_text_file_has_the_form_that_is_set(world: World) -> None:
    account = await world.log_in()
    await plain_links(world)
    result = await many(world)
    await world.press("Links as file", result)
    lines = text_of(world.person.chat.last).splitlines()
    assert sorted(lines) == sorted(file.url for file in account.files.values())


async def test_fetched_links_come_as_a_text_file_too(world: World) -> None:
    account = await world.log_in()
    urls = [f"https://example.org/{number}.iso" for number in range(8)]
    world.fichier.remote_results.update({url: Fetched(url[-5:], b"x") for url in urls})
    await world.tell("/remote " + " ".join(urls))
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅ 8 links fetched")
    await world.press("Links as file", result)
    text = text_of(world.person.chat.last)
    assert all(f"{file.name}\n{file.url}\n" in text for file in account.files.values())


async def test_what_became_of_each_of_many_that_failed_stands_in_the_text_file(world: World) -> None:
    account = await world.log_in()
    urls = [f"https://example.org/{number}.iso" for number in range(14)]
    world.fichier.remote_results.update({url: Failed("404 <Not Found>") for url in urls})
    world.fichier.remote_results[urls[0]] = Fetched("0.iso", b"x")
    await world.tell("/remote " + " ".join(urls))
    async with everything_running(world):
        result = await world.person.chat.wait_for("1 of 14 links fetched", timeout=20)
    assert "and 3 more" in result.text
    await world.press("Links as file", result)
    (file,) = account.files.values()
    first, link, empty, *failed = text_of(world.person.chat.last).splitlines()
    assert (first, link, empty) == ("0.iso", file.url, "")
    assert failed == [
        f"# example.org/{number}.iso, its server didn’t hand it out. Its reason: “404 <Not Found>”."
        for number in range(1, 14)
    ]


async def test_a_month_later_and_twice_it_is_the_same_file(world: World) -> None:
    await world.log_in()
    result = await many(world)
    await world.clock.advance(A_MONTH)
    texts = set()
    for _ in range(2):
        await world.press("Links as file", result)
        texts.add(text_of(world.person.chat.last))
    assert len(texts) == 1


async def test_what_is_forgotten_is_too_old(world: World) -> None:
    await world.log_in()
    result = await many(world)
    await world.database.execute("DELETE FROM batch", {})
    assert await world.press("Links as file", result) == "That’s too old. Send the command again."


async def test_a_result_of_which_all_was_tried_again_has_no_links(world: World) -> None:
    await world.log_in()
    result = await many(world)
    await world.database.execute("UPDATE transfer SET link = NULL", {})
    assert await world.press("Links as file", result) == "Already done."


async def test_only_their_owner_gets_them(world: World) -> None:
    await world.log_in()
    eve = world.somebody()
    await world.log_in(eve)
    group = Group(world.api, -100, "Friends", [world.person, eve], bot_is_admin=True)
    member = world.person.in_group(group)
    for number in range(8):
        member.send_file(name=f"{number}.txt", size=5, caption="@onefichier_test_bot")
    await world.handle()
    async with everything_running(world):
        result = await group.chat.wait_for("✅ 8 files uploaded")
    press = eve.in_group(group).press("Links as file", result)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "This button isn’t yours."
    assert all(each.document is None for each in group.chat.from_bot)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (LinkFormat.NAMES, "Été <1> &.txt\nhttps://a\n\ntwo lines\nhttps://b\n\n"),
        (LinkFormat.PLAIN, "https://a\nhttps://b\n"),
    ],
)
def test_names_stand_in_a_text_file_as_they_are(form: LinkFormat, text: str) -> None:
    files = [("Été <1> &.txt", "https://a"), ("two\nlines", "https://b")]
    assert as_text(files, form).decode() == text
