import pytest

from emulators.onefichier import EmulatedAccount
from tests.emulators.onefichier.conftest import HELLO, Client, HandClock, bloc2


async def test_the_report_tells_link_name_size_and_checksum(client: Client, account: EmulatedAccount) -> None:
    upload, _ = await client.send(HELLO)

    report = (await client.report(upload.id)).json()

    (file,) = account.files.values()
    assert report == {
        "incoming": 0,
        "links": [
            {
                "download": file.url,
                "filename": "a.txt",
                "remove": "",
                "size": "6",
                "whirlpool": (
                    "db00e1208bbae994b4479064911199c52a71fcbb9260ac84c27f3fca3e671182"
                    "583ff0b080f035e85b3a4332b3a95c99ac9249e39cffee6e1d9fdfe2b34c036d"
                ),
            }
        ],
    }
    assert file.read() == b"hello!"


async def test_storing_begins_with_the_report(client: Client, account: EmulatedAccount) -> None:
    upload, _ = await client.send(HELLO)
    assert not account.files

    await client.report(upload.id)
    await client.report(upload.id)

    assert len(account.files) == 1


async def test_the_report_is_deleted_after_two_hours(client: Client, clock: HandClock) -> None:
    upload, _ = await client.send(HELLO)
    clock.advance(7199)
    assert (await client.report(upload.id)).status_code == 200

    clock.advance(1)
    assert (await client.report(upload.id)).status_code == 404
    await client.upload_id()
    assert upload.id not in client.service.uploads.uploads


async def test_a_report_can_be_gone(client: Client) -> None:
    upload, _ = await client.send(HELLO)
    upload.gone = True

    assert (await client.report(upload.id)).status_code == 404
    assert (await client.report("0000000000")).status_code == 404


async def test_the_report_waits_as_often_and_as_long_as_it_is_told(
    client: Client, account: EmulatedAccount, clock: HandClock
) -> None:
    client.service.uploads.please_wait_times = 2
    client.service.uploads.please_wait_seconds = 60
    upload, _ = await client.send(HELLO)

    for _ in range(3):
        waiting = await client.report(upload.id)
        assert (waiting.status_code, bloc2(waiting)) == (200, "Veuillez patienter / Please wait")
    assert (await client.ok("file/ls.cgi"))["count"] == 0

    clock.advance(60)

    assert len((await client.report(upload.id)).json()["links"]) == 1
    assert (await client.ok("file/ls.cgi"))["count"] == 1


async def test_reports_can_be_held_until_they_are_released(client: Client, account: EmulatedAccount) -> None:
    client.service.uploads.hold_reports()
    upload, _ = await client.send(HELLO)

    for _ in range(2):
        assert bloc2(await client.report(upload.id)) == "Veuillez patienter / Please wait"
    assert (await client.ok("file/ls.cgi"))["count"] == 0

    client.service.uploads.release_reports()

    assert len((await client.report(upload.id)).json()["links"]) == 1
    assert (await client.ok("file/ls.cgi"))["count"] == 1


async def test_links_can_be_empty_at_first(client: Client) -> None:
    client.service.uploads.empty_links_times = 1
    upload, _ = await client.send(HELLO)

    assert (await client.report(upload.id)).json() == {"incoming": 0, "links": []}
    assert len((await client.report(upload.id)).json()["links"]) == 1


@pytest.mark.parametrize(
    ("query", "headers", "content_type"),
    [
        pytest.param("", {"Json": "1"}, "application/json", id="JSON header"),
        pytest.param("&JSON=2", {}, "application/json", id="JSON query"),
        pytest.param("", {"EXPORT": "1"}, "text/plain", id="CSV header"),
        pytest.param("&Export=1", {}, "text/plain", id="CSV query"),
        pytest.param("", {}, "text/html", id="page"),
        pytest.param("", {"JSON": "0"}, "text/html", id="JSON declined"),
    ],
)
async def test_reports_come_in_three_forms(
    client: Client, account: EmulatedAccount, query: str, headers: dict[str, str], content_type: str
) -> None:
    upload, _ = await client.send(HELLO)

    response = await client.http.get(f"/end.pl?xid={upload.id}{query}", headers=headers)

    (file,) = account.files.values()
    assert response.headers["Content-Type"].partition(";")[0] == content_type
    if content_type == "text/plain":
        assert response.text == f"a.txt;6;{file.id};;0;{file.whirlpool}\n"
    else:
        assert file.url in response.text
