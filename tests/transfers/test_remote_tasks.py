"""What 1fichier tells of a task, and what it does not."""

from typing import Any

import pytest

from emulators.onefichier import Fetched
from storage import Account, FactKind, Reason, RemoteState
from tests.transfers.remotes import DAY, INFO, LS, REQUEST, fetches
from tests.transfers.world import World


class TestATask:
    async def test_that_vanished_is_looked_at_once_and_told_as_unknown(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.manual = True
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.until(lambda: bool(world.fichier.remotes.tasks))
        world.fichier.remotes.vanish(next(iter(world.fichier.remotes.tasks)))

        [row] = await world.fetched(remote)

        assert (row.state, row.reason) == (RemoteState.UNKNOWN, Reason.VANISHED)
        assert [call.status for call in world.calls(INFO)] == [404]

    async def test_that_vanished_is_not_given_up_because_of_an_answer_that_cannot_be_read(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.manual = True
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.until(lambda: bool(world.fichier.remotes.tasks))
        [task] = world.fichier.remotes.tasks.values()
        task.vanished = True
        world.fichier.faults.add(INFO, "body", body=b'{"status": "OK", "result": 5}')
        await world.until(lambda: bool(world.calls(INFO)))
        task.vanished = False
        world.fichier.remotes.finish(task.id, [Fetched("late.iso")])

        [row] = await world.fetched(remote)

        assert (row.state, row.stored_name) == (RemoteState.DONE, "late.iso")

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "ko", "status": 403, "text": "Resource not allowed #631"},
            {"kind": "ko", "status": 404, "text": "Resource not found #469"},
            {"kind": "html", "status": 403},
        ],
        ids=["not allowed", "not found", "a page in front"],
    )
    async def test_that_is_listed_and_not_told_of_is_asked_about_less_and_less_often(
        self, world: World, account: Account, fault: dict[str, Any]
    ) -> None:
        until = world.clock.now().timestamp() + 4 * 3600
        world.fichier.faults.add(INFO, until=until, **fault)
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.passes(4 * 3600)
        assert (await world.remote(remote)).active
        assert len(world.calls(INFO)) < 15

        [row] = await world.fetched(remote)
        assert row.state is RemoteState.DONE

    @pytest.mark.parametrize("result", [[], None, ""], ids=["empty list", "null", "empty text"])
    async def test_whose_result_comes_later_than_its_date_is_waited_for(
        self, world: World, account: Account, result: Any
    ) -> None:
        world.fichier.remotes.manual = True
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.until(lambda: bool(world.fichier.remotes.tasks))
        [task] = world.fichier.remotes.tasks.values()
        world.fichier.remotes.finish(task.id, [Fetched("late.iso")])
        task.result, known = result, task.result
        await world.until(lambda: len(world.calls(INFO)) == 2)
        assert (await world.remote(remote)).state is RemoteState.FETCHING
        task.result = known

        [row] = await world.fetched(remote)

        assert (row.state, row.stored_name) == (RemoteState.DONE, "late.iso")

    async def test_of_several_urls_that_another_program_requested_is_not_taken_for_ours(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.seconds = 100
        ours, other = fetches(world, 2)
        world.fichier.faults.add(REQUEST, "cut")
        [remote] = await world.request(account, ours)
        world.run_remotes()
        await world.until(lambda: bool(world.calls(REQUEST)))
        theirs = world.fichier.remotes.request(world.account, {"urls": [other, f"{ours}?other"]}, 0)

        [row] = await world.fetched(remote)

        assert row.state is RemoteState.DONE
        assert row.task_id != theirs.id

    async def test_that_vanished_from_the_list_only_still_has_its_result(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.manual = True
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.until(lambda: bool(world.fichier.remotes.tasks))
        [task] = world.fichier.remotes.tasks.values()
        task.vanished = True
        await world.until(lambda: len(world.calls(LS)) == 2)
        task.vanished = False
        world.fichier.remotes.finish(task.id, [Fetched("late.iso")])

        [row] = await world.fetched(remote)

        assert (row.state, row.stored_name) == (RemoteState.DONE, "late.iso")

    @pytest.mark.parametrize("away", [False, True], ids=["1fichier shows it", "1fichier is away"])
    async def test_that_never_ends_is_told_after_a_day(
        self, world: World, account: Account, away: bool
    ) -> None:
        world.fichier.remotes.manual = True
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.passes(100)
        if away:
            world.fichier.faults.add(LS, "status", times=None, status=503)
        assert (await world.remote(remote)).state is RemoteState.FETCHING

        await world.clock.advance(DAY)
        [row] = await world.fetched(remote)

        assert (row.state, row.reason) == (RemoteState.UNKNOWN, Reason.NO_NEWS)
        assert len(await world.facts(FactKind.BATCH_ENDED)) == 1

    async def test_whose_name_is_refused_ends_with_its_link(self, world: World, account: Account) -> None:
        world.fichier.faults.add("file/info.cgi", "ko", status=403, text="Owner locked #649", times=None)
        world.run_remotes()

        [row] = await world.fetched(*await world.request(account, *fetches(world)))

        assert (row.state, row.stored_name) == (RemoteState.DONE, None)
        assert row.link is not None

    @pytest.mark.parametrize(
        "fault",
        [{"kind": "status", "status": 503}, {"kind": "cut"}, {"kind": "ip_locked"}],
        ids=lambda fault: fault["kind"],
    )
    async def test_whose_name_is_not_to_be_had_for_some_minutes_ends_with_its_link(
        self, world: World, account: Account, fault: dict[str, Any]
    ) -> None:
        world.fichier.faults.add("file/info.cgi", times=None, **fault)
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.passes(200)
        assert (await world.remote(remote)).state is RemoteState.EXECUTED

        await world.passes(600)
        row = await world.remote(remote)
        assert (row.state, row.stored_name) == (RemoteState.DONE, None)
        assert row.link is not None

    async def test_that_cannot_be_read_does_not_hold_up_the_others(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(INFO, "wrong_types")
        world.run_remotes()

        rows = await world.fetched(*await world.request(account, *fetches(world, 2)))

        assert {row.state for row in rows} == {RemoteState.DONE}

    async def test_is_not_ended_by_a_key_refused_while_it_is_looked_at(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(INFO, "ko", status=401, text="Not authenticated #247")
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.passes(200)

        assert (await world.remote(remote)).state is RemoteState.FETCHING
        assert (await world.current(account)).refused_at is not None
