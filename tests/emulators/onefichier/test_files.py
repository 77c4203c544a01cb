import dataclasses
from typing import Any

import pytest

from emulators.onefichier import EmulatedAccount, ForgottenContent, OneFichier, StoredFile
from tests.emulators.onefichier.conftest import NOON_IN_PARIS, Client, HandClock

UNKNOWN = "https://1fichier.com/?aaaaabbbbbcccccddddd"
NOT_FOUND = (404, "Resource not found #469")
NOT_ALLOWED = (403, "Resource not allowed #631")


@pytest.fixture
def other(service: OneFichier) -> EmulatedAccount:
    return service.add_account(email="other@example.org")


async def test_info_describes_a_file(client: Client, account: EmulatedAccount) -> None:
    series = account.add_folder("Series")
    demo = account.add_folder("Demo", series.id)
    file = account.add_file("film.mkv", b"abc", folder_id=demo.id)

    assert await client.ok("file/info.cgi", url=file.url) == {
        "url": f"https://1fichier.com/?{file.id}",
        "filename": "film.mkv",
        "size": 3,
        "date": "2026-03-01 12:00:00",
        "folder_id": demo.id,
        "path": "Series/Demo",
        "checksum": file.whirlpool,
        "content-type": "video/x-matroska",
        "description": "",
        "pass": 0,
        "no_ssl": 0,
        "inline": 0,
        "cdn": 0,
        "acl": {"ip": [], "country": [], "email": [], "premium": 0},
    }
    assert len(file.id) == 20
    assert len(str(demo.id)) in {7, 8}


async def test_info_finds_a_file_by_folder_and_name(client: Client, account: EmulatedAccount) -> None:
    file = account.add_file("a.txt")

    assert (await client.ok("file/info.cgi", folder_id=0, filename="a.txt"))["url"] == file.url
    assert await client.refusal("file/info.cgi", folder_id=0, filename="A.TXT") == NOT_FOUND


async def test_info_may_carry_a_status(client: Client, service: OneFichier, account: EmulatedAccount) -> None:
    service.file_info_status = True

    assert (await client.ok("file/info.cgi", url=account.add_file("a").url))["status"] == "OK"


@pytest.mark.parametrize("suffix", ["&af=1", "&lg=en", "#x"])
async def test_the_api_wants_the_bare_link(client: Client, account: EmulatedAccount, suffix: str) -> None:
    url = account.add_file("a").url + suffix

    assert await client.refusal("file/info.cgi", url=url) == NOT_FOUND


async def test_info_shows_other_peoples_public_files_without_their_place(
    client: Client, other: EmulatedAccount
) -> None:
    shown = await client.ok("file/info.cgi", url=other.add_file("theirs.txt").url)

    assert shown["filename"] == "theirs.txt"
    assert not {"folder_id", "path"} & set(shown)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        pytest.param({}, "Password not provided. Resource not allowed", id="none"),
        pytest.param({"pass": "guess1"}, "Invalid password. Resource not allowed", id="wrong"),
    ],
)
async def test_a_password_keeps_others_out(
    client: Client, other: EmulatedAccount, given: dict[str, Any], refusal: str
) -> None:
    file = other.add_file("theirs.txt", password="secret")

    status, text = await client.refusal("file/info.cgi", url=file.url, **given)

    assert (status, text.partition(" #")[0]) == (403, refusal)
    assert (await client.ok("file/info.cgi", **{"url": file.url, "pass": "secret"}))["pass"] == 1


@pytest.mark.parametrize(
    "acl",
    [pytest.param({"email": ["x@example.org"]}, id="people"), pytest.param({"premium": 1}, id="customers")],
)
async def test_private_files_are_not_for_others(
    client: Client, account: EmulatedAccount, other: EmulatedAccount, acl: dict[str, Any]
) -> None:
    account.offer = 0
    file = other.add_file("theirs.txt")
    file.acl = dataclasses.replace(file.acl, **acl)

    assert await client.refusal("file/info.cgi", url=file.url) == NOT_ALLOWED


async def test_files_of_a_locked_owner_are_locked(
    client: Client, service: OneFichier, other: EmulatedAccount
) -> None:
    service.lock_account(other)

    assert await client.refusal("file/info.cgi", url=other.add_file("a").url) == (403, "Owner locked #649")


