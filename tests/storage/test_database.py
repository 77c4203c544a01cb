import asyncio
import contextlib
import random
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from storage import Database, DatabaseUnusable, StorageError, open_database
from storage.database import Transaction


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "bot.db") as opened:
        await opened.execute("CREATE TABLE pair (id INTEGER PRIMARY KEY, half TEXT NOT NULL)")
        yield opened


def write_pair(transaction: Transaction) -> None:
    for half in ("left", "right"):
        transaction.execute("INSERT INTO pair (half) VALUES (:half)", {"half": half})


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def halves(database: Database) -> list[str]:
    return [row["half"] for row in await database.fetch_all("SELECT half FROM pair ORDER BY id")]


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    def broken(transaction: Transaction) -> None:
        write_pair(transaction)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(broken)
    assert await halves(database) == []
    await database.write(write_pair)
    assert await halves(database) == ["left", "right"]


async def test_a_reader_sees_only_what_is_committed(database: Database) -> None:
    inside, proceed = threading.Event(), threading.Event()

    def written_and_held(transaction: Transaction) -> None:
        write_pair(transaction)
        inside.set()
        proceed.wait()

    writing = asyncio.create_task(database.write(written_and_held))
    await asyncio.to_thread(inside.wait)
    assert await halves(database) == []
    proceed.set()
    await writing
    assert await halves(database) == ["left", "right"]


async def test_a_cancelled_caller_learns_of_it_after_the_transaction_has_ended(database: Database) -> None:
    inside, proceed = threading.Event(), threading.Event()

    def slow(transaction: Transaction) -> None:
        inside.set()
        proceed.wait()
        write_pair(transaction)

    caller = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(inside.wait)
    caller.cancel()
    await asyncio.sleep(0)
    caller.cancel()
    proceed.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await halves(database) == ["left", "right"]


async def test_a_failure_behind_a_cancelled_caller_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    inside, proceed = threading.Event(), threading.Event()

    def broken(_: Transaction) -> None:
        inside.set()
        proceed.wait()
        raise LookupError

    caller = asyncio.create_task(database.write(broken))
    await asyncio.to_thread(inside.wait)
    caller.cancel()
    proceed.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert "failed while its caller was being cancelled" in caplog.text


async def test_a_storm_of_cancellations_leaves_whole_pairs_and_no_open_transaction(
    database: Database,
) -> None:
    chance = random.Random(11)

    async def cancelled_somewhere() -> None:
        task = asyncio.create_task(database.write(write_pair))
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    for _ in range(30):
        await asyncio.gather(*(cancelled_somewhere() for _ in range(10)))
    await database.write(write_pair)
    written = await halves(database)
    assert written == ["left", "right"] * (len(written) // 2)


async def test_what_a_person_waits_for_is_written_before_the_many_that_wait(database: Database) -> None:
    order: list[str] = []

    def writes(name: str) -> Callable[[Transaction], None]:
        def work(_transaction: Transaction) -> None:
            order.append(name)

        return work

    many = [asyncio.create_task(database.write(writes(f"file {number}"))) for number in range(10)]
    await asyncio.sleep(0)
    asked = [
        asyncio.create_task(database.write(writes(name), ahead=True)) for name in ("question", "another")
    ]
    await asyncio.gather(*many, *asked)
    assert sorted(order[:4]) == ["another", "file 0", "file 1", "question"]
    assert order.index("question") < order.index("another")
    assert [each for each in order if each.startswith("file")] == [f"file {n}" for n in range(10)]


async def test_a_lone_statement_runs_to_its_end_behind_a_cancelled_caller(database: Database) -> None:
    inside, proceed = threading.Event(), threading.Event()

    def hold(_: Transaction) -> None:
        inside.set()
        proceed.wait()

    holding = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(inside.wait)
    lone = [
        asyncio.create_task(database.execute("INSERT INTO pair (half) VALUES ('left')")),
        asyncio.create_task(database.change("INSERT INTO pair (half) VALUES ('right') RETURNING id")),
    ]
    await asyncio.sleep(0)
    for task in lone:
        task.cancel()
    proceed.set()
    ended = await asyncio.gather(holding, *lone, return_exceptions=True)
    assert [type(outcome) for outcome in ended[1:]] == [asyncio.CancelledError] * 2
    assert await halves(database) == ["left", "right"]


async def test_a_lone_statement_says_what_it_changed(database: Database) -> None:
    await database.write(write_pair)
    assert await database.execute("UPDATE pair SET half = 'both'") == 2
    changed = await database.change("UPDATE pair SET half = 'left' WHERE id = 1 RETURNING half")
    assert [row["half"] for row in changed] == ["left"]
    assert await database.execute("DELETE FROM pair WHERE id = 7") == 0


async def test_a_lone_statement_that_breaks_a_rule_changes_nothing(database: Database) -> None:
    for run in (database.execute, database.change):
        with pytest.raises(StorageError):
            await run("INSERT INTO pair (id, half) VALUES (1, 'left'), (1, 'right')")
    await database.write(write_pair)
    assert await halves(database) == ["left", "right"]


async def test_many_rows_are_written_by_one_statement(database: Database) -> None:
    def work(transaction: Transaction) -> int:
        rows = [{"id": 1, "half": "left"}, {"id": 2, "half": "right"}, {"id": 1, "half": "again"}]
        return transaction.execute_many(
            "INSERT INTO pair (id, half) VALUES (:id, :half) ON CONFLICT (id) DO NOTHING", rows
        )

    assert await database.write(work) == 2
    assert await halves(database) == ["left", "right"]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("INSERT INTO pair (half) VALUES (NULL)", id="a broken rule"),
        pytest.param("INSERT INTO nowhere VALUES (1)", id="a wrong statement"),
    ],
)
async def test_a_failing_write_is_a_storage_error_and_the_next_one_works(
    database: Database, statement: str
) -> None:
    with pytest.raises(StorageError, match="could not be written"):
        await database.execute(statement)
    await database.write(write_pair)
    assert await halves(database) == ["left", "right"]


