"""What each method sends, and what it makes of the documented answer."""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from onefichier import (
    AccessRules,
    BadAnswer,
    Client,
    FolderShare,
    Link,
    NothingChanged,
    RemoveLink,
    ServerTrouble,
    parse_link,
)
from tests.onefichier.service import LINK, Bench, ko, ok

OTHER = "https://megadl.fr/?zzzzzzzzzz"
COPY = "https://1fichier.com/?copycopycopy"
LINKED = parse_link(LINK)

Method = Callable[[Client], Awaitable[Any]]

SENT: list[tuple[str, Method, dict[str, Any], str, dict[str, Any]]] = [
    (
        "info with password",
        lambda client: client.file_info(f"{LINK}&af=3", password="secret"),
        {"url": LINK, "filename": "a", "size": 1},
        "file/info.cgi",
        {"url": LINK, "pass": "secret"},
    ),
    (
        "list a window",
        lambda client: client.list_files(
            7,
            sent_after=datetime(2026, 3, 1, 11, tzinfo=UTC),
            sent_before=datetime(2026, 3, 1, 12, tzinfo=UTC),
        ),
        {"items": []},
        "file/ls.cgi",
        {"folder_id": 7, "sent_after": "2026-03-01 12:00:00", "sent_before": "2026-03-01 13:00:00"},
    ),
    (
        "remove",
        lambda client: client.remove_files([LINK, OTHER]),
        {"removed": 2, "urls": [LINK, OTHER]},
        "file/rm.cgi",
        {"files": [{"url": LINK}, {"url": OTHER}]},
    ),
    (
        "move to the root",
        lambda client: client.move_files([LINK], 0),
        {"moved": 1, "urls": [LINK]},
        "file/mv.cgi",
        {"urls": [LINK], "destination_folder_id": 0},
    ),
    (
        "move with a name",
        lambda client: client.move_files([LINK], 5, name="a/b"),
        {"moved": 1, "urls": [LINK], "filename": "a／b"},
        "file/mv.cgi",
        {"urls": [LINK], "destination_folder_id": 5, "rename": "a／b"},
    ),
    (
        "rename",
        lambda client: client.rename_file(LINK, "it's.txt"),
        {"renamed": 1, "urls": [{"url": LINK, "old_filename": "a", "new_filename": "it＇s.txt"}]},
        "file/rename.cgi",
        {"urls": [{"url": LINK, "filename": "it＇s.txt"}]},
    ),
    (
        "copy",
        lambda client: client.copy_files([LINK], 5, name="b", password="secret"),
        {"copied": 1, "urls": [{"from_url": LINK, "to_url": COPY}]},
        "file/cp.cgi",
        {"urls": [LINK], "folder_id": 5, "rename": "b", "pass": "secret"},
    ),
    (
        "remove a password",
        lambda client: client.change_attributes([LINK], password="", inline=True),
        {"updated": 1, "urls": [LINK]},
        "file/chattr.cgi",
        {"urls": [LINK], "pass": "", "inline": 1},
    ),
    (
        "access rules",
        lambda client: client.change_attributes(
            [LINK], access_rules=AccessRules(country=("FR",), premium=True)
        ),
        {"updated": 1, "urls": [LINK]},
        "file/chattr.cgi",
        {"urls": [LINK], "acl": {"ip": [], "country": ["FR"], "email": [], "premium": 1}},
    ),
    (
        "download",
        lambda client: client.get_download_token(LINK),
        {"url": "https://a-4.1fichier.com/c1"},
        "download/get_token.cgi",
        {"url": LINK, "single": 1},
    ),
    (
        "list a folder",
        lambda client: client.list_folder(5, files=True),
        {"folder_id": 5, "name": "docs"},
        "folder/ls.cgi",
        {"folder_id": 5, "files": 1},
    ),
    ("check the key", lambda client: client.check_key(), {"folder_id": 0}, "folder/ls.cgi", {"folder_id": 0}),
    (
        "make a folder",
        lambda client: client.make_folder("it's", 5),
        {"folder_id": 6, "name": "it＇s"},
        "folder/mkdir.cgi",
        {"name": "it＇s", "folder_id": 5},
    ),
    (
        "move a folder",
        lambda client: client.move_folder(5, 0),
        {"old_name": "a", "new_name": "a"},
        "folder/mv.cgi",
        {"folder_id": 5, "destination_folder_id": 0},
    ),
    (
        "rename a folder",
        lambda client: client.rename_folder(5, "b"),
        {"old_name": "a", "new_name": "b"},
        "folder/mv.cgi",
        {"folder_id": 5, "rename": "b"},
    ),
    ("remove a folder", lambda client: client.remove_folder(5), {}, "folder/rm.cgi", {"folder_id": 5}),
    (
        "share a folder",
        lambda client: client.share_folder(
            5, public=True, password="secret", shares=[FolderShare(email="a@example.com", rw=True)]
        ),
        {"url": "https://1fichier.com/dir/AbCdEfGh"},
        "folder/share.cgi",
        {
            "folder_id": 5,
            "share": 1,
            "pass": "secret",
            "shares": [{"email": "a@example.com", "rw": 1, "hide_links": 0}],
        },
    ),
    (
        "request a remote upload",
        lambda client: client.request_remote(["https://example.org/a"], 5),
        {"id": "7", "date": "2026-03-01 18:22:07"},
        "remote/request.cgi",
        {"urls": ["https://example.org/a"], "folder_id": 5},
    ),
    ("list remote uploads", lambda client: client.list_remote(), {"data": []}, "remote/ls.cgi", {}),
    ("a remote upload", lambda client: client.remote_info(7), {"id": 7}, "remote/info.cgi", {"id": 7}),
    ("the account", lambda client: client.account_info(), {"email": "a@example.com"}, "user/info.cgi", {}),
]