async def test_ls_shows_one_folder_or_all(client: Client, account: EmulatedAccount) -> None:
    docs = account.add_folder("docs")
    at_root = account.add_file("a.txt")
    below = account.add_file("b.txt", folder_id=docs.id)

    async def listed(**body: Any) -> set[str]:
        listing = await client.ok("file/ls.cgi", **body)
        assert listing["count"] == len(listing["items"])
        return {item["url"] for item in listing["items"]}

    assert await listed() == {at_root.url}
    assert await listed(folder_id=0) == {at_root.url}
    assert await listed(folder_id=str(docs.id)) == {below.url}
    assert await listed(folder_id=-1) == {at_root.url, below.url}


async def test_items_of_a_listing_have_no_folder_and_a_flag_for_acl(
    client: Client, account: EmulatedAccount
) -> None:
    account.add_file("a.txt").acl.premium = 1

    (item,) = (await client.ok("file/ls.cgi"))["items"]

    assert item["acl"] == 1
    assert set(item) == {"url", "filename", "size", "date", "checksum", "content-type", "pass", "acl", "cdn"}


async def test_ls_refuses_unknown_folders_and_foreign_shares(client: Client) -> None:
    assert await client.refusal("file/ls.cgi", folder_id=1234567) == NOT_FOUND
    assert await client.refusal("file/ls.cgi", folder_id=0, sharing_user="x@example.org") == NOT_ALLOWED
    assert (await client.refusal("file/ls.cgi", folder_id="docs"))[0] == 403
    assert (await client.refusal("file/ls.cgi", folder_id=[1]))[0] == 403


async def test_ls_ends_at_five_thousand(client: Client, account: EmulatedAccount) -> None:
    for number in range(5001):
        account.add_file(f"{number}", ForgottenContent(1))

    assert (await client.ok("file/ls.cgi"))["count"] == 5000


async def test_ls_compares_dates_in_french_local_time(
    client: Client, account: EmulatedAccount, clock: HandClock
) -> None:
    clock.advance(3600)
    for hour in (-1, 0, 1):
        account.add_file(f"{12 + hour}h", stored_at=NOON_IN_PARIS + hour * 3600)

    async def listed(**bounds: str) -> set[str]:
        return {item["filename"] for item in (await client.ok("file/ls.cgi", **bounds))["items"]}

    noon = "2026-03-01 12:00:00"
    assert await listed(sent_after=noon) == {"12h", "13h"}
    assert await listed(sent_before=noon) == {"11h", "12h"}
    assert await listed(sent_after=noon, sent_before=noon) == {"12h"}
    assert (await client.refusal("file/ls.cgi", sent_after="yesterday"))[0] == 403


async def test_summer_time_is_two_hours_ahead(client: Client, account: EmulatedAccount) -> None:
    july = 1_782_900_000.0  # 2026-07-01 10:00:00 UTC
    file = account.add_file("a", stored_at=july)

    assert (await client.ok("file/info.cgi", url=file.url))["date"] == "2026-07-01 12:00:00"


async def test_listings_can_lag_behind(
    client: Client, service: OneFichier, account: EmulatedAccount, clock: HandClock
) -> None:
    async def listed() -> int:
        count: int = (await client.ok("file/ls.cgi"))["count"]
        return count

    service.listing_lag, service.stale_seconds = 60.0, 30.0
    source = account.add_file("a.txt")
    await client.ok("file/cp.cgi", urls=[source.url])
    assert await listed() == 1

    clock.advance(60)
    assert await listed() == 2

    await client.ok("file/rm.cgi", files=[{"url": source.url}])
    assert await listed() == 2
    assert await client.refusal("file/info.cgi", url=source.url) == NOT_FOUND

    clock.advance(30)
    assert await listed() == 1


async def test_rm_removes_what_is_there_and_ones_own(
    client: Client, account: EmulatedAccount, other: EmulatedAccount
) -> None:
    mine, theirs = account.add_file("a"), other.add_file("b")
    files = [{"url": mine.url}, {"url": theirs.url}, {"url": UNKNOWN}]

    assert await client.ok("file/rm.cgi", files=files) == {"status": "OK", "removed": 1, "urls": [mine.url]}
    assert not account.files
    assert other.files


