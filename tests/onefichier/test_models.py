from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from onefichier import (
    AccountInfo,
    FileInfo,
    Folder,
    Link,
    Listing,
    Offer,
    RemoteTask,
    RemoveLink,
    UploadNode,
    UploadReport,
)
from onefichier.models import LISTING_CAP

URL = "https://1fichier.com/?k3x9w0a1b2c3d4e5f6g7"
FILE = {"url": URL, "filename": "film.mkv", "size": 734003200, "date": "2026-03-01 18:22:07"}
ACCOUNT = {
    "status": "OK",
    "email": "me@example.org",
    "offer": "1",
    "subscription_end": "2027-01-31 12:00:00",
    "cdn": "12.5",
    "hot_storage": 1500000000,
    "cold_storage": "300000000000",
    "allowed_cold_storage": 2000000000000,
    "available_storage": -5,
    "stats_date": "2026-03-01 04:00:00",
    "overquota": 0,
    "upload_forbidden": "NO",
}


def test_a_listed_file_has_typed_fields() -> None:
    entry = FILE | {"size": "734003200", "content-type": "video/x-matroska", "pass": "1", "acl": 0}
    (file,) = Listing.model_validate({"items": [entry]}).files
    assert file.link == Link("k3x9w0a1b2c3d4e5f6g7", "")
    assert (file.name, file.size, file.content_type) == ("film.mkv", 734003200, "video/x-matroska")
    assert file.uploaded == datetime(2026, 3, 1, 17, 22, 7, tzinfo=UTC)
    assert file.has_password
    assert not file.has_access_rules


@pytest.mark.parametrize("count", [3, "3", [3]], ids=["number", "text", "no number"])
@pytest.mark.parametrize("items", [[], None, ""], ids=["list", "null", "empty text"])
def test_a_listing_that_counts_files_and_shows_none_is_not_believed(items: object, count: object) -> None:
    with pytest.raises(ValidationError):
        Listing.model_validate({"items": items, "count": count})


@pytest.mark.parametrize("items", [[], None, ""], ids=["list", "null", "empty text"])
def test_an_empty_folder_is_an_empty_listing(items: object) -> None:
    listing = Listing.model_validate({"items": items})
    assert listing.files == ()
    assert listing.complete


def test_a_listing_at_the_cap_says_that_it_may_be_cut() -> None:
    assert not Listing.model_validate({"items": [FILE] * LISTING_CAP}).complete
    assert Listing.model_validate({"items": [FILE] * (LISTING_CAP - 1)}).complete


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://example.com/x"},
        {"url": 5},
        {"size": "big"},
        {"size": [1]},
        {"size": "9" * 30},
        {"size": 1.5},
        {"date": "yesterday"},
        {"filename": ["a"]},
        {"filename": True},
    ],
    ids=str,
)
def test_wrong_types_are_refused_and_not_quoted(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        FileInfo.model_validate(FILE | change)
    assert "input_value" not in str(refused.value)


@pytest.mark.parametrize(("sent", "read"), [("", None), (None, None), ("12", 12), (0, 0)])
def test_a_file_of_somebody_else_has_no_folder(sent: object, read: int | None) -> None:
    assert FileInfo.model_validate(FILE | {"folder_id": sent}).folder_id == read


def test_a_file_named_by_a_number_keeps_its_name() -> None:
    assert FileInfo.model_validate(FILE | {"filename": 1984}).name == "1984"


@pytest.mark.parametrize(
    ("rules", "countries"),
    [({"ip": [], "country": ["FR"], "email": "", "premium": "1"}, ("FR",)), (0, ()), ([], ()), (None, ())],
    ids=["object", "0", "list", "null"],
)
def test_access_rules_may_be_an_object_or_nothing(rules: object, countries: tuple[str, ...]) -> None:
    assert FileInfo.model_validate(FILE | {"acl": rules}).access_rules.country == countries


def test_the_root_folder_has_null_and_zero() -> None:
    folder = Folder.model_validate(
        {
            "status": "OK",
            "folder_id": 0,
            "name": "Root",
            "size": None,
            "files": 0,
            "sub_folders": [
                {"id": "3357645", "name": "docs", "create_date": "2021-03-20 16:42:15", "pass": 0}
            ],
        }
    )
    assert (folder.id, folder.name, folder.size, folder.file_count, folder.files) == (0, "Root", 0, 0, ())
    assert [(sub.id, sub.name) for sub in folder.sub_folders] == [(3357645, "docs")]
    assert Folder.model_validate({"folder_id": 5, "items": [FILE]}).files[0].name == "film.mkv"


@pytest.mark.parametrize(
    "date",
    [
        "",
        None,
        0,
        "1970-01-01 01:00:00",
        "1970-01-01 00:00:00",
        "1969-12-31 23:59:59",
        "0000-00-00 00:00:00",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
        ...,
    ],
    ids=[
        "empty",
        "null",
        "0",
        "epoch",
        "epoch utc",
        "epoch elsewhere",
        "zeros",
        "year one",
        "end of time",
        "missing",
    ],
)
def test_a_task_that_was_not_executed_has_no_date(date: object) -> None:
    body: dict[str, Any] = {"id": "4711001", "request_date": "2026-03-01 18:22:07", "result": ""}
    task = RemoteTask.model_validate(body if date is ... else body | {"execution_date": date})
    assert task.executed is None
    assert task.results == ()
    assert task.id == 4711001


def test_a_task_that_was_executed_has_a_verdict_for_each_url() -> None:
    task = RemoteTask.model_validate(
        {
            "id": 1,
            "execution_date": "2026-03-01 18:25:31",
            "links": ["https://example.org/a", "https://example.org/b", "https://example.org/c"],
            "result": [
                {"status": "OK", "url": "https://example.org/a", "download_link": URL, "message": "3 s"},
                {"status": "KO", "url": "https://example.org/b", "download_link": "", "message": "404"},
                {"status": "OK", "url": "https://example.org/c", "download_link": None},
            ],
        }
    )
    assert task.executed == datetime(2026, 3, 1, 17, 25, 31, tzinfo=UTC)
    assert [result.succeeded for result in task.results] == [True, False, False]
    assert task.results[1].message == "404"


def test_an_account_in_rclones_types() -> None:
    account = AccountInfo.model_validate(ACCOUNT)
    assert account.offer is Offer.PREMIUM
    assert (account.used, account.cold_quota, account.cdn) == (301500000000, 2000000000000, 12.5)
    assert account.available_storage == -5
    assert not account.upload_forbidden
    assert account.subscription_end == datetime(2027, 1, 31, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "forbidden"),
    [
        (0, False),
        ("0", False),
        ("", False),
        ("NO", False),
        (None, False),
        (1, True),
        ("YES", True),
        (True, True),
    ],
)
def test_flags_come_in_many_forms(value: object, forbidden: bool) -> None:
    assert AccountInfo.model_validate({"upload_forbidden": value}).upload_forbidden is forbidden


