import asyncio
from typing import Any

import httpx
import pytest

from emulators.onefichier import API, END_OF_BODY, EmulatedAccount, FaultKind, OneFichier
from tests.emulators.onefichier.conftest import Client, HandClock, bloc2, body_of, file_part

HELLO = body_of(file_part("a.txt", b"hello!"))


@pytest.mark.parametrize(
    ("kind", "options", "status", "text"),
    [
        pytest.param("status", {}, 500, "<html><h1>Error 500</h1></html>", id="500"),
        pytest.param("status", {"status": 503, "text": "Busy"}, 503, "<html><h1>Busy</h1></html>", id="503"),
        pytest.param("ip_locked", {}, 403, "IP Locked", id="plain text"),
        pytest.param(
            "flood",
            {},
            403,
            '{"message": "Flood detected: IP Locked #374", "status": "KO"}',
            id="flood",
        ),
        pytest.param(
            "ko",
            {"text": "Owner locked #620"},
            200,
            '{"message": "Owner locked #620", "status": "KO"}',
            id="KO",
        ),
        pytest.param("empty", {}, 200, "", id="empty"),
        pytest.param("body", {"body": b"[1", "status": 207}, 207, "[1", id="bytes"),
    ],
)
async def test_an_answer_can_be_replaced(
    client: Client, service: OneFichier, kind: str, options: dict[str, Any], status: int, text: str
) -> None:
    service.faults.add("folder/mkdir.cgi", kind, **options)

    response = await client.call("folder/mkdir.cgi", name="docs")

    assert (response.status_code, response.text) == (status, text)
    assert not service.accounts[0].folders


async def test_a_page_can_come_where_json_was_due(client: Client, service: OneFichier) -> None:
    service.faults.add("folder/ls.cgi", FaultKind.HTML)

    response = await client.call("folder/ls.cgi")

    assert response.headers["Content-Type"].startswith("text/html")
    assert bloc2(response) == "Maintenance en cours"


