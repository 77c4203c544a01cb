"""Remote uploads from the message to the link."""

from functools import partial

import pytest

from emulators.onefichier import Failed, Fetched
from emulators.onefichier.remotes import DateForm
from storage import Account, FactKind, Reason, RemoteState
from tests.transfers.process import POLL_SECONDS
from tests.transfers.remotes import (
    ASK_AGAIN_SECONDS,
    BOB,
    DAY,
    INFO,
    LS,
    REQUEST,
    fetches,
    has_taken,
    requested,
    states,
    url,
)
from tests.transfers.world import ADA, World
from transfers import StopOutcome


class TestTheOrdinaryWay:
    async def test_a_url_becomes_a_link_with_name_and_size(self, world: World, account: Account) -> None:
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()

        [row] = await world.fetched(remote)

        [file] = world.account.files.values()
        assert (row.state, row.link, row.stored_name, row.stored_size, row.web_page) == (
            RemoteState.DONE, file.url, "1.iso", 10, False,
        )  # fmt: skip
        assert len(await world.facts(FactKind.BATCH_ENDED)) == 1
        assert len(world.calls(INFO)) == 1

    async def test_a_failure_is_told_with_the_services_reason_beside_what_worked(
        self, world: World, account: Account
    ) -> None:
        good, bad = fetches(world, 2)
        world.fichier.remote_results[bad] = Failed("HTTP error 404")
        remotes = await world.request(account, good, bad)
        world.run_remotes()

        done, failed = await world.fetched(*remotes)

        assert done.state is RemoteState.DONE
        assert (failed.state, failed.reason, failed.detail) == (
            RemoteState.FAILED, Reason.SOURCE_FAILED, "HTTP error 404",
        )  # fmt: skip
        assert len(await world.facts(FactKind.BATCH_ENDED)) == 1

    async def test_a_web_page_is_recognised(self, world: World, account: Account) -> None:
        world.fichier.remote_results[url()] = Fetched("page.html")
        world.run_remotes()

        [row] = await world.fetched(*await world.request(account, url()))

        assert row.web_page

    async def test_a_message_handled_twice_requests_once(self, world: World, account: Account) -> None:
        first = await world.request(account, *fetches(world), message_id=7)
        again = await world.request(account, *fetches(world), message_id=7)
        world.run_remotes()

        await world.fetched(*first, *again)

        assert [each.id for each in first] == [each.id for each in again]
        assert requested(world) == [url()]

    @pytest.mark.parametrize("date_form", ["epoch", "zero", "empty", "null", "missing"])
    async def test_a_task_under_way_is_left_alone_however_its_date_is_written(
        self, world: World, account: Account, date_form: DateForm
    ) -> None:
        world.fichier.remotes.date_form = date_form
        world.fichier.remotes.seconds = 200
        world.run_remotes()

        [row] = await world.fetched(*await world.request(account, *fetches(world)))

        assert row.state is RemoteState.DONE
        assert len(world.calls(INFO)) == 1


