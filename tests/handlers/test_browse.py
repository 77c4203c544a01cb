from datetime import timedelta

from emulators.onefichier import EmulatedAccount
from tests.handlers.world import World


def labels(world: World) -> list[list[str]]:
    return [[button.text for button in row] for row in world.person.chat.last.buttons]


def put(world: World, account: EmulatedAccount, count: int, *, folder_id: int = 0) -> None:
    """Files `0.txt` to `<count - 1>.txt`, the first the newest, a day apart."""
    now = world.clock.now()
    for number in range(count):
        stored_at = (now - timedelta(days=number)).timestamp()
        account.add_file(
            f"{number}.txt", b"x" * (number + 1) * 1_000, folder_id=folder_id, stored_at=stored_at
        )


async def test_an_empty_account_says_what_to_do(world: World) -> None:
    await world.log_in()
    answer = await world.tell("/list")
    assert answer.html == (
        "📁 <b>Main folder</b> is empty.\nSend me a file and it will be here.\nAs of 12:00 (UTC)"
    )
    assert answer.silent


async def test_files_are_listed_newest_first_with_size_and_day(world: World) -> None:
    account = await world.log_in()
    put(world, account, 3)
    answer = await world.tell("/list")
    assert answer.html.splitlines() == [
        "📁 <b>Main folder</b> · 3 files",
        "",
        "1. <b>0.txt</b>",
        "1 kB · 2 Mar",
        "2. <b>1.txt</b>",
        "2 kB · 1 Mar",
        "3. <b>2.txt</b>",
        "3 kB · 28 Feb",
        "As of 12:00 (UTC)",
    ]
    assert labels(world) == [["1", "2", "3"], ["Search"], ["Sort by name", "Select"], ["New folder"]]


async def test_folders_come_first_by_name(world: World) -> None:
    account = await world.log_in()
    account.add_folder("zebra")
    account.add_folder("Ape <b>")
    put(world, account, 7)
    await world.tell("/list")
    assert labels(world) == [
        ["📁 Ape <b>"],
        ["📁 zebra"],
        ["1", "2", "3", "4"],
        ["5", "6"],
        ["Search", "Next ›"],
        ["Sort by name", "Select"],
        ["New folder"],
    ]
    await world.press("Next ›")
    assert labels(world)[:2] == [["1"], ["‹", "Search"]]
    assert world.person.chat.last.html.splitlines()[:3] == [
        "📁 <b>Main folder</b> · 7 files · page 2 of 2",
        "",
        "1. <b>6.txt</b>",
    ]


async def test_a_folder_is_entered_and_left_in_the_same_message(world: World) -> None:
    account = await world.log_in()
    videos = account.add_folder("Videos")
    old = account.add_folder("2025", videos.id)
    put(world, account, 2, folder_id=old.id)
    listed = await world.tell("/list")
    await world.press("📁 Videos")
    assert labels(world) == [["📁 2025"], ["Search"], ["This folder", "Up"]]
    await world.press("📁 2025")
    assert listed.html.splitlines()[:2] == ["📁 <b>2025</b> · 2 files", "Main folder › Videos › 2025"]
    await world.press("Up")
    assert listed.html.splitlines()[:2] == ["📁 <b>Videos</b> · 0 files", "Main folder › Videos"]
    await world.press("Up")
    assert labels(world) == [["📁 Videos"], ["Search"], ["New folder"]]
    assert world.person.chat.from_bot == [listed]


async def test_1500_files_are_turned_through_in_pages_of_eight(world: World) -> None:
    account = await world.log_in()
    for number in range(1_500):
        account.add_file(f"{number}", b"x")
    answer = await world.tell("/list")
    assert answer.html.startswith("📁 <b>Main folder</b> · 1,500 files · page 1 of 188\n")
    assert labels(world)[:3] == [["1", "2", "3", "4"], ["5", "6", "7", "8"], ["Search", "Next ›"]]
    for _ in range(3):
        await world.press("Next ›")
    assert "page 4 of 188" in answer.text
    assert [call.endpoint for call in world.fichier.calls].count("file/ls.cgi") == 1


async def test_a_page_that_is_no_longer_there_is_the_last_one(world: World) -> None:
    account = await world.log_in()
    put(world, account, 9)
    answer = await world.tell("/list")
    stale = answer.button("Next ›")
    account.files.clear()
    await world.clock.advance(31)
    world.person.press(stale, answer)
    await world.handle()
    assert "is empty" in answer.text


