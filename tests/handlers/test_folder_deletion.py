"""Folders deleted with all that is in them: counted first, asked about once more, and deleted as a job."""

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount, ForgottenContent
from tests.handlers.flow import jobs_running, telling, until
from tests.handlers.folder_card import card_of
from tests.handlers.world import World


async def counted(world: World, card: SeenMessage) -> None:
    """Until the second question stands."""
    await world.press("Count")
    await until(world, lambda: "in 2 folders" in card.text)


class TestDeletingAFullOne:
    def fill(self, account: EmulatedAccount, *, files: int = 3) -> None:
        videos = account.add_folder("Videos")
        inner = account.add_folder("2026", videos.id)
        for number in range(files):
            account.add_file(f"{number}", ForgottenContent(1_000), folder_id=videos.id)
        account.add_file("inner", ForgottenContent(2_000), folder_id=inner.id)
        account.add_file("elsewhere", ForgottenContent(1))

    async def test_counts_asks_again_and_deletes_with_progress(
        self, world: World, account: EmulatedAccount
    ) -> None:
        self.fill(account, files=250)
        card = await card_of(world)
        await world.press("Delete")
        assert card.text.splitlines() == [
            "🗑 Delete 📁 Videos with all that is in it?",
            "I count that first, and ask you once more.",
        ]
        assert card.button("Count").style is None
        async with jobs_running(world):
            await counted(world, card)
            assert card.text.splitlines() == [
                "🗑 Delete 📁 Videos with all that is in it?",
                "251 files in 2 folders · 252 kB",
                "Their links will stop working, and I can’t bring them back.",
            ]
            assert card.button("Delete 251 files").style == "danger"
            assert len(account.files) == 252
            await world.press("Delete 251 files")
            await until(world, lambda: card.text.startswith("✅"))
        assert card.text.splitlines() == ["✅ Deleted: 📁 Videos", "251 files were in it."]
        assert [file.name for file in account.files.values()] == ["elsewhere"]
        assert not card.buttons
        shown = [edit.text for edit in card.edits]
        assert any(text.startswith("⏳ Deleting 📁 Videos\n▓") for text in shown)
        assert world.person.chat.from_bot == [card], "all of it stood in one message"

    async def test_keeps_everything_when_the_count_is_too_much(
        self, world: World, account: EmulatedAccount
    ) -> None:
        self.fill(account)
        card = await card_of(world)
        await world.press("Delete")
        async with jobs_running(world):
            await counted(world, card)
            stale = card.button("Delete 4 files")
            await world.press("Keep")
            await until(world, lambda: card.text.startswith("Nothing deleted."))
            press = world.person.press(stale, card)
            await world.handle()
        assert card.text == "Nothing deleted. 📁 Videos is still there."
        assert press.answer is not None
        assert press.answer.text == "Already done."
        assert len(account.files) == 5

    async def test_can_be_stopped(self, world: World, account: EmulatedAccount) -> None:
        self.fill(account, files=250)
        card = await card_of(world)
        await world.press("Delete")
        async with jobs_running(world):
            await counted(world, card)
            stall = world.fichier.faults.add("file/rm.cgi", "stall")
            await world.press("Delete 251 files")
            await until(world, stall.struck.is_set)
            await until(world, lambda: card.has_button("Cancel"))
            assert await world.press("Cancel") == "I stop after the call that is under way."
            stall.released.set()
            await until(world, lambda: card.text.startswith("Stopped:"))
        assert card.text.splitlines() == ["Stopped: 📁 Videos is still there.", "100 files were deleted."]
        assert len(account.files) == 152

    async def test_stands_in_jobs_and_is_stopped_there(self, world: World, account: EmulatedAccount) -> None:
        self.fill(account)
        card = await card_of(world)
        await world.press("Delete")
        await world.press("Count")
        jobs = await world.tell("/jobs")
        assert jobs.html.splitlines() == [
            "⏳ 1 job on your files",
            "1. 📁 <b>Videos</b> · being counted",
        ]
        await world.press("Cancel 1")
        async with jobs_running(world):
            await until(world, lambda: card.text.startswith("Nothing deleted."))
        assert (await world.tell("/jobs")).text == "Nothing is running."

    async def test_is_stopped_by_cancel_in_reply(self, world: World, account: EmulatedAccount) -> None:
        self.fill(account)
        card = await card_of(world)
        await world.press("Delete")
        await world.press("Count")
        assert (await world.tell("/cancel", reply_to=card)).text == "Cancelled."

    async def test_shows_a_pause_and_goes_on_after_it(self, world: World, account: EmulatedAccount) -> None:
        self.fill(account)
        card = await card_of(world)
        await world.press("Delete")
        async with jobs_running(world):
            await counted(world, card)
            world.fichier.faults.add("folder/ls.cgi", "flood")
            await world.press("Delete 4 files")
            await until(world, lambda: card.text.startswith("⏸ Paused, goes on at about 12:"))
            await world.clock.advance(310)
            await until(world, lambda: card.text.startswith("✅"))

    async def test_tells_why_it_did_not_work(self, world: World, account: EmulatedAccount) -> None:
        self.fill(account)
        card = await card_of(world)
        await world.press("Delete")
        world.fichier.faults.add("file/rm.cgi", "ko", text="Fichier <verrouillé>")
        async with jobs_running(world):
            await counted(world, card)
            await world.press("Delete 4 files")
            await until(world, lambda: card.text.startswith("⚠️"))
        assert card.text.splitlines()[:2] == [
            "⚠️ 📁 Videos could not be deleted.",
            "Its reason: “Fichier <verrouillé>”.",
        ]

    async def test_a_message_that_was_deleted_gives_way_to_a_new_one(
        self, world: World, account: EmulatedAccount
    ) -> None:
        self.fill(account)
        card = await card_of(world)
        await world.press("Delete")
        await world.press("Count")
        world.person.delete(card)
        async with jobs_running(world):
            await until(world, lambda: world.person.chat.matching("4 files in 2 folders"))
            await world.press("Delete 4 files")
            await until(world, lambda: world.person.chat.matching("✅ Deleted: 📁 Videos"))

    async def test_is_nobody_elses_to_confirm_and_not_a_day_later(
        self, world: World, account: EmulatedAccount
    ) -> None:
        self.fill(account)
        card = await card_of(world)
        await world.press("Delete")
        async with jobs_running(world):
            await counted(world, card)
        eve = world.somebody()
        stale = card.button("Delete 4 files")
        assert await world.press("Delete 4 files", card, by=eve) == "This button isn’t yours."
        await world.clock.advance(30 * 86_400)
        assert await world.press("Delete 4 files", card) == "That’s too old. Send the command again."
        async with telling(world):
            await until(world, lambda: card.text.startswith("Nothing deleted."))
        await world.services.jobs._jobs.prune(world.clock.now())
        press = world.person.press(stale, card)
        await world.handle()
        assert press.answer is not None
        assert press.answer.text == "That’s too old. Send the command again."
        assert len(account.files) == 5
