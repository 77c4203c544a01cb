"""Messages that change while something is under way: deleted, too old, of a job, and hundreds of them within one budget."""

from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from handlers import JobBoard, Postman, StatusBoard
from handlers.status_budget import CALLS_PER_SECOND
from handlers.texts import Html
from storage import Job, JobFile, JobFileState, JobKind, JobStore
from tests.handlers.flow import in_background, telling
from tests.handlers.world import World
from tests.reliability.conftest import Figures
from tests.reliability.moods import edits, end_all_of, sent, several_people, something_new
from tests.reliability.stillness import Stillness

PROGRESS_SECONDS = 3
# Between changes of everything at once.
SECONDS_OF_A_ROUND = 4


class TestAStatusMessageDeletedByItsReader:
    async def test_is_not_asked_for_again_and_never_replaced(self, world: World, time: Stillness) -> None:
        await world.log_in()
        async with telling(world):
            await sent(world, "a.bin")
            await time.passes(4)
            (status,) = world.person.chat.from_bot
            world.person.delete(status)
            for second in range(30):
                await something_new(world, world.person, second)
                await time.passes(1)
            assert len(edits(world)) == 1
            assert world.person.chat.from_bot == [status]
            await end_all_of(world, world.person)
            await time.passes(5)
        assert len(world.person.chat.notifications) == 1
        assert len(world.api.calls("deleteMessage")) <= 1


class TestAStatusMessageTooOldToBeDeleted:
    async def test_does_not_say_for_ever_that_something_is_under_way(
        self, world: World, time: Stillness
    ) -> None:
        await world.log_in()
        async with telling(world):
            await sent(world, "a.bin")
            await time.passes(4)
        (status,) = world.person.chat.from_bot
        await world.clock.advance(50 * 3600)
        async with telling(world):
            await end_all_of(world, world.person)
            await time.passes(5)
        assert status.text == "This has ended, see below."
        assert not status.buttons
        assert len(world.person.chat.notifications) == 1


class TestTheMessageOfAJob:
    """Work on files that outlasts an answer shows how far it is, by the rules of all statuses."""

    @pytest.fixture
    async def board(self, world: World) -> AsyncIterator[None]:
        board, job_board = StatusBoard(world.services), JobBoard(world.services)
        async with in_background(
            board.run(), job_board.run(), Postman(world.services, board, job_board).run()
        ):
            yield

    @pytest.fixture
    async def job(self, world: World) -> Job:
        await world.log_in()
        account = await world.services.people.account_in_use(world.person.id)
        assert account is not None
        message_id = await world.services.chats.send(world.person.id, Html("Moving"))
        files = [JobFile(f"{n:020}", f"https://1fichier.com/?{n:020}", f"{n}.bin") for n in range(60)]
        return await JobStore(world.database).begin(
            account,
            JobKind.MOVE_FILES,
            chat_id=world.person.id,
            message_id=message_id,
            folder_id=7,
            folder_name="There",
            files=files,
            now=world.clock.now(),
        )

    async def goes_on(self, world: World, job: Job, number: int) -> None:
        await JobStore(world.database).note_files(job.id, [f"{number:020}"], JobFileState.DONE)
        world.services.wakeups.job_changed(job.id)

    async def test_shares_the_budget_of_its_chat(
        self, world: World, time: Stillness, job: Job, board: None
    ) -> None:
        await sent(world, "a.bin")
        for second in range(30):
            await self.goes_on(world, job, second)
            await something_new(world, world.person, second)
            await time.passes(1)
        at = sorted(call.at for call in edits(world))
        messages = {call.parameters["message_id"] for call in edits(world)}
        assert len(messages) == 2
        assert all(later - earlier >= PROGRESS_SECONDS - 0.01 for earlier, later in pairwise(at))

    async def test_is_left_alone_once_its_reader_has_deleted_it(
        self, world: World, time: Stillness, job: Job, board: None
    ) -> None:
        world.person.delete(world.person.chat.last)
        for second in range(30):
            await self.goes_on(world, job, second)
            await time.passes(1)
        assert len(edits(world)) == 1

    async def test_is_left_alone_in_a_chat_out_of_reach(
        self, world: World, time: Stillness, job: Job, board: None
    ) -> None:
        world.person.chat.bot_status = "kicked"
        for second in range(30):
            await self.goes_on(world, job, second)
            await time.passes(1)
        assert [call.status for call in edits(world)] == [403]

    async def test_waits_for_no_rest_of_its_chat_and_keeps_no_other_waiting(
        self, world: World, time: Stillness, job: Job, board: None
    ) -> None:
        world.api.faults.add(method="editMessageText", chat_id=world.person.id, status=429, retry_after=25)
        for second in range(20):
            await self.goes_on(world, job, second)
            await time.passes(1)
        assert [call.status for call in edits(world)] == [429]
        await time.passes(10)
        assert [call.status for call in edits(world)] == [429, 200]


