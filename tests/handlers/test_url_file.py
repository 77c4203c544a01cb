"""Text files full of URLs."""

import pytest

from emulators.botapi import SeenMessage, VirtualFile
from emulators.onefichier import Failed, Fetched
from emulators.user import Group
from handlers.url_lists import MOST_URLS
from tests.handlers.flow import everything_running
from tests.handlers.world import World
from transfers import LARGEST_LIST

A_MONTH = 30 * 86_400.0
TOO_OLD = "That’s too old. Send the command again."


def url(number: int) -> str:
    return f"https://example.org/{number}.iso"


def a_list(*numbers: int) -> bytes:
    return "\n".join(map(url, numbers)).encode()


async def wanted(world: World) -> list[str]:
    store = world.services.remotes_store
    return [store.url(each) for each in await store.active_of(world.person.id)]


async def uploads(world: World) -> list[str]:
    return [each.given_name for each in await world.services.transfers.active_of(world.person.id)]


async def send(
    world: World,
    content: bytes | VirtualFile,
    *,
    name: str = "urls.txt",
    caption: str | None = None,
    mime_type: str | None = "text/plain",
) -> SeenMessage:
    """The bot's answer to a document, or the document where there is none."""
    world.person.send_file(name=name, content=content, caption=caption, mime_type=mime_type)
    await world.handle()
    return world.person.chat.last


async def test_a_list_with_the_command_below_it_is_fetched_with_one_summary(world: World) -> None:
    account = await world.log_in()
    world.fichier.remote_results.update({url(n): Fetched(f"{n}.iso", b"x") for n in range(30)})
    world.fichier.remote_results[url(7)] = Failed("404 Not Found")
    sent = await send(world, a_list(*range(30)), caption="/remote")
    async with everything_running(world):
        status = await world.person.chat.wait_for("⏳ 1fichier is fetching 30 links for you")
        assert status.text.splitlines()[-2] == "and 20 more"
        result = await world.person.chat.wait_for("29 of 30 links fetched")
        await world.person.chat.wait_until(lambda _: status.deleted)
        assert "Not fetched: example.org/7.iso" in result.text
        assert all(
            file.url in "".join(each.text for each in world.person.chat.from_bot)
            for file in account.files.values()
        )
        world.fichier.remote_results[url(7)] = Fetched("7.iso", b"x")
        assert await world.press("Try again", result) == "I’m trying again."
        await world.person.chat.wait_for("✅ 7.iso")
    assert len(account.files) == 30
    assert result.reply_to is sent
    assert await uploads(world) == []


async def test_in_reply_to_a_list_it_is_fetched(world: World) -> None:
    await world.log_in()
    sent = world.person.send_file(name="links", content=b"see " + a_list(1, 2), mime_type="text/plain")
    await world.handle()
    await world.tell("/remote", reply_to=sent)
    assert await wanted(world) == [url(1), url(2)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("\ufeff" + f"{url(1)}\r\n\r\n{url(2)}\r\n", id="as Windows writes it"),
        pytest.param(f"# my list\n{url(1)} first\n\t{url(2)}", id="with remarks"),
        pytest.param(f"<{url(1)}>, {url(2)};", id="with punctuation"),
    ],
)
async def test_links_among_other_words_are_found(world: World, content: str) -> None:
    await world.log_in()
    await send(world, content.encode(), caption="/remote")
    assert await wanted(world) == [url(1), url(2)]


async def test_a_list_in_utf_16_is_read(world: World) -> None:
    await world.log_in()
    await send(world, f"{url(1)}\r\n{url(2)}".encode("utf-16"), caption="/remote")
    assert await wanted(world) == [url(1), url(2)]


async def test_links_that_cannot_be_fetched_are_told_beside_the_others(world: World) -> None:
    await world.log_in()
    answer = await send(world, f"{url(1)}\nmagnet:?xt=1".encode(), caption="/remote")
    assert answer.text == (
        "⚠️ 1fichier fetches only what begins with http://, https:// or ftp://, not magnet:"
    )
    assert await wanted(world) == [url(1)]


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        pytest.param(b"\x89PNG\r\n\0\0", "⚠️ urls.txt is no text file.\nNothing was fetched.", id="a picture"),
        pytest.param(
            bytes(range(128, 256)) * 9, "⚠️ urls.txt is no text file.\nNothing was fetched.", id="compressed"
        ),
        pytest.param(
            b"\xff\xfe\x00\xd8", "⚠️ urls.txt is no text file.\nNothing was fetched.", id="broken UTF-16"
        ),
        pytest.param(b"milk\nbread\n", "⚠️ I see no link in urls.txt.", id="a shopping list"),
        pytest.param(
            VirtualFile(10_000_000),
            "⚠️ urls.txt is too large for a list of links: 10 MB, and I read 1 MB.\n"
            "Nothing was fetched. Send it in parts.",
            id="10 MB",
        ),
        pytest.param(
            a_list(*range(300)),
            f"⚠️ That’s 300 links, and I take {MOST_URLS} at most at once.\n"
            "None was fetched. Send them in parts.",
            id="300 links",
        ),
    ],
)
async def test_what_is_no_list_is_answered_in_words(
    world: World, content: bytes | VirtualFile, answer: str
) -> None:
    await world.log_in()
    assert (await send(world, content, caption="/remote")).text == answer
    assert await wanted(world) == []
    assert await uploads(world) == []


