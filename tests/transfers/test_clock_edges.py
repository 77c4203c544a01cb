"""1fichier's dates have no offset: uploads whose answers are lost at the edges of French time, and files of one name and size."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emulators.botapi import VirtualFile, checksum
from emulators.onefichier import END_OF_BODY, REPORT, UPLOAD, StoredFile
from storage import Account, Duplicates, Reason, Transfer, TransferState
from tests.clock import FakeClock
from tests.transfers.process import Options
from tests.transfers.world import World
from transfers import Verify

SIZE = 100_000
NAME = "same.bin"
FIRST_TIME = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""02:30 in Paris; an hour later it is 02:30 again."""
SECOND_TIME = FIRST_TIME + timedelta(hours=1)

EDGES = {
    "an ordinary day": datetime(2026, 10, 20, 12, 0, tzinfo=UTC),
    "the minutes before the repeated hour": datetime(2026, 10, 24, 23, 58, 30, tzinfo=UTC),
    "the hour that exists twice, first time": FIRST_TIME,
    "from the first time into the second": datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC),
    "the hour that exists twice, second time": SECOND_TIME,
    "from the second time into the day": datetime(2026, 10, 25, 1, 59, 50, tzinfo=UTC),
    "the first minutes of winter time": datetime(2026, 10, 25, 2, 0, 30, tzinfo=UTC),
    "midnight in summer": datetime(2026, 7, 14, 21, 59, 50, tzinfo=UTC),
    "midnight in winter": datetime(2026, 12, 24, 22, 59, 50, tzinfo=UTC),
    "the turn of the year": datetime(2026, 12, 31, 22, 59, 50, tzinfo=UTC),
    "the change to summer time": datetime(2027, 3, 28, 0, 59, 50, tzinfo=UTC),
    "the first minutes of summer time": datetime(2027, 3, 28, 1, 0, 30, tzinfo=UTC),
    "29 February": datetime(2028, 2, 28, 22, 59, 50, tzinfo=UTC),
}


@pytest.fixture
def options() -> Options:
    """Without checksums, which would tell files of one name and size apart."""
    return Options(verify=Verify.NEVER)


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> FakeClock:
    return FakeClock(getattr(request, "param", SECOND_TIME))


@pytest.fixture(autouse=True)
async def _nobody_is_asked(world: World, account: Account) -> None:
    """Whether to upload what the account seems to have: it is uploaded."""
    await world.people.prefer(account.person_id, lambda kept: replace(kept, duplicates=Duplicates.UPLOAD))


def lose_all_answers(world: World) -> None:
    """Leave the folder as the only place where the next upload shows."""
    world.fichier.faults.add(UPLOAD, "cut", acts=True)
    world.fichier.faults.add(REPORT, "cut", acts=True)
    world.fichier.faults.add(REPORT, "status", status=404, times=None)


def forget_the_upload(world: World) -> None:
    """Have the next upload show nowhere."""
    world.fichier.faults.add(UPLOAD, "cut", at_byte=END_OF_BODY)


def put_there(world: World, ago: timedelta) -> StoredFile:
    """Somebody else's upload into the account: the same name and size, other bytes."""
    at = world.clock.now() - ago
    return world.account.add_file(NAME, b"y" * SIZE, stored_at=at.timestamp())


async def sent(world: World) -> Transfer:
    world.run_uploads()
    [row] = await world.ended(await world.send(VirtualFile(SIZE), NAME))
    return row


def content_of(world: World, row: Transfer) -> str | None:
    return next((file.sha256 for file in world.account.files.values() if file.url == row.link), None)


OURS = checksum(VirtualFile(SIZE))


@pytest.mark.parametrize("clock", EDGES.values(), ids=EDGES, indirect=True)
async def test_a_file_is_found_in_its_folder_whatever_the_clocks_show(world: World, account: Account) -> None:
    put_there(world, timedelta(hours=3))
    world.fichier.listing_lag = 90
    lose_all_answers(world)

    row = await sent(world)

    assert row.state is TransferState.DONE
    assert content_of(world, row) == OURS
    assert len(world.calls(UPLOAD)) == 1


@pytest.mark.parametrize("clock", EDGES.values(), ids=EDGES, indirect=True)
async def test_an_older_file_of_the_same_name_and_size_is_never_taken_for_it(
    world: World, account: Account
) -> None:
    put_there(world, timedelta(hours=3))
    forget_the_upload(world)

    row = await sent(world)

    assert content_of(world, row) == OURS
    assert len(world.calls(UPLOAD)) == 2


@pytest.mark.parametrize(
    ("clock", "ago"),
    [(SECOND_TIME, timedelta(minutes=50)), (EDGES["an ordinary day"], timedelta(minutes=1))],
    ids=["an hour that exists twice", "a minute ago"],
    indirect=["clock"],
)
class TestAnotherOneOfHardlyAnotherDate:
    async def test_makes_it_unknown_which_is_which(
        self, world: World, account: Account, ago: timedelta
    ) -> None:
        put_there(world, ago)
        lose_all_answers(world)

        row = await sent(world)

        assert (row.state, row.reason) == (TransferState.UNKNOWN, Reason.NEVER_SEEN)
        assert len(world.calls(UPLOAD)) == 1

    async def test_is_told_apart_when_it_was_listed_before(
        self, world: World, account: Account, ago: timedelta
    ) -> None:
        put_there(world, ago)
        await world.result(world.files.folder(account, 0))
        lose_all_answers(world)

        row = await sent(world)

        assert row.state is TransferState.DONE
        assert content_of(world, row) == OURS
        assert len(world.calls(UPLOAD)) == 1

    async def test_that_was_listed_before_is_not_taken_for_one_that_never_arrived(
        self, world: World, account: Account, ago: timedelta
    ) -> None:
        put_there(world, ago)
        await world.result(world.files.folder(account, 0))
        forget_the_upload(world)

        row = await sent(world)

        assert content_of(world, row) == OURS
        assert len(world.calls(UPLOAD)) == 2


@pytest.mark.parametrize("clock", [FIRST_TIME, SECOND_TIME], ids=["first time", "second time"], indirect=True)
async def test_two_uploads_of_one_name_and_size_an_hour_apart_keep_their_own_links(
    world: World, account: Account
) -> None:
    world.run_uploads()
    lose_all_answers(world)
    [first] = await world.ended(await world.send(VirtualFile(SIZE, seed=1), NAME))
    world.fichier.faults.clear()
    await world.passes(3600 - 60)
    lose_all_answers(world)
    [second] = await world.ended(await world.send(VirtualFile(SIZE, seed=2), NAME))

    assert (first.state, second.state) == (TransferState.DONE, TransferState.DONE)
    assert content_of(world, first) == checksum(VirtualFile(SIZE, seed=1))
    assert content_of(world, second) == checksum(VirtualFile(SIZE, seed=2))
    assert len(world.calls(UPLOAD)) == 2