class TestStatusEdits:
    async def test_keep_to_one_budget_over_all_chats_and_one_for_each(
        self, world: World, time: Stillness, figures: Figures, soak: bool
    ) -> None:
        """Status messages of 200 batches that change every four seconds."""
        rounds = 30 if soak else 6
        everybody = await several_people(world, 200)
        for each in everybody:
            await sent(world, "a.bin", by=each)
        begun = world.clock.now().timestamp()
        async with telling(world):
            for second in range(rounds):
                for each in everybody:
                    await something_new(world, each, second)
                await time.passes(SECONDS_OF_A_ROUND)
        made = [call for call in world.api.transcript if call.method in {"sendMessage", "editMessageText"}]
        assert all(call.ok for call in made)
        at = sorted(call.at for call in made)
        most = max(sum(begin <= each < begin + 1 for each in at) for begin in at)
        per_chat: dict[int, list[float]] = {}
        for call in edits(world):
            per_chat.setdefault(call.parameters["chat_id"], []).append(call.at)
        nearest = min(later - earlier for times in per_chat.values() for earlier, later in pairwise(times))
        firsts = world.api.calls("sendMessage")
        figures.table(
            ("changes", "calls", "most in a second", "nearest edits of a chat", "first statuses after"),
            [
                (
                    200 * rounds,
                    len(made),
                    most,
                    f"{nearest:.1f} s",
                    f"{max(call.at for call in firsts) - begun:.1f} s",
                )
            ],
        )
        assert most <= CALLS_PER_SECOND + 1
        assert nearest >= PROGRESS_SECONDS - 0.01
        assert len(firsts) == 200, "never replaced by a new message"
        assert Counter(call.parameters["chat_id"] for call in firsts).most_common(1)[0][1] == 1
        assert not world.api.limits.breaches

    async def test_say_only_what_is_newest(self, world: World, time: Stillness) -> None:
        await world.log_in()
        async with telling(world):
            await sent(world, "a.bin")
            await time.passes(4)
            for number in range(50):
                await something_new(world, world.person, 1000 + number)
                await time.passes(0.1)
            await time.passes(4)
        (status,) = world.person.chat.from_bot
        assert len(edits(world)) <= 3
        assert "1 kB" in status.text
        shown = [int(call.parameters["text"].count("kB")) for call in edits(world)]
        assert shown == [1] * len(shown)

    async def test_stand_back_behind_results(self, world: World, time: Stillness, figures: Figures) -> None:
        """60 results due while 60 status messages change."""
        everybody = await several_people(world, 120)
        for each in everybody:
            await sent(world, "a.bin", by=each)
        async with telling(world):
            # All 120 status messages have been sent.
            await time.passes(12)
            begun, before = world.clock.now().timestamp(), len(edits(world))
            for each in everybody[:60]:
                await end_all_of(world, each)
            for second in range(10):
                for each in everybody[60:]:
                    await something_new(world, each, 100 + second)
                await time.passes(1)
        results = [call.at - begun for call in world.api.calls("sendMessage") if call.at >= begun]
        changed = [call.at - begun for call in edits(world)[before:]]
        busy = [each for each in changed if min(results) <= each <= max(results)]
        figures.table(
            ("results", "the last after", "edits meanwhile", "edits in the 10 s"),
            [(len(results), f"{max(results):.1f} s", len(busy), len(changed))],
        )
        assert len(results) == 60
        assert max(results) <= 6
        assert len(busy) < len(results) / 4
        assert changed
        assert not world.api.limits.breaches
