"""Jobs on files and folders, between both emulators: counted, done in turn, cancelled, and taken up again after a restart."""

import asyncio
from collections.abc import Sequence

import pytest

from emulators.onefichier import EmulatedAccount, ForgottenContent, StoredFile
from onefichier import Link, Pacing
from storage import Account, Database, FactKind, Job, JobFileState, JobState, JobStore, StoredFolder
from tests.transfers.process import Options
from tests.transfers.world import World
from transfers import NamedLink

REMOVE, REMOVE_FOLDER, LIST_FOLDER, MOVE = "file/rm.cgi", "folder/rm.cgi", "folder/ls.cgi", "file/mv.cgi"
CHAT, MESSAGE = 42, 7
DAY_SECONDS = 24 * 3600


def tree(account: EmulatedAccount) -> dict[str, int]:
    """`outer` with 130 files, `inner` below it with 3, an empty folder below that; ids by name."""
    outer = account.add_folder("outer")
    inner = account.add_folder("inner", outer.id)
    empty = account.add_folder("empty", inner.id)
    for number in range(130):
        account.add_file(f"outer {number}", ForgottenContent(10), folder_id=outer.id)
    for number in range(3):
        account.add_file(f"inner {number}", ForgottenContent(1_000), folder_id=inner.id)
    account.add_file("elsewhere", ForgottenContent(1))
    return {"outer": outer.id, "inner": inner.id, "empty": empty.id}


def folder(folder_id: int, name: str = "outer") -> StoredFolder:
    return StoredFolder(folder_id, 0, name, None, complete=True)


def named(files: Sequence[StoredFile]) -> list[NamedLink]:
    return [NamedLink(Link(file.id, file.url), file.name, file.size) for file in files]


def run(world: World) -> None:
    world.process.run(world.process.jobs.run)


async def current(world: World, job: Job) -> Job:
    found = await world.process.jobs.find(job.id)
    assert found is not None
    return found


async def reaches(world: World, job: Job, *states: JobState) -> Job:
    async def there() -> bool:
        return (await current(world, job)).state in states

    await world.until(there)
    return await current(world, job)


async def ended(world: World, job: Job) -> Job:
    return await reaches(world, job, JobState.DONE, JobState.FAILED, JobState.CANCELLED)


async def begin_deletion(world: World, account: Account, folder_id: int) -> Job:
    return await world.process.jobs.delete_folder(
        account, folder(folder_id), chat_id=CHAT, message_id=MESSAGE
    )


async def confirmed(world: World, account: Account, folder_id: int) -> Job:
    job = await reaches(world, await begin_deletion(world, account, folder_id), JobState.ASKING)
    assert await world.process.jobs.confirm(job)
    return job