async def test_a_list_that_hides_its_size_is_not_read_beyond_what_a_list_has(world: World) -> None:
    await world.log_in()
    world.person.send_file(name="urls.txt", size=LARGEST_LIST + 1, file_size=None, caption="/remote")
    await world.handle()
    assert "is too large for a list of links: 1 MB" in world.person.chat.last.text


async def test_a_list_that_telegram_does_not_hand_out_is_told(world: World) -> None:
    await world.log_in()
    world.api.faults.add(method="getFile", status=400, times=None)
    answer = await send(world, a_list(1), caption="/remote")
    assert answer.text == (
        "⚠️ Telegram doesn’t hand out urls.txt at the moment.\nNothing was fetched. Try again later."
    )


async def test_a_list_without_a_word_is_asked_about(world: World) -> None:
    await world.log_in()
    question = await send(world, a_list(*range(12)))
    assert question.html.splitlines()[0] == ("❓ <b>urls.txt</b> holds 12 links. Shall 1fichier fetch them?")
    assert question.text.splitlines()[-1] == "and 2 more"
    assert [[each.text for each in row] for row in question.buttons] == [
        ["Fetch", "No"],
        ["Upload the file"],
    ]
    assert await world.press("Fetch", question) == ""
    assert len(await wanted(world)) == 12
    assert question.deleted
    assert await uploads(world) == []


async def test_the_list_itself_can_be_uploaded(world: World) -> None:
    account = await world.log_in()
    question = await send(world, a_list(1))
    upload = question.button("Upload the file")
    assert await world.press("Upload the file", question) == ""
    press = world.person.press(upload, question)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "Already done."
    async with everything_running(world):
        await world.person.chat.wait_for("✅ urls.txt")
    assert [file.read() for file in account.files.values()] == [a_list(1)]
    assert await wanted(world) == []


async def test_no_and_cancel_do_neither(world: World) -> None:
    await world.log_in()
    question = await send(world, a_list(1))
    await world.press("No", question)
    assert question.text == "Nothing fetched, nothing uploaded."
    await send(world, a_list(1))
    assert (await world.tell("/cancel")).text == "Cancelled."
    assert await wanted(world) == []
    assert await uploads(world) == []


@pytest.mark.parametrize("words", ["Fetch", "Upload the file"])
async def test_after_a_month_the_question_is_too_old(world: World, words: str) -> None:
    await world.log_in()
    question = await send(world, a_list(1))
    await world.clock.advance(A_MONTH)
    assert await world.press(words, question) == TOO_OLD
    assert await wanted(world) == []
    assert await uploads(world) == []


@pytest.mark.parametrize(
    ("content", "name", "caption", "mime_type"),
    [
        pytest.param(b"milk\nbread\n", "list.txt", None, "text/plain", id="words"),
        pytest.param(b"see " + a_list(1), "list.txt", None, "text/plain", id="links and words"),
        pytest.param(a_list(1), "list.txt", "/upload my links", "text/plain", id="a name below it"),
        pytest.param(a_list(1), "list.html", None, "text/html", id="another kind of text"),
        pytest.param(a_list(*range(300)), "list.txt", None, "text/plain", id="too many"),
        pytest.param(b"\0\1", "list.txt", None, "text/plain", id="no text"),
        pytest.param(VirtualFile(10_000_000), "list.txt", None, "text/plain", id="10 MB"),
    ],
)
async def test_any_other_text_file_is_uploaded(
    world: World, content: bytes | VirtualFile, name: str, caption: str | None, mime_type: str
) -> None:
    await world.log_in()
    await send(world, content, name=name, caption=caption, mime_type=mime_type)
    assert len(await uploads(world)) == 1


async def test_a_list_that_telegram_does_not_hand_out_now_is_uploaded_when_it_does(world: World) -> None:
    await world.log_in()
    world.api.faults.add(method="getFile", status=400)
    await send(world, a_list(1))
    assert await uploads(world) == ["urls.txt"]


async def test_without_a_key_a_list_is_kept_as_any_file(world: World) -> None:
    answer = await send(world, a_list(1))
    assert "I’ve kept urls.txt" in answer.text
    assert "/login" in (await send(world, a_list(1), caption="/remote")).text


async def test_only_its_sender_can_answer(world: World) -> None:
    await world.log_in()
    question = await send(world, a_list(1))
    eve = world.somebody()
    eve.say("/start")
    await world.handle()
    group = Group(world.api, -100, "Friends", [world.person, eve], bot_is_admin=True)
    question.payload["chat"] = group.chat.description
    press = eve.press(question.button("Upload the file"), question)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "This button isn’t yours."
    assert await uploads(world) == []
