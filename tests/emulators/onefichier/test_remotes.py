from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from emulators.onefichier import EmulatedAccount, Failed, Fetched, ForgottenContent, OneFichier
from emulators.onefichier.remotes import DateForm
from emulators.serving import serve
from tests.emulators.onefichier.conftest import Client, HandClock


def give_file(request: Request) -> Response:
    return Response(b"content", headers={"X-Asked-With": request.headers.get("X-Token", "")})


def give_named(_: Request) -> Response:
    return Response(b"content", headers={"Content-Disposition": "attachment; filename*=UTF-8''%C3%A9.iso"})


def give_page(_: Request) -> Response:
    return HTMLResponse("<html>watch</html>")


def give_nothing(_: Request) -> Response:
    return Response()


def send_on(_: Request) -> Response:
    return RedirectResponse("/a.iso")


def send_away(_: Request) -> Response:
    return RedirectResponse("http://192.0.2.1/a.iso")


@pytest.fixture
async def source() -> AsyncIterator[str]:
    routes = [
        Route("/", give_page),
        Route("/a.iso", give_file),
        Route("/b%20c.iso", give_file),
        Route("/b c.iso", give_file),
        Route("/download", give_named),
        Route("/watch", give_page),
        Route("/empty", give_nothing),
        Route("/moved", send_on),
        Route("/away", send_away),
    ]
    async with serve(Starlette(routes=routes)) as url:
        yield url


async def fetched(client: Client, *urls: str, **options: Any) -> list[dict[str, Any]]:
    """The result of a request, as soon as it was executed."""
    task = await client.ok("remote/request.cgi", urls=list(urls), **options)
    await client.service.remotes.settled()
    result: list[dict[str, Any]] = (await client.ok("remote/info.cgi", id=task["id"]))["result"]
    return result


@pytest.mark.parametrize(
    ("path", "name", "content"),
    [
        pytest.param("/a.iso", "a.iso", b"content", id="path"),
        pytest.param("/b%20c.iso?x=1", "b c.iso", b"content", id="quoted path"),
        pytest.param("/download", "é.iso", b"content", id="disposition"),
        pytest.param("/watch", "watch.html", b"<html>watch</html>", id="web page"),
        pytest.param("/", "index.html", b"<html>watch</html>", id="no path"),
        pytest.param("/moved", "a.iso", b"content", id="redirect"),
    ],
)
async def test_a_url_on_loopback_is_really_fetched(
    client: Client, account: EmulatedAccount, source: str, path: str, name: str, content: bytes
) -> None:
    docs = account.add_folder("docs")

    (entry,) = await fetched(client, source + path, folder_id=docs.id)

    (file,) = account.files.values()
    assert (entry["status"], entry["url"], entry["download_link"]) == ("OK", source + path, file.url)
    assert (file.name, file.read(), file.folder_id) == (name, content, docs.id)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("{source}/missing", id="not found"),
        pytest.param("{source}/empty", id="empty"),
        pytest.param("{source}/away", id="redirected away"),
        pytest.param("http://192.0.2.1/a.iso", id="another host"),
        pytest.param("https://example.org/a.iso", id="a name"),
        pytest.param("http://127.0.0.1:1/a.iso", id="nobody listens"),
        pytest.param("ftp://127.0.0.1/a.iso", id="ftp"),
    ],
)
async def test_what_cannot_be_fetched_has_a_reason(
    client: Client, account: EmulatedAccount, source: str, url: str
) -> None:
    (entry,) = await fetched(client, url.format(source=source))

    assert (entry["status"], entry["download_link"]) == ("KO", "")
    assert entry["message"]
    assert not account.files


async def test_one_task_can_end_in_part(client: Client, service: OneFichier) -> None:
    service.remote_results["https://example.org/a.iso"] = Fetched("a.iso", b"abc")
    service.remote_results["https://example.org/b.iso"] = Failed("Host unreachable")

    first, second = await fetched(client, "https://example.org/a.iso", "https://example.org/b.iso")

    assert first["status"] == "OK"
    assert second == {
        "status": "KO",
        "url": "https://example.org/b.iso",
        "download_link": "",
        "message": "Host unreachable",
    }


