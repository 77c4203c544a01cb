"""Jobs on files and folders: one at a time and account, counted, confirmed, ended together with what is to be told."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from storage import Account, Job, JobFile, JobFileState, JobKind, JobState
from tests.storage.conftest import NOON, Stores, after

FILES = [JobFile("a", "https://1fichier.com/?a", "a.txt"), JobFile("b", "https://1fichier.com/?b", None)]


async def begin(
    stores: Stores, account: Account, kind: JobKind = JobKind.DELETE_FOLDER, *, message: int = 1, **more: Any
) -> Job:
    values: dict[str, Any] = {"folder_id": 7, "folder_name": "seven", "now": NOON}
    return await stores.jobs.begin(
        account, kind, chat_id=account.person_id, message_id=message, **values | more
    )


async def state(stores: Stores, job: Job) -> JobState:
    found = await stores.jobs.find(job.id)
    assert found is not None
    return found.state


@pytest.fixture
async def account(stores: Stores) -> Account:
    return await stores.person(1)


async def test_a_deletion_is_counted_before_it_is_asked_about_and_asked_about_before_it_works(
    stores: Stores, account: Account
) -> None:
    job = await begin(stores, account)
    assert (job.state, job.running) == (JobState.COUNTING, True)
    assert not await stores.jobs.confirm(job.id, 1), "nothing has been asked yet"
    await stores.jobs.counted(job.id, files=3, folders=2, size=99, now=after(5))
    counted = await stores.jobs.find(job.id)
    assert counted is not None
    assert (counted.state, counted.files, counted.folders, counted.size) == (JobState.ASKING, 3, 2, 99)
    assert counted.asked_at == after(5)
    assert await stores.due(10) == [("job_asks", job.id)]
    assert await stores.jobs.next_of_accounts() == []
    assert not await stores.jobs.confirm(job.id, 2), "it is somebody else's"
    assert await stores.jobs.confirm(job.id, 1)
    assert not await stores.jobs.confirm(job.id, 1), "it was said already"
    assert [each.id for each in await stores.jobs.next_of_accounts()] == [job.id]


@pytest.mark.parametrize("kind", [JobKind.MOVE_FILES, JobKind.SHARE_FILES])
async def test_a_job_that_names_its_files_works_at_once(
    stores: Stores, account: Account, kind: JobKind
) -> None:
    job = await begin(stores, account, kind, files=FILES)
    assert (job.state, job.files) == (JobState.WORKING, 2)
    assert await stores.jobs.files(job.id) == FILES
    await stores.jobs.note_files(job.id, ["a"], JobFileState.DONE)
    await stores.jobs.note_files(job.id, ["b"], JobFileState.FAILED)
    assert [each.state for each in await stores.jobs.files(job.id)] == [
        JobFileState.DONE,
        JobFileState.FAILED,
    ]
    found = await stores.jobs.find(job.id)
    assert found is not None
    assert found.files_done == 1


async def test_a_press_that_is_handled_twice_begins_one_job(stores: Stores, account: Account) -> None:
    first = await begin(stores, account, JobKind.MOVE_FILES, files=FILES)
    assert await begin(stores, account, JobKind.MOVE_FILES, files=FILES) == first
    assert await stores.count("job_file") == 2
    await stores.jobs.end(first.id, JobState.DONE, now=NOON)
    assert (await begin(stores, account)).id != first.id


async def test_jobs_of_an_account_come_one_after_another_and_accounts_beside_each_other(
    stores: Stores, account: Account
) -> None:
    other = await stores.person(2)
    mine = await begin(stores, account)
    await begin(stores, account, message=2)
    theirs = await begin(stores, other)
    assert [each.id for each in await stores.jobs.next_of_accounts()] == [mine.id, theirs.id]
    await stores.people.note_key_refused(other, NOON)
    assert [each.id for each in await stores.jobs.next_of_accounts()] == [mine.id]
    assert len(await stores.jobs.running_of(1)) == 2


async def test_what_is_asked_about_is_cancelled_at_once_and_told(stores: Stores, account: Account) -> None:
    job = await begin(stores, account)
    await stores.jobs.counted(job.id, files=1, folders=1, size=1, now=NOON)
    assert not await stores.jobs.cancel(job.id, 2, NOON)
    assert await stores.jobs.cancel(job.id, 1, NOON)
    assert await state(stores, job) is JobState.CANCELLED
    assert ("job_ended", job.id) in await every_fact(stores)
    assert not await stores.jobs.cancel(job.id, 1, NOON)


async def every_fact(stores: Stores) -> list[tuple[str, int]]:
    rows = await stores.database.fetch_all("SELECT kind, subject FROM outbox ORDER BY id")
    return [(row["kind"], row["subject"]) for row in rows]


async def test_what_runs_is_only_wished_cancelled(stores: Stores, account: Account) -> None:
    job = await begin(stores, account)
    assert await stores.jobs.cancel(job.id, 1, NOON)
    found = await stores.jobs.find(job.id)
    assert found is not None
    assert (found.state, found.cancelling) == (JobState.COUNTING, True)
    await stores.jobs.counted(job.id, files=1, folders=1, size=1, now=NOON)
    assert await state(stores, job) is JobState.COUNTING, "nobody is asked about what they do not want"


async def test_an_end_is_told_once(stores: Stores, account: Account) -> None:
    job = await begin(stores, account, JobKind.SHARE_FILES, files=FILES)
    await stores.jobs.note_folder(job.id, 9, "Shared")
    await stores.jobs.end(job.id, JobState.DONE, now=NOON, shared_url="https://1fichier.com/dir/abcdefgh")
    await stores.jobs.end(job.id, JobState.FAILED, now=NOON, detail="too late")
    found = await stores.jobs.find(job.id)
    assert found is not None
    assert (found.state, found.folder_id, found.folder_name) == (JobState.DONE, 9, "Shared")
    assert (found.shared_url, found.detail) == ("https://1fichier.com/dir/abcdefgh", None)
    assert await every_fact(stores) == [("job_ended", job.id)]


async def test_tries_and_pauses_are_remembered(stores: Stores, account: Account) -> None:
    job = await begin(stores, account)
    await stores.jobs.note_try(job.id)
    await stores.jobs.put_off(job.id, after(60))
    await stores.jobs.note_deleted(job.id, 4)
    (found,) = await stores.jobs.next_of_accounts()
    assert (found.tries, found.not_before, found.files_done) == (1, after(60), 4)


async def counted(stores: Stores, job: Job) -> None:
    await stores.jobs.counted(job.id, files=3, folders=2, size=99, now=NOON)


async def deleted(stores: Stores, job: Job) -> None:
    await stores.jobs.note_deleted(job.id, 1)


async def moved(stores: Stores, job: Job) -> None:
    await stores.jobs.note_files(job.id, ["a"], JobFileState.DONE)


async def made_a_folder(stores: Stores, job: Job) -> None:
    await stores.jobs.note_folder(job.id, 9, "Shared")


@pytest.mark.parametrize("gets_on", [counted, deleted, moved, made_a_folder])
async def test_since_when_1fichier_is_away_is_known_until_the_job_gets_on(
    stores: Stores, account: Account, gets_on: Callable[[Stores, Job], Awaitable[None]]
) -> None:
    job = await begin(stores, account)
    await stores.jobs.put_off(job.id, after(60), trouble_since=after(30))
    await stores.jobs.put_off(job.id, after(90))
    (waiting,) = await stores.jobs.next_of_accounts()
    assert (job.trouble_since, waiting.trouble_since) == (None, after(30))
    await gets_on(stores, job)
    found = await stores.jobs.find(job.id)
    assert found is not None
    assert found.trouble_since is None


async def test_what_ended_long_ago_is_forgotten_and_what_runs_is_not(
    stores: Stores, account: Account
) -> None:
    ended = await begin(stores, account, JobKind.MOVE_FILES, files=FILES)
    await stores.jobs.end(ended.id, JobState.DONE, now=NOON)
    running = await begin(stores, account)
    assert await stores.jobs.prune(after(1)) == 1
    assert await stores.count("job_file") == 0
    assert await stores.jobs.find(running.id) is not None


async def test_a_group_that_became_a_supergroup_takes_its_jobs_along(
    stores: Stores, account: Account
) -> None:
    job = await begin(stores, account)
    await stores.outbox.move_chat(1, -100)
    found = await stores.jobs.find(job.id)
    assert found is not None
    assert (found.chat_id, found.message_id) == (-100, None)
