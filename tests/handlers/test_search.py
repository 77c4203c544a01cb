"""/list words and the button Search: the whole account, without a call, and honest about how much of it is known."""

from datetime import timedelta

from emulators.onefichier import EmulatedAccount, ForgottenContent
from tests.handlers.world import World
from transfers import MOST_FOUND


def put(world: World, account: EmulatedAccount, count: int, name: str = "Holiday") -> None:
    now = world.clock.now().timestamp()
    for number in range(count):
        account.add_file(f"{name} {number}.mp4", ForgottenContent(1_000), stored_at=now - number)


async def test_words_find_names_in_every_folder_whatever_their_accents(world: World) -> None:
    account = await world.log_in()
    videos = account.add_folder("Videos")
    inner = account.add_folder("2026", videos.id)
    now = world.clock.now().timestamp()
    account.add_file("Été à la mer.mp4", b"x" * 1_400, folder_id=inner.id, stored_at=now - 5)
    account.add_file("Mer d’été.mkv", stored_at=now - 10)
    account.add_file("Winter.mp4")
    await world.tell("/list")
    for button in ("📁 Videos", "📁 2026"):
        await world.press(button)
    await world.read_index()
    before = len(world.fichier.calls)
    answer = await world.tell("/list ETE  mer")
    assert answer.html.splitlines() == [
        "“ETE mer” · 2 files",
        "",
        "1. <b>Été à la mer.mp4</b>",
        "1.4 kB · 2 Mar · 📁 Videos/2026",
        "2. <b>Mer d’été.mkv</b>",
        "7 bytes · 2 Mar · 📁 Main folder",
        "As of 12:00 (UTC)",
    ]
    assert len(world.fichier.calls) == before
    await world.press("1")
    assert answer.text.startswith("Été à la mer.mp4\n")
    await world.press("Back")
    assert answer.text.startswith("“ETE mer” · 2 files")
    await world.press("All files")
    assert answer.html.startswith("📁 <b>Main folder</b>")


async def test_its_pages_are_turned_and_sorted(world: World) -> None:
    account = await world.log_in()
    put(world, account, 10)
    await world.read_index()
    answer = await world.tell("/list holiday")
    assert answer.text.splitlines()[0] == "“holiday” · 10 files · page 1 of 2"
    await world.press("Next ›")
    assert "1. Holiday 8.mp4" in answer.text
    await world.press("‹")
    await world.press("Sort by name")
    assert "1. Holiday 0.mp4" in answer.text


async def test_the_button_asks_for_the_words(world: World) -> None:
    account = await world.log_in()
    put(world, account, 1)
    await world.read_index()
    await world.tell("/list")
    await world.press("Search")
    prompt = world.person.chat.last
    assert prompt.text == "❓ What is it called? Part of the name will do, with or without accents."
    answer = await world.tell("HOLI")
    assert answer.text.startswith("“HOLI” · 1 file\n")
    assert prompt.deleted


async def test_nothing_found_says_so_in_the_words_that_were_looked_for(world: World) -> None:
    await world.log_in()
    await world.read_index()
    answer = await world.tell("/list <i>")
    assert answer.html.splitlines() == ["Nothing is called “&lt;i&gt;”.", "As of 12:00 (UTC)"]


async def test_before_the_list_has_been_read_that_is_said_and_what_is_known_is_shown(world: World) -> None:
    account = await world.log_in()
    put(world, account, 1)
    await world.tell("/list")
    answer = await world.tell("/list holiday")
    assert answer.text.splitlines()[0] == "“holiday” · 1 file"
    assert answer.text.splitlines()[-1] == (
        "⏳ I haven’t read the list of all your files yet: this is what I know so far."
    )


async def test_a_list_that_1fichier_cuts_is_said_to_be_incomplete(world: World) -> None:
    account = await world.log_in()
    now = world.clock.now()
    for number in range(5_001):
        stored_at = (now - timedelta(hours=number)).timestamp()
        account.add_file(f"{number}", ForgottenContent(1), stored_at=stored_at)
    await world.read_index()
    lines = (await world.tell("/list 1")).text.splitlines()
    assert lines[-2] == "As of 12:00 (UTC)"
    assert lines[-1].startswith("⏳ I’m still reading the list, once an hour: files from before ")


async def test_of_very_many_the_newest_are_found_and_that_is_said(world: World) -> None:
    account = await world.log_in()
    put(world, account, MOST_FOUND + 1)
    await world.read_index()
    answer = await world.tell("/list holiday")
    assert answer.text.startswith(f"“holiday” · more than {MOST_FOUND} files · page 1 of 63\n")
    assert answer.text.splitlines()[-2] == "These are the newest. Another word finds older ones."


async def test_our_own_changes_are_found_at_once(world: World) -> None:
    account = await world.log_in()
    put(world, account, 1)
    await world.read_index()
    (file,) = account.files.values()
    await world.tell(f"/rename {file.url} Noël.mp4")
    assert "1. Noël.mp4" in (await world.tell("/list noel")).text
    assert (await world.tell("/list holiday")).text.startswith("Nothing is called")


async def test_a_search_is_open_to_no_question(world: World) -> None:
    await world.log_in()
    await world.tell("/list something")
    assert (await world.tell("/cancel")).text.startswith("Nothing to cancel.")


async def test_the_pages_of_a_search_long_gone_are_too_old(world: World) -> None:
    account = await world.log_in()
    put(world, account, 9)
    await world.read_index()
    await world.tell("/list holiday")
    await world.services.questions.prune(world.clock.now() + timedelta(days=9))
    assert await world.press("Next ›") == "That’s too old. Send /list again."


async def test_logging_in_has_the_list_read(world: World) -> None:
    account = world.fichier.add_account()
    put(world, account, 1)
    await world.tell(f"/login {account.key}")
    await world.reader.once()
    assert "1. Holiday 0.mp4" in (await world.tell("/list holiday")).text