async def test_files_above_the_accounts_limit_fail(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    large = Fetched("a.iso", ForgottenContent(account.file_bytes_limit + 1))
    service.remote_results["https://example.org/a.iso"] = large

    (entry,) = await fetched(client, "https://example.org/a.iso")

    assert (entry["status"], entry["message"]) == ("KO", "File too large")
    assert not account.files


async def test_a_request_is_answered_with_its_task(client: Client) -> None:
    urls = ["https://example.org/a.iso", "https://example.org/b.iso"]

    answer = await client.ok("remote/request.cgi", urls=urls)

    identifier = answer.pop("id")
    assert isinstance(identifier, int)
    assert answer == {"status": "OK", "date": "2026-03-01 12:00:00", "urls": urls, "headers": {}}


async def test_a_task_takes_its_time_by_the_clock(
    client: Client, service: OneFichier, clock: HandClock
) -> None:
    service.remotes.seconds = 90
    service.remote_results["https://example.org/a.iso"] = Fetched("a.iso")
    task = await client.ok("remote/request.cgi", urls=["https://example.org/a.iso"])
    await service.remotes.settled()

    clock.advance(89)
    pending = await client.ok("remote/info.cgi", id=task["id"])
    assert (pending["execution_date"], pending["result"]) == ("1970-01-01 01:00:00", [])
    assert (await client.ok("file/ls.cgi"))["count"] == 0

    clock.advance(1)
    executed = await client.ok("remote/info.cgi", id=str(task["id"]))
    assert executed["execution_date"] == "2026-03-01 12:01:30"
    assert "status" not in executed
    assert len(executed["result"]) == 1
    assert (await client.ok("file/ls.cgi"))["count"] == 1


async def test_tasks_are_listed_newest_first(client: Client, service: OneFichier) -> None:
    service.remotes.manual = True
    ids = [
        (await client.ok("remote/request.cgi", urls=[f"https://example.org/{number}"]))["id"]
        for number in range(3)
    ]

    listed = (await client.ok("remote/ls.cgi"))["data"]

    assert [task["id"] for task in listed] == ids[::-1]
    assert set(listed[0]) == {"id", "request_date", "execution_date"}


async def test_a_listing_can_lag_behind_a_request(
    client: Client, service: OneFichier, clock: HandClock
) -> None:
    service.remotes.manual = True
    service.remotes.list_lag = 5
    task = await client.ok("remote/request.cgi", urls=["http://127.0.0.1/a"])

    clock.advance(4)
    assert (await client.ok("remote/ls.cgi"))["data"] == []
    assert (await client.ok("remote/info.cgi", id=task["id"]))["id"] == task["id"]
    clock.advance(1)
    assert [each["id"] for each in (await client.ok("remote/ls.cgi"))["data"]] == [task["id"]]


async def test_a_manual_task_is_finished_by_hand(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    service.remotes.manual = True
    task = await client.ok("remote/request.cgi", urls=["https://example.org/a", "https://example.org/b"])

    service.remotes.finish(task["id"], [Fetched("a"), Failed("no")])

    result = (await client.ok("remote/info.cgi", id=task["id"]))["result"]
    assert [entry["status"] for entry in result] == ["OK", "KO"]
    assert len(account.files) == 1


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        pytest.param("epoch", {"execution_date": "1970-01-01 01:00:00"}, id="epoch"),
        pytest.param("empty", {"execution_date": ""}, id="empty"),
        pytest.param("null", {"execution_date": None}, id="null"),
        pytest.param("missing", {}, id="missing"),
    ],
)
async def test_a_date_that_has_not_come_has_many_forms(
    client: Client, service: OneFichier, form: DateForm, shown: dict[str, Any]
) -> None:
    service.remotes.manual, service.remotes.date_form = True, form
    await client.ok("remote/request.cgi", urls=["https://example.org/a"])

    (task,) = (await client.ok("remote/ls.cgi"))["data"]

    assert {name: value for name, value in task.items() if name == "execution_date"} == shown


async def test_a_task_can_vanish(client: Client, service: OneFichier) -> None:
    service.remotes.manual = True
    task = await client.ok("remote/request.cgi", urls=["https://example.org/a"])

    service.remotes.vanish(task["id"])

    assert (await client.ok("remote/ls.cgi"))["data"] == []
    assert await client.refusal("remote/info.cgi", id=task["id"]) == (404, "Resource not found #469")


async def test_tasks_of_others_are_not_shown(client: Client, service: OneFichier) -> None:
    task = await client.ok("remote/request.cgi", urls=["https://example.org/a"])
    client.key = service.add_account().key

    assert (await client.ok("remote/ls.cgi"))["data"] == []
    assert (await client.refusal("remote/info.cgi", id=task["id"]))[0] == 404


async def test_a_url_under_way_is_not_taken_twice(client: Client, service: OneFichier) -> None:
    service.remotes.manual = True
    url = "https://example.org/a"
    task = await client.ok("remote/request.cgi", urls=[url])

    assert await client.refusal("remote/request.cgi", urls=[url]) == (
        403,
        f"You already requesting the download of {url}",
    )

    service.remotes.finish(task["id"], [Failed("no")])
    await client.ok("remote/request.cgi", urls=[url])


async def test_ten_requests_may_be_outstanding(client: Client, service: OneFichier) -> None:
    service.remotes.manual = True
    for number in range(10):
        await client.ok("remote/request.cgi", urls=[f"https://example.org/{number}"])

    status, _ = await client.refusal("remote/request.cgi", urls=["https://example.org/10"])
    assert status == 403

    service.remotes.outstanding_limit = None
    await client.ok("remote/request.cgi", urls=["https://example.org/10"])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no URL"),
        pytest.param({"urls": []}, id="empty list"),
        pytest.param({"urls": "https://example.org/a"}, id="text"),
        pytest.param({"urls": ["file:///etc/passwd"]}, id="scheme"),
        pytest.param({"urls": ["https://"]}, id="no host"),
        pytest.param({"urls": ["http://[::1/a"]}, id="broken address"),
        pytest.param({"urls": [f"https://example.org/{n}" for n in range(101)]}, id="101 URLs"),
        pytest.param({"urls": ["https://example.org/a"], "headers": ["A: b"]}, id="list of headers"),
        pytest.param(
            {"urls": ["https://example.org/a"], "headers": {"Cookie": "a=b; c"}}, id="value alphabet"
        ),
        pytest.param({"urls": ["https://example.org/a"], "headers": {"A b": "c"}}, id="name alphabet"),
    ],
)
async def test_a_request_is_refused(client: Client, service: OneFichier, body: dict[str, Any]) -> None:
    assert (await client.refusal("remote/request.cgi", **body))[0] == 403
    assert not service.remotes.tasks


async def test_an_unknown_folder_is_refused(client: Client) -> None:
    urls = ["https://example.org/a"]

    assert (await client.refusal("remote/request.cgi", urls=urls, folder_id=1234567))[0] == 404


async def test_headers_reach_the_source(client: Client, account: EmulatedAccount) -> None:
    seen: list[str] = []

    def remember(request: Request) -> Response:
        seen.append(request.headers["X-Token"])
        return Response(b"x")

    async with serve(Starlette(routes=[Route("/a", remember)])) as url:
        await fetched(client, f"{url}/a", headers={"X-Token": "abc=1"})

    assert seen == ["abc=1"]
