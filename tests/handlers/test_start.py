"""The first messages."""

import pytest

from handlers import COMMANDS
from tests.handlers.world import World

# Of a small phone, with Telegram's own bars and the keyboard closed.
CHARACTERS_A_LINE = 34
LINES_A_SCREEN = 24


@pytest.mark.parametrize("said", ["/start", "/help", "/start something"])
async def test_without_a_key_the_next_step_is_the_key(world: World, said: str) -> None:
    answer = await world.tell(said)
    assert answer.text.startswith("Hi! Send me files, I put them on your 1fichier account")
    assert "up to 20 MB" in answer.text
    assert answer.button("Get my key").url == "https://1fichier.com/console/params.pl"
    assert answer.silent


async def test_with_a_key_the_next_step_is_a_file(world: World) -> None:
    await world.log_in()
    answer = await world.tell("/start")
    assert answer.text.startswith("You’re all set: send or forward me a file.")
    assert answer.buttons == []


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("en", "Send /remote and the link, or several:"),
        ("fr", "Envoyez /remote et le lien, ou plusieurs\xa0:"),
    ],
)
async def test_a_link_from_elsewhere_leads_to_what_it_is_about(
    world: World, language: str, first: str
) -> None:
    world.person.user["language_code"] = language
    assert (await world.tell("/start help-remote")).text.splitlines()[0] == first


async def test_a_link_from_elsewhere_leads_to_help(world: World) -> None:
    await world.log_in()
    assert (await world.tell("/start help")).text == (await world.tell("/help")).text


async def test_help_names_every_command(world: World) -> None:
    answer = await world.tell("/help")
    assert [
        f"/{each.name}" for each in COMMANDS if not each.for_admins and f"/{each.name}" not in answer.text
    ] == []


async def test_help_with_a_key_says_what_can_be_sent(world: World) -> None:
    await world.log_in()
    answer = await world.tell("/help")
    assert answer.text.startswith("Send or forward me files, up to 20 MB: you get their links.")
    assert "You’re all set" not in answer.text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_help_fits_one_screen_of_a_phone(world: World, language: str) -> None:
    world.person.user["language_code"] = language
    await world.log_in()
    answer = await world.tell("/help")
    wrapped = [max(1, -(-len(line) // CHARACTERS_A_LINE)) for line in answer.text.splitlines()]
    assert sum(wrapped) <= LINES_A_SCREEN


async def test_help_names_the_commands_about_a_file_together(world: World) -> None:
    await world.log_in()
    answer = await world.tell("/help")
    assert (
        answer.text.splitlines()[-1]
        == "On a link, or in reply to one: /info /rename /move /password /download"
    )


async def test_the_menu_has_eight_entries(world: World) -> None:
    assert len([each for each in COMMANDS if each.in_menu]) == 8
