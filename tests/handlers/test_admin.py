"""Looking after the bot: /admin, alerts, maintenance, limits for one person."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from emulators.botapi import Chat
from emulators.user import Group
from storage import BATCH_GAP, AlertKind, Role
from tests.handlers.flow import everything_running, noted, telling, until
from tests.handlers.world import World, open_world

ADMIN = 1_000


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Private, and the person looks after it."""
    async with open_world(tmp_path, admins={ADMIN}, private=True) as world:
        yield world


async def link_of(world: World) -> str:
    """What stands behind `start=` in the newest invitation of the chat."""
    text = next(message.text for message in reversed(world.person.chat.from_bot) if "?start=" in message.text)
    return text.rpartition("?start=")[2].split()[0]


async def test_the_overview_tells_counts_and_nothing_that_people_store(world: World) -> None:
    await world.log_in()
    world.person.send_file(name="planted name.txt", size=10)
    await world.handle()
    text = (await world.tell("/admin")).text
    assert text.splitlines()[:3] == [
        "📊 1 person",
        "🔑 1 has given a key",
        "⏳ Under way: 1 upload, 0 links",
    ]
    assert "Open to those who are let in." in text
    assert "planted" not in text


async def have_ended(world: World, count: int) -> bool:
    return len(await world.database.fetch_all("SELECT 1 FROM transfer WHERE ended_at IS NOT NULL")) == count


async def test_what_has_ended_is_counted(world: World) -> None:
    await world.log_in()
    async with everything_running(world):
        world.person.send_file(name="a.txt", size=10)
        world.person.send_file(name="empty.txt", size=0)
        await world.handle()
        await noted(world, lambda: have_ended(world, 2))
    text = (await world.tell("/admin")).text
    assert "✅ Uploaded: 1 · 10 bytes; not: 1" in text


