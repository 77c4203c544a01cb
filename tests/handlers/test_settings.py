"""/settings: one message, edited in place, and what each choice changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from emulators.botapi import SeenMessage
from emulators.botapi.attachments import Attachment
from emulators.onefichier import Failed, Fetched
from emulators.user import Group
from handlers.choices import CHOICES
from handlers.texts import DOMAIN, LOCALES, languages, texts_for
from storage import LinkFormat, Preferences, Sounds
from tests.handlers.flow import everything_running
from tests.handlers.world import World

TOO_OLD = "That’s too old. Send the command again."
A_MONTH = 30 * 86_400.0


async def preferences_of(world: World) -> Preferences:
    person = await world.services.people.find(world.person.id)
    assert person is not None
    return person.preferences


async def set_up(world: World, page: str, option: str) -> SeenMessage:
    """Say /settings and choose there; the message."""
    message = await world.tell("/settings")
    assert await world.press(page, message) == ""
    assert await world.press(option, message) == ""
    return message


async def test_all_is_shown_in_one_message_which_rings_nobody(world: World) -> None:
    await world.log_in()
    message = await world.tell("/settings")
    assert message.html.splitlines()[:5] == [
        "<b>Settings</b>",
        "New files go to 📁 <b>Main folder</b>",
        "Language: <b>automatic</b>",
        "Time zone: <b>automatic</b>",
        "Sounds: <b>when all is done</b>",
    ]
    assert message.silent


async def test_without_an_account_there_is_no_folder_to_choose(world: World) -> None:
    message = await world.tell("/settings")
    assert "📁" not in message.text
    assert not message.has_button("Folder")


async def test_every_page_says_what_it_is_about_and_leads_back(world: World) -> None:
    message = await world.tell("/settings")
    main = message.html
    for setting in CHOICES:
        await world.press(setting.title, message)
        assert message.text.splitlines() == [setting.title, setting.question]
        marked = [button.text for row in message.buttons for button in row if button.text.startswith("✓ ")]
        assert len(marked) == 1, "what holds now is marked"
        await world.press("Back", message)
        assert message.html == main
    assert len(world.person.chat.from_bot) == 1


@pytest.mark.parametrize(
    ("page", "option", "preferences"),
    [
        ("Sounds", "for each file", Preferences(sounds=Sounds.EACH)),
        ("Sounds", "never", Preferences(sounds=Sounds.NEVER)),
        ("Several links", "links only", Preferences(links=LinkFormat.PLAIN)),
        ("Language", "English", Preferences(language="en")),
        ("Time zone", "Réunion", Preferences(time_zone="Indian/Reunion")),
    ],
)
async def test_a_choice_is_kept_and_shown(
    world: World, page: str, option: str, preferences: Preferences
) -> None:
    message = await set_up(world, page, option)
    assert f"{page}: {option}" in message.text
    assert await preferences_of(world) == preferences
    await world.press(page, message)
    assert message.has_button(f"✓ {option}")


async def test_times_are_told_in_the_chosen_zone(world: World) -> None:
    await world.log_in()
    assert "As of 12:00 (UTC)" in (await world.tell("/list")).text
    await set_up(world, "Time zone", "Tokyo")
    assert "As of 21:00 (Tokyo)" in (await world.tell("/list")).text


async def test_a_choice_pressed_twice_and_after_a_month_is_the_same_choice(world: World) -> None:
    message = await world.tell("/settings")
    await world.press("Sounds", message)
    never = message.button("never")
    for _ in range(2):
        world.person.press(never, message)
        await world.handle()
    await world.clock.advance(A_MONTH)
    press = world.person.press(never, message)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == ""
    assert await preferences_of(world) == Preferences(sounds=Sounds.NEVER)


async def test_what_is_chosen_back_follows_the_default_again(world: World) -> None:
    await set_up(world, "Sounds", "never")
    await set_up(world, "Sounds", "when all is done")
    (row,) = await world.database.fetch_all("SELECT sounds FROM person")
    assert row["sounds"] is None


async def test_a_press_by_another_person_changes_their_own_settings_only(world: World) -> None:
    await world.tell("/settings")
    eve = world.somebody()
    eve.say("/settings")
    await world.handle()
    await world.press("Sounds", eve.chat.last, by=eve)
    await world.press("never", eve.chat.last, by=eve)
    assert await preferences_of(world) == Preferences()


@pytest.mark.parametrize("data", ["st:gone:x", "st:sounds:gone", "st"])
async def test_a_choice_that_is_gone_is_too_old(world: World, data: str) -> None:
    message = await world.tell("/settings")
    message.payload["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = data
    assert await world.press(message.buttons[0][0].text, message) == TOO_OLD
    assert await preferences_of(world) == Preferences()


async def test_a_page_that_is_gone_shows_all_settings(world: World) -> None:
    message = await world.tell("/settings")
    main = message.html
    message.payload["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = "s:gone"
    await world.press(message.buttons[0][0].text, message)
    assert message.html == main


async def test_in_a_group_they_are_shown_in_private(world: World) -> None:
    group = Group(world.api, -500, "Friends", [world.person])
    asked = world.person.in_group(group).say("/settings@onefichier_test_bot")
    await world.handle()
    answer = group.chat.last
    assert answer.text == "Settings are between you and me: write to me in private."
    assert answer.reply_to is asked
    assert answer.button("Write to me").url == "https://t.me/onefichier_test_bot?start=settings"
    assert (await world.tell("/start settings")).text.startswith("Settings\n")


async def test_the_folder_for_new_files_is_chosen_in_the_same_message(world: World) -> None:
    emulated = await world.log_in()
    emulated.add_folder("Videos")
    message = await world.tell("/settings")
    for way, folder in ((("📁 Videos", "Choose this"), "Videos"), (("Up", "Choose this"), "Main folder")):
        assert await world.press("Folder", message) == ""
        assert message.text.startswith("❓ Which folder shall new files go to?")
        for label in way:
            assert await world.press(label, message) == ""
        assert message.text.splitlines()[:2] == ["Settings", f"New files go to 📁 {folder}"]
    assert len(world.person.chat.from_bot) == 1


async def test_the_folder_stays_where_nobody_chooses_another_one(world: World) -> None:
    await world.log_in()
    message = await world.tell("/settings")
    main = message.html
    await world.press("Folder", message)
    cancel = message.button("Cancel")
    await world.press("Cancel", message)
    assert message.html == main
    press = world.person.press(cancel, message)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "Already done."


async def test_the_folder_is_of_the_account_that_was_asked_about(world: World) -> None:
    emulated = await world.log_in()
    emulated.add_folder("Videos")
    message = await world.tell("/settings")
    await world.press("Folder", message)
    first = await world.services.people.account_in_use(world.person.id)
    assert first is not None
    other = world.fichier.add_account()
    assert other.key is not None
    await world.services.account_rows.add(world.person.id, other.key, world.clock.now())
    await world.press("📁 Videos", message)
    await world.press("Choose this", message)
    assert "New files go to 📁 Main folder" in message.text, "of the one that is in use by now"
    changed = await world.services.people.account(first.id)
    assert changed is not None
    assert changed.folder_name == "Videos"


async def test_new_files_go_to_the_folder_that_is_set(world: World) -> None:
    emulated = await world.log_in()
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    videos = emulated.add_folder("Videos")
    await world.services.people.use_folder(account.id, videos.id, "Videos")
    world.person.send_file(name="a.mp4", size=10)
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅")
    assert result.text.endswith("📁 Videos")
    assert [file.folder_id for file in emulated.files.values()] == [videos.id]


# Sounds


async def results_of_two_files(world: World) -> list[SeenMessage]:
    """Everything that rang, once two files have come."""
    world.person.send_album([Attachment(name=f"{n}.txt", size=100) for n in "ab"])
    await world.handle()
    async with everything_running(world):
        await world.person.chat.wait_for("2 files uploaded")
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    return world.person.chat.notifications


async def test_one_sound_at_the_end_without_a_setting(world: World) -> None:
    await world.log_in()
    assert [each.text.splitlines()[0] for each in await results_of_two_files(world)] == [
        "✅ 2 files uploaded · 200 bytes · 📁 Main folder"
    ]


async def test_each_file_rings_and_the_end_does_not_where_each_was_asked_for(world: World) -> None:
    await world.log_in()
    await set_up(world, "Sounds", "for each file")
    rang = await results_of_two_files(world)
    assert sorted(each.text.splitlines()[0] for each in rang) == [
        "✅ a.txt · 100 bytes",
        "✅ b.txt · 100 bytes",
    ]
    assert {each.reply_to.id for each in rang if each.reply_to} == {
        each.id for each in world.person.chat.messages if "document" in each.payload
    }


async def test_a_file_that_is_alone_is_told_once_where_each_was_asked_for(world: World) -> None:
    await world.log_in()
    await set_up(world, "Sounds", "for each file")
    world.person.send_file(name="a.txt", size=10)
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅")
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    assert world.person.chat.notifications == [result]


async def test_each_link_rings_where_each_was_asked_for(world: World) -> None:
    await world.log_in()
    await set_up(world, "Sounds", "for each file")
    world.fichier.remote_results["https://example.org/a.iso"] = Fetched("a.iso", b"x")
    world.fichier.remote_results["https://example.org/b.iso"] = Failed("404")
    await world.tell("/remote https://example.org/a.iso https://example.org/b.iso")
    async with everything_running(world):
        await world.person.chat.wait_for("1 of 2 links fetched")
    assert {each.text.splitlines()[0] for each in world.person.chat.notifications} == {
        "✅ a.iso · 1 byte",
        "⚠️ Not fetched: example.org/b.iso",
    }


async def test_nothing_rings_where_nothing_shall(world: World) -> None:
    emulated = await world.log_in()
    await set_up(world, "Sounds", "never")
    assert await results_of_two_files(world) == []
    world.fichier.revoke_key(emulated)
    world.person.send_file(name="c.txt", size=10)
    await world.handle()
    async with everything_running(world):
        await world.person.chat.wait_for("🔑 1fichier no longer accepts your key.")
    assert world.person.chat.notifications == []


# Several links


async def test_links_without_names(world: World) -> None:
    emulated = await world.log_in()
    await set_up(world, "Several links", "links only")
    world.person.send_album([Attachment(name=f"{n}.txt", size=100) for n in "ab"])
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("2 files uploaded")
    head, empty, *links = result.text.splitlines()
    assert (head, empty) == ("✅ 2 files uploaded · 200 bytes · 📁 Main folder", "")
    assert sorted(links) == sorted(file.url for file in emulated.files.values())


# Language


@pytest.fixture
def esperanto() -> Iterator[str]:
    """A catalogue beside those there are, of a language that nobody has translated into."""
    folder = LOCALES / "eo"
    path = folder / "LC_MESSAGES" / f"{DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    catalogue = Catalog(locale="eo")
    catalogue.add("Nothing is running.", "Nenio okazas.")
    catalogue.add(
        "Something went wrong on my side. Nothing was lost; the owner can look it up as {reference}.", "Ho ve"
    )
    catalogue.add("🔑 I need your key for that.", "Mi bezonas vian ŝlosilon.")
    with path.open("wb") as file:
        write_mo(file, catalogue)
    texts_for.cache_clear()
    try:
        yield "Esperanto"
    finally:
        _remove(folder)
        texts_for.cache_clear()


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    folder.rmdir()


async def test_a_language_that_is_chosen_is_spoken_from_then_on(world: World, esperanto: str) -> None:
    assert "eo" in languages()
    assert (await world.tell("/jobs")).text == "Nothing is running."
    await set_up(world, "Language", esperanto)
    assert (await world.tell("/jobs")).text == "Nenio okazas."
    # What goes wrong is told in it, too.
    assert (await world.tell("/quota")).text.startswith("Mi bezonas vian ŝlosilon.")
    await set_up(world, "Language", "automatic")
    assert (await world.tell("/jobs")).text == "Nothing is running."


async def test_a_language_whose_catalogue_is_gone_is_as_good_as_automatic(world: World) -> None:
    await world.tell("/start")
    await world.database.execute("UPDATE person SET language = 'eo'")
    assert (await world.tell("/jobs")).text == "Nothing is running."
    message = await world.tell("/settings")
    assert "Language: automatic" in message.text


async def test_what_comes_from_a_channel_goes_into_its_folder_from_then_on(world: World) -> None:
    account = await world.log_in()
    await set_up(world, "Sort by channel", "yes")
    async with everything_running(world):
        sent = world.person.forward(Attachment(name="Film.mkv", size=11), origin="channel")
        title = sent.payload["forward_origin"]["chat"]["title"]
        await world.handle()
        result = await world.person.chat.wait_for("✅ Film.mkv")
        assert f"📁 {title}" in result.text
    [folder] = account.folders.values()
    assert (folder.name, [file.name for file in account.files_in(folder.id)]) == (title, ["Film.mkv"])
