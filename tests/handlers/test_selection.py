"""Several files of a list at once, and one link for all of them: never without how many and which."""

from datetime import timedelta

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount, ForgottenContent
from emulators.user import Group
from handlers.selection import MOST_CHOSEN
from tests.handlers.flow import everything_running, jobs_running, noted, until
from tests.handlers.world import World


def put(world: World, account: EmulatedAccount, count: int, *, folder_id: int = 0) -> None:
    """Files `0.txt` to `<count - 1>.txt`, newest first, a kilobyte each."""
    now = world.clock.now().timestamp()
    for number in range(count):
        account.add_file(
            f"{number}.txt", ForgottenContent(1_000), folder_id=folder_id, stored_at=now - number
        )


def names(account: EmulatedAccount, folder_id: int = 0) -> list[str]:
    return sorted(file.name for file in account.files_in(folder_id))


def labels(message: SeenMessage) -> list[list[str]]:
    return [[button.text for button in row] for row in message.buttons]


async def choosing(world: World, *boxes: str) -> SeenMessage:
    """A list in which files are being chosen."""
    listed = await world.tell("/list")
    await world.press("Select")
    for box in boxes:
        await world.press(f"☐ {box}")
    return listed


async def uploaded(world: World) -> SeenMessage:
    """The result of two files that were sent together."""
    for number in range(2):
        world.person.send_file(name=f"{number}.txt", content=b"x")
    await world.handle()

    async def told() -> bool:
        batch = await world.services.batches.find(1)
        return batch is not None and batch.told_at is not None

    async with everything_running(world):
        await noted(world, told)
    result = world.person.chat.matching("2 files uploaded")
    assert result is not None
    return result


class TestChoosing:
    async def test_numbers_become_boxes_and_folders_step_aside(
        self, world: World, account: EmulatedAccount
    ) -> None:
        account.add_folder("Videos")
        put(world, account, 3)
        listed = await choosing(world)
        assert listed.html.splitlines()[:2] == [
            "📁 <b>Main folder</b> · 3 files",
            "Press the numbers of the files you mean.",
        ]
        assert labels(listed) == [["☐ 1", "☐ 2", "☐ 3"], ["All 3", "Done"]]
        await world.press("☐ 2")
        assert listed.html.splitlines()[1] == "1 chosen · 1 kB"
        assert labels(listed) == [
            ["☐ 1", "☑ 2", "☐ 3"],
            ["All 3", "Done"],
            ["Move", "Links", "One link"],
            ["Delete 1"],
        ]
        await world.press("☑ 2")
        assert labels(listed) == [["☐ 1", "☐ 2", "☐ 3"], ["All 3", "Done"]]
        await world.press("Done")
        assert listed.has_button("📁 Videos")

    async def test_goes_on_from_page_to_page(self, world: World, account: EmulatedAccount) -> None:
        put(world, account, 10)
        listed = await choosing(world, "1", "8")
        await world.press("Next ›")
        await world.press("☐ 2")
        assert listed.text.splitlines()[1] == "3 chosen · 3 kB"
        await world.press("‹")
        assert labels(listed)[:2] == [["☑ 1", "☐ 2", "☐ 3", "☐ 4"], ["☐ 5", "☐ 6", "☐ 7", "☑ 8"]]

    async def test_begins_on_the_page_of_the_same_files(self, world: World, account: EmulatedAccount) -> None:
        for number in range(8):
            account.add_folder(f"folder {number}")
        put(world, account, 10)
        listed = await world.tell("/list")
        await world.press("Next ›")
        assert "1. 0.txt" in listed.text
        await world.press("Select")
        assert "1. 0.txt" in listed.text

    async def test_all_of_them_are_counted_and_all_again_is_none(
        self, world: World, account: EmulatedAccount
    ) -> None:
        put(world, account, 10)
        listed = await choosing(world)
        assert await world.press("All 10") == ""
        assert listed.text.splitlines()[1] == "10 chosen · 10 kB"
        await world.press("All 10")
        assert listed.text.splitlines()[1] == "Press the numbers of the files you mean."

    async def test_more_than_a_message_names_are_not_chosen(
        self, world: World, account: EmulatedAccount
    ) -> None:
        put(world, account, MOST_CHOSEN + 3)
        listed = await choosing(world)
        said = f"I take {MOST_CHOSEN} files at most at once."
        assert await world.press(f"All {MOST_CHOSEN + 3}") == said
        assert listed.text.splitlines()[1] == f"{MOST_CHOSEN} chosen · 50 kB"
        for _ in range(6):
            await world.press("Next ›")
        assert await world.press("☐ 5") == said
        assert listed.text.splitlines()[1] == f"{MOST_CHOSEN} chosen · 50 kB"

    async def test_what_has_gone_meanwhile_is_not_chosen_any_more(
        self, world: World, account: EmulatedAccount
    ) -> None:
        put(world, account, 2)
        listed = await choosing(world, "1", "2")
        stale = {name: listed.button(name) for name in ("Delete 2", "Move", "Links", "One link")}
        account.files.clear()
        await world.clock.advance(31)
        for button in stale.values():
            press = world.person.press(button, listed)
            await world.handle()
            assert press.answer is not None
            assert press.answer.text == "Choose a file first."
            assert listed.text.startswith("📁 Main folder is empty.")

    async def test_a_month_later_it_is_too_old(self, world: World, account: EmulatedAccount) -> None:
        put(world, account, 2)
        listed = await choosing(world, "1")
        await world.clock.advance(30 * 86_400)
        await world.services.questions.prune(world.clock.now())
        for row in listed.buttons:
            for button in row:
                press = world.person.press(button, listed)
                await world.handle()
                assert press.answer is not None
                assert press.answer.text == "That’s too old. Send /list again."

    async def test_what_somebody_else_chose_is_not_theirs_to_use(
        self, world: World, account: EmulatedAccount
    ) -> None:
        put(world, account, 2)
        eve = world.somebody()
        await world.log_in(eve)
        group = Group(world.api, -100, "Friends", [world.person, eve])
        world.person.in_group(group).say("/list@onefichier_test_bot")
        await world.handle()
        world.person.in_group(group).press("Select", group.chat.last)
        await world.handle()
        press = eve.in_group(group).press("☐ 1", group.chat.last)
        await world.handle()
        assert press.answer is not None
        assert press.answer.text == "This button isn’t yours."


