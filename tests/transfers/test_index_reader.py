"""The list of all files: read window by window within the hour, cut lists included, until everything is known."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from emulators.onefichier import EmulatedAccount, ForgottenContent
from onefichier import Link, ListedFile, Listing
from storage import Account, Reading, Window
from tests.clock import NOON
from tests.transfers.world import World
from transfers.index_reader import EVERY, OVERLAP, after_window, next_window

LIST = "file/ls.cgi"
HOUR = timedelta(hours=1)
CUT = 5_000


def put(account: EmulatedAccount, count: int, *, name: str = "file", days: float = 1_000) -> None:
    """Files spread over so many days before noon."""
    for number in range(count):
        stored_at = (NOON - timedelta(days=days) * (number / count)).timestamp()
        account.add_file(f"{name} {number}.bin", ForgottenContent(1), stored_at=stored_at)


async def found(world: World, account: Account, text: str) -> list[str]:
    return [file.name for file in (await world.process.search.find(account, text)).files]


async def count(world: World) -> int:
    row = await world.database.fetch_one("SELECT count(*) AS n FROM file WHERE deleted_at IS NULL")
    assert row is not None
    return int(row["n"])


async def reading(world: World, account: Account) -> Reading:
    known = await world.index.reading(account.id)
    assert known is not None
    return known


async def read_until_complete(world: World, account: Account) -> None:
    async def complete() -> bool:
        known = await world.index.reading(account.id)
        return known is not None and not known.under_way

    await world.until(complete, most_seconds=40 * 3600)


def run(world: World) -> None:
    world.process.run(world.process.reader.run)


class TestReading:
    async def test_a_first_search_has_the_list_read_and_the_next_one_finds(
        self, world: World, account: Account
    ) -> None:
        world.account.add_file("Été.mkv", folder_id=world.account.add_folder("deep").id)
        run(world)
        view = await world.process.search.find(account, "ete")
        assert (view.files, view.as_of) == ([], None)
        await read_until_complete(world, account)
        view = await world.process.search.find(account, "ete")
        assert [file.name for file in view.files] == ["Été.mkv"]
        assert (view.as_of is not None, view.since, view.gaps) == (True, None, False)
        assert [call.endpoint for call in world.fichier.calls] == [LIST]

    async def test_nothing_is_read_for_who_does_not_search(self, world: World, account: Account) -> None:
        run(world)
        await world.passes(7200)
        assert list(world.fichier.calls) == []

    async def test_it_is_read_anew_when_somebody_searches_an_hour_later_and_not_before(
        self, world: World, account: Account
    ) -> None:
        world.fichier.limits.enforced = True
        gone = world.account.add_file("gone.bin")
        run(world)
        await world.process.search.find(account, "x")
        await read_until_complete(world, account)
        del world.account.files[gone.id]
        world.account.add_file("new.bin")
        await world.passes(1800)
        await world.process.search.find(account, "x")
        await world.passes(1000)
        assert await found(world, account, "bin") == ["gone.bin"]
        await world.passes(1000)
        assert await found(world, account, "bin") == ["new.bin"]
        await world.passes(4 * 3600)
        assert len(world.calls(LIST)) == 3, "nobody has searched since the third"
        assert not world.fichier.limit_breaches

    async def test_a_restart_keeps_to_the_hour(self, world: World, account: Account) -> None:
        world.fichier.limits.enforced = True
        run(world)
        await world.process.search.begin(account)
        await read_until_complete(world, account)
        for _ in range(3):
            await world.restart()
            run(world)
            await world.process.search.begin(account)
            await world.passes(600)
        assert len(world.calls(LIST)) == 1
        assert not world.fichier.limit_breaches

    @pytest.mark.parametrize("fault", ["flood", "html", "ko"])
    async def test_a_list_that_cannot_be_had_is_asked_for_later(
        self, world: World, account: Account, fault: str
    ) -> None:
        world.account.add_file("a.bin")
        world.fichier.faults.add(LIST, fault)
        run(world)
        await world.process.search.begin(account)
        await world.passes(60)
        assert len(world.calls(LIST)) == 1
        await read_until_complete(world, account)
        assert await found(world, account, "a") == ["a.bin"]
        first, second = world.calls(LIST)
        assert second.at - first.at >= EVERY.total_seconds()

    async def test_a_refused_key_ends_the_asking(self, world: World, account: Account) -> None:
        world.fichier.revoke_key(world.account)
        run(world)
        await world.process.search.begin(account)
        await world.passes(3 * 3600)
        assert len(world.calls(LIST)) == 1

    async def test_accounts_are_read_beside_each_other_and_kept_apart(
        self, world: World, account: Account
    ) -> None:
        theirs = world.fichier.add_account()
        other = await world.log_in(43, theirs)
        world.account.add_file("mine.bin")
        theirs.add_file("theirs.bin")
        run(world)
        for each in (account, other):
            await world.process.search.begin(each)
            await read_until_complete(world, each)
        assert await found(world, account, "bin") == ["mine.bin"]
        assert await found(world, other, "bin") == ["theirs.bin"]


class TestAListThatIsCut:
    async def test_is_read_to_its_end_although_it_comes_in_no_order(
        self, world: World, account: Account
    ) -> None:
        world.fichier.limits.enforced = True
        put(world.account, 11_000)
        run(world)
        await world.process.search.begin(account)
        await world.until(lambda: len(world.calls(LIST)) == 1)
        await world.quiet()
        view = await world.process.search.find(account, "file")
        assert view.since is not None, "it is said that older ones may be missing"
        await read_until_complete(world, account)
        assert await count(world) == 11_000
        assert (await reading(world, account)).complete
        times = [call.at for call in world.calls(LIST)]
        assert all(later - earlier >= EVERY.total_seconds() for earlier, later in pairwise(times))
        assert len(times) < 12
        assert not world.fichier.limit_breaches

    async def test_forgets_nothing_that_it_does_not_show(self, world: World, account: Account) -> None:
        put(world.account, 5_200)
        run(world)
        await world.process.search.begin(account)
        await read_until_complete(world, account)
        kept = await count(world)
        await world.passes(3700)
        await world.process.search.begin(account)
        await world.until(lambda: len(world.calls(LIST)) > 3)
        await world.quiet()
        assert await count(world) == kept == 5_200


# The plan, without a service


def listed(*days: float) -> list[ListedFile]:
    """Files sent so many days before noon, in this order."""
    return [
        ListedFile(link=Link(f"id{n:06}", ""), name=f"{n}", size=1, uploaded=NOON - timedelta(days=age))
        for n, age in enumerate(days)
    ]


def listing(files: Sequence[ListedFile]) -> Listing:
    return Listing(files=tuple(files))


def cut_by(days: float) -> list[float]:
    """As many ages as a list holds at most, newest first, the oldest `days` old."""
    return [days * n / (CUT - 1) for n in range(CUT)]


def begun(**progress: object) -> Reading:
    return Reading(1, NOON, NOON, **progress)  # type: ignore[arg-type]  # the fields of the test


def test_the_first_window_is_all_there_is() -> None:
    assert next_window(begun(), NOON) == Window(None, None)


def test_a_whole_list_is_the_end_of_it() -> None:
    step = after_window(begun(), Window(None, None), listing(listed(1, 2)), NOON)
    assert (step.covered, step.reading.complete, step.reading.head_at) == (Window(None, None), True, NOON)


def test_a_cut_list_newest_first_is_known_back_to_its_last_file() -> None:
    step = after_window(begun(), Window(None, None), listing(listed(*cut_by(100))), NOON)
    oldest = NOON - timedelta(days=100)
    assert step.covered == Window(oldest, None)
    assert (step.reading.tail_at, step.reading.span) == (oldest, None)
    assert next_window(step.reading, NOON + HOUR) == Window(None, oldest + OVERLAP)


def test_a_cut_list_in_another_order_covers_nothing_and_is_halved() -> None:
    ages = sorted(cut_by(100), key=lambda age: (age * 7) % 1)
    step = after_window(begun(), Window(None, None), listing(listed(*ages)), NOON)
    assert step.covered is None
    assert step.reading.under_way
    window = next_window(step.reading, NOON)
    assert window.after is not None
    assert timedelta(days=45) < NOON - window.after < timedelta(days=55)


def test_a_window_that_held_few_files_is_followed_by_a_longer_one() -> None:
    tail = NOON - timedelta(days=10)
    reading = begun(head_at=NOON, tail_at=tail, span=timedelta(days=1))
    window = next_window(reading, NOON)
    step = after_window(reading, window, listing(listed(10.5)), NOON)
    assert step.covered == window
    assert step.reading.tail_at == tail - timedelta(days=1)
    assert step.reading.span is not None
    assert step.reading.span > timedelta(days=10)


def test_windows_end_where_the_service_began() -> None:
    tail = datetime(1995, 1, 1, tzinfo=UTC)
    reading = begun(head_at=NOON, tail_at=tail, span=timedelta(days=4_000))
    step = after_window(reading, next_window(reading, NOON), listing([]), NOON)
    assert next_window(step.reading, NOON).after is None


def test_more_files_in_one_second_than_a_list_shows_are_passed_over_and_that_is_said() -> None:
    reading = begun(head_at=NOON, tail_at=NOON)
    for _ in range(30):
        window = next_window(reading, NOON)
        reading = after_window(reading, window, listing(listed(*[0.0] * CUT)), NOON).reading
        if reading.gaps:
            break
    assert reading.gaps
    assert reading.tail_at is not None
    assert reading.tail_at < NOON
    assert not reading.complete
