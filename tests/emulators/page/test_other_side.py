"""The other side: accounts as 1fichier has them, and the weather."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from emulators.onefichier import UPLOAD
from emulators.onefichier.wire import PARIS
from emulators.page.demo import Demo
from tests.emulators.botapi.calling import Caller
from tests.emulators.page.conftest import ADA, BO, Page

FILE = "file/ls.cgi"


async def asked(page: Page, shown: Demo, person: int = ADA) -> httpx.Response:
    """A call to 1fichier with the person's key."""
    key = shown.scene.resident(person).account.key
    async with httpx.AsyncClient(trust_env=False, base_url=shown.weather.url) as http:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        return await http.post(f"/v1/{FILE}", json={"folder_id": 0}, headers=headers)


async def test_an_account_is_shown_as_1fichier_has_it(page: Page, shown: Demo) -> None:
    ada, bo = await page.account(ADA), await page.account(BO)

    assert (ada["offer"], ada["until"], bo["offer"], bo["until"]) == (
        "Premium",
        "2027-01-31",
        "Free account",
        None,
    )
    assert {folder["name"] for folder in ada["folders"]} == {"Videos", "Backups", "Letters"}
    assert ada["used"] == sum(file["size"] for file in ada["files"])
    videos = next(folder["id"] for folder in ada["folders"] if folder["name"] == "Videos")
    assert sum(file["folder"] == videos for file in ada["files"]) == 10
    listed = (await asked(page, shown, BO)).json()["items"]
    assert {item["url"] for item in listed} == {file["url"] for file in bo["files"]}


async def test_a_link_gives_the_bytes_back(page: Page, shown: Demo) -> None:
    content = bytes(range(256)) * 100
    file = shown.scene.resident(ADA).account.add_file("été 1.bin", content)
    path = f"/control/links/{file.id}"

    response = await page.http.get(path)

    assert response.content == content
    assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%C3%A9t%C3%A9%201.bin"
    head = await page.http.head(path)
    assert (head.headers["Content-Length"], head.content) == (str(len(content)), b"")


async def test_a_link_to_nothing_is_not_found(page: Page) -> None:
    response = await page.http.get("/control/links/abcdefghij0123456789")

    assert (response.status_code, response.json()) == (404, {"error": "there is no such file on 1fichier"})
    assert (await page.http.get("/control/attachments/none")).status_code == 404


async def test_a_key_can_be_revoked_and_made_anew(page: Page, shown: Demo) -> None:
    old = (await page.account(ADA))["key"]

    await page.post(f"people/{ADA}/key", do="revoke")

    assert (await page.account(ADA))["key"] is None
    assert (await asked(page, shown)).status_code == 401
    assert (await asked(page, shown, BO)).status_code == 200
    await page.post(f"people/{ADA}/key", do="renew")
    assert (await page.account(ADA))["key"] not in {None, old}
    assert (await asked(page, shown)).status_code == 200


async def info(shown: Demo, person: int = ADA) -> dict[str, Any]:
    """What 1fichier's API says of the person's account."""
    key = shown.scene.resident(person).account.key
    async with httpx.AsyncClient(trust_env=False, base_url=shown.weather.url) as http:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        answer: dict[str, Any] = (await http.post("/v1/user/info.cgi", json={}, headers=headers)).json()
        return answer