class TestWhatIsDoneWithThem:
    async def test_deleting_names_them_and_asks(self, world: World, account: EmulatedAccount) -> None:
        put(world, account, 4)
        listed = await choosing(world, "1", "3")
        await world.press("Delete 2")
        assert listed.html.splitlines() == [
            "🗑 Delete these 2 files? 2 kB in all.",
            "• <b>0.txt</b>",
            "• <b>2.txt</b>",
            "I can’t bring them back.",
        ]
        await world.press("Keep")
        assert listed.text.splitlines()[1] == "2 chosen · 2 kB", "the choice is kept"
        await world.press("Delete 2")
        await world.press("Delete")
        assert listed.text == "✅ 2 files deleted."
        assert names(account) == ["1.txt", "3.txt"]
        await world.press("Back")
        assert "2 files" in listed.text.splitlines()[0]

    async def test_fifty_long_names_still_fit_the_question(
        self, world: World, account: EmulatedAccount
    ) -> None:
        for number in range(MOST_CHOSEN):
            account.add_file(f"{'&' * 240}{number}", ForgottenContent(1))
        listed = await choosing(world)
        await world.press(f"All {MOST_CHOSEN}")
        await world.press(f"Delete {MOST_CHOSEN}")
        assert listed.text.count("• ") == MOST_CHOSEN
        assert world.person.chat.from_bot == [listed]

    async def test_moving_names_them_and_shows_how_it_ended(
        self, world: World, account: EmulatedAccount
    ) -> None:
        videos = account.add_folder("Videos")
        put(world, account, 3)
        listed = await choosing(world, "1", "2")
        await world.press("Move")
        assert listed.html.splitlines() == [
            "❓ Where shall these 2 files go?",
            "• <b>0.txt</b>",
            "• <b>1.txt</b>",
            "📁 Main folder",
        ]
        await world.press("📁 Videos")
        async with jobs_running(world):
            await world.press("Choose this")
            await until(world, lambda: listed.text.startswith("✅"))
        assert listed.html == "✅ 2 files moved to 📁 <b>Videos</b>"
        assert names(account, videos.id) == ["0.txt", "1.txt"]
        await world.press("Open folder")
        assert listed.text.startswith("📁 Videos · 2 files")

    async def test_moving_can_be_thought_better_of(self, world: World, account: EmulatedAccount) -> None:
        put(world, account, 2)
        listed = await choosing(world, "1")
        await world.press("Move")
        await world.press("Cancel")
        assert listed.text.splitlines()[1] == "1 chosen · 1 kB"

    async def test_moving_says_what_could_not_be_moved(self, world: World, account: EmulatedAccount) -> None:
        account.add_folder("Videos")
        put(world, account, 3)
        listed = await choosing(world, "1", "2", "3")
        await world.press("Move")
        await world.press("📁 Videos")
        (gone,) = account.named("1.txt")
        del account.files[gone.id]
        async with jobs_running(world):
            await world.press("Choose this")
            await until(world, lambda: listed.text.startswith("⚠️"))
        assert listed.html.splitlines() == [
            "⚠️ 2 of 3 files moved to 📁 <b>Videos</b>",
            "Not moved: <b>1.txt</b>",
            "They are no longer on 1fichier, or not in your account.",
        ]

    async def test_links_are_told_with_names_and_copied_at_once_where_they_fit(
        self, world: World, account: EmulatedAccount
    ) -> None:
        put(world, account, 6)
        await choosing(world, "1", "2")
        await world.press("Links")
        told = world.person.chat.last
        urls = [account.named(name)[0].url for name in ("0.txt", "1.txt")]
        assert told.html.splitlines() == ["<b>0.txt</b>", urls[0], "<b>1.txt</b>", urls[1]]
        assert told.button("Copy all").copy_text == "\n".join(urls)
        await world.press("All 6", None)
        await world.press("Links")
        told, copied = world.person.chat.from_bot[-2:]
        assert told.text.count("https://") == 6
        assert not told.buttons
        assert copied.payload["document"]["file_name"] == "links.txt"

    async def test_what_a_search_has_found_is_chosen_likewise(
        self, world: World, account: EmulatedAccount
    ) -> None:
        folder = account.add_folder("deep")
        put(world, account, 2)
        put(world, account, 2, folder_id=folder.id)
        account.add_file("other.doc")
        await world.read_index()
        listed = await world.tell("/list txt")
        await world.press("Select")
        await world.press("All 4")
        assert listed.text.splitlines()[:2] == ["“txt” · 4 files", "4 chosen · 4 kB"]
        await world.press("Delete 4")
        await world.press("Delete")
        assert [file.name for file in account.files.values()] == ["other.doc"]
        await world.press("Back")
        assert listed.text.startswith("Nothing is called “txt”.")

    async def test_a_search_is_the_same_after_choosing(self, world: World, account: EmulatedAccount) -> None:
        put(world, account, 2)
        await world.read_index()
        listed = await world.tell("/list txt")
        before = (listed.html, labels(listed))
        await world.press("Select")
        await world.press("Done")
        assert (listed.html, labels(listed)) == before


