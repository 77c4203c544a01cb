"""What is told by itself of keys, pauses and the quota."""

from datetime import timedelta

import pytest

from storage import FactKind
from tests.handlers.flow import everything_running, in_background, pass_time, telling, time_passing, until
from tests.handlers.outbox import is_told, sent
from tests.handlers.world import World


async def test_a_refused_key_is_told_once_with_what_waits(world: World) -> None:
    account = await world.log_in()
    world.fichier.revoke_key(account)
    await sent(world, "a.txt", "b.txt", "c.txt")
    async with everything_running(world):
        told = await world.person.chat.wait_for("🔑 1fichier no longer accepts your key.")
        await world.person.chat.wait_for("🔑 Waiting for your key: /login")
    assert told.text.splitlines()[1] == (
        "3 uploads and links are waiting. They go on as soon as you send a new key with /login"
    )
    assert world.person.chat.notifications == [told]


async def test_a_refused_key_with_nothing_to_do_asks_for_a_new_one(world: World) -> None:
    account = await world.log_in()
    world.fichier.revoke_key(account)
    async with telling(world):
        await world.tell("/list")
        await until(world, lambda: world.person.chat.matching("Send a new one with /login"))


async def test_a_key_that_was_replaced_meanwhile_is_not_complained_about(world: World) -> None:
    account = await world.log_in()
    world.fichier.revoke_key(account)
    await world.tell("/list")
    answered = world.person.chat.last
    await world.services.accounts.log_in(world.person.id, world.fichier.rotate_key(account))
    async with telling(world):
        await is_told(world)
    assert world.person.chat.last is answered


@pytest.mark.parametrize(
    ("files", "links", "what"),
    [(2, 1, "2 uploads and 1 link"), (1, 0, "1 upload"), (0, 2, "2 links")],
    ids=["both", "uploads", "links"],
)
async def test_a_pause_is_told_silently_with_what_waits(
    world: World, files: int, links: int, what: str
) -> None:
    await world.log_in()
    await sent(world, *(f"{number}.txt" for number in range(files)))
    if links:
        await world.tell("/remote " + " ".join(f"https://example.org/{number}" for number in range(links)))
    until_when = world.clock.now() + timedelta(minutes=95)
    await world.services.outbox.put(
        world.person.id, world.person.id, FactKind.PAUSED, int(until_when.timestamp()), now=world.clock.now()
    )
    async with telling(world):
        await until(world, lambda: world.person.chat.matching("slow down"))
    told = world.person.chat.matching("slow down")
    assert told is not None
    assert told.silent
    assert told.text.splitlines() == [
        "⏸ 1fichier asked me to slow down.",
        f"{what}: waiting until about 13:35 (UTC), then going on.",
        "Nothing is lost and you needn’t do anything.",
    ]


async def test_a_pause_that_is_over_is_not_told(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    over = int(world.clock.now().timestamp()) - 1
    await world.services.outbox.put(
        world.person.id, world.person.id, FactKind.PAUSED, over, now=world.clock.now()
    )
    async with telling(world):
        await is_told(world)
    assert not world.person.chat.matching("slow down")


async def test_the_quota_is_told_once_1fichier_may_be_asked(world: World) -> None:
    await world.log_in()
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    when = world.clock.now() + timedelta(seconds=20)
    await world.services.files.tell_account_info_later(account, world.person.id, when)
    world.fichier.faults.add("user/info.cgi", "status")
    async with telling(world):
        await pass_time(world, 15)
        assert not world.person.chat.from_bot
        # The call that failed has used up what may be asked of it for some minutes.
        async with in_background(time_passing(world)):
            await until(world, lambda: world.person.chat.matching("📊"))


async def test_the_quota_of_who_has_left_is_not_told(world: World) -> None:
    await world.log_in()
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    await world.services.files.tell_account_info_later(account, world.person.id, world.clock.now())
    await world.services.people.note_key_refused(account, world.clock.now())
    async with telling(world):
        await is_told(world)
    assert [each.text.splitlines()[0] for each in world.person.chat.from_bot] == [
        "🔑 1fichier no longer accepts your key."
    ]
