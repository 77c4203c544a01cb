"""What Telegram may do to a bot: ask for rests, fall silent, lose messages, chats and groups. Nothing is lost by it, nothing told twice."""

from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from emulators.botapi import Call, SeenMessage
from emulators.user import Group, Participant, Person
from handlers import JobBoard, Postman, StatusBoard
from handlers.status_budget import CALLS_PER_SECOND
from handlers.texts import Html
from storage import Job, JobFile, JobFileState, JobKind, JobStore, TransferState
from tests.handlers.flow import in_background, telling
from tests.handlers.world import World, open_world
from tests.reliability.conftest import Figures
from tests.reliability.stillness import Stillness

PROGRESS_SECONDS = 3
# Between changes of everything at once.
SECONDS_OF_A_ROUND = 4


@pytest.fixture
async def world(fast_path: Path) -> AsyncIterator[World]:
    async with open_world(fast_path) as world:
        yield world


@pytest.fixture
async def time(world: World) -> Stillness:
    return Stillness(world.clock)


async def sent(world: World, *names: str, by: Participant | None = None) -> SeenMessage:
    """Files that arrive together; the first message."""
    messages = [
        (by or world.person).send_file(name=name, size=10, caption="@onefichier_test_bot") for name in names
    ]
    await world.handle()
    return messages[0]


async def end_all_of(world: World, person: Person, state: TransferState = TransferState.FAILED) -> None:
    for transfer in await world.services.transfers.active_of(person.id):
        await world.services.transfers.end(transfer.id, state, now=world.clock.now())
        world.services.wakeups.batch_item_ended(transfer.batch_id)


async def something_new(world: World, person: Person, size: int) -> None:
    """Have the status of what a person sent say something else: a size that turned out to be another."""
    for transfer in await world.services.transfers.active_of(person.id):
        await world.services.transfers.note_size(transfer.id, size)
        world.services.wakeups.batch_changed(transfer.batch_id)


async def several_people(world: World, count: int) -> list[Person]:
    everybody = [world.somebody(f"Person {number}") for number in range(count)]
    for each in everybody:
        each.chat.started = True
        await world.log_in(each)
    return everybody


def edits(world: World) -> list[Call]:
    return world.api.calls("editMessageText")


class TestALongRest:
    async def test_for_edits_keeps_no_result_back(self, world: World, time: Stillness) -> None:
        await world.log_in()
        async with telling(world):
            await sent(world, "a.bin")
            await time.passes(4)
            world.api.faults.add(method="editMessageText", status=429, retry_after=600)
            for second in range(20):
                await something_new(world, world.person, second)
                await time.passes(1)
            assert len(edits(world)) == 1, "nothing is tried again before the rest is over"
            await end_all_of(world, world.person)
            await time.passes(5)
        (result,) = world.person.chat.notifications
        assert "was not uploaded" in result.text
        assert world.person.chat.visible[-1] is result
        assert len([each for each in world.person.chat.visible if each.from_bot]) == 1

    async def test_for_messages_holds_one_chat_and_keeps_its_order(
        self, world: World, time: Stillness
    ) -> None:
        await world.log_in()
        (eve,) = await several_people(world, 1)
        replied_to = []
        for name in ("a.bin", "b.bin", "c.bin"):
            replied_to.append(await sent(world, name))
            await world.clock.advance(5)
        await sent(world, "eve.bin", by=eve)
        await end_all_of(world, world.person)
        await end_all_of(world, eve)
        world.api.faults.add(method="sendMessage", chat_id=world.person.id, status=429, retry_after=900)
        async with telling(world):
            await time.passes(30)
            assert len(eve.chat.notifications) == 1
            await time.passes(860)
            assert not world.person.chat.from_bot
            tries = [call for call in world.api.calls("sendMessage") if call.status == 429]
            assert len(tries) == 1
            await time.passes(30)
        assert [each.reply_to for each in world.person.chat.notifications] == replied_to


class TestSilence:
    @pytest.mark.parametrize("drop", ["before", "after"])
    async def test_at_an_edit_is_not_answered_by_a_new_message(
        self, world: World, time: Stillness, drop: str
    ) -> None:
        await world.log_in()
        async with telling(world):
            await sent(world, "a.bin")
            await time.passes(4)
            world.api.faults.add(
                method="editMessageText", drop="before" if drop == "before" else "after", times=3
            )
            for second in range(20):
                await something_new(world, world.person, 100 + second)
                await time.passes(1)
            await time.passes(4)
        (status,) = world.person.chat.from_bot
        assert "119 bytes" in status.text

    async def test_and_bad_gateways_for_minutes_lose_no_result(self, world: World, time: Stillness) -> None:
        await world.log_in()
        first = await sent(world, "a.bin")
        await end_all_of(world, world.person)
        until = world.clock.now().timestamp() + 180
        world.api.faults.add(status=502, probability=0.5, times=None, until=until)
        world.api.faults.add(drop="before", times=None, until=until)
        async with telling(world):
            await time.passes(170)
            assert not world.person.chat.from_bot
            await time.passes(30)
        (result,) = world.person.chat.notifications
        assert result.reply_to is first


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


