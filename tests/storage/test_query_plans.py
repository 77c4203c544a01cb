"""Everyday statements find their rows by an index, whatever the length of the history."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from storage import (
    AlertStore,
    FactKind,
    HistoryStore,
    InboxStore,
    IncomingUpdate,
    JobFile,
    JobFileState,
    JobKind,
    JobState,
    RetryOf,
    StoredFile,
    TakenInStore,
    TotalsStore,
    TransferState,
    Window,
)
from tests.storage.conftest import NOON, Stores, after

# They grow with use; the others hold a row per person or less.
LONG_TABLES = "transfer|batch|remote_upload|outbox|file|question|inbox|job|job_file"


async def uploads(stores: Stores) -> None:
    account = await stores.person(1)
    accepted = await stores.accept(account)
    transfers, transfer = stores.transfers, accepted.transfer
    await transfers.next_due(NOON)
    await transfers.before_it(transfer)
    await transfers.active_of(1)
    await transfers.of_batch(accepted.batch.id)
    await transfers.of_link(1, "abc")
    await transfers.expire_without_key(NOON, NOON)
    await transfers.under_way()
    await stores.confirming(accepted)
    await transfers.twins(transfer)
    await transfers.links_owned(["abc"])
    await transfers.guest_uploads()
    await stores.finish(transfer.id)
    await transfers.queue_again(transfer.id, not_before=NOON)
    await transfers.cancel(transfer.id, 1, NOON)
    await stores.duplicates.twin(transfer)
    await stores.duplicates.under_way(transfer)
    await stores.duplicates.waiting(account.id)
    await stores.duplicates.namesake(transfer)
    await stores.duplicates.is_name_taken(transfer)
    await transfers.of_message(1, 1, "unique 1")
    await transfers.rename_queued(transfer.id, "b", "b")
    await stores.duplicates.release(accepted.batch.id, 1, upload=True, now=NOON)
    await transfers.expire_unanswered(NOON, NOON)
    for what in RetryOf:
        await stores.retries.begin(what, transfer.id, 1, NOON)
    await stores.batches.under_way()
    await stores.batches.close(accepted.batch.id, NOON)


async def remote_uploads(stores: Stores) -> None:
    account = await stores.person(1)
    first, second = await stores.want(account, "https://a.example", "https://b.example")
    remotes = stores.remotes
    await remotes.accounts_with_work()
    await remotes.watched_of(account.id)
    await remotes.active_of(1)
    await remotes.active_of_account(account.id)
    await remotes.known_tasks(account.id)
    await remotes.begin_requesting(first.id, NOON)
    await remotes.wait_again(first.id, NOON)
    await remotes.note_fetching(first.id, 1)
    await remotes.stop_telling(first.id, 1)
    await remotes.cancel_waiting(second.id, 1, NOON)


async def facts(stores: Stores) -> None:
    account = await stores.person(1)
    accepted = await stores.accept(account)
    await stores.transfers.end(accepted.transfer.id, TransferState.FAILED, now=NOON)
    await stores.outbox.put(1, 1, FactKind.PAUSED, 1, now=NOON)
    for fact in await stores.facts(60):
        await stores.outbox.put_off(fact, NOON)
        await stores.outbox.told(fact, NOON)
    await stores.outbox.next_due()
    await stores.people.note_key_refused(account, NOON)
    await stores.people.store_key(1, "new", NOON)


async def conversation(stores: Stores) -> None:
    account = await stores.person(1)
    question = await stores.questions.ask(1, 1, "x", {}, now=NOON, lifetime=timedelta(1), awaits_text=True)
    await stores.questions.find(question.id, 1)
    await stores.questions.awaiting_text(1, 1, NOON)
    await stores.questions.latest_open(1, 1, NOON)
    file = StoredFile("abc", "https://1fichier.com/?abc", 0, "a", 1, NOON, has_password=False)
    await stores.listings.note_file(account.id, file, NOON)
    await stores.listings.note_deleted(account.id, "abc", NOON)
    await stores.listings.files(account.id, 0)
    await stores.listings.file(account.id, "abc")


async def updates(stores: Stores) -> None:
    inbox = InboxStore(stores.database, stores.vault)
    incoming = [IncomingUpdate(number, "a", overtakes=False, payload="{}") for number in range(4)]
    await inbox.receive(incoming, NOON)
    first = (await inbox.take(busy=(), running=(), lanes=3))[0]
    second = await inbox.handled_then_next(first)
    assert second is not None
    await inbox.failed(second.id)
    await inbox.postponed(second.id)
    await inbox.set_aside(second.id, "ABCD")
    await inbox.take_next("a")
    await inbox.prune(after(1))


async def searches(stores: Stores) -> None:
    account = await stores.person(1)
    file = StoredFile("abc", "https://1fichier.com/?abc", 0, "a", 1, NOON, has_password=False)
    reading = await stores.index.want(account.id, NOON)
    for covered in (Window(None, None), Window(NOON, None), Window(None, NOON), Window(NOON, NOON)):
        await stores.index.note_window(reading, [file], covered, now=NOON)
    await stores.index.find(account.id, "several words", 10)
    await stores.index.note_chosen(account.id, "abc", NOON)
    await stores.index.recent(account.id, 10)
    await stores.listings.note_moved(account.id, ["abc"], 7, NOON)
    await stores.listings.forget_folder(account.id, 7)


async def jobs(stores: Stores) -> None:
    account = await stores.person(1)
    job = await stores.jobs.begin(
        account,
        JobKind.MOVE_FILES,
        chat_id=1,
        message_id=1,
        folder_id=7,
        folder_name="seven",
        files=[JobFile("abc", "https://1fichier.com/?abc", "a")],
        now=NOON,
    )
    await stores.jobs.next_of_accounts()
    await stores.jobs.running_of(1)
    await stores.jobs.files(job.id)
    await stores.jobs.note_files(job.id, ["abc"], JobFileState.DONE)
    await stores.jobs.cancel(job.id, 1, NOON)
    await stores.jobs.end(job.id, JobState.CANCELLED, now=NOON)


async def housekeeping(stores: Stores) -> None:
    await stores.person(1)
    history = HistoryStore(stores.database)
    await history.end_parked(after(1), after(2))
    await history.forget_unreachable(after(1))
    await stores.jobs.end_parked(after(1), after(2))
    await stores.batches.shown_in(1)
    await stores.batches.left_over()
    await stores.batches.prune(after(1))
    await stores.outbox.prune(after(1))
    await stores.listings.prune(after(1))
    await stores.jobs.prune(after(1))
    account, _, _ = await stores.accounts.add(1, "another", NOON)
    await stores.accounts.owner_of(1, "abc")
    await stores.accounts.use(account.id, 1)
    await stores.accounts.remove(account.id, 1)
    await stores.people.forget(1)


async def figures(stores: Stores) -> None:
    account = await stores.person(1)
    await stores.finish(await stores.confirming(await stores.accept(account)))
    await stores.want(account, "https://a.example")
    totals, taken_in = TotalsStore(stores.database), TakenInStore(stores.database)
    await totals.all()
    await totals.oldest_update()
    await totals.pauses(NOON)
    await taken_in.bytes(1, NOON)
    await taken_in.oldest_file(1, NOON)
    await taken_in.links(1, NOON, besides=(1, 1))
    await taken_in.oldest_link(1, NOON)
    await AlertStore(stores.database).prune(NOON)


@pytest.mark.parametrize(
    "everyday", [figures, updates, uploads, remote_uploads, facts, conversation, searches, jobs, housekeeping]
)
async def test_no_statement_reads_a_long_table_whole(
    stores: Stores, everyday: Callable[[Stores], Awaitable[None]]
) -> None:
    statements: list[str] = []
    connections = (stores.database._writer, stores.database._reader)
    for connection in connections:
        await connection.set_trace_callback(statements.append)
    await everyday(stores)
    for connection in connections:
        await connection.set_trace_callback(None)  # type: ignore[arg-type]  # what ends it, though not annotated so
    # Reading all of a partial index is reading what it was made for.
    partial = await stores.database.fetch_all(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
    )
    allowed = "|".join(row["name"] for row in partial)
    whole = re.compile(rf"SCAN ({LONG_TABLES})( USING (COVERING )?INDEX (?!({allowed})$).*)?")
    read_whole: list[tuple[str, str]] = []
    for statement in dict.fromkeys(statements):
        if re.match(r"SELECT|UPDATE|DELETE|INSERT", statement):
            plan = await stores.database.fetch_all(f"EXPLAIN QUERY PLAN {statement}")
            read_whole += [(step["detail"], statement) for step in plan if whole.fullmatch(step["detail"])]
    assert len(statements) > 10
    assert read_whole == []