async def test_a_fault_can_come_after_the_act(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    service.faults.add("folder/mkdir.cgi", "status", acts=True)

    assert (await client.call("folder/mkdir.cgi", name="docs")).status_code == 500
    assert [folder.name for folder in account.folders.values()] == ["docs"]


async def test_a_fault_of_the_api_leaves_the_nodes_alone(client: Client, service: OneFichier) -> None:
    identifier = await client.upload_id()
    service.faults.add(API, "flood", times=None)

    assert (await client.call("file/ls.cgi")).status_code == 403
    assert (await client.call("upload/get_upload_server.cgi")).status_code == 403
    _, accepted = await client.send(HELLO, identifier)
    assert accepted.status_code == 302
    assert (await client.report(identifier)).status_code == 200


async def test_a_fault_can_be_withdrawn(client: Client, service: OneFichier) -> None:
    flood = service.faults.add(API, "flood", times=None)
    other = service.faults.add("folder/ls.cgi", "status")

    service.faults.withdraw(flood)
    service.faults.withdraw(flood)

    assert (await client.call("file/ls.cgi")).status_code == 200
    assert (await client.call("folder/ls.cgi")).status_code == 500
    assert (flood.released.is_set(), other.released.is_set()) == (True, False)


async def test_types_can_be_wrong(client: Client, service: OneFichier, account: EmulatedAccount) -> None:
    account.add_file("a")
    service.faults.add("file/ls.cgi", "wrong_types")

    assert (await client.call("file/ls.cgi")).json() == {"status": "OK", "count": [1], "items": ""}

    service.faults.add("folder/ls.cgi", "wrong_types")
    assert (await client.call("folder/ls.cgi")).json()["name"] == {"0": "Root"}


async def test_a_true_answer_can_be_spoiled(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    service.faults.add("folder/mkdir.cgi", "spoiled", spoil=lambda body: body[:9])

    response = await client.call("folder/mkdir.cgi", name="docs")

    assert (response.status_code, response.content) == (200, b'{"status"')
    assert [folder.name for folder in account.folders.values()] == ["docs"]


async def test_a_fault_hits_as_often_as_it_is_told(client: Client, service: OneFichier) -> None:
    fault = service.faults.add("folder/ls.cgi", "status", times=2)

    statuses = [(await client.call("folder/ls.cgi")).status_code for _ in range(3)]

    assert statuses == [500, 500, 200]
    assert fault.hits == 2


async def test_a_fault_lasts_until_a_time(client: Client, service: OneFichier, clock: HandClock) -> None:
    service.faults.add("*", "flood", until=clock() + 60)
    for _ in range(3):
        assert (await client.call("folder/ls.cgi")).status_code == 403

    clock.advance(60)

    await client.ok("folder/ls.cgi")


async def test_a_fault_can_be_one_persons(client: Client, service: OneFichier) -> None:
    other = service.add_account()
    service.faults.add("*", "status", account=other.email, times=None)

    await client.ok("folder/ls.cgi")
    client.key = other.key

    assert (await client.call("folder/ls.cgi")).status_code == 500
    service.faults.clear()
    await client.ok("folder/ls.cgi")


@pytest.mark.parametrize("acts", [False, True], ids=["before acting", "after acting"])
async def test_a_connection_can_be_cut(
    client: Client, service: OneFichier, account: EmulatedAccount, acts: bool
) -> None:
    service.faults.add("folder/mkdir.cgi", "cut", acts=acts)

    with pytest.raises(httpx.TransportError):
        await client.call("folder/mkdir.cgi", name="docs")

    assert bool(account.folders) is acts
    assert service.calls[-1].status == 0


@pytest.mark.parametrize("acts", [False, True], ids=["before acting", "after acting"])
async def test_a_stalled_call_goes_on_when_it_is_released(
    client: Client, service: OneFichier, account: EmulatedAccount, acts: bool
) -> None:
    fault = service.faults.add("folder/mkdir.cgi", "stall", acts=acts)
    call = asyncio.create_task(client.ok("folder/mkdir.cgi", name="docs"))
    await asyncio.wait_for(fault.struck.wait(), 5)
    await asyncio.sleep(0.01)
    assert bool(account.folders) is acts

    fault.released.set()

    assert (await call)["name"] == "docs"


async def test_a_stalled_call_ends_with_its_client(client: Client, service: OneFichier) -> None:
    service.faults.add("folder/ls.cgi", "stall", seconds=60)

    with pytest.raises(httpx.ReadTimeout):
        await client.http.post(
            "/v1/folder/ls.cgi",
            headers={"Content-Type": "application/json", **client.authorization},
            timeout=0.05,
        )
    await service.until_called("folder/ls.cgi")


async def test_an_answer_can_drip(client: Client, service: OneFichier) -> None:
    service.faults.add("folder/ls.cgi", "drip", seconds=0.001)

    assert (await client.ok("folder/ls.cgi"))["name"] == "Root"


async def test_a_dripping_answer_ends_with_its_client(client: Client, service: OneFichier) -> None:
    service.faults.add("folder/ls.cgi", "drip", seconds=1)

    with pytest.raises(httpx.ReadTimeout):
        await client.http.post(
            "/v1/folder/ls.cgi",
            headers={"Content-Type": "application/json", **client.authorization},
            timeout=0.05,
        )
    await service.until_called("folder/ls.cgi", seconds=0.5)


@pytest.mark.parametrize("position", [0, 10, 100, END_OF_BODY], ids=["start", "headers", "content", "whole"])
async def test_an_upload_can_be_cut_anywhere_and_is_not_stored(
    client: Client, service: OneFichier, account: EmulatedAccount, position: int
) -> None:
    service.faults.add("upload.cgi", "cut", at_byte=position)
    identifier = await client.upload_id()

    with pytest.raises(httpx.TransportError):
        await client.send(HELLO, identifier)

    assert service.uploads.uploads[identifier].bytes_received == min(position, len(HELLO))
    assert (await client.report(identifier)).status_code == 404
    assert not account.files


async def test_a_302_can_be_lost_after_the_whole_body(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    service.faults.add("upload.cgi", "cut", acts=True)
    identifier = await client.upload_id()

    with pytest.raises(httpx.TransportError):
        await client.send(HELLO, identifier)
    assert not account.files

    assert len((await client.report(identifier)).json()["links"]) == 1
    assert len(account.files) == 1


async def test_a_node_can_refuse(client: Client, service: OneFichier, account: EmulatedAccount) -> None:
    service.faults.add("*", "ko", times=None)
    identifier = service.uploads.issue().id

    _, response = await client.send(HELLO, identifier)

    assert (response.status_code, bloc2(response)) == (200, "Ne peut ouvrir le fichier destination")
    service.faults.clear()
    assert (await client.report(identifier)).status_code == 404


@pytest.mark.parametrize("acts", [False, True], ids=["in the body", "after the body"])
async def test_an_upload_can_stall(client: Client, service: OneFichier, acts: bool) -> None:
    fault = service.faults.add("upload.cgi", "stall", acts=acts, at_byte=10)
    sending = asyncio.create_task(client.send(HELLO))
    await asyncio.wait_for(fault.struck.wait(), 5)

    service.faults.clear()

    assert (await sending)[1].status_code == 302


async def test_an_upload_can_be_slow(client: Client, service: OneFichier) -> None:
    service.faults.add("upload.cgi", "drip", seconds=0.001)

    assert (await client.send(HELLO))[1].status_code == 302


@pytest.mark.parametrize("acts", [False, True], ids=["before storing", "after storing"])
async def test_a_report_can_fail(
    client: Client, service: OneFichier, account: EmulatedAccount, acts: bool
) -> None:
    upload, _ = await client.send(HELLO)
    service.faults.add("end.pl", "status", acts=acts)

    assert (await client.report(upload.id)).status_code == 500
    assert bool(account.files) is acts
    assert len((await client.report(upload.id)).json()["links"]) == 1


@pytest.mark.parametrize("acts", [False, True], ids=["before storing", "after storing"])
async def test_a_report_can_stall(client: Client, service: OneFichier, acts: bool) -> None:
    upload, _ = await client.send(HELLO)
    service.faults.add("end.pl", "stall", acts=acts, seconds=0.02)

    assert len((await client.report(upload.id)).json()["links"]) == 1


async def test_a_download_can_fail(client: Client, service: OneFichier, account: EmulatedAccount) -> None:
    direct = (await client.ok("download/get_token.cgi", url=account.add_file("a").url))["url"]
    service.faults.add("download", "status", status=502)
    service.faults.add("download", "stall", seconds=0.02)

    assert (await client.http.get(direct)).status_code == 502
    assert (await client.http.get(direct)).status_code == 200


async def test_a_download_can_break_off_midway(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    direct = (await client.ok("download/get_token.cgi", url=account.add_file("a", b"0123456789").url))["url"]
    service.faults.add("download", "cut", at_byte=4)
    arrived = bytearray()

    async def read() -> None:
        async with client.http.stream("GET", direct) as response:
            async for piece in response.aiter_raw():
                arrived.extend(piece)

    with pytest.raises(httpx.RemoteProtocolError):
        await read()
    assert arrived == b"0123"


async def test_a_download_can_stall_midway(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    direct = (await client.ok("download/get_token.cgi", url=account.add_file("a", b"0123456789").url))["url"]
    service.faults.add("download", "stall", at_byte=4, seconds=0.02)
    assert (await client.http.get(direct)).content == b"0123456789"
