"""Inline mode: one's own files found from any chat, for oneself alone, without a call to 1fichier."""

from datetime import timedelta

import pytest

from emulators.botapi import SeenMessage
from emulators.onefichier import ForgottenContent
from emulators.user import Group, InlineSearch
from handlers.inline import CACHE_SECONDS, PAGE
from tests.handlers.world import World, open_world


async def search(world: World, text: str, *, offset: str = "") -> InlineSearch:
    found = world.person.inline_query(text, offset=offset)
    await world.handle()
    assert found.answer is not None, "it was not answered"
    return found


def friends(world: World) -> Group:
    group = Group(world.api, -100, "Friends", [world.person])
    world.api.updates.drop()
    return group


async def test_words_find_ones_own_files_and_the_picked_one_is_posted(world: World) -> None:
    account = await world.log_in()
    folder = account.add_folder("Videos")
    file = account.add_file(
        "Été <2026>.mp4".replace("<", "＜").replace(">", "＞"), b"x" * 1_400, folder_id=folder.id
    )
    account.add_file("Winter.mp4")
    await world.read_index()
    await world.tell("/list")
    await world.press("📁 Videos")
    found = await search(world, "ete MP4")
    assert found.titles == [file.name]
    (result,) = found.results or []
    assert result["description"] == "1.4 kB · 2 Mar · 📁 Videos"
    posted = found.pick(file.name, friends(world).chat)
    assert posted.html == f"<b>{file.name}</b> · 1.4 kB\n{file.url}", "others do not see where it is kept"
    assert posted.button("Copy link").copy_text == file.url
    assert posted.payload["link_preview_options"] == {"is_disabled": True}


async def test_it_asks_1fichier_nothing(world: World) -> None:
    account = await world.log_in()
    account.add_file("a.txt")
    await world.read_index()
    before = len(world.fichier.calls)
    for text in ("a", "", "nothing", account.add_file("b").url):
        await search(world, text)
    assert len(world.fichier.calls) == before


async def test_nobody_else_is_shown_what_was_found(world: World) -> None:
    account = await world.log_in()
    account.add_file("secret.txt")
    await world.read_index()
    assert (await search(world, "secret")).titles == ["secret.txt"]
    eve = world.somebody()
    hers = eve.inline_query("secret")
    await world.handle()
    assert hers.titles == []
    other = await world.log_in(eve)
    other.add_file("hers.txt")
    await world.clock.advance(CACHE_SECONDS)
    again = eve.inline_query("secret")
    await world.handle()
    assert again.titles == []


async def test_a_new_name_shows_within_seconds(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("old.txt")
    await world.read_index()
    await search(world, "txt")
    await world.tell(f"/rename {file.url} new.txt")
    await world.clock.advance(CACHE_SECONDS)
    assert (await search(world, "txt")).titles == ["new.txt"]


async def test_without_words_what_was_posted_last_comes_first_then_the_newest(world: World) -> None:
    account = await world.log_in()
    now = world.clock.now().timestamp()
    for age, name in enumerate("abcd"):
        account.add_file(name, stored_at=now - age)
    await world.read_index()
    assert (await search(world, "")).titles == ["a", "b", "c", "d"]
    found = await search(world, "c")
    found.pick("c", friends(world).chat)
    await world.handle()
    await world.clock.advance(CACHE_SECONDS)
    assert (await search(world, " ")).titles == ["c", "a", "b", "d"]


async def test_a_link_finds_that_file_as_the_share_button_asks(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    account.add_file("another a.txt")
    card = await world.tell(file.url)
    found = await search(world, str(card.button("Share").value))
    assert found.titles == ["a.txt"]
    theirs = world.fichier.add_account().add_file("theirs.txt")
    assert (await search(world, theirs.url)).titles == []


async def test_many_results_come_page_by_page(world: World) -> None:
    account = await world.log_in()
    now = world.clock.now().timestamp()
    for number in range(PAGE * 2 + 1):
        account.add_file(f"part {number:02d}", ForgottenContent(1), stored_at=now - number)
    await world.read_index()
    names: list[str] = []
    offset = ""
    for _ in range(3):
        found = await search(world, "part", offset=offset)
        assert found.answer is not None
        names += found.titles
        offset = found.answer.next_offset
    assert names == [f"part {number:02d}" for number in range(PAGE * 2 + 1)]
    assert offset == ""


@pytest.mark.parametrize("offset", ["-1", "x", "９", "99999"])
async def test_an_odd_offset_does_no_harm(world: World, offset: str) -> None:
    await world.log_in()
    await search(world, "a", offset=offset)


async def test_the_button_above_says_as_of_when_and_leads_to_the_list(world: World) -> None:
    account = await world.log_in()
    account.add_file("a.txt")
    found = await search(world, "a")
    assert found.answer is not None
    assert found.answer.button == {"text": "I’m still reading your list of files", "start_parameter": "list"}
    await world.read_index()
    await world.clock.advance(CACHE_SECONDS)
    found = await search(world, "a")
    assert found.answer is not None
    assert found.answer.button == {"text": "As of 12:00 (UTC)", "start_parameter": "list"}
    assert (await world.tell("/start list")).html.startswith("📁 <b>Main folder</b> · 1 file\n")


async def test_without_a_key_the_button_leads_to_it(world: World) -> None:
    found = await search(world, "a")
    assert found.results == []
    assert found.answer is not None
    assert found.answer.button == {"text": "Give me your key first", "start_parameter": "login"}
    assert (await world.tell("/start login")).text.startswith("🔑 Send me your API key")


async def test_somebody_who_only_types_the_bots_name_is_not_noted_down(world: World) -> None:
    await search(world, "a")
    assert await world.services.people.find(world.person.id) is None


async def test_who_may_not_use_the_bot_finds_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with open_world(tmp_path_factory.mktemp("private"), allowed_users=[1]) as world:
        found = await search(world, "a")
        assert found.results == []
        assert found.answer is not None
        assert found.answer.button is None


async def test_a_protected_file_says_so_where_it_is_posted(world: World) -> None:
    account = await world.log_in()
    account.add_file("a.txt", password="secret")
    await world.read_index()
    posted: SeenMessage = (await search(world, "a")).pick("a.txt", friends(world).chat)
    assert posted.text.splitlines()[-1] == "🔑 with a password"


async def test_what_is_picked_in_the_private_chat_answers_no_question(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    await world.read_index()
    found = await search(world, "a")
    await world.tell(file.url)
    await world.press("Rename")
    found.pick("a.txt", world.person.chat)
    await world.handle()
    assert world.person.chat.last.has_button("Copy link"), "it is a link, whose file is shown"
    assert file.name == "a.txt"
    await world.tell("b.txt")
    assert file.name == "b.txt"


async def test_what_is_picked_in_a_group_is_not_for_the_bot(world: World) -> None:
    account = await world.log_in()
    account.add_file("a.txt")
    await world.read_index()
    group = friends(world)
    (await search(world, "a")).pick("a.txt", group.chat)
    await world.handle()
    assert [message.from_bot for message in group.chat.messages] == [False]


async def test_an_answer_that_comes_too_late_is_no_error(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.log_in()
    world.api.callback_seconds = 10
    found = world.person.inline_query("a")
    await world.clock.advance(timedelta(seconds=20).total_seconds())
    await world.handle()
    assert found.answer is None
    assert [record.levelname for record in caplog.records if record.levelno > 20] == []