@pytest.mark.parametrize(
    ("allowed", "available", "quota"),
    [
        (2_000_000_000_000, 0, 2_000_000_000_000),
        (2, 0, 2_000_000_000_000),
        (0, 7_000_000, 7_000_000),
        ("", -1, 0),
    ],
    ids=["bytes", "terabytes", "other field", "none"],
)
def test_the_quota_is_in_bytes_whatever_the_unit(allowed: object, available: int, quota: int) -> None:
    body = {"allowed_cold_storage": allowed, "available_cold_storage": available}
    assert AccountInfo.model_validate(body).cold_quota == quota


@pytest.mark.parametrize(
    ("number", "offer"),
    [("0", Offer.FREE), (2, Offer.ACCESS), ("3", Offer.PREMIUM_GOLD), (7, Offer.UNKNOWN), (None, Offer.FREE)],
)
def test_an_unknown_offer_is_no_error(number: object, offer: Offer) -> None:
    assert AccountInfo.model_validate({"offer": number}).offer is offer


@pytest.mark.parametrize(
    ("remove", "incoming", "guest"),
    [
        ("", 0, False),
        ("--", "0", False),
        (None, 0, False),
        ("https://1fichier.com/remove/abcdef/12345", 0, True),
        ("", 1, True),
    ],
    ids=["own", "dashes", "null", "remove link", "incoming"],
)
def test_a_guest_upload_is_recognised(remove: str | None, incoming: object, guest: bool) -> None:
    report = UploadReport.model_validate(
        {"download": URL, "filename": "b.txt", "remove": remove, "size": "6", "incoming": incoming}
    )
    assert report.is_guest is guest
    assert report.size == 6
    assert "12345" not in repr(report)
    if remove and "/" in remove:
        assert report.remove == RemoveLink(remove)


@pytest.mark.parametrize(
    ("host", "node_id"),
    [
        ("https://up2.1fichier.com", "abc"),
        ("up2.1fichier.com/x", "abc"),
        ("user@up2.1fichier.com", "abc"),
        ("", "abc"),
        ("up2.1fichier.com", ""),
        ("up2.1fichier.com", "abcdefghijk"),
        ("up2.1fichier.com", "../x"),
    ],
)
def test_a_node_must_be_a_bare_host_and_a_short_id(host: str, node_id: str) -> None:
    with pytest.raises(ValidationError):
        UploadNode(host=host, id=node_id)


def test_a_node_can_be_stored_and_built_again() -> None:
    node = UploadNode.model_validate({"url": "up2.1fichier.com", "id": "9kGjlUU2CV"})
    assert UploadNode(host=node.host, id=node.id) == node


@pytest.mark.parametrize("amount", ["NaN", "inf", float("inf"), 1e18, "1e300", -1e9, "10**400", 10**400])
def test_what_is_no_amount_is_not_shown_as_one(amount: object) -> None:
    with pytest.raises(ValidationError):
        AccountInfo.model_validate({"cdn": amount})