async def test_rm_refuses_when_nothing_can_be_removed(client: Client, other: EmulatedAccount) -> None:
    assert await client.refusal("file/rm.cgi", files=[{"url": UNKNOWN}]) == NOT_FOUND
    assert await client.refusal("file/rm.cgi", files=[{"url": other.add_file("b").url}]) == NOT_ALLOWED
    assert (await client.refusal("file/rm.cgi", files=[]))[0] == 403
    assert (await client.refusal("file/rm.cgi"))[0] == 403


async def test_mv_moves_and_renames(client: Client, account: EmulatedAccount) -> None:
    docs = account.add_folder("docs")
    file = account.add_file("a.txt")

    answer = await client.ok("file/mv.cgi", urls=[file.url], destination_folder_id=docs.id, rename="b.txt")

    assert answer == {"status": "OK", "moved": 1, "urls": [file.url], "filename": "b.txt"}
    assert (file.folder_id, file.name) == (docs.id, "b.txt")
    assert (await client.ok("file/mv.cgi", urls=[file.url], destination_folder_id=0))["moved"] == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        pytest.param({}, (403, "No destination folder"), id="no destination"),
        pytest.param({"destination_folder_id": 0}, (200, "No file has been moved"), id="same folder"),
        pytest.param(
            {"destination_folder_id": 0, "rename": "a.txt"}, (200, "No file has been renamed"), id="same name"
        ),
        pytest.param({"destination_folder_id": 7654321}, (404, "Resource not found"), id="unknown folder"),
        pytest.param({"destination_folder_id": 0, "rename": "a/b"}, (403, "Invalid name"), id="bad name"),
    ],
)
async def test_mv_refuses(
    client: Client, account: EmulatedAccount, change: dict[str, Any], refusal: tuple[int, str]
) -> None:
    status, text = await client.refusal("file/mv.cgi", urls=[account.add_file("a.txt").url], **change)

    assert (status, text.partition(" #")[0]) == refusal


async def test_mv_renames_one_file_only(client: Client, account: EmulatedAccount) -> None:
    urls = [account.add_file("a").url, account.add_file("b").url]
    docs = account.add_folder("docs")

    status, _ = await client.refusal("file/mv.cgi", urls=urls, destination_folder_id=docs.id, rename="c")

    assert status == 403


async def test_mv_leaves_other_peoples_files(client: Client, other: EmulatedAccount) -> None:
    theirs = other.add_file("b")

    assert await client.refusal("file/mv.cgi", urls=[theirs.url], destination_folder_id=0) == NOT_ALLOWED
    assert await client.refusal("file/mv.cgi", urls=[UNKNOWN], destination_folder_id=0) == NOT_FOUND
    assert (await client.refusal("file/mv.cgi", urls=[], destination_folder_id=0))[0] == 403


async def test_rename_tells_both_names(client: Client, account: EmulatedAccount) -> None:
    file = account.add_file("old.bin")

    answer = await client.ok("file/rename.cgi", urls=[{"url": file.url, "filename": "new.bin"}], pretty=0)

    changed = {"url": file.url, "old_filename": "old.bin", "new_filename": "new.bin"}
    assert answer == {"status": "OK", "renamed": 1, "urls": [changed]}


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param("a.txt", 200, id="same"),
        pytest.param("taken.txt", 200, id="taken"),
        pytest.param("", 403, id="empty"),
        pytest.param('a"b', 403, id="unsafe"),
        pytest.param("x" * 251, 403, id="too long"),
        pytest.param(None, 403, id="missing"),
    ],
)
async def test_rename_refuses(
    client: Client, account: EmulatedAccount, name: str | None, status: int
) -> None:
    account.add_file("taken.txt")
    file = account.add_file("a.txt")

    assert (await client.refusal("file/rename.cgi", urls=[{"url": file.url, "filename": name}]))[0] == status
    assert file.name == "a.txt"


async def test_rename_wants_pairs(client: Client, account: EmulatedAccount) -> None:
    assert (await client.refusal("file/rename.cgi", urls=[account.add_file("a").url]))[0] == 403


