"""Who may talk to the page."""

import pytest

from tests.emulators.page.conftest import ADA, Page

SAY = f"/control/people/{ADA}/chats/{ADA}/messages"


@pytest.mark.parametrize("host", ["localhost:8800", "127.0.0.1", "LOCALHOST:1", "[::1]:8800"])
async def test_this_machine_is_answered_under_its_own_names(host: str, page: Page) -> None:
    assert (await page.http.get("/control/state", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:8800", "10.0.0.7:8800", "0.0.0.0:8800", "[::1", ""]
)
@pytest.mark.parametrize("path", ["/", "/control/state"])
async def test_a_foreign_name_that_leads_here_is_refused(host: str, path: str, page: Page) -> None:
    response = await page.http.get(path, headers={"Host": host})

    assert (response.status_code, response.text) == (
        403,
        "This page answers on localhost and 127.0.0.1 only.\n",
    )


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "https://evil.example"}, id="another-site"),
        pytest.param({"Origin": "null"}, id="no-site"),
        pytest.param({"Host": "localhost:8800", "Origin": "http://localhost:3000"}, id="another-port"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="embedded-elsewhere"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="embedded-by-another-port"),
    ],
)
async def test_another_site_can_neither_act_nor_read(headers: dict[str, str], page: Page) -> None:
    acted = await page.http.post(SAY, json={"text": "x"}, headers=headers)
    read = await page.http.get("/control/state", headers=headers)

    assert (acted.status_code, read.status_code) == (403, 403)
    assert acted.text == "This page takes requests from itself only.\n"
    assert [each for each in (await page.state())["messages"] if each["chat"] == ADA] == []


async def test_the_page_itself_may_act(page: Page) -> None:
    headers = {"Host": "localhost:8800", "Origin": "http://localhost:8800", "Sec-Fetch-Site": "same-origin"}

    assert (await page.http.post(SAY, json={"text": "x"}, headers=headers)).status_code == 200


async def test_a_link_to_the_page_may_stand_anywhere(page: Page) -> None:
    response = await page.http.get("/", headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 200
    assert response.text.startswith("<!doctype html>")


async def test_browsers_are_told_to_load_nothing_from_elsewhere(page: Page) -> None:
    for path in ("/", "/script/main.js", "/control/state"):
        headers = (await page.http.get(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