async def test_to_anybody_else_the_command_does_not_exist(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        assert (await world.tell("/admin")).text.startswith("I don’t know that command.")
        assert "/admin" not in (await world.tell("/help")).text


async def test_an_admin_finds_it_in_the_help(world: World) -> None:
    assert "/admin looks after this bot" in (await world.tell("/help")).text


async def test_in_a_group_nothing_is_shown(world: World) -> None:
    group = Group(world.api, -500, "Friends", [world.person], bot_is_admin=True)
    world.person.in_group(group).say("/admin@onefichier_test_bot")
    await world.handle()
    assert group.chat.last.text == "Not here: send me /admin in private."


@pytest.mark.parametrize(
    "said", ["/admin nonsense", "/admin ban x", "/admin invite 0", "/admin invite 101", "/admin ban"]
)
async def test_what_can_be_said_is_explained(world: World, said: str) -> None:
    assert "/admin invite 5: a link for 5 people" in (await world.tell(said)).text


async def test_a_guest_comes_in_by_an_invitation_and_the_next_one_does_not(world: World) -> None:
    await world.tell("/admin")
    await world.press("Invite")
    code = await link_of(world)
    guest, late = world.somebody("Guest"), world.somebody("Late")
    guest.say(f"/start {code}")
    late.say(f"/start {code}")
    await world.handle()
    assert guest.chat.last.text.startswith("Hi!")
    assert late.chat.last.html == (
        "This bot is private.\nThis invitation is used up, or too old.\n"
        f"Its owner can let you in: give them your number, <code>{late.id}</code>"
    )
    guest.say("/jobs")
    await world.handle()
    assert guest.chat.last.text == "Nothing is running."
    assert await world.services.people.find(late.id) is None


async def test_an_invitation_for_several_ends_when_it_is_revoked(world: World) -> None:
    assert (await world.tell("/admin invite 3")).text.startswith("✅ An invitation for 3 people, until")
    code = await link_of(world)
    first = world.somebody()
    first.say(f"/start {code}")
    await world.handle()
    overview = await world.tell("/admin")
    assert "Invitation 1: 2 uses left" in overview.text
    assert await world.press("Revoke 1", overview) == "Revoked."
    assert "Invitation 1" not in overview.text
    second = world.somebody()
    second.say(f"/start {code}")
    await world.handle()
    assert second.chat.last.text.startswith("This bot is private.")
    first.say("/jobs")
    await world.handle()
    assert first.chat.last.text == "Nothing is running."


async def test_an_invitation_ends_after_a_week(world: World) -> None:
    await world.tell("/admin invite 1")
    code = await link_of(world)
    await world.clock.advance(timedelta(days=7).total_seconds())
    guest = world.somebody()
    guest.say(f"/start {code}")
    await world.handle()
    assert "too old" in guest.chat.last.text


async def test_a_code_said_in_a_group_lets_nobody_in(world: World) -> None:
    await world.tell("/admin invite 5")
    code = await link_of(world)
    guest = world.somebody()
    group = Group(world.api, -500, "Friends", [world.person, guest], bot_is_admin=True)
    guest.in_group(group).say(f"/start@onefichier_test_bot {code}")
    await world.handle()
    assert group.chat.last.text.startswith("This bot is private.")


async def test_somebody_else_who_presses_a_button_of_the_overview_changes_nothing(world: World) -> None:
    overview = await world.tell("/admin")
    guest = world.somebody()
    await world.services.access.set_role(guest.id, Role.GUEST, world.clock.now())
    assert await world.press("Maintenance", overview, by=guest) == "This button isn’t yours."
    assert not world.services.maintenance.on


async def test_who_is_banned_is_told_and_their_work_stops(world: World) -> None:
    guest = world.somebody()
    await world.services.access.set_role(guest.id, Role.GUEST, world.clock.now())
    await world.log_in(guest)
    guest.send_file(name="a.txt", size=10)
    await world.handle()
    answer = await world.tell(f"/admin ban {guest.id}")
    assert answer.text.splitlines()[:2] == [
        f"✅ {guest.id} can’t use this bot any more.",
        "1 upload or link was stopped.",
    ]
    assert await world.services.transfers.active_of(guest.id) == []
    guest.say("/jobs")
    await world.handle()
    assert guest.chat.last.text.startswith("You can’t use this bot any more.")
    await world.tell(f"/admin allow {guest.id}")
    guest.say("/jobs")
    await world.handle()
    assert guest.chat.last.text == "Nothing is running."


async def test_an_open_bot_keeps_out_who_is_banned(tmp_path: Path) -> None:
    async with open_world(tmp_path, admins={ADMIN}) as world:
        guest = world.somebody()
        await world.tell(f"/admin ban {guest.id}")
        guest.say("/start")
        await world.handle()
        assert guest.chat.last.text.startswith("You can’t use this bot any more.")


async def test_an_admin_by_setting_cannot_be_banned(world: World) -> None:
    assert (await world.tell(f"/admin ban {ADMIN}")).text == "⚠️ 1000 is an admin by setting."


class TestClaim:
    async def test_its_first_opener_looks_after_the_bot_and_nobody_else(self, tmp_path: Path) -> None:
        async with open_world(tmp_path, private=True) as world:
            code = await world.services.access.offer_claim(lifetime=timedelta(hours=1), now=world.clock.now())
            assert (await world.tell(f"/start {code}")).text.startswith(
                "✅ You now look after this bot: /admin"
            )
            eve = world.somebody()
            eve.say(f"/start {code}")
            await world.handle()
            assert "used up" in eve.chat.last.text
            assert "📊" in (await world.tell("/admin")).text

    async def test_in_an_open_bot_it_works_as_well(self, tmp_path: Path) -> None:
        async with open_world(tmp_path) as world:
            code = await world.services.access.offer_claim(lifetime=timedelta(hours=1), now=world.clock.now())
            await world.tell("/start")
            assert "You now look after this bot" in (await world.tell(f"/start {code}")).text


def said(chat: Chat, text: str) -> bool:
    return any(text in message.text for message in chat.from_bot)


async def in_state(world: World, state: str) -> bool:
    return [each.state for each in await world.services.transfers.active_of(ADMIN)] == [state]


class TestMaintenance:
    async def test_what_runs_ends_and_what_comes_waits_and_goes_on_by_itself(self, world: World) -> None:
        await world.log_in()
        chat = world.person.chat
        world.fichier.uploads.please_wait_times = 10
        async with everything_running(world):
            world.person.send_file(name="running.bin", size=10_000)
            await world.handle()
            await noted(world, lambda: in_state(world, "confirming"))
            # What follows at once would be told together with it.
            await world.clock.advance(2 * BATCH_GAP.total_seconds())
            overview = await world.tell("/admin")
            await world.press("Maintenance", overview)
            assert "⏸ Maintenance" in overview.text
            world.person.send_file(name="waits.bin", size=10)
            await world.handle()
            await until(world, lambda: said(chat, "✅ running.bin"))
            await until(world, lambda: said(chat, "⏸ Waiting: its owner is working on this bot"))
            assert await in_state(world, "queued")
            await world.press("End maintenance", overview)
            await until(world, lambda: said(chat, "✅ waits.bin"))

    async def test_links_wait_too_and_their_person_is_told(self, world: World) -> None:
        await world.log_in()
        await world.services.maintenance.turn(on=True)
        async with everything_running(world):
            await world.tell("/remote https://example.org/a.iso")
            await until(
                world,
                lambda: any("What you send is kept" in each.text for each in world.person.chat.from_bot),
            )
            (remote,) = await world.services.remotes_store.active_of(ADMIN)
            assert remote.state == "waiting"
            await world.services.maintenance.turn(on=False)
            await until(
                world, lambda: any(call.endpoint == "remote/request.cgi" for call in world.fichier.calls)
            )

    async def test_it_outlives_a_restart(self, world: World) -> None:
        await world.services.maintenance.turn(on=True)
        world.services.maintenance.on = False
        await world.services.maintenance.load()
        assert world.services.maintenance.on


class TestLimits:
    async def test_bytes_in_a_day_are_told_in_words_with_the_time_of_the_next_room(
        self, tmp_path: Path
    ) -> None:
        async with open_world(tmp_path, max_bytes=1_000) as world:
            await world.log_in()
            world.person.send_file(name="first.bin", size=700)
            await world.handle()
            world.person.send_file(name="second.bin", size=400)
            await world.handle()
            text = world.person.chat.last.text
            assert text.splitlines()[:2] == [
                "⚠️ 1 file was not taken: this bot takes 1 kB from one person in 24 hours.",
                "• second.bin · 400 bytes",
            ]
            assert "There is room again from about" in text
            assert len(await world.services.transfers.active_of(ADMIN)) == 1
            await world.clock.advance(timedelta(hours=24).total_seconds())
            world.person.send_file(name="third.bin", size=400)
            await world.handle()
            assert len(await world.services.transfers.active_of(ADMIN)) == 2

    async def test_what_was_cancelled_before_it_began_does_not_count(self, tmp_path: Path) -> None:
        async with open_world(tmp_path, max_bytes=1_000) as world:
            await world.log_in()
            for name in ("first.bin", "second.bin"):
                world.person.send_file(name=name, size=700)
                await world.handle()
                (active,) = await world.services.transfers.active_of(ADMIN)
                assert active.name == name
                await world.services.uploads.cancel(active.id, ADMIN)

    async def test_links_in_a_day_are_told_in_words(self, tmp_path: Path) -> None:
        async with open_world(tmp_path, max_links=2) as world:
            await world.log_in()
            await world.tell("/remote https://example.org/a.iso")
            answer = await world.tell("/remote https://example.org/b.iso https://example.org/c.iso")
            assert answer.text.splitlines()[0] == (
                "⚠️ Not fetched: this bot takes 2 links from one person in 24 hours, and you have 1 left."
            )
            assert len(await world.services.remotes_store.active_of(ADMIN)) == 1

    async def test_a_link_that_was_asked_about_is_held_against_them_too(self, tmp_path: Path) -> None:
        async with open_world(tmp_path, max_links=1) as world:
            await world.log_in()
            await world.tell("/remote https://example.org/a.iso")
            question = await world.tell("https://example.org/b.iso")
            await world.press("Fetch", question)
            assert question.text.startswith("⚠️ Not fetched: this bot takes 1 links")

    async def test_the_links_of_a_text_file_are_held_against_them_too(self, tmp_path: Path) -> None:
        async with open_world(tmp_path, max_links=1) as world:
            await world.log_in()
            urls = b"https://example.org/a.iso\nhttps://example.org/b.iso"
            world.person.send_file(name="urls.txt", content=urls, caption="/remote")
            await world.handle()
            assert world.person.chat.last.text.startswith("⚠️ Not fetched: this bot takes 1 links")
            world.person.send_file(name="urls.txt", content=urls, mime_type="text/plain")
            await world.handle()
            question = world.person.chat.last
            await world.press("Fetch", question)
            assert question.text.startswith("⚠️ Not fetched: this bot takes 1 links")
            assert await world.services.remotes_store.active_of(ADMIN) == []

    async def test_what_was_there_already_and_was_not_sent_does_not_count(self, tmp_path: Path) -> None:
        async with open_world(tmp_path, max_bytes=1_500) as world:
            await world.log_in()
            for words in ("✅ a.bin", "You already have a.bin"):
                sent = world.person.send_file(name="a.bin", size=700, file_unique_id="same")
                await world.handle()
                async with everything_running(world):
                    await world.person.chat.wait_for(words, after=sent)
            world.person.send_file(name="b.bin", size=700)
            await world.handle()
            (active,) = await world.services.transfers.active_of(ADMIN)
            assert active.name == "b.bin"
            world.person.send_file(name="c.bin", size=700)
            await world.handle()
            assert world.person.chat.last.text.startswith("⚠️ 1 file was not taken")

    async def test_others_have_their_own(self, tmp_path: Path) -> None:
        async with open_world(tmp_path, max_bytes=1_000) as world:
            await world.log_in()
            eve = world.somebody()
            await world.log_in(eve)
            for person in (world.person, eve):
                person.send_file(name="a.bin", size=700)
            await world.handle()
            assert len(await world.services.transfers.active_of(eve.id)) == 1


class TestAlerts:
    @pytest.mark.parametrize(
        ("kind", "figure", "says"),
        [
            (AlertKind.ADDRESS_LOCKED, None, "⏸ 1fichier takes no calls from this server until about"),
            (AlertKind.DISK_LOW, 4.2e9, "⚠️ The disk of the Bot API server has 4.2 GB left."),
            (AlertKind.DATABASE_NEARLY_FULL, 1e8, "⚠️ The disk of the database has 100 MB left."),
            (AlertKind.TELEGRAM_UNREACHABLE, None, "⚠️ Telegram could not be reached since about"),
            (AlertKind.CRASHED, None, "⚠️ I have started again after a crash."),
        ],
    )
    async def test_each_event_rings_once_in_an_admins_chat(
        self, world: World, kind: AlertKind, figure: float | None, says: str
    ) -> None:
        await world.tell("/start")
        now = world.clock.now()
        for _ in range(2):
            await world.services.alerts.begin(
                kind, now.timestamp() if figure is None else figure, admins={ADMIN}, now=now
            )
        async with telling(world):
            await until(world, lambda: world.person.chat.last.text.startswith(says))
        assert not world.person.chat.last.silent
        assert len([each for each in world.person.chat.from_bot if each.text.startswith(says)]) == 1
