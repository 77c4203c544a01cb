"""/logout: what is left of a person in the files of the database."""

import random
from collections.abc import Iterable
from datetime import timedelta

from storage import Account, FactKind, JobFile, JobKind, RemoteState, StoredFile, StoredFolder, TransferState
from tests.storage.conftest import NOON, Stores, after

PERSON, OTHER = 7_100_200_300, 7_100_200_301
TABLES = (
    "person",
    "account",
    "batch",
    "transfer",
    "remote_upload",
    "outbox",
    "question",
    "folder",
    "file",
    "file_index",
    "job",
    "job_file",
    "unreachable_chat",
)


async def live(stores: Stores, person_id: int, mark: str) -> Account:
    """Use everything there is, leaving `mark` wherever a person's text can stand."""
    await stores.people.meet(person_id, f"{mark}-la", NOON)
    account, _ = await stores.people.store_key(person_id, f"{mark}-key", NOON)
    await stores.people.set_upload_password(person_id, f"{mark}-password")
    for name in (f"{mark}-done", f"{mark}-running", f"{mark}-queued"):
        await stores.accept(account, name=name)
    done, running, _ = await stores.transfers.active_of(person_id)
    await stores.confirming(done)
    await stores.finish(done.id, f"{mark}-link")
    await stores.confirming(running)
    await stores.transfers.note_guest_upload(running.id, f"https://1fichier.com/remove/{mark}")
    remotes = await stores.want(account, f"https://{mark}.example/a", f"https://{mark}.example/b")
    await stores.remotes.end(remotes[0].id, RemoteState.FAILED, now=NOON, detail=f"{mark}-detail")
    await stores.outbox.put(person_id, person_id, FactKind.PAUSED, 1, now=NOON)
    await stores.people.note_unreachable(person_id, NOON)
    await stores.questions.ask(
        person_id, person_id, "delete", {"links": [f"{mark}-link"]}, now=NOON, lifetime=timedelta(minutes=10)
    )
    await stores.people.remember_account_info(account.id, f'{{"note": "{mark}-info"}}', NOON)
    file = StoredFile(f"{mark}-id", f"https://1fichier.com/?{mark}", 0, f"{mark}-file", 1, NOON, False)
    folder = StoredFolder(0, None, f"{mark}-folder", None, complete=True)
    await stores.listings.replace_folder(account.id, folder, [], [file], now=NOON)
    await stores.index.want(account.id, NOON)
    await stores.jobs.begin(
        account,
        JobKind.SHARE_FILES,
        chat_id=person_id,
        message_id=1,
        folder_id=None,
        folder_name=f"{mark}-shared",
        files=[JobFile(f"{mark}-id", f"https://1fichier.com/?{mark}", f"{mark}-file")],
        now=NOON,
    )
    return account


async def sealed_values(stores: Stores, person_id: int) -> list[bytes]:
    """Every sealed value of the person, as it stands in the database."""
    found: list[bytes] = []
    for sql in (
        "SELECT sealed_key AS sealed FROM account WHERE person_id = :person",
        "SELECT sealed_url AS sealed FROM remote_upload WHERE person_id = :person",
        "SELECT sealed_subject AS sealed FROM question WHERE person_id = :person",
        "SELECT sealed_remove_link AS sealed FROM transfer WHERE person_id = :person",
        "SELECT sealed_password AS sealed FROM transfer WHERE person_id = :person",
        "SELECT sealed_upload_password AS sealed FROM person WHERE id = :person",
    ):
        rows = await stores.database.fetch_all(sql, {"person": person_id})
        found += [bytes(row["sealed"]) for row in rows if row["sealed"] is not None]
    return found


def in_files(stores: Stores, values: Iterable[bytes]) -> list[bytes]:
    """Which of the values stand in any file beside or of the database."""
    content = b"\0".join(path.read_bytes() for path in sorted(stores.database.path.parent.iterdir()))
    return [value for value in values if value in content]


async def test_nothing_of_a_person_is_left_readable_or_sealed(stores: Stores) -> None:
    await live(stores, PERSON, "planted-mine")
    await live(stores, OTHER, "planted-theirs")
    sealed = await sealed_values(stores, PERSON)
    theirs = await sealed_values(stores, OTHER)
    assert len(sealed) == 8
    assert in_files(stores, [b"planted-mine", *sealed]) == [b"planted-mine", *sealed], (
        "it can be found at all"
    )
    before = {table: await stores.count(table) for table in TABLES}
    await stores.people.forget(PERSON)
    assert await stores.database.erase_traces()
    assert in_files(stores, [b"planted-mine", *sealed]) == []
    assert in_files(stores, [b"planted-theirs", *theirs]) == [b"planted-theirs", *theirs]
    assert {table: 2 * await stores.count(table) for table in TABLES} == before


async def test_an_earlier_key_leaves_no_trace_either(stores: Stores) -> None:
    old = await stores.person(PERSON)
    await stores.people.store_key(PERSON, "a newer key", NOON)
    assert await stores.database.erase_traces()
    assert in_files(stores, [old.sealed_key]) == []


async def test_no_trace_is_left_among_the_moved_rows_of_a_busy_database(stores: Stores) -> None:
    chance = random.Random(4)
    accounts = {person: await stores.person(person) for person in range(1, 21)}
    for turn in range(300):
        person = chance.choice(list(accounts))
        name = f"planted-{person:03d}-" * chance.randrange(1, 20)
        accepted = await stores.accept(accounts[person], name=name, sent=turn * 10)
        if turn % 2:
            await stores.transfers.end(
                accepted.transfer.id, TransferState.FAILED, now=after(turn), detail=name * 3
            )
    gone = chance.sample(list(accounts), 10)
    for person in gone:
        await stores.people.forget(person)
    assert await stores.database.erase_traces()
    assert in_files(stores, [f"planted-{person:03d}-".encode() for person in gone]) == []
    kept = accounts.keys() - set(gone)
    assert len(in_files(stores, [f"planted-{person:03d}-".encode() for person in kept])) == len(kept)


async def test_forgetting_somebody_unknown_changes_nothing(stores: Stores) -> None:
    await stores.person(OTHER)
    await stores.people.forget(PERSON)
    assert await stores.count("person") == 1


async def test_a_forgotten_person_begins_anew(stores: Stores) -> None:
    old = await live(stores, PERSON, "planted-mine")
    await stores.people.forget(PERSON)
    met = await stores.people.meet(PERSON, "en", NOON)
    assert met.account_id is None
    account = await stores.person(PERSON)
    assert account.id != old.id, "limits and buttons of the old account do not meet the new one"
    assert await stores.transfers.active_of(PERSON) == []