class TestDeletingAFolder:
    async def test_counts_what_is_inside_by_one_call_a_folder_and_asks(
        self, world: World, account: Account
    ) -> None:
        ids = tree(world.account)
        run(world)
        job = await reaches(world, await begin_deletion(world, account, ids["outer"]), JobState.ASKING)
        assert (job.files, job.folders, job.size) == (133, 3, 130 * 10 + 3 * 1_000)
        assert [call.endpoint for call in world.fichier.calls] == [LIST_FOLDER] * 3
        assert [fact.subject for fact in await world.facts(FactKind.JOB_ASKS)] == [job.id]
        await world.passes(3600)
        assert len(world.account.files) == 134, "nothing happens before the person has said yes"

    async def test_deletes_files_before_the_folders_that_hold_them_and_nothing_else(
        self, world: World, account: Account
    ) -> None:
        ids = tree(world.account)
        run(world)
        job = await ended(world, await confirmed(world, account, ids["outer"]))
        assert (job.state, job.files_done) == (JobState.DONE, 133)
        assert [file.name for file in world.account.files.values()] == ["elsewhere"]
        assert world.account.folders == {}
        assert len(world.calls(REMOVE)) == 3, "a hundred at once"
        assert [fact.subject for fact in await world.facts(FactKind.JOB_ENDED)] == [job.id]

    async def test_takes_it_off_what_is_known(self, world: World, account: Account) -> None:
        ids = tree(world.account)
        await world.people.use_folder(account.id, ids["inner"], "inner")
        for folder_id in (0, ids["outer"], ids["inner"]):
            await world.result(world.files.folder(account, folder_id))
        run(world)
        await ended(world, await confirmed(world, account, ids["outer"]))
        view = await world.process.search.find(account, "")
        assert [file.name for file in view.files] == ["elsewhere"]
        assert [each for each in ids.values() if await world.listings.folder(account.id, each)] == []
        assert (await world.current(account)).folder_id == 0, "new files went there"

    async def test_is_cancelled_between_two_calls_and_what_is_left_stays(
        self, world: World, account: Account
    ) -> None:
        ids = tree(world.account)
        first = world.fichier.faults.add(REMOVE, "stall", times=1)
        run(world)
        job = await confirmed(world, account, ids["outer"])
        await world.until(first.struck.is_set)
        assert await world.process.jobs.cancel(job)
        first.released.set()
        job = await ended(world, job)
        assert (job.state, job.files_done) == (JobState.CANCELLED, 100)
        assert len(world.account.files) == 34
        assert not await world.process.jobs.cancel(job)

    async def test_is_cancelled_while_it_is_counted_or_asked_about(
        self, world: World, account: Account
    ) -> None:
        ids = tree(world.account)
        counting = await begin_deletion(world, account, ids["outer"])
        assert await world.process.jobs.cancel(counting)
        run(world)
        assert (await ended(world, counting)).state is JobState.CANCELLED
        asking = await reaches(world, await begin_deletion(world, account, ids["outer"]), JobState.ASKING)
        assert await world.process.jobs.cancel(asking)
        assert (await current(world, asking)).state is JobState.CANCELLED
        assert not await world.process.jobs.confirm(asking)
        assert len(world.account.files) == 134

    @pytest.mark.parametrize("calls", [1, 2, 3])
    async def test_goes_on_after_a_restart(self, world: World, account: Account, calls: int) -> None:
        ids = tree(world.account)
        run(world)
        job = await confirmed(world, account, ids["outer"])
        await world.until(lambda: len(world.calls(REMOVE)) == calls)
        await world.restart()
        run(world)
        job = await ended(world, job)
        assert job.state is JobState.DONE
        assert world.account.folders == {}
        assert len(world.account.files) == 1

    async def test_counts_anew_after_a_restart(self, world: World, account: Account) -> None:
        ids = tree(world.account)
        job = await begin_deletion(world, account, ids["outer"])
        await world.restart()
        run(world)
        assert (await reaches(world, job, JobState.ASKING)).files == 133

    async def test_waits_during_a_pause_and_goes_on(self, world: World, account: Account) -> None:
        ids = tree(world.account)
        run(world)
        job = await confirmed(world, account, ids["outer"])
        world.fichier.faults.add(REMOVE, "flood")
        await world.until(lambda: len(world.calls(REMOVE)) == 1)
        await world.quiet()
        waiting = await current(world, job)
        assert (waiting.state, waiting.not_before > world.clock.now()) == (JobState.WORKING, True)
        assert (await ended(world, job)).state is JobState.DONE

    async def test_that_is_cancelled_during_a_pause_ends_at_once(
        self, world: World, account: Account
    ) -> None:
        ids = tree(world.account)
        run(world)
        job = await confirmed(world, account, ids["outer"])
        world.fichier.faults.add(REMOVE, "flood")
        await world.until(lambda: len(world.calls(REMOVE)) == 1)
        await world.quiet()
        before = world.clock.now()
        await world.process.jobs.cancel(job)
        await ended(world, job)
        assert (world.clock.now() - before).total_seconds() < 5

    async def test_goes_on_when_an_answer_is_lost(self, world: World, account: Account) -> None:
        ids = tree(world.account)
        run(world)
        job = await confirmed(world, account, ids["outer"])
        for endpoint in (REMOVE, REMOVE_FOLDER):
            world.fichier.faults.add(endpoint, "cut", acts=True)
        assert (await ended(world, job)).state is JobState.DONE
        assert world.account.folders == {}

    async def test_copes_with_listings_that_still_show_what_is_gone(
        self, world: World, account: Account
    ) -> None:
        world.fichier.stale_seconds = 45
        ids = tree(world.account)
        run(world)
        job = await ended(world, await confirmed(world, account, ids["outer"]))
        assert (job.state, job.files_done) == (JobState.DONE, 133)
        assert world.account.folders == {}

    async def test_empties_a_folder_that_1fichier_does_not_list_whole(
        self, world: World, account: Account
    ) -> None:
        outer = world.account.add_folder("outer")
        for number in range(5_050):
            world.account.add_file(f"{number}", ForgottenContent(1), folder_id=outer.id)
        run(world)
        job = await ended(world, await confirmed(world, account, outer.id))
        assert (job.state, job.files, job.files_done) == (JobState.DONE, 5_050, 5_050)
        assert not world.account.files

    async def test_that_1fichier_refuses_ends_with_its_reason(self, world: World, account: Account) -> None:
        ids = tree(world.account)
        run(world)
        job = await confirmed(world, account, ids["outer"])
        world.fichier.faults.add(REMOVE_FOLDER, "ko", text="Folder locked", times=None)
        job = await ended(world, job)
        assert (job.state, job.detail) == (JobState.FAILED, "Folder locked")
        assert ids["outer"] in world.account.folders

    async def test_of_a_folder_that_is_gone_ends_without_a_question(
        self, world: World, account: Account
    ) -> None:
        run(world)
        job = await ended(world, await begin_deletion(world, account, 7654321))
        assert (job.state, job.detail) == (JobState.FAILED, "Resource not found")

    async def test_is_not_confirmed_a_day_later(self, world: World, account: Account) -> None:
        ids = tree(world.account)
        run(world)
        job = await reaches(world, await begin_deletion(world, account, ids["outer"]), JobState.ASKING)
        await world.clock.advance(86_500)
        assert not await world.process.jobs.confirm(job)

    async def test_rests_while_the_key_is_refused_and_goes_on_with_a_new_one(
        self, world: World, account: Account
    ) -> None:
        ids = tree(world.account)
        run(world)
        job = await confirmed(world, account, ids["outer"])
        await world.until(lambda: len(world.calls(REMOVE)) == 1)
        old_key = world.account.key
        world.fichier.revoke_key(world.account)
        await world.passes(600)
        assert (await current(world, job)).state is JobState.WORKING
        world.account.key = old_key
        assert old_key is not None
        await world.result(world.process.accounts.log_in(account.person_id, old_key))
        assert (await ended(world, job)).state is JobState.DONE

    async def test_ends_at_logout(self, world: World, account: Account) -> None:
        ids = tree(world.account)
        run(world)
        job = await confirmed(world, account, ids["outer"])
        await world.until(lambda: len(world.calls(REMOVE)) == 1)
        await world.process.accounts.log_out(account.person_id)
        left = len(world.account.files)
        assert await world.process.jobs.find(job.id) is None
        await world.passes(600)
        assert len(world.account.files) == left > 1


async def begin_moving(world: World, account: Account, files: Sequence[StoredFile], folder_id: int) -> Job:
    return await world.process.jobs.move_files(
        account, named(files), folder(folder_id), chat_id=CHAT, message_id=MESSAGE
    )


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
