"""Jobs on files, between both emulators: moved, shared under one link, within the limits, and taken up again after a restart."""

import asyncio
from collections.abc import Sequence

import pytest

from emulators.onefichier import StoredFile
from onefichier import Pacing
from storage import Account, Database, Job, JobFileState, JobState, JobStore
from tests.transfers.jobs import CHAT, MESSAGE, begin_moving, confirmed, current, ended, named, run, tree
from tests.transfers.process import Options
from tests.transfers.world import World

DAY_SECONDS = 24 * 3600
LIST_FOLDER, MOVE = "folder/ls.cgi", "file/mv.cgi"


async def states(world: World, job: Job) -> list[JobFileState]:
    return [file.state for file in await world.process.jobs.files(job.id)]


class TestWithTheLimitsOfTheService:
    @pytest.fixture
    def options(self) -> Options:
        """At the pace that is meant for the real one."""
        return Options(pacing=Pacing())

    async def test_a_folder_is_deleted_within_them(self, world: World, account: Account) -> None:
        world.fichier.limits.enforced = True
        ids = tree(world.account)
        run(world)
        assert (await ended(world, await confirmed(world, account, ids["outer"]))).state is JobState.DONE
        assert not world.fichier.limit_breaches

    async def test_finds_the_ones_that_are_gone_and_moves_the_others(
        self, world: World, account: Account
    ) -> None:
        world.fichier.limits.enforced = True
        target = world.account.add_folder("Videos")
        files = [world.account.add_file(f"{n}") for n in range(50)]
        for gone in (files[3], files[40]):
            del world.account.files[gone.id]
        run(world)
        job = await ended(world, await begin_moving(world, account, files, target.id))
        assert (job.state, job.files_done) == (JobState.DONE, 48)
        failed = [n for n, state in enumerate(await states(world, job)) if state is JobFileState.FAILED]
        assert failed == [3, 40]
        assert not world.fichier.limit_breaches


class TestMovingFiles:
    async def test_is_one_call(self, world: World, account: Account) -> None:
        target = world.account.add_folder("Videos")
        files = [world.account.add_file(f"{n}") for n in range(50)]
        run(world)
        job = await ended(world, await begin_moving(world, account, files, target.id))
        assert (job.state, job.files_done) == (JobState.DONE, 50)
        assert {file.folder_id for file in files} == {target.id}
        assert len(world.calls(MOVE)) == 1

    async def test_of_none_that_are_there_fails(self, world: World, account: Account) -> None:
        target = world.account.add_folder("Videos")
        files = [world.account.add_file(f"{n}") for n in range(3)]
        world.account.files.clear()
        run(world)
        job = await ended(world, await begin_moving(world, account, files, target.id))
        assert (job.state, job.files_done) == (JobState.FAILED, 0)

    async def test_counts_those_that_were_there_before(self, world: World, account: Account) -> None:
        target = world.account.add_folder("Videos")
        files = [world.account.add_file("there", folder_id=target.id), world.account.add_file("new")]
        run(world)
        job = await ended(world, await begin_moving(world, account, files, target.id))
        assert (job.state, job.files_done) == (JobState.DONE, 2)

    async def test_whose_answer_was_lost_is_seen_in_the_folder(self, world: World, account: Account) -> None:
        target = world.account.add_folder("Videos")
        files = [world.account.add_file(f"{n}") for n in range(3)]
        world.fichier.faults.add(MOVE, "cut", acts=True)
        run(world)
        job = await ended(world, await begin_moving(world, account, files, target.id))
        assert (job.state, job.files_done) == (JobState.DONE, 3)

    async def test_outlives_its_first_failure_however_long_it_has_waited(
        self, world: World, account: Account
    ) -> None:
        target = world.account.add_folder("Videos")
        files = [world.account.add_file(f"{n}") for n in range(3)]
        world.fichier.faults.add(MOVE, "cut")
        job = await begin_moving(world, account, files, target.id)
        await world.clock.advance(DAY_SECONDS + 60)
        run(world)
        job = await ended(world, job)
        assert (job.state, job.files_done) == (JobState.DONE, 3)

    async def test_fails_when_1fichier_is_away_for_a_day(self, world: World, account: Account) -> None:
        target = world.account.add_folder("Videos")
        files = [world.account.add_file(f"{n}") for n in range(3)]
        world.fichier.faults.add(MOVE, "cut", times=None)
        run(world)
        job = await begin_moving(world, account, files, target.id)
        await world.passes(100)
        assert (await current(world, job)).state is JobState.WORKING
        await world.clock.advance(DAY_SECONDS)
        assert (await ended(world, job)).state is JobState.FAILED

    async def test_into_a_folder_that_is_gone_fails_with_one_call(
        self, world: World, account: Account
    ) -> None:
        files = [world.account.add_file(f"{n}") for n in range(3)]
        run(world)
        job = await ended(world, await begin_moving(world, account, files, 7654321))
        assert (job.state, job.detail) == (JobState.FAILED, "Resource not found")
        assert len(world.fichier.calls) == 1