async def test_a_failing_read_is_a_storage_error(database: Database) -> None:
    with pytest.raises(StorageError, match="could not be read"):
        await database.fetch_one("SELECT * FROM nowhere")


async def test_a_failing_read_spoils_none_that_goes_with_it(database: Database) -> None:
    await database.write(write_pair)
    answers = await asyncio.gather(
        halves(database),
        database.fetch_one("SELECT * FROM nowhere"),
        halves(database),
        return_exceptions=True,
    )
    assert [answers[0], answers[2]] == [["left", "right"]] * 2
    assert isinstance(answers[1], StorageError)


async def test_reading_cannot_change_anything(database: Database) -> None:
    with pytest.raises(StorageError):
        await database.fetch_all("DELETE FROM pair RETURNING id")


async def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(StorageError, match="FOREIGN KEY"):
        await database.execute("INSERT INTO account (person_id, sealed_key, created_at) VALUES (404, X'', 0)")


async def test_the_file_belongs_to_its_owner_alone(database: Database) -> None:
    assert [path.stat().st_mode & 0o077 for path in database.path.parent.iterdir()] == [0, 0, 0]


async def test_an_erased_value_is_in_no_file_of_the_database(database: Database) -> None:
    planted = "planted-7e1f"
    await database.execute("INSERT INTO pair (half) VALUES (:half)", {"half": planted})
    await database.execute("DELETE FROM pair WHERE half = :half", {"half": planted})
    assert await database.erase_traces()
    assert all(planted.encode() not in path.read_bytes() for path in database.path.parent.iterdir())


async def test_erasing_is_tried_again_while_somebody_reads_and_says_when_it_failed(
    database: Database,
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    await database.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(database.path, isolation_level=None)
    with contextlib.closing(other):
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM pair").fetchone()
        await database.write(write_pair)
        assert not await database.erase_traces(pause)
    assert len(pauses) > 10
    assert await database.erase_traces(pause)


@pytest.mark.parametrize("content", [b"no database at all, but long enough to look", b"\x00" * 5000])
async def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bot.db"
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match=r"bot\.db cannot be used"):
        await Database.open(path)
    assert path.read_bytes() == content


async def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in its place")
    with pytest.raises(DatabaseUnusable, match="cannot be used"):
        await Database.open(tmp_path / "data" / "bot.db")


async def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    for expected in ([], ["left", "right"]):
        async with open_database(tmp_path / "bot.db") as opened:
            await opened.execute(
                "CREATE TABLE IF NOT EXISTS pair (id INTEGER PRIMARY KEY, half TEXT NOT NULL)"
            )
            assert await halves(opened) == expected
            await opened.write(write_pair)


async def test_what_is_being_read_is_read_before_it_closes(tmp_path: Path) -> None:
    async with open_database(tmp_path / "bot.db") as opened:
        reading = [asyncio.create_task(opened.fetch_one("SELECT 7 AS number")) for _ in range(3)]
        await asyncio.sleep(0)
    assert [row and row["number"] for row in await asyncio.gather(*reading)] == [7, 7, 7]


async def test_closing_goes_on_when_the_caller_is_cancelled(tmp_path: Path) -> None:
    opened = await Database.open(tmp_path / "bot.db")
    closing = asyncio.create_task(opened.close())
    await asyncio.sleep(0)
    closing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await closing
    # The last connection that closes removes the log files.
    for _ in range(100):
        if names(tmp_path) == ["bot.db"]:
            break
        await asyncio.sleep(0.01)
    assert names(tmp_path) == ["bot.db"]


def test_opening_that_is_cancelled_leaves_no_thread_to_a_loop_that_is_gone(tmp_path: Path) -> None:
    async def cancelled(rounds: int) -> None:
        opening = asyncio.create_task(Database.open(tmp_path / "cancelled.db"))
        for _ in range(rounds):
            await asyncio.sleep(0)
        opening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await (await opening).close()

    before = set(threading.enumerate())
    for rounds in range(20):
        asyncio.run(cancelled(rounds))
        left = set(threading.enumerate()) - before
        for thread in left:
            # Its last answer is out before it ends; one that raises there is an error by pytest's own watch.
            thread.join(timeout=1)
        assert not [thread for thread in left if thread.is_alive()]
