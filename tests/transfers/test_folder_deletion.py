"""Deleting a folder, between both emulators: counted, confirmed, done in turn, cancelled, and taken up again after a restart."""

import pytest

from emulators.onefichier import ForgottenContent
from storage import Account, FactKind, JobState
from tests.transfers.jobs import begin_deletion, confirmed, current, ended, reaches, run, tree
from tests.transfers.world import World

REMOVE, REMOVE_FOLDER, LIST_FOLDER = "file/rm.cgi", "folder/rm.cgi", "folder/ls.cgi"


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