@pytest.mark.parametrize(
    ("standing", "used", "flags", "days"),
    [
        ("ordinary", 0.14, (0, "NO"), None),
        ("nearly_full", 0.92, (0, "NO"), None),
        ("over_quota", 1.04, (1, "NO"), None),
        ("ends_in_10_days", 0.14, (0, "NO"), 10),
        ("ends_in_2_days", 0.14, (0, "NO"), 2),
        ("uploads_forbidden", 0.14, (0, "YES"), None),
    ],
)
async def test_an_account_can_be_made_to_stand_otherwise(
    standing: str, used: float, flags: tuple[int, str], days: int | None, page: Page, shown: Demo
) -> None:
    before = await info(shown)
    # Whatever it was meanwhile leaves nothing behind.
    for each in ("over_quota", "ends_in_2_days", "uploads_forbidden", standing):
        await page.post(f"people/{ADA}/account", standing=each)

    said, shown_as = await info(shown), await page.account(ADA)

    assert said["cold_storage"] / said["allowed_cold_storage"] == pytest.approx(used, abs=0.01)
    assert (said["overquota"], said["upload_forbidden"]) == flags
    assert (shown_as["standing"], shown_as["until"]) == (standing, said["subscription_end"][:10])
    if days is None:
        assert said["subscription_end"] == before["subscription_end"]
    else:
        end = datetime.strptime(said["subscription_end"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=PARIS)
        assert (end - datetime.now(UTC)).days == days
    assert (await page.account(BO))["standing"] == "ordinary"


async def test_a_free_account_has_no_subscription_that_ends(page: Page) -> None:
    assert await page.refused(f"people/{BO}/account", standing="ends_in_2_days") == (
        400,
        "a free account has no subscription that could end",
    )
    await page.post(f"people/{BO}/account", standing="nearly_full")
    assert (await page.account(BO))["standing"] == "nearly_full"
    status, reason = await page.refused(f"people/{BO}/account", standing="sleepy")
    assert (status, reason[:9]) == (400, "standing:")
    assert (await page.refused("people/1/account", standing="ordinary"))[0] == 404


async def test_remote_uploads_are_shown_from_request_to_end(page: Page, shown: Demo) -> None:
    account, remotes = shown.scene.resident(ADA).account, shown.onefichier.remotes
    urls = {each["what"]: each["url"] for each in (await page.state())["urls"]}
    missing = next(url for what, url in urls.items() if "fails" in what)
    remotes.manual = True
    waiting = remotes.request(account, {"urls": [missing]}, 0)
    assert (await page.account(ADA))["remotes"][0]["running"]
    assert (await page.account(BO))["remotes"] == []
    remotes.vanish(waiting.id)
    remotes.manual = False

    remotes.request(account, {"urls": [urls["a poem, there at once"], missing.replace("iso", "img")]}, 0)
    await remotes.settled()

    (task,) = (await page.account(ADA))["remotes"]
    assert [each["ok"] for each in task["results"]] == [True, False]
    assert task["results"][1]["message"] == "HTTP error 404"


async def test_the_weather_is_fair_at_first(page: Page) -> None:
    assert (await page.state())["weather"] == {
        "bytes_per_second": None,
        "flood_until": None,
        "rest_until": None,
        "down": False,
        "reports_held": False,
    }


async def test_a_change_of_weather_leaves_the_rest_of_it(page: Page) -> None:
    await page.post("weather", bytes_per_second=50_000)
    await page.post("weather", reports_held=True)
    await page.post("weather", flood_seconds=30, rest_seconds=20)

    weather = (await page.state())["weather"]

    assert (weather["bytes_per_second"], weather["reports_held"], weather["down"]) == (50_000, True, False)
    assert 9 < weather["flood_until"] - weather["rest_until"] < 11


async def test_a_flood_lasts_until_it_is_ended(page: Page, shown: Demo) -> None:
    await page.post("weather", flood_seconds=60)
    assert (await asked(page, shown)).json()["message"].startswith("Flood detected")

    await page.post("weather", flood_seconds=0)

    assert (await asked(page, shown)).status_code == 200
    assert (await page.state())["weather"]["flood_until"] is None


async def test_a_flood_ends_by_itself(page: Page, shown: Demo) -> None:
    await page.post("weather", flood_seconds=0.05)
    await asyncio.sleep(0.06)

    assert (await asked(page, shown)).status_code == 200
    assert (await page.state())["weather"]["flood_until"] is None


async def test_telegram_asks_for_a_rest_wherever_something_changes(page: Page, bot: Caller) -> None:
    await page.say(ADA, ADA, "/start")
    await page.post("weather", rest_seconds=15)

    refused = await bot("sendMessage", chat_id=ADA, text="x")

    assert refused.error == (429, "Too Many Requests: retry after 15")
    assert (await bot("deleteMessage", chat_id=ADA, message_id=1)).status == 429
    assert (await bot("getMe")).status == 200
    await page.post("weather", rest_seconds=0)
    assert (await bot("sendMessage", chat_id=ADA, text="x")).status == 200


async def test_1fichier_can_be_down_and_come_back_where_it_was(page: Page, shown: Demo) -> None:
    file = (await page.account(ADA))["files"][0]
    url = shown.weather.url
    await page.post("weather", down=True)
    await page.post("weather", down=True)

    with pytest.raises(httpx.ConnectError):
        await asked(page, shown)
    response = await page.http.get(f"/control/links/{file['id']}")
    assert (response.status_code, response.json()) == (503, {"error": "1fichier is down"})

    await page.post("weather", down=False)

    assert (await asked(page, shown)).status_code == 200
    assert shown.weather.url == url


async def test_what_arrives_is_shown_while_its_link_is_held_back(page: Page, shown: Demo) -> None:
    account = shown.scene.resident(ADA).account
    await page.post("weather", reports_held=True)
    headers = {"Authorization": f"Bearer {account.key}"}
    async with httpx.AsyncClient(trust_env=False, base_url=shown.weather.url) as http:
        issued = await http.post(
            "/v1/upload/get_upload_server.cgi",
            headers=headers | {"Content-Type": "application/json"},
            json={},
        )
        where = f"/{UPLOAD}?id={issued.json()['id']}"
        accepted = await http.post(where, headers=headers, files={"file[]": ("a.txt", b"hello")})
        report = f"{accepted.headers['Location']}&JSON=1"
        assert "Please wait" in (await http.get(report)).text

        waiting = await page.account(ADA)
        assert [each["whole"] for each in waiting["arriving"]] == [True]
        assert "a.txt" not in {file["name"] for file in waiting["files"]}

        await page.post("weather", reports_held=False)
        assert (await http.get(report)).json()["links"][0]["filename"] == "a.txt"
    arrived = await page.account(ADA)
    assert arrived["arriving"] == []
    assert "a.txt" in {file["name"] for file in arrived["files"]}


@pytest.mark.parametrize(
    "change",
    [
        {"bytes_per_second": 9_999},
        {"flood_seconds": -1},
        {"rest_seconds": 601},
        {"rain": True},
        {"down": "very"},
    ],
)
async def test_weather_that_cannot_be_is_refused(change: dict[str, Any], page: Page) -> None:
    status, reason = await page.refused("weather", **change)

    assert status == 400
    assert reason.startswith(next(iter(change)))
