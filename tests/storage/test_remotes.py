import pytest
from cryptography.fernet import Fernet

from storage import CannotOpen, Reason, RemoteState, RemoteStore, RetryOf, Trouble, Vault, WantedUrl
from tests.storage.conftest import NOON, Stores, after

URL = "https://ann:secret@example.org/a.iso?token=planted-77"


async def test_the_urls_of_a_message_are_one_batch_in_their_order(stores: Stores) -> None:
    account = await stores.person(1)
    wanted = [WantedUrl(URL, "example.org/a.iso"), WantedUrl("ftp://example.org/b", "example.org/b")]
    batch, new = await stores.remotes.accept(account, -5, 7, wanted, now=NOON)
    assert (new, batch.kind.value, batch.chat_id, batch.reply_to) == (True, "remote", -5, 7)
    rows = await stores.remotes.of_batch(batch.id)
    assert [(row.position, row.shown_url) for row in rows] == [(0, "example.org/a.iso"), (1, "example.org/b")]
    assert [stores.remotes.url(row) for row in rows] == [URL, "ftp://example.org/b"]
    assert {(row.state, row.told, row.active, row.person_id) for row in rows} == {
        (RemoteState.WAITING, True, True, 1)
    }


async def test_a_message_is_recorded_once_however_often_it_is_handled(stores: Stores) -> None:
    account = await stores.person(1)
    wanted = [WantedUrl(URL, "example.org/a.iso")]
    first, _ = await stores.remotes.accept(account, 1, 7, wanted, now=NOON)
    again, new = await stores.remotes.accept(account, 1, 7, wanted, now=after(60))
    assert (again.id, new) == (first.id, False)
    assert await stores.count("remote_upload") == 1


async def test_what_a_url_holds_is_readable_to_its_account_alone(stores: Stores) -> None:
    (remote,) = await stores.want(await stores.person(1), URL)
    assert "planted-77" not in repr(remote)
    assert await stores.database.erase_traces()
    assert b"planted-77" not in stores.database.path.read_bytes()
    other = await stores.person(2)
    await stores.database.execute("UPDATE remote_upload SET account_id = :id", {"id": other.id})
    with pytest.raises(CannotOpen):
        stores.remotes.url(await stores.remote(remote.id))
    with pytest.raises(CannotOpen):
        RemoteStore(stores.database, Vault([Fernet.generate_key().decode()])).url(remote)


async def test_a_remote_upload_on_its_whole_way(stores: Stores) -> None:
    account = await stores.person(1)
    (remote,) = await stores.want(account, URL)
    assert await stores.remotes.begin_requesting(remote.id, after(1))
    assert not await stores.remotes.begin_requesting(remote.id, after(2))
    await stores.remotes.note_fetching(remote.id, 4711)
    fetching = await stores.remote(remote.id)
    assert (fetching.state, fetching.task_id, fetching.requested_at) == (
        RemoteState.FETCHING,
        4711,
        after(1),
    )
    assert await stores.remotes.known_tasks(account.id) == {4711}
    await stores.remotes.note_executed(remote.id, link="https://1fichier.com/?abc", link_id="abc")
    assert (await stores.remote(remote.id)).link_id == "abc"
    await stores.remotes.finish(remote.id, name="a.iso", size=5, web_page=True, now=after(9))
    done = await stores.remote(remote.id)
    assert (done.state, done.stored_name, done.stored_size, done.web_page, done.ended_at, done.active) == (
        RemoteState.DONE,
        "a.iso",
        5,
        True,
        after(9),
        False,
    )
    assert await stores.due() == [("batch_ended", remote.batch_id)]


async def test_a_failure_keeps_its_reason_and_is_final(stores: Stores) -> None:
    (remote,) = await stores.want(await stores.person(1), URL)
    await stores.remotes.end(
        remote.id, RemoteState.FAILED, now=NOON, reason=Reason.SOURCE_FAILED, detail="404"
    )
    await stores.remotes.end(remote.id, RemoteState.UNKNOWN, now=after(1))
    await stores.remotes.note_fetching(remote.id, 4711)
    ended = await stores.remote(remote.id)
    assert (ended.state, ended.reason, ended.detail) == (RemoteState.FAILED, Reason.SOURCE_FAILED, "404")