class TestAChatOutOfReach:
    @pytest.mark.parametrize("how", ["blocked", "deactivated"])
    async def test_is_not_called_again_while_its_files_go_on(
        self, world: World, time: Stillness, how: str
    ) -> None:
        await world.log_in()
        async with telling(world):
            await sent(world, "a.bin")
            await time.passes(4)
            if how == "blocked":
                world.person.chat.bot_status = "kicked"
            else:
                world.person.deactivate()
            before = len(world.api.transcript)
            for second in range(120):
                await something_new(world, world.person, second)
                await time.passes(1)
            await end_all_of(world, world.person)
            await time.passes(120)
        calls = list(world.api.transcript)[before:]
        assert [(call.method, call.status) for call in calls] == [("editMessageText", 403)]
        assert await world.services.outbox.depth() == 1

    async def test_loses_nothing_and_is_told_in_order_once_it_is_back(
        self, world: World, time: Stillness
    ) -> None:
        await world.log_in()
        sent_files = []
        async with telling(world):
            sent_files.append(await sent(world, "before.bin"))
            await time.passes(4)
            (status,) = world.person.chat.from_bot
            later = [
                world.person.send_file(name="while away 1.bin", size=10),
                world.person.send_file(name="while away 2.bin", size=10),
            ]
            world.person.block()
            await world.handle()
            await time.passes(5)
            await end_all_of(world, world.person)
            account = await world.services.people.account_in_use(world.person.id)
            assert account is not None
            await world.services.people.note_key_refused(account, world.clock.now())
            await time.passes(3600)
            assert world.person.chat.from_bot == [status]
            before = len(world.api.transcript)
            world.person.unblock()
            await world.handle()
            await time.passes(20)
        assert len(world.api.transcript) > before
        told = world.person.chat.notifications
        assert [each.reply_to for each in told[:2]] == [sent_files[0], later[0]]
        assert "🔑" in told[2].text
        assert len(told) == 3
        assert status.deleted

    async def test_shows_what_is_still_under_way_once_it_is_back(self, world: World, time: Stillness) -> None:
        await world.log_in()
        async with telling(world):
            world.person.send_file(name="a.bin", size=10)
            world.person.block()
            await world.handle()
            await time.passes(60)
            assert not world.person.chat.from_bot
            world.person.unblock()
            await world.handle()
            await time.passes(2)
        assert world.person.chat.matching("⏳ In the queue")


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


class TestAGroupThatBecomesASupergroup:
    NEW = -1_000_000_000_777

    async def test_while_a_status_stands_keeps_all_its_other_messages(
        self, world: World, time: Stillness
    ) -> None:
        await world.log_in()
        group = Group(world.api, -100, "Friends", [world.person], bot_is_admin=True)
        async with telling(world):
            await sent(world, "a.bin", by=world.person.in_group(group))
            await time.passes(4)
            (old_status,) = group.chat.from_bot
            old = group.chat
            group.migrate(self.NEW)
            # Numbers begin anew: soon another message of the bot bears the number of the status.
            others = []
            for number in range(old_status.id + 2):
                await world.services.chats.send(self.NEW, another_message(number))
                others.append(group.chat.last)
                await time.passes(2)
            for second in range(10):
                await something_new(world, world.person, second)
                await time.passes(2)
            await end_all_of(world, world.person)
            await time.passes(10)
        assert [each.text for each in others] == [another_message(number) for number in range(len(others))]
        assert not any(each.deleted for each in others)
        (result,) = group.chat.notifications
        assert "was not uploaded" in result.text
        assert result.reply_to is None, "the number of the file's message means another one there"
        assert old.from_bot == [old_status]

    async def test_is_followed_before_anything_is_sent_there(self, world: World, time: Stillness) -> None:
        """Also where Telegram has said that the bot is out of the old group."""
        await world.log_in()
        group = Group(world.api, -100, "Friends", [world.person], bot_is_admin=True)
        await sent(world, "a.bin", by=world.person.in_group(group))
        await end_all_of(world, world.person)
        await world.services.people.note_unreachable(-100, world.clock.now())
        group.migrate(self.NEW)
        await world.handle()
        async with telling(world):
            await time.passes(10)
        assert group.chat.matching("was not uploaded")
        assert not [call for call in world.api.transcript if call.status == 400]


def another_message(number: int) -> Html:
    return Html(f"message {number}")


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
