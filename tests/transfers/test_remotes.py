"""Remote uploads from the message to the link."""

import asyncio
import itertools
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from emulators.onefichier import Failed, Fetched
from emulators.onefichier.remotes import DateForm
from storage import Account, FactKind, Reason, RemoteState
from tests.transfers.world import ADA, POLL_SECONDS, World
from transfers import StopOutcome

REQUEST, LS, INFO = "remote/request.cgi", "remote/ls.cgi", "remote/info.cgi"
DAY = timedelta(hours=24).total_seconds()
ASK_AGAIN_SECONDS = 60
BOB = 43


def url(number: int = 1) -> str:
    return f"https://example.org/{number}.iso"


def fetches(world: World, count: int = 1) -> list[str]:
    """URLs that the emulated service fetches without going anywhere."""
    urls = [url(number) for number in range(1, count + 1)]
    for each in urls:
        world.fichier.remote_results[each] = Fetched(each.rpartition("/")[2], b"x" * 10)
    return urls


def requested(world: World) -> list[str]:
    return [each for task in world.fichier.remotes.tasks.values() for each in task.urls]


def listed(world: World, times: int) -> bool:
    return len(world.calls(LS)) >= times


def has_taken(world: World, tasks: int) -> bool:
    return len(world.fichier.remotes.tasks) >= tasks


async def states(world: World) -> list[str]:
    rows = await world.database.fetch_all("SELECT state FROM remote_upload ORDER BY id")
    return [row["state"] for row in rows]


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
