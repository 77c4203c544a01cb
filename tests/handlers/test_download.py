"""Direct links: what they may cost is said first, and 1fichier's own answer decides."""

import httpx
import pytest

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount
from emulators.user import Group
from tests.handlers.world import World


@pytest.fixture
async def mine(world: World) -> EmulatedAccount:
    return await world.log_in()


@pytest.fixture
async def card(world: World, mine: EmulatedAccount) -> SeenMessage:
    return await world.tell(mine.add_file("Film.mkv", b"moving pictures").url)


async def test_what_it_may_cost_is_said_before_1fichier_is_asked(world: World, card: SeenMessage) -> None:
    asked = len(world.fichier.calls)
    assert await world.press("Download", card) == ""
    assert card.text.splitlines() == [
        "❓ Download Film.mkv · 15 bytes?",
        "A direct link is for you alone: it works once, and has to be begun within 5 minutes.",
        "Sent here, it comes by a server: 1fichier may charge CDN credit for that.",
        "1fichier allows downloads from one place at a time.",
    ]
    assert len(world.fichier.calls) == asked
    shown = card.text
    await world.press("Back", card)
    assert card.text.splitlines()[0] == "Film.mkv"
    await world.press("Download", card)
    assert card.text == shown


async def test_the_link_stands_on_buttons_alone_and_downloads_the_file(
    world: World, card: SeenMessage
) -> None:
    await world.press("Download", card)
    await world.press("Direct link", card)
    assert card.text.splitlines() == [
        "✅ Film.mkv · 15 bytes",
        "The link works once. Begin before 12:05 (UTC).",
    ]
    link = card.button("Download")
    assert link.kind == "url"
    assert card.button("Copy link").copy_text == link.value
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(link.value)).content == b"moving pictures"
        assert (await http.get(link.value)).status_code == 404


async def test_pressed_twice_and_after_a_month_it_is_a_new_link(world: World, card: SeenMessage) -> None:
    await world.press("Download", card)
    button = card.button("Direct link")
    links = set()
    for _ in range(2):
        world.person.press(button, card)
        await world.handle()
        links.add(card.button("Download").value)
        await world.clock.advance(30 * 86_400.0)
    assert len(links) == 2


@pytest.mark.parametrize("way", ["behind", "reply"])
async def test_the_command_does_the_same(world: World, card: SeenMessage, way: str) -> None:
    link = card.text.splitlines()[-1]
    if way == "behind":
        answer = await world.tell(f"/download {link}")
    else:
        answer = await world.tell("/download", reply_to=card)
    assert answer.text.startswith("❓ Download Film.mkv")
    await world.press("Direct link", answer)
    assert answer.has_button("Copy link")


async def test_the_command_alone_says_how(world: World, mine: EmulatedAccount) -> None:
    assert (await world.tell("/download")).text.startswith("Send /download and a 1fichier link")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Must be a customer (Premium, Access) #200", "⚠️ 1fichier does that only for customers."),
        ("Only 1 location allowed at a time #887", "⚠️ Your account is downloading from another place."),
        ("Owner locked #620", "⚠️ The account that owns this file is locked."),
        ("Resource not allowed #631", "⚠️ 1fichier doesn’t let me see that with your key."),
        ("The moon is too full #1", "⚠️ 1fichier refused that.\nIts reason: “The moon is too full”."),
    ],
)
async def test_who_may_is_1fichiers_own_answer_in_words(
    world: World, card: SeenMessage, text: str, said: str
) -> None:
    await world.press("Download", card)
    world.fichier.faults.add("download/get_token.cgi", "ko", text=text, status=403)
    await world.press("Direct link", card)
    assert world.person.chat.last.text.startswith(said)
    assert card.has_button("Direct link")


async def test_a_free_account_is_told_what_it_needs(world: World, mine: EmulatedAccount) -> None:
    mine.offer = 0
    card = await world.tell(mine.add_file("a.txt").url)
    await world.press("Download", card)
    await world.press("Direct link", card)
    assert world.person.chat.last.text.startswith("⚠️ 1fichier does that only for customers.")


async def test_a_file_that_is_gone_says_so(world: World, mine: EmulatedAccount, card: SeenMessage) -> None:
    await world.press("Download", card)
    mine.files.clear()
    assert await world.press("Direct link", card) == "This file is no longer on 1fichier."
    assert card.text == "⚠️ This file is no longer on 1fichier."


async def test_in_a_group_nobody_gets_a_link_that_is_for_one(world: World, mine: EmulatedAccount) -> None:
    file = mine.add_file("Film.mkv")
    group = Group(world.api, -500, "Friends", [world.person])
    world.person.in_group(group).say(f"/download@onefichier_test_bot {file.url}")
    await world.handle()
    answer = group.chat.last
    press = world.person.in_group(group).press("Direct link", answer)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text is not None
    assert press.answer.text.startswith("Not here: others could use it.")
    assert "download/get_token.cgi" not in {call.endpoint for call in world.fichier.calls}


async def test_the_address_is_kept_nowhere(world: World, card: SeenMessage) -> None:
    await world.press("Download", card)
    await world.press("Direct link", card)
    path = card.button("Download").value.rpartition("/")[2]
    files = world.database.path.parent.glob(f"{world.database.path.name}*")
    assert not any(path.encode() in each.read_bytes() for each in files)
