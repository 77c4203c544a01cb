"""What Telegram may do to a bot: ask for rests, fall silent, lose messages, chats and groups. Nothing is lost by it, nothing told twice."""

import pytest

from emulators.user import Group
from handlers.texts import Html
from tests.handlers.flow import telling
from tests.handlers.world import World
from tests.reliability.moods import edits, end_all_of, sent, several_people, something_new
from tests.reliability.stillness import Stillness


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


def another_message(number: int) -> Html:
    return Html(f"message {number}")


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