async def test_the_result_waits_for_the_last_url(stores: Stores) -> None:
    first, second = await stores.want(await stores.person(1), "https://a.example", "https://b.example")
    await stores.remotes.end(first.id, RemoteState.FAILED, now=NOON)
    assert await stores.due(60) == []
    await stores.remotes.end(second.id, RemoteState.UNKNOWN, now=NOON)
    assert await stores.due() == [("batch_ended", first.batch_id)]


async def test_a_request_that_1fichier_does_not_have_waits_again(stores: Stores) -> None:
    (remote,) = await stores.want(await stores.person(1), URL)
    await stores.remotes.begin_requesting(remote.id, NOON)
    assert [await stores.remotes.note_poll_without(remote.id) for _ in range(2)] == [1, 2]
    await stores.remotes.wait_again(remote.id, after(60))
    waiting = await stores.remote(remote.id)
    assert (waiting.state, waiting.not_before, waiting.requested_at, waiting.polls_without) == (
        RemoteState.WAITING,
        after(60),
        None,
        0,
    )
    assert await stores.remotes.note_poll_without(404) == 0


async def test_a_service_that_is_away_is_noted_until_1fichier_has_it(stores: Stores) -> None:
    (remote,) = await stores.want(await stores.person(1), URL)
    assert remote.trouble is None
    away = Trouble(2, after(5))
    await stores.remotes.begin_requesting(remote.id, NOON)
    await stores.remotes.wait_again(remote.id, NOON, trouble=away)
    await stores.remotes.begin_requesting(remote.id, NOON)
    assert (await stores.remote(remote.id)).trouble == away
    await stores.remotes.wait_again(remote.id, NOON)
    assert (await stores.remote(remote.id)).trouble == away, "a pause tells nothing of the service"
    await stores.remotes.note_fetching(remote.id, 4711)
    assert (await stores.remote(remote.id)).trouble is None


async def test_one_that_1fichier_takes_ends_the_trouble_of_those_that_were_not_asked_for(
    stores: Stores,
) -> None:
    account = await stores.person(1)
    taken, unasked, asked = await stores.want(account, *(f"https://{each}.example" for each in "abc"))
    (others,) = await stores.want(await stores.person(2), URL)
    for each, times in ((unasked, 0), (asked, 1), (others, 0)):
        await stores.remotes.wait_again(each.id, NOON, trouble=Trouble(times, NOON))
    await stores.remotes.note_fetching(taken.id, 4711)
    assert (await stores.remote(unasked.id)).trouble is None
    assert (await stores.remote(asked.id)).trouble == Trouble(1, NOON)
    assert (await stores.remote(others.id)).trouble == Trouble(0, NOON)


async def test_what_is_tried_again_has_had_no_trouble(stores: Stores) -> None:
    (remote,) = await stores.want(await stores.person(1), URL)
    await stores.remotes.wait_again(remote.id, NOON, trouble=Trouble(9, NOON))
    await stores.remotes.end(remote.id, RemoteState.FAILED, now=NOON)
    await stores.retries.begin(RetryOf.LINK, remote.id, 1, after(60))
    again = await stores.remote(remote.id)
    assert (again.state, again.trouble) == (RemoteState.WAITING, None)


async def test_a_request_accepted_earlier_keeps_the_task_that_is_known(stores: Stores) -> None:
    (remote,) = await stores.want(await stores.person(1), URL)
    await stores.remotes.begin_requesting(remote.id, NOON)
    await stores.remotes.note_fetching(remote.id, None)
    assert (await stores.remote(remote.id)).task_id is None
    await stores.remotes.note_fetching(remote.id, 4711)
    await stores.remotes.note_fetching(remote.id, None)
    assert (await stores.remote(remote.id)).task_id == 4711