class TestOneLinkForAll:
    async def begin(self, world: World, account: Account, files: Sequence[StoredFile]) -> Job:
        return await world.process.jobs.share_files(
            account, named(files), "Shared", chat_id=CHAT, message_id=MESSAGE
        )

    async def test_makes_a_folder_moves_the_files_and_shares_it(self, world: World, account: Account) -> None:
        files = [world.account.add_file(f"{n}") for n in range(3)]
        other = world.account.add_file("other")
        run(world)
        job = await ended(world, await self.begin(world, account, files))
        (made,) = world.account.folders.values()
        assert (job.state, job.shared_url, job.folder_name) == (JobState.DONE, made.shared_url, "Shared")
        assert made.shared_url.startswith("https://1fichier.com/dir/")
        assert {file.folder_id for file in files} == {made.id}
        assert other.folder_id == 0
        known = await world.listings.folder(account.id, made.id)
        assert known is not None
        assert known.shared_url == made.shared_url

    @pytest.mark.parametrize("endpoint", ["folder/mkdir.cgi", MOVE, "folder/share.cgi"])
    async def test_goes_on_when_an_answer_is_lost(
        self, world: World, account: Account, endpoint: str
    ) -> None:
        files = [world.account.add_file(f"{n}") for n in range(3)]
        world.fichier.faults.add(endpoint, "cut", acts=True)
        run(world)
        job = await ended(world, await self.begin(world, account, files))
        assert job.state is JobState.DONE
        (made,) = world.account.folders.values()
        assert {file.folder_id for file in files} == {made.id}
        assert made.shared_url == job.shared_url

    @pytest.mark.parametrize("endpoint", ["folder/mkdir.cgi", MOVE])
    async def test_goes_on_after_a_restart_in_the_middle(
        self, world: World, account: Account, endpoint: str
    ) -> None:
        files = [world.account.add_file(f"{n}") for n in range(3)]
        run(world)
        job = await self.begin(world, account, files)
        await world.until(lambda: len(world.calls(endpoint)) == 1)
        await world.restart()
        run(world)
        assert (await ended(world, job)).state is JobState.DONE
        assert len(world.account.folders) == 1

    async def test_never_shares_a_folder_that_holds_something_else(
        self, world: World, account: Account
    ) -> None:
        private = world.account.add_folder("Shared")
        world.account.add_file("secret", folder_id=private.id)
        files = [world.account.add_file("a")]
        run(world)
        job = await ended(world, await self.begin(world, account, files))
        assert (job.state, job.folder_name) == (JobState.DONE, "Shared (2)")
        assert private.shared_url == ""

    async def test_of_nothing_that_is_there_leaves_no_folder_behind(
        self, world: World, account: Account
    ) -> None:
        files = [world.account.add_file("a")]
        world.account.files.clear()
        run(world)
        job = await ended(world, await self.begin(world, account, files))
        assert (job.state, job.shared_url) == (JobState.FAILED, None)
        assert world.account.folders == {}


class LateReader(JobStore):
    """What it has read of a job that runs is late: it comes when `late` is set."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._handed_out: set[int] = set()
        self.late = asyncio.Event()
        self.read_again = False

    async def next_of_accounts(self) -> list[Job]:
        jobs = await super().next_of_accounts()
        if any(each.id in self._handed_out for each in jobs):
            self.read_again = True
            await self.late.wait()
        self._handed_out |= {each.id for each in jobs}
        return jobs


async def test_a_job_that_was_read_while_it_ran_is_done_once(world: World, account: Account) -> None:
    world.job_rows = reader = LateReader(world.database)
    await world.restart()
    files = [world.account.add_file(f"{n}") for n in range(3)]
    stall = world.fichier.faults.add("folder/share.cgi", "stall", acts=True)
    run(world)
    job = await TestOneLinkForAll().begin(world, account, files)
    await world.until(stall.struck.is_set)

    def looks_again() -> bool:
        world.process.wakeups.jobs.set()
        return reader.read_again

    await world.until(looks_again)
    stall.released.set()
    assert (await ended(world, job)).state is JobState.DONE
    reader.late.set()
    await world.passes(600)
    assert [call.endpoint for call in world.fichier.calls] == [
        "folder/mkdir.cgi",
        LIST_FOLDER,
        MOVE,
        "folder/share.cgi",
    ]
    assert [folder.name for folder in world.account.folders.values()] == ["Shared"]