@pytest.mark.parametrize(
    ("method", "answer", "endpoint", "sent"), [case[1:] for case in SENT], ids=[case[0] for case in SENT]
)
async def test_a_method_sends_what_the_page_documents(
    bench: Bench, method: Method, answer: dict[str, Any], endpoint: str, sent: dict[str, Any]
) -> None:
    bench.answer(ok(**answer))
    await method(bench.client)
    assert bench.service.requests[0].url.path == f"/v1/{endpoint}"
    assert bench.service.bodies == [sent]


async def test_only_what_the_answer_names_was_removed(bench: Bench) -> None:
    bench.answer(ok(removed=1, urls=[LINK]))
    removed = await bench.client.remove_files([LINK, OTHER])
    assert (removed.links, removed.count) == ((LINKED,), 1)


async def test_a_copy_has_its_own_link(bench: Bench) -> None:
    bench.answer(ok(copied=1, urls=[{"from_url": LINK, "to_url": COPY}]))
    (copied,) = await bench.client.copy_files([LINK])
    assert (copied.source, copied.link.url) == (LINKED, COPY)


async def test_attributes_that_are_so_already_are_no_error(bench: Bench) -> None:
    bench.answer(ko("No changes requested", 200))
    assert (await bench.client.change_attributes([LINK], cdn=False)).count == 0


async def test_a_name_that_is_so_already_is_told(bench: Bench) -> None:
    bench.answer(ko("No file has been renamed #312", 200))
    with pytest.raises(NothingChanged):
        await bench.client.rename_file(LINK, "a")


async def test_a_rename_without_details_is_believed(bench: Bench) -> None:
    bench.answer(ok(renamed=1))
    renamed = await bench.client.rename_file(LINK, "b")
    assert (renamed.link, renamed.new_name) == (LINKED, "b")


@pytest.mark.parametrize(
    ("method", "urls"),
    [
        (lambda client: client.remove_files([LINK]), "text"),
        (lambda client: client.remove_files([LINK]), [5]),
        (lambda client: client.remove_files([LINK]), ["https://example.com"]),
        (lambda client: client.rename_file(LINK, "b"), ["text"]),
        (lambda client: client.copy_files([LINK]), "text"),
        (lambda client: client.copy_files([LINK]), ["text"]),
    ],
)
async def test_an_effect_with_an_unreadable_answer_may_be_done(
    bench: Bench, method: Method, urls: object
) -> None:
    bench.answer(ok(urls=urls))
    with pytest.raises(BadAnswer) as bad:
        await method(bench.client)
    assert bad.value.maybe_done


async def test_a_text_that_is_no_link_is_not_sent(bench: Bench) -> None:
    with pytest.raises(ValueError, match="download link"):
        await bench.client.remove_files(["hello"])
    assert bench.service.requests == []


async def test_a_link_may_be_given_as_such(bench: Bench) -> None:
    bench.answer(ok(removed=0))
    await bench.client.remove_files([Link("abcdef", "https://pjointe.com/?abcdef")])
    assert bench.service.bodies == [{"files": [{"url": "https://pjointe.com/?abcdef"}]}]


async def test_a_guests_file_is_removed_without_the_key(bench: Bench) -> None:
    await bench.client.remove_guest(RemoveLink("https://1fichier.com/remove/abcdef/12345"))
    (request,) = bench.service.requests
    assert (request.method, str(request.url)) == ("GET", "https://1fichier.com/remove/abcdef/12345")
    assert "Authorization" not in request.headers


async def test_a_removal_that_asks_for_confirmation_gets_it(bench: Bench) -> None:
    bench.answer(httpx.Response(200, text="<form method=post>"), httpx.Response(200, text="destroyed"))
    await bench.client.remove_guest(RemoveLink("https://1fichier.com/remove/abcdef/12345"))
    assert [request.method for request in bench.service.requests] == ["GET", "POST"]


@pytest.mark.parametrize(("status", "fails"), [(404, False), (410, False), (500, True), (403, True)], ids=str)
async def test_a_removal_of_what_is_gone_is_fine_and_of_what_may_be_there_is_not(
    bench: Bench, status: int, fails: bool
) -> None:
    bench.answer(httpx.Response(status, text="<html>"))
    with pytest.raises(ServerTrouble) if fails else contextlib.nullcontext():
        await bench.client.remove_guest(RemoveLink("https://1fichier.com/remove/abcdef/12345"))
