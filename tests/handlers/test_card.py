import pytest

from emulators.botapi import Button
from emulators.user import Group
from tests.handlers.world import World

GONE = "https://1fichier.com/?gone0gone0gone0gone0"


async def test_a_pasted_link_shows_its_card(world: World) -> None:
    account = await world.log_in()
    folder = account.add_folder("Videos")
    file = account.add_file("Holiday.mp4", b"x" * 1_400, folder_id=folder.id, password="pw")
    card = await world.tell(f"{file.url}&af=123")
    assert card.html.splitlines() == [
        "<b>Holiday.mp4</b>",
        "1.4 kB · 2 March 2026, 12:00 (UTC)",
        "📁 Videos · with a password",
        file.url,
    ]
    copy, delete = card.button("Copy link"), card.button("Delete")
    assert copy.copy_text == file.url
    assert delete.style is None
    assert card.silent


async def test_somebody_elses_file_says_so_and_cannot_be_deleted(world: World) -> None:
    await world.log_in()
    other = world.fichier.add_account()
    file = other.add_file("theirs.txt", b"x")
    card = await world.tell(file.url)
    assert card.text.splitlines()[2] == "In somebody else’s account · no password"
    assert [[each.text for each in row] for row in card.buttons] == [
        ["Copy link", "Download"],
        ["Copy to mine"],
    ]


async def test_a_card_has_everything_that_can_be_done_and_deleting_alone_below(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    card = await world.tell(file.url)
    assert [[each.text for each in row] for row in card.buttons] == [
        ["Copy link", "Share", "Download"],
        ["Rename", "Move", "Password"],
        ["Delete"],
    ]
    share = card.button("Share")
    assert (share.kind, share.value) == ("switch_inline_query", file.url)


async def test_a_bot_that_cannot_be_called_inline_does_not_offer_to_share(world: World) -> None:
    world.api.inline_mode = False
    await world.application.bot.get_me()
    account = await world.log_in()
    assert not (await world.tell(account.add_file("a.txt").url)).has_button("Share")


async def test_a_long_name_is_shortened_in_its_middle(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("Holiday " * 20 + "part07.rar")
    name = (await world.tell(file.url)).text.splitlines()[0]
    assert len(name) <= 60
    assert name.startswith("Holiday Holiday")
    assert name.endswith("part07.rar")


@pytest.mark.parametrize("way", ["behind", "reply"])
async def test_info_shows_the_card(world: World, way: str) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    if way == "behind":
        card = await world.tell(f"/info {file.url}")
    else:
        post = world.person.forward(f"Look: {file.url}", origin="channel")
        await world.handle()
        card = await world.tell("/info", reply_to=post)
    assert card.text.startswith("a.txt\n")


async def test_info_of_several_lists_them_and_of_none_says_how(world: World) -> None:
    account = await world.log_in()
    files = [account.add_file(f"{n}.txt") for n in range(2)]
    answer = await world.tell(f"/info {files[0].url} {files[1].url}")
    assert answer.text.startswith("2 links of 1fichier:\n")
    assert (await world.tell("/info")).text.startswith("Send /info and a 1fichier link")


@pytest.mark.parametrize("origin", ["channel", "user"])
async def test_a_link_in_a_forwarded_post_shows_its_card_too(world: World, origin: str) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    world.person.forward(f"Look: {file.url} !", origin="channel" if origin == "channel" else "user")
    await world.handle()
    assert world.person.chat.last.text.startswith("a.txt")


async def test_a_link_that_leads_nowhere_is_told(world: World) -> None:
    await world.log_in()
    assert (await world.tell(GONE)).text == "⚠️ This file is no longer on 1fichier."


async def test_several_links_are_listed_with_what_they_are(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("<a>.txt")
    theirs = world.fichier.add_account().add_file("theirs.txt")
    answer = await world.tell(f"{file.url} {theirs.url} {GONE}")
    assert answer.html.splitlines() == [
        "3 links of 1fichier:",
        "<b>&lt;a&gt;.txt</b>",
        file.url,
        theirs.url,
        "(in somebody else’s account)",
        GONE,
        "(no longer on 1fichier)",
        "Send one of them alone for its card, or reply to this with /delete",
    ]


async def test_of_very_many_links_some_are_listed(world: World) -> None:
    account = await world.log_in()
    files = [account.add_file(f"{number}.txt") for number in range(35)]
    await world.tell("/list")
    answer = await world.tell("\n".join(file.url for file in files))
    assert answer.text.startswith("35 links of 1fichier:\n")
    assert "and 5 more" in answer.text


@pytest.mark.parametrize(
    ("link", "answer"),
    [
        ("https://1fichier.com/dir/abcdefgh", "⚠️ That is the link of a folder. I can only look at files."),
        (
            "https://1fichier.com/remove/abcde12345/C0de",
            "⚠️ Opening that link deletes a file, so I leave it alone.",
        ),
        (
            "https://a-4.1fichier.com/c123456789",
            "⚠️ That link works only for a while and doesn’t say which file it is.",
        ),
    ],
    ids=["folder", "remove", "direct"],
)
async def test_other_links_of_1fichier_are_answered(world: World, link: str, answer: str) -> None:
    await world.log_in()
    assert (await world.tell(link)).text == answer


async def test_without_a_key_a_link_leads_to_login(world: World) -> None:
    assert "/login" in (await world.tell(GONE)).text


async def test_in_a_group_only_who_asked_may_press(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    eve = world.somebody()
    group = Group(world.api, -100, "Friends", [world.person, eve], bot_is_admin=True)
    world.person.in_group(group).say(f"@onefichier_test_bot {file.url}")
    await world.handle()
    press = eve.in_group(group).press("Delete", group.chat.last)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "This button isn’t yours."
    assert "a.txt" in group.chat.last.text


@pytest.mark.parametrize("data", ["c:a:0:0:0", "d:a"], ids=["card", "delete"])
async def test_a_button_that_never_was_one_is_too_old(world: World, data: str) -> None:
    await world.log_in()
    message = await world.tell("/help")
    press = world.person.press(Button("forged", "callback", data), message)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "That’s too old. Send the command again."