async def test_the_same_url_asked_for_twice_may_share_its_task_and_its_link(stores: Stores) -> None:
    account = await stores.person(1)
    twins = [(await stores.want(account, URL))[0] for _ in range(2)]
    for each in twins:
        await stores.remotes.begin_requesting(each.id, NOON)
        await stores.remotes.note_fetching(each.id, 4711)
        await stores.remotes.note_executed(each.id, link="https://1fichier.com/?abc", link_id="abc")
        await stores.remotes.finish(each.id, name="a", size=1, web_page=False, now=NOON)
    assert [(await stores.remote(each.id)).state for each in twins] == [RemoteState.DONE] * 2


async def test_what_is_to_do_is_found_by_person_and_by_account_in_good_standing(stores: Stores) -> None:
    first, second = await stores.person(1), await stores.person(2)
    ended, running = await stores.want(first, "https://a.example", "https://b.example")
    (other,) = await stores.want(second, "https://c.example")
    await stores.remotes.end(ended.id, RemoteState.FAILED, now=NOON)
    assert [each.id for each in await stores.remotes.active_of(1)] == [running.id]
    assert [each.id for each in await stores.remotes.active_of_account(second.id)] == [other.id]
    assert await stores.remotes.accounts_with_work() == [(first, True), (second, True)]
    await stores.remotes.begin_requesting(other.id, NOON)
    assert await stores.remotes.accounts_with_work() == [(first, True), (second, False)]
    await stores.people.note_key_refused(first, NOON)
    assert await stores.remotes.accounts_with_work() == [(second, False)]


# Cancelling


async def test_what_waits_here_can_be_cancelled_by_its_person(stores: Stores) -> None:
    (remote,) = await stores.want(await stores.person(1), URL)
    assert not await stores.remotes.cancel_waiting(remote.id, 2, NOON)
    assert await stores.remotes.cancel_waiting(remote.id, 1, NOON)
    assert not await stores.remotes.cancel_waiting(remote.id, 1, NOON)
    assert (await stores.remote(remote.id)).state is RemoteState.CANCELLED
    assert not await stores.remotes.begin_requesting(remote.id, NOON)
    assert await stores.due() == [("batch_ended", remote.batch_id)]


async def test_what_1fichier_fetches_is_only_no_longer_told(stores: Stores) -> None:
    (remote,) = await stores.want(await stores.person(1), URL)
    await stores.remotes.begin_requesting(remote.id, NOON)
    assert not await stores.remotes.cancel_waiting(remote.id, 1, NOON)
    assert not await stores.remotes.stop_telling(remote.id, 2)
    assert await stores.remotes.stop_telling(remote.id, 1)
    silent = await stores.remote(remote.id)
    assert (silent.told, silent.active) == (False, True)


async def test_the_others_do_not_wait_for_one_that_is_no_longer_told(stores: Stores) -> None:
    first, second = await stores.want(await stores.person(1), "https://a.example", "https://b.example")
    for each in (first, second):
        await stores.remotes.begin_requesting(each.id, NOON)
    await stores.remotes.end(first.id, RemoteState.FAILED, now=NOON)
    assert await stores.due(60) == []
    await stores.remotes.stop_telling(second.id, 1)
    assert await stores.due() == [("batch_ended", first.batch_id)]
    assert await stores.batches.close(first.batch_id, NOON) is not None
    (fact,) = await stores.facts()
    await stores.outbox.told(fact, NOON)
    await stores.remotes.end(second.id, RemoteState.FAILED, now=after(60))
    assert await stores.due(120) == [], "told is told"


async def test_a_lost_request_that_nobody_wants_to_hear_of_is_not_made_again(stores: Stores) -> None:
    (remote,) = await stores.want(await stores.person(1), URL)
    await stores.remotes.begin_requesting(remote.id, after(1))
    await stores.remotes.stop_telling(remote.id, 1)
    await stores.remotes.wait_again(remote.id, after(60))
    ended = await stores.remote(remote.id)
    assert (ended.state, ended.ended_at) == (RemoteState.CANCELLED, after(1))
    assert await stores.remotes.accounts_with_work() == []