async def test_a_file_opens_its_card_and_back_is_the_same_page(world: World) -> None:
    account = await world.log_in()
    put(world, account, 10)
    answer = await world.tell("/list")
    await world.press("Next ›")
    await world.press("2")
    assert answer.html.splitlines() == [
        "<b>9.txt</b>",
        "10 kB · 21 February 2026, 12:00 (UTC)",
        "📁 Main folder · no password",
        account.named("9.txt")[0].url,
    ]
    assert labels(world) == [
        ["Copy link", "Share", "Download"],
        ["Rename", "Move", "Password"],
        ["Back"],
        ["Delete"],
    ]
    await world.press("Back")
    assert "page 2 of 2" in answer.text


async def test_files_are_sorted_by_date_by_name_and_by_size(world: World) -> None:
    account = await world.log_in()
    now = world.clock.now().timestamp()
    for name, size, age in (("b", 1, 3), ("C", 3, 2), ("a", 2, 1)):
        account.add_file(name, b"x" * size, stored_at=now - age)

    def listed() -> list[str]:
        return [line[3:] for line in answer.text.splitlines() if line[:1].isdigit() and line[1:3] == ". "]

    answer = await world.tell("/list")
    assert listed() == ["a", "C", "b"]
    await world.press("Sort by name")
    assert listed() == ["a", "b", "C"]
    await world.press("Sort by size")
    assert listed() == ["C", "a", "b"]
    await world.press("1")
    await world.press("Back")
    assert listed() == ["C", "a", "b"], "the order is kept on the way back"
    await world.press("Sort by date")
    assert listed() == ["a", "C", "b"]


async def test_the_order_is_kept_on_the_way_through_folders(world: World) -> None:
    account = await world.log_in()
    folder = account.add_folder("Videos")
    for folder_id in (0, folder.id):
        put(world, account, 2, folder_id=folder_id)
    await world.tell("/list")
    await world.press("Sort by name")
    await world.press("📁 Videos")
    assert world.person.chat.last.has_button("Sort by size")
    await world.press("Up")
    assert world.person.chat.last.has_button("Sort by size")


async def test_one_file_is_not_sorted(world: World) -> None:
    account = await world.log_in()
    put(world, account, 1)
    assert not (await world.tell("/list")).has_button("Sort")


async def test_a_public_folder_shows_its_link(world: World) -> None:
    account = await world.log_in()
    account.add_folder("Videos").shared_url = "https://1fichier.com/dir/AbCdEfGh"
    listed = await world.tell("/list")
    await world.press("📁 Videos")
    assert listed.text.splitlines()[2] == "Shared: https://1fichier.com/dir/AbCdEfGh"


async def test_during_a_pause_what_is_known_is_shown_and_until_when(world: World) -> None:
    account = await world.log_in()
    put(world, account, 1)
    await world.tell("/list")
    await world.clock.advance(31)
    world.fichier.faults.add("file/ls.cgi", "flood")
    answer = await world.tell("/list")
    assert answer.text.splitlines()[-2:] == [
        "As of 12:00 (UTC)",
        "⏸ I can ask 1fichier again at about 12:06 (UTC).",
    ]


async def test_while_1fichier_is_away_what_is_known_is_shown_and_that_it_may_not_be_all(world: World) -> None:
    account = await world.log_in()
    put(world, account, 1)
    await world.tell("/list")
    await world.clock.advance(31)
    world.fichier.faults.add("file/ls.cgi", "status", status=503)
    answer = await world.tell("/list")
    assert answer.text.splitlines()[-2:] == [
        "As of 12:00 (UTC)",
        "⚠️ 1fichier can’t be reached at the moment.",
    ]


async def test_a_folder_that_is_gone_is_told(world: World) -> None:
    account = await world.log_in()
    folder = account.add_folder("Videos")
    await world.tell("/list")
    del account.folders[folder.id]
    world.fichier.faults.add("*", "ko", text="Resource not found #642", times=None)
    assert await world.press("📁 Videos") == "This folder is no longer on 1fichier."
    assert world.person.chat.last.html.startswith("📁 <b>Main folder</b> is empty."), "the list is refreshed"


async def test_a_listing_that_1fichier_cuts_says_so(world: World) -> None:
    account = await world.log_in()
    for number in range(5_001):
        account.add_file(f"{number}", b"")
    assert "1fichier lists only the first 5,000 files of a folder." in (await world.tell("/list")).text


async def test_names_by_strangers_do_no_harm(world: World) -> None:
    account = await world.log_in()
    account.add_file("</b><a href='x'>\u202egpj.exe")
    account.add_file("n" * 250)
    answer = await world.tell("/list")
    assert "</b><a href='x'>gpj.exe" in answer.text
    assert "n" * 61 not in answer.text


async def test_without_a_key_there_is_nothing_to_list(world: World) -> None:
    assert (await world.tell("/list")).text.startswith("🔑 I need your key for that.")