async def test_cp_makes_a_twin_with_a_link_of_its_own(
    client: Client, account: EmulatedAccount, other: EmulatedAccount
) -> None:
    docs = account.add_folder("docs")
    theirs = other.add_file("theirs.txt", b"hello", password="secret")

    answer = await client.ok(
        "file/cp.cgi", **{"urls": [theirs.url], "folder_id": docs.id, "pass": "secret", "rename": "mine.txt"}
    )

    (mine,) = account.files.values()
    assert answer["urls"] == [{"from_url": theirs.url, "to_url": mine.url}]
    assert answer["filename"] == "mine.txt"
    assert (mine.read(), mine.name, mine.folder_id, mine.password) == (b"hello", "mine.txt", docs.id, "")
    assert "filename" not in await client.ok("file/cp.cgi", urls=[mine.url])
    assert await client.refusal("file/cp.cgi", urls=[UNKNOWN]) == NOT_FOUND


@pytest.mark.parametrize(
    ("change", "attribute", "value"),
    [
        pytest.param({"filename": "b.txt"}, "name", "b.txt", id="name"),
        pytest.param({"description": "d"}, "description", "d", id="description"),
        pytest.param({"pass": "secret"}, "password", "secret", id="password"),
        pytest.param({"no_ssl": 1}, "no_ssl", 1, id="no_ssl"),
        pytest.param({"inline": "1"}, "inline", 1, id="inline"),
        pytest.param({"cdn": True}, "cdn", 1, id="cdn"),
    ],
)
async def test_chattr_changes(
    client: Client, account: EmulatedAccount, change: dict[str, Any], attribute: str, value: object
) -> None:
    file = account.add_file("a.txt")

    answer = await client.ok("file/chattr.cgi", urls=[file.url], **change)

    assert answer == {"status": "OK", "updated": 1, "urls": [file.url]}
    assert getattr(file, attribute) == value
    assert await client.refusal("file/chattr.cgi", urls=[file.url], **change) == (
        200,
        "No changes requested #310",
    )


async def test_chattr_sets_and_clears_access_rules(client: Client, account: EmulatedAccount) -> None:
    file = account.add_file("a.txt")
    rules = {"ip": ["192.0.2.0/24"], "country": ["FR"], "email": ["a@example.org"], "premium": 1}

    await client.ok("file/chattr.cgi", urls=[file.url], acl=rules)
    assert (await client.ok("file/info.cgi", url=file.url))["acl"] == rules

    await client.ok("file/chattr.cgi", urls=[file.url], acl="")
    assert not file.acl


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"pass": "short"}, id="short password"),
        pytest.param({"pass": None}, id="no password"),
        pytest.param({"cdn": 2}, id="flag of two"),
        pytest.param({"acl": {"ip": "192.0.2.1"}}, id="rule that is no list"),
        pytest.param({"filename": "<b>"}, id="unsafe name"),
    ],
)
async def test_chattr_refuses(client: Client, account: EmulatedAccount, change: dict[str, Any]) -> None:
    file = account.add_file("a.txt")

    assert (await client.refusal("file/chattr.cgi", urls=[file.url], **change))[0] == 403


async def test_chattr_renames_one_file_only(client: Client, account: EmulatedAccount) -> None:
    urls = [account.add_file("a").url, account.add_file("b").url]

    assert (await client.refusal("file/chattr.cgi", urls=urls, filename="c"))[0] == 403
    assert (await client.ok("file/chattr.cgi", urls=urls, description="both"))["updated"] == 2


async def test_scan_removes_what_is_infected(client: Client, account: EmulatedAccount) -> None:
    clean, infected = account.add_file("a"), account.add_file("b")
    infected.infected = True

    assert (await client.ok("file/scan.cgi", url=clean.url))["message"] == "No virus found"
    assert (await client.refusal("file/scan.cgi", url=infected.url))[0] == 200
    assert list(account.files.values()) == [clean]


async def test_scan_takes_files_under_five_gigabytes(client: Client, account: EmulatedAccount) -> None:
    large = account.add_file("large", ForgottenContent(6 * 10**9))

    assert (await client.refusal("file/scan.cgi", url=large.url))[0] == 403


def test_links_keep_the_domain_of_their_owner() -> None:
    service = OneFichier(seed=3)
    file: StoredFile = service.add_account().add_file("a")
    file.domain = 4

    assert file.url == f"https://dfichiers.com/?{file.id}"
    assert service.find_file(file.id) is not None