class TestOneLinkForAll:
    async def test_names_them_asks_and_gives_the_link(self, world: World, account: EmulatedAccount) -> None:
        put(world, account, 3)
        listed = await choosing(world, "1", "2")
        await world.press("One link")
        question = world.person.chat.last
        assert question.html.splitlines() == [
            "❓ One link for all 2 files?",
            "• <b>0.txt</b>",
            "• <b>1.txt</b>",
            "I move them into a new folder, and whoever has its link can see what is in it. Their own links stay.",
        ]
        assert not account.folders
        async with jobs_running(world):
            await world.press("Make link")
            await until(world, lambda: question.text.startswith("✅"))
        (folder,) = account.folders.values()
        assert folder.name.startswith("Shared 2026-03-02 12.")
        assert question.text.splitlines() == [
            "✅ One link for 2 files",
            folder.shared_url,
            f"📁 {folder.name}",
        ]
        assert question.button("Copy link").copy_text == folder.shared_url
        assert names(account, folder.id) == ["0.txt", "1.txt"]
        await world.press("Open folder")
        assert question.text.splitlines()[2] == f"Shared: {folder.shared_url}"
        await world.press("This folder")
        await world.press("Stop sharing")
        await world.press("Stop sharing")
        assert folder.shared_url == ""
        assert listed.text.splitlines()[1] == "2 chosen · 2 kB"

    async def test_no_shares_nothing(self, world: World, account: EmulatedAccount) -> None:
        put(world, account, 2)
        await choosing(world, "1")
        await world.press("One link")
        question = world.person.chat.last
        stale = question.button("Make link")
        await world.press("No")
        assert question.text == "Nothing shared. The files stay where they are."
        press = world.person.press(stale, question)
        await world.handle()
        assert press.answer is not None
        assert press.answer.text == "Already done."
        assert not account.folders

    async def test_is_offered_below_the_result_of_a_batch(
        self, world: World, account: EmulatedAccount
    ) -> None:
        result = await uploaded(world)
        async with jobs_running(world):
            await world.press("One link for all", result)
            await world.press("Make link")
            await until(world, lambda: world.person.chat.matching("✅ One link for 2 files"))
        (folder,) = account.folders.values()
        assert names(account, folder.id) == ["0.txt", "1.txt"]
        assert result.has_button("One link for all"), "the result keeps its links"

    async def test_of_a_batch_that_is_somebody_elses_or_long_gone(
        self, world: World, account: EmulatedAccount
    ) -> None:
        result = await uploaded(world)
        eve = world.somebody()
        assert await world.press("One link for all", result, by=eve) == "This button isn’t yours."
        # Whether time has passed since it was told is chance.
        await world.services.batches.prune(world.clock.now() + timedelta(seconds=1))
        assert await world.press("One link for all", result) == "That’s too old. Send the command again."
