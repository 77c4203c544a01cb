"""Requests for remote uploads whose answer was lost."""

import asyncio
import itertools
from datetime import timedelta
from functools import partial

import pytest

from storage import Account, FactKind, Reason, RemoteState
from tests.transfers.process import POLL_SECONDS
from tests.transfers.remotes import (
    ASK_AGAIN_SECONDS,
    DAY,
    INFO,
    LS,
    REQUEST,
    fetches,
    listed,
    requested,
    url,
)
from tests.transfers.world import ADA, World
from transfers import StopOutcome


class TestALostAnswer:
    async def test_is_found_among_the_tasks_and_nothing_is_requested_twice(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.seconds = 300
        stranger = world.fichier.remotes.request(world.account, {"urls": ["https://example.org/theirs"]}, 0)
        world.fichier.faults.add(REQUEST, "cut", acts=True)
        world.run_remotes()

        [row] = await world.fetched(*await world.request(account, *fetches(world)))

        assert (row.state, row.task_id != stranger.id) == (RemoteState.DONE, True)
        assert requested(world).count(url()) == 1
        assert len(world.calls(REQUEST)) == 1
        # Ours is the newest: to find it, and at its end.
        assert len(world.calls(INFO)) == 2

    async def test_of_a_request_that_was_not_made_leads_to_another_one_after_two_rounds(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(REQUEST, "cut")
        world.run_remotes()

        [row] = await world.fetched(*await world.request(account, *fetches(world)))

        assert row.state is RemoteState.DONE
        first, second = world.calls(REQUEST)
        assert second.at - first.at >= POLL_SECONDS
        assert len(world.calls(LS)) >= 3

    async def test_is_looked_for_in_another_programs_task_once(self, world: World, account: Account) -> None:
        world.fichier.remotes.seconds = 1e6
        world.fichier.faults.add(REQUEST, "cut")
        await world.request(account, *fetches(world))
        world.run_remotes()
        await world.until(lambda: bool(world.calls(REQUEST)))
        world.fichier.remotes.request(world.account, {"urls": ["https://example.org/theirs"]}, 0)

        await world.passes(5 * POLL_SECONDS)

        assert requested(world) == ["https://example.org/theirs", url()]
        assert len(world.calls(INFO)) == 1

    async def test_is_not_asked_for_again_while_the_tasks_cannot_be_read(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.seconds = 300
        world.fichier.faults.add(REQUEST, "cut", acts=True)
        world.fichier.faults.add(LS, "wrong_types", until=world.clock.now().timestamp() + 10 * POLL_SECONDS)
        world.run_remotes()

        [row] = await world.fetched(*await world.request(account, *fetches(world)))

        assert row.state is RemoteState.DONE
        assert len(world.calls(REQUEST)) == 1

    async def test_outlives_the_process(self, world: World, account: Account) -> None:
        world.fichier.remotes.seconds = 100
        world.fichier.faults.add(REQUEST, "cut", acts=True)
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.until(lambda: bool(world.calls(REQUEST)))

        await world.restart()
        world.run_remotes()

        [row] = await world.fetched(remote)
        assert row.state is RemoteState.DONE
        assert len(world.calls(REQUEST)) == 1

    async def test_again_and_again_is_asked_for_now_and_then_and_told_after_a_day(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(REQUEST, "status", times=None, status=503)
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.passes(6 * 3600)
        assert (await world.remote(remote)).active
        assert len(world.calls(REQUEST)) < 60

        await world.until(lambda: world.clock.elapsed > DAY, most_seconds=DAY)
        [row] = await world.fetched(remote)
        assert (row.state, row.reason) == (RemoteState.FAILED, Reason.CONNECTION_LOST)
        assert len(await world.facts(FactKind.BATCH_ENDED)) == 1
        assert not world.fichier.remotes.tasks

    async def test_is_asked_for_again_at_once_twice_and_then_less_and_less_often_however_long_it_had_waited(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(REQUEST, "cut", times=6)
        [remote] = await world.request(account, *fetches(world))
        await world.clock.advance(DAY + 60)
        world.run_remotes()

        [row] = await world.fetched(remote)

        assert row.state is RemoteState.DONE
        at = [call.at for call in world.calls(REQUEST)]
        gaps = [later - earlier for earlier, later in itertools.pairwise(at)]
        assert gaps[:2] == pytest.approx([POLL_SECONDS, 2 * POLL_SECONDS], abs=1)
        for gap, pause in zip(gaps[2:], (60, 120, 240, 480), strict=True):
            assert pause < gap <= pause + 3 * POLL_SECONDS, "it is looked for in two rounds first"

    async def test_of_two_messages_with_one_url_at_a_time_is_found_for_both(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.seconds = 100
        world.fichier.faults.add(REQUEST, "cut", acts=True)
        [wanted] = fetches(world)
        one, other = await asyncio.gather(world.request(account, wanted), world.request(account, wanted))
        world.run_remotes()

        first, second = await world.fetched(*one, *other)

        assert (first.state, second.state) == (RemoteState.DONE, RemoteState.DONE)
        assert first.link == second.link is not None
        assert requested(world) == [wanted]
        assert len(await world.facts(FactKind.BATCH_ENDED)) == 2

    async def test_is_not_given_up_sooner_by_processes_that_end_one_after_another(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.list_lag = POLL_SECONDS / 2
        world.fichier.faults.add(REQUEST, "cut", acts=True)
        [remote] = await world.request(account, *fetches(world))
        for times in (1, 2, 3):
            world.run_remotes()
            await world.until(partial(listed, world, times))
            await world.quiet()
            await world.restart()
        world.run_remotes()

        [row] = await world.fetched(remote)

        assert row.state is RemoteState.DONE
        assert len(world.calls(REQUEST)) == 1
        assert len(world.account.files) == 1

    async def test_of_a_url_that_is_stopped_meanwhile_is_not_asked_for_again(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(REQUEST, "cut")
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.until(lambda: bool(world.calls(REQUEST)))
        await world.quiet()

        assert await world.process.remotes.silence(remote.id, ADA) is StopOutcome.UNDER_WAY

        [row] = await world.fetched(remote)
        assert row.state is RemoteState.CANCELLED
        assert len(world.calls(REQUEST)) == 1

    async def test_already_requesting_counts_as_accepted(self, world: World, account: Account) -> None:
        world.fichier.remotes.seconds = 100
        [wanted] = fetches(world)
        world.fichier.remotes.request(world.account, {"urls": [wanted]}, 0)
        world.run_remotes()

        [row] = await world.fetched(*await world.request(account, wanted))

        assert row.state is RemoteState.DONE
        assert len(world.fichier.remotes.tasks) == 1

    async def test_already_requesting_is_found_however_long_ago_that_was(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.seconds = 7200
        [wanted] = fetches(world)
        world.fichier.remotes.request(world.account, {"urls": [wanted]}, 0)
        await world.passes(3600)
        world.run_remotes()

        [row] = await world.fetched(*await world.request(account, wanted))

        assert row.state is RemoteState.DONE
        assert len(world.fichier.remotes.tasks) == 1

    async def test_one_task_ends_two_wishes_for_the_same_url(self, world: World, account: Account) -> None:
        world.fichier.remotes.seconds = 100
        [wanted] = fetches(world)
        one = await world.request(account, wanted)
        other = await world.request(account, wanted)
        world.run_remotes()

        first, second = await world.fetched(*one, *other)

        assert first.link == second.link is not None
        assert len(world.fichier.remotes.tasks) == 1

    async def test_a_service_that_cannot_be_reached_is_asked_again(
        self, world: World, account: Account
    ) -> None:
        world.service_url = "http://127.0.0.1:9"
        await world.restart()
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.passes(300)
        assert (await world.remote(remote)).state is RemoteState.WAITING

        await world.clock.advance(DAY)
        [row] = await world.fetched(remote)
        assert (row.state, row.reason) == (RemoteState.FAILED, Reason.CONNECTION_LOST)

    async def test_days_in_which_nothing_was_asked_are_no_outage(
        self, world: World, account: Account
    ) -> None:
        reachable, world.service_url = world.service_url, "http://127.0.0.1:9"
        await world.restart()
        [remote] = await world.request(account, *fetches(world))
        for days in (0, 2):
            await world.clock.advance(days * DAY)
            world.run_remotes()
            await world.passes(10)
            row = await world.remote(remote)
            assert (row.state, row.trouble and row.trouble.times) == (RemoteState.WAITING, 1)
            await world.restart()

        world.service_url = reachable
        await world.restart()
        world.run_remotes()
        [row] = await world.fetched(remote)
        assert row.state is RemoteState.DONE

    async def test_a_service_that_cannot_be_reached_is_asked_again_within_a_minute_by_what_has_waited_long(
        self, world: World, account: Account
    ) -> None:
        reachable, world.service_url = world.service_url, "http://127.0.0.1:9"
        await world.restart()
        [remote] = await world.request(account, *fetches(world))
        await world.clock.advance(DAY + 60)
        world.run_remotes()
        await world.quiet()
        row = await world.remote(remote)
        assert row.state is RemoteState.WAITING
        assert row.not_before == world.clock.now() + timedelta(seconds=ASK_AGAIN_SECONDS)

        await world.passes(2000)
        row = await world.remote(remote)
        assert row.trouble is not None
        assert row.trouble.times == 6, "after 60, 120, 240, 480 and 600 seconds"

        world.service_url = reachable
        await world.restart()
        world.run_remotes()
        assert [row.state for row in await world.fetched(remote)] == [RemoteState.DONE]
