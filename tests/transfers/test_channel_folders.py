"""Files that go into the folder of the channel they were forwarded from."""

from dataclasses import replace

import pytest

from storage import Account, Preferences, Transfer, TransferState
from tests.transfers.world import ADA, World

CHANNEL = "Films & séries"


@pytest.fixture(autouse=True)
async def _sorted(account: Account, world: World) -> None:
    await world.people.prefer(ADA, lambda _: Preferences(sort_channels=True))


async def forward(
    world: World, content: bytes = b"content", *, channel: str = CHANNEL, name: str = "a.bin"
) -> Transfer:
    file = replace(await world.file(content, name), channel=channel)
    return (await world.uploads.accept(ADA, file, sent_at=world.clock.now())).transfer


def folders(world: World) -> list[tuple[str, int]]:
    """Name and parent of each folder of the account."""
    return sorted((folder.name, folder.parent_id) for folder in world.account.folders.values())


def folder_of(world: World, name: str) -> str:
    """What the folder is called in which a file lies."""
    [file] = world.account.named(name)
    return world.account.folders[file.folder_id].name if file.folder_id else ""


async def test_the_folder_is_made_once_however_many_come_together(world: World) -> None:
    world.run_uploads()

    rows = await world.ended(
        *[await forward(world, bytes([number]), name=f"{number}.bin") for number in range(4)]
    )

    assert folders(world) == [(CHANNEL, 0)]
    assert {folder_of(world, f"{number}.bin") for number in range(4)} == {CHANNEL}
    assert {row.folder_name for row in rows} == {CHANNEL}
    assert len(world.calls("folder/mkdir.cgi")) == 1


async def test_it_lies_in_the_folder_for_new_files(world: World, account: Account) -> None:
    folder = world.account.add_folder("Telegram")
    await world.people.use_folder(account.id, folder.id, folder.name)
    world.run_uploads()

    await world.ended(await forward(world))

    assert (CHANNEL, folder.id) in folders(world)
    assert folder_of(world, "a.bin") == CHANNEL


async def test_one_that_is_there_is_used(world: World) -> None:
    world.account.add_folder(CHANNEL)
    world.run_uploads()

    [row] = await world.ended(await forward(world))

    assert row.state is TransferState.DONE
    assert folders(world) == [(CHANNEL, 0)]
    assert folder_of(world, "a.bin") == CHANNEL


async def test_one_that_somebody_has_deleted_is_made_anew(world: World) -> None:
    world.run_uploads()
    await world.ended(await forward(world, b"1", name="1.bin"))
    world.account.files.clear()
    world.account.folders.clear()
    await world.passes(3700)

    await world.ended(await forward(world, b"2", name="2.bin"))

    assert folder_of(world, "2.bin") == CHANNEL


async def test_without_the_folder_for_new_files_it_lies_in_the_main_folder(
    world: World, account: Account
) -> None:
    await world.people.use_folder(account.id, 7654321, "Gone")
    world.run_uploads()

    [row] = await world.ended(await forward(world))

    assert row.state is TransferState.DONE
    assert folders(world) == [(CHANNEL, 0)]
    assert folder_of(world, "a.bin") == CHANNEL


@pytest.mark.parametrize("title", ["x" * 300, " ", "\n"])
async def test_a_title_that_can_be_no_folder_loses_no_file(world: World, title: str) -> None:
    world.run_uploads()

    [row] = await world.ended(await forward(world, channel=title))

    assert (row.state, row.folder_name) == (TransferState.DONE, "")
    assert folders(world) == []


async def test_what_has_no_channel_goes_where_all_goes(world: World) -> None:
    world.run_uploads()

    [row] = await world.ended(await forward(world, channel=""))

    assert row.folder_name == ""
    assert folders(world) == []


async def test_nothing_is_sorted_unless_the_person_wants_it(world: World) -> None:
    await world.people.prefer(ADA, lambda _: Preferences())
    world.run_uploads()

    await world.ended(await forward(world))

    assert folders(world) == []


async def test_a_restart_before_the_folder_was_made_forgets_nothing(world: World) -> None:
    transfer = await forward(world)
    await world.restart()
    world.run_uploads()

    await world.ended(transfer)

    assert folder_of(world, "a.bin") == CHANNEL
