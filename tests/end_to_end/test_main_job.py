"""The main job with the bot as its own process, restarts and kills included."""

import hashlib
import sys

import pytest

from emulators.botapi import SeenMessage, VirtualFile
from emulators.screen import Screen
from emulators.tour import Tour
from emulators.user import Attachment, Person
from tests.end_to_end.conftest import World

pytestmark = pytest.mark.process


def sha256(content: VirtualFile) -> str:
    digest = hashlib.sha256()
    for piece in content.pieces():
        digest.update(piece)
    return digest.hexdigest()


def has_link(message: SeenMessage) -> bool:
    return "https://1fichier.com/?" in message.text


async def test_the_tour_of_the_demo_sees_every_step(world: World) -> None:
    await world.start()
    tour = Tour(
        world.api, world.person, world.account, world.site, Screen(world.person.chat, "Ada", sys.stdout)
    )

    await tour.take()

    assert len(tour.seen) >= 11
    assert await world.stop() == 0
    assert "Traceback" not in world.log
    assert not world.api.unsupported


async def test_a_file_sent_while_the_bot_is_down_is_uploaded_after_its_start(world: World) -> None:
    await world.start()
    await world.log_in()
    await world.stop()
    sent = world.person.send_file(name="later.bin", size=300_000)

    await world.start()

    result = await world.person.chat.wait_for(has_link, after=sent, timeout=15)
    assert "later.bin" in result.text
    assert not result.silent


async def test_sigterm_in_the_middle_of_an_upload_loses_nothing(world: World) -> None:
    content = VirtualFile(16_000_000, seed=5)
    world.onefichier.uploads.bytes_per_second = 1_000_000
    await world.start()
    await world.log_in()
    sent = world.person.send_file(name="half.bin", content=content)
    await world.person.chat.wait_for("Uploading", after=sent, timeout=15)

    assert await world.stop() == 0
    world.onefichier.uploads.bytes_per_second = None
    await world.start()

    await world.person.chat.wait_for(has_link, after=sent, timeout=15)
    assert [file.sha256 for file in world.account.files.values()] == [sha256(content)]


async def test_a_kill_in_the_middle_of_an_upload_loses_nothing_and_doubles_nothing(world: World) -> None:
    content = VirtualFile(16_000_000, seed=6)
    world.onefichier.uploads.bytes_per_second = 1_000_000
    await world.start()
    await world.log_in()
    sent = world.person.send_file(name="killed.bin", content=content)
    await world.person.chat.wait_for("Uploading", after=sent, timeout=15)

    await world.kill()
    world.onefichier.uploads.bytes_per_second = None
    await world.start()

    result = await world.person.chat.wait_for(has_link, after=sent, timeout=15)
    assert [file.sha256 for file in world.account.files.values()] == [sha256(content)]
    assert next(iter(world.account.files.values())).url in result.text


async def test_a_kill_while_the_link_is_awaited_doubles_nothing(world: World) -> None:
    world.onefichier.uploads.please_wait_times = 6
    await world.start()
    await world.log_in()
    sent = world.person.send_file(name="awaited.bin", size=400_000)
    await world.person.chat.wait_for("waiting for the link", after=sent, timeout=15)

    await world.kill()
    await world.start()

    await world.person.chat.wait_for(has_link, after=sent, timeout=20)
    assert len(world.account.files) == 1


async def test_two_people_see_only_their_own(world: World) -> None:
    other_account = world.onefichier.add_account()
    other = Person(world.api, user_id=22_222_222, first_name="Bo")
    await world.start()
    await world.log_in()
    await world.log_in(other, other_account)

    mine = world.person.send_album([Attachment(name=f"mine {n}.bin", size=50_000 + n) for n in (1, 2)])
    theirs = other.send_file(name="theirs.bin", size=60_000)

    await world.person.chat.wait_for("2 files uploaded", after=mine[0], timeout=15)
    await other.chat.wait_for(has_link, after=theirs, timeout=15)
    assert {file.name for file in world.account.files.values()} == {"mine 1.bin", "mine 2.bin"}
    assert {file.name for file in other_account.files.values()} == {"theirs.bin"}