class TestTheServicesLimits:
    async def test_ten_are_outstanding_and_the_others_wait_their_turn(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.manual = True
        remotes = await world.request(account, *fetches(world, 12))
        world.run_remotes()
        await world.passes(300)

        assert await states(world) == ["fetching"] * 10 + ["waiting"] * 2
        for task in list(world.fichier.remotes.tasks.values()):
            world.fichier.remotes.finish(task.id, [Fetched("a.iso")])
        world.fichier.remotes.manual = False
        rows = await world.fetched(*remotes)

        assert {row.state for row in rows} == {RemoteState.DONE}
        assert all(call.status == 200 for call in world.calls(REQUEST))

    async def test_one_listing_of_tasks_serves_a_round(self, world: World, account: Account) -> None:
        world.fichier.remotes.manual = True
        bob = await world.log_in(BOB, world.fichier.add_account())
        await world.request(account, *fetches(world, 5))
        await world.request(bob, *fetches(world, 3))
        world.run_remotes()
        await world.passes(1)
        before = len(world.calls(LS))

        await world.passes(10 * POLL_SECONDS)

        assert len(world.calls(LS)) - before <= 2 * 11
        assert not world.calls(INFO)

    async def test_three_names_come_from_one_listing(self, world: World, account: Account) -> None:
        world.run_remotes()

        rows = await world.fetched(*await world.request(account, *fetches(world, 4)))

        assert [row.stored_name for row in rows] == ["1.iso", "2.iso", "3.iso", "4.iso"]
        assert len(world.calls("file/ls.cgi")) == 1
        assert not world.calls("file/info.cgi")

    async def test_names_that_no_listing_has_are_asked_for_five_in_a_round(
        self, world: World, account: Account
    ) -> None:
        world.fichier.listing_lag = 1e6
        remotes = await world.request(account, *fetches(world, 8))
        world.run_remotes()

        await world.passes(1)
        await world.until(lambda: bool(world.calls("file/info.cgi")))
        await world.quiet()
        assert len(world.calls("file/info.cgi")) <= 5
        rows = await world.fetched(*remotes)
        assert {row.stored_size for row in rows} == {10}

    async def test_names_are_asked_for_one_by_one_when_the_folder_cannot_be_listed(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add("file/ls.cgi", "html", times=None)
        world.run_remotes()

        rows = await world.fetched(*await world.request(account, *fetches(world, 3)))

        assert [row.stored_name for row in rows] == ["1.iso", "2.iso", "3.iso"]

    async def test_another_programs_tasks_count_and_nothing_is_given_up(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.outstanding_limit = 0
        remotes = await world.request(account, *fetches(world, 5))
        world.run_remotes()
        await world.passes(170)
        # One question a minute, not one for each URL.
        assert len(world.calls(REQUEST)) <= 5 * 4
        assert await states(world) == ["waiting"] * 5

        world.fichier.remotes.outstanding_limit = 10
        rows = await world.fetched(*remotes)
        assert {row.state for row in rows} == {RemoteState.DONE}

    async def test_refused_as_one_too_many_is_asked_for_less_and_less_often(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.outstanding_limit = 0
        remotes = await world.request(account, *fetches(world, 3))
        world.run_remotes()
        await world.passes(6 * 3600)

        refused = [call for call in world.calls(REQUEST) if call.status == 403]
        assert len(refused) < 60
        assert await states(world) == ["waiting"] * 3

        world.fichier.remotes.outstanding_limit = 10
        assert {row.state for row in await world.fetched(*remotes)} == {RemoteState.DONE}

    async def test_what_has_waited_for_more_than_a_day_is_asked_for_again_a_minute_after_it_was_one_too_many(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.outstanding_limit = 0
        [remote] = await world.request(account, *fetches(world))
        await world.clock.advance(DAY + 60)
        world.run_remotes()
        await world.until(lambda: len(world.calls(REQUEST)) == 2)
        first, second = world.calls(REQUEST)
        assert ASK_AGAIN_SECONDS <= second.at - first.at <= ASK_AGAIN_SECONDS + POLL_SECONDS

        world.fichier.remotes.outstanding_limit = 10
        assert [row.state for row in await world.fetched(remote)] == [RemoteState.DONE]

    async def test_one_too_many_for_a_day_is_told_in_the_services_words(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.outstanding_limit = 0
        remotes = await world.request(account, *fetches(world, 3))
        world.run_remotes()
        await world.passes(100)

        await world.clock.advance(DAY)
        rows = await world.fetched(*remotes)

        assert {(row.state, row.reason) for row in rows} == {(RemoteState.FAILED, Reason.REFUSED)}

    async def test_one_too_many_has_a_day_anew_each_time_that_another_is_taken(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.outstanding_limit = 1
        world.fichier.remotes.manual = True
        remotes = await world.request(account, *fetches(world, 3))
        world.run_remotes()
        for taken in (1, 2):
            await world.until(partial(has_taken, world, taken))
            await world.passes(100)
            await world.clock.advance(0.6 * DAY)
            await world.passes(700)
            assert await states(world) == [*["done"] * (taken - 1), "fetching", *["waiting"] * (3 - taken)]
            for task in list(world.fichier.remotes.tasks.values()):
                world.fichier.remotes.finish(task.id, [Fetched("a.iso")])

        world.fichier.remotes.manual = False
        assert [row.state for row in await world.fetched(*remotes)] == [RemoteState.DONE] * 3

    async def test_one_too_many_does_not_have_a_lost_one_requested_twice(
        self, world: World, account: Account
    ) -> None:
        world.fichier.remotes.outstanding_limit = 1
        world.fichier.remotes.seconds = 300
        world.fichier.faults.add(REQUEST, "cut", acts=True)
        remotes = await world.request(account, *fetches(world, 2))
        world.run_remotes()

        rows = await world.fetched(*remotes)

        assert {row.state for row in rows} == {RemoteState.DONE}
        assert sorted(requested(world)) == [url(1), url(2)]

    @pytest.mark.parametrize("endpoint", [LS, INFO, "file/info.cgi"])
    async def test_a_pause_while_they_are_watched_is_told_once(
        self, world: World, account: Account, endpoint: str
    ) -> None:
        world.fichier.faults.add(endpoint, "flood")
        remotes = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.until(lambda: any(call.status == 403 for call in world.fichier.calls))
        await world.quiet()
        count = len(world.fichier.calls)
        await world.passes(290)
        assert len(world.fichier.calls) == count
        assert len(await world.facts(FactKind.PAUSED)) == 1

        assert [row.state for row in await world.fetched(*remotes)] == [RemoteState.DONE]
        assert len(await world.facts(FactKind.PAUSED)) == 1

    async def test_a_pause_is_kept_told_once_and_hinders_no_other_account(
        self, world: World, account: Account
    ) -> None:
        bob = await world.log_in(BOB, world.fichier.add_account())
        world.fichier.faults.add(
            REQUEST, "flood", text="Flood detected: User Locked #218", account=world.account.email
        )
        remotes = await world.request(account, *fetches(world, 3))
        world.run_remotes()
        await world.until(lambda: bool(world.calls(REQUEST)))
        await world.quiet()

        [his] = await world.fetched(*await world.request(bob, *fetches(world)))
        assert his.state is RemoteState.DONE
        assert world.clock.elapsed < 290
        assert len([call for call in world.fichier.calls if call.account == world.account.email]) == 1

        rows = await world.fetched(*remotes)
        assert {row.state for row in rows} == {RemoteState.DONE}
        assert len(await world.facts(FactKind.PAUSED)) == 1

    async def test_a_refused_key_parks_them_until_the_next(self, world: World, account: Account) -> None:
        world.fichier.revoke_key(world.account)
        remotes = await world.request(account, *fetches(world, 3))
        world.run_remotes()
        await world.passes(600)

        assert [call.status for call in world.fichier.calls] == [401]
        assert await states(world) == ["waiting"] * 3
        assert len(await world.facts(FactKind.KEY_REFUSED)) == 1

        world.account.key = world.fichier.mint.key()
        await world.result(world.process.accounts.log_in(ADA, world.account.key))
        rows = await world.fetched(*remotes)
        assert {row.state for row in rows} == {RemoteState.DONE}

    async def test_an_account_that_may_not_is_told_so_once(self, world: World, account: Account) -> None:
        world.fichier.faults.add(
            REQUEST, "ko", status=403, text="Must be a customer (Premium, Access) #200", times=None
        )
        world.run_remotes()

        rows = await world.fetched(*await world.request(account, *fetches(world, 6)))

        assert {(row.state, row.reason) for row in rows} == {(RemoteState.FAILED, Reason.MUST_BE_CUSTOMER)}
        assert len(world.calls(REQUEST)) == 1

    @pytest.mark.parametrize(
        ("text", "reason"),
        [("Invalid URL #704", Reason.REFUSED), ("Resource not allowed #631", Reason.NOT_ALLOWED)],
        ids=["refused", "not allowed"],
    )
    async def test_a_refusal_is_told_in_the_services_words(
        self, world: World, account: Account, text: str, reason: Reason
    ) -> None:
        world.fichier.faults.add(REQUEST, "ko", status=403, text=text)
        world.run_remotes()

        [row] = await world.fetched(*await world.request(account, url()))

        assert (row.state, row.reason, row.detail) == (RemoteState.FAILED, reason, text.partition(" #")[0])


class TestStopping:
    async def test_what_waits_here_is_cancelled(self, world: World, account: Account) -> None:
        [remote] = await world.request(account, *fetches(world))

        assert await world.process.remotes.stop(remote.id, ADA) is StopOutcome.CANCELLED

        world.run_remotes()
        await world.passes(100)
        assert not world.calls(REQUEST)
        assert await world.process.remotes.stop(remote.id, ADA) is StopOutcome.ENDED

    async def test_what_1fichier_has_is_only_silenced(self, world: World, account: Account) -> None:
        world.fichier.remotes.seconds = 100
        [remote] = await world.request(account, *fetches(world))
        world.run_remotes()
        await world.until(lambda: bool(world.fichier.remotes.tasks))
        await world.quiet()

        assert await world.process.remotes.silence(remote.id, ADA) is StopOutcome.UNDER_WAY

        [row] = await world.fetched(remote)
        assert (row.state, row.told) == (RemoteState.DONE, False)

    async def test_nobody_stops_what_is_not_theirs(self, world: World, account: Account) -> None:
        [remote] = await world.request(account, *fetches(world))

        assert await world.process.remotes.stop(remote.id, BOB) is StopOutcome.NOT_THEIRS
        assert await world.process.remotes.stop(999, ADA) is StopOutcome.NOT_THEIRS
