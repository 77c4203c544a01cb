import asyncio
from typing import Any

import pytest

from emulators.onefichier import EmulatedAccount, OneFichier
from tests.emulators.onefichier.conftest import Client, HandClock


async def test_user_info_has_the_types_rclone_expects(client: Client, account: EmulatedAccount) -> None:
    account.add_file("a", b"abc")

    shown = await client.ok("user/info.cgi")

    texts = {"email", "subscription_end", "stats_date", "offer", "cdn", "use_cdn", "2fa", "upload_forbidden"}
    texts |= {"default_port", "default_port_files", "download_menu", "ftp_mode", "ftp_report", "ru_report"}
    texts |= {"mail_rm", "status"}
    assert {name for name, value in shown.items() if isinstance(value, str)} == texts
    assert {type(value) for name, value in shown.items() if name not in texts} == {int}
    assert (shown["offer"], shown["hot_storage"], shown["upload_forbidden"]) == ("1", 3, "NO")


async def test_user_info_changes_settings_it_is_sent(client: Client, account: EmulatedAccount) -> None:
    shown = await client.ok("user/info.cgi", ru_report=0, default_domain=4)

    assert (shown["ru_report"], shown["default_domain"]) == ("0", 4)
    assert account.settings["ru_report"] == "0"


async def test_a_free_account_has_no_subscription(client: Client, account: EmulatedAccount) -> None:
    account.offer, account.overquota, account.upload_forbidden = 0, True, True

    shown = await client.ok("user/info.cgi")

    assert (shown["offer"], shown["subscription_end"]) == ("0", "")
    assert (shown["overquota"], shown["upload_forbidden"]) == (1, "YES")


async def link(client: Client, url: str, **options: Any) -> str:
    direct: str = (await client.ok("download/get_token.cgi", url=url, **options))["url"]
    return direct


async def test_a_direct_link_gives_the_bytes_once(client: Client, account: EmulatedAccount) -> None:
    file = account.add_file("é b.txt", b"hello")
    direct = await link(client, file.url)

    response = await client.http.get(direct)

    assert direct.rpartition("/")[2][0] == "c"
    assert response.content == b"hello"
    assert response.headers["Content-Length"] == "5"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"? b.txt\"; filename*=UTF-8''%C3%A9%20b.txt"
    )
    assert (await client.http.get(direct)).status_code == 404


async def test_a_direct_link_must_be_started_within_five_minutes(
    client: Client, account: EmulatedAccount, clock: HandClock
) -> None:
    direct = await link(client, account.add_file("a").url)

    clock.advance(300)

    assert (await client.http.get(direct)).status_code == 404


async def test_a_download_can_be_resumed_for_half_an_hour(
    client: Client, account: EmulatedAccount, clock: HandClock
) -> None:
    direct = await link(client, account.add_file("a", b"0123456789").url, single=1)
    await client.http.get(direct)

    clock.advance(1799)
    resumed = await client.http.get(direct, headers={"Range": "bytes=4-"})
    assert (resumed.status_code, resumed.content) == (206, b"456789")
    assert resumed.headers["Content-Range"] == "bytes 4-9/10"

    clock.advance(1)
    assert (await client.http.get(direct, headers={"Range": "bytes=4-"})).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        pytest.param("bytes=2-4", 206, b"234", id="both ends"),
        pytest.param("bytes=8-99", 206, b"89", id="end beyond"),
        pytest.param("bytes=-3", 206, b"789", id="suffix"),
        pytest.param("bytes=10-", 416, b"", id="beyond"),
        pytest.param("bytes=-", 416, b"", id="nothing"),
        pytest.param("bytes=0-1,4-5", 416, b"", id="several"),
    ],
)
async def test_ranges(
    client: Client, account: EmulatedAccount, asked: str, status: int, content: bytes
) -> None:
    direct = await link(client, account.add_file("a", b"0123456789").url)

    response = await client.http.get(direct, headers={"Range": asked})

    assert (response.status_code, response.content) == (status, content)


async def test_a_single_link_serves_one_request_at_a_time(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    direct = await link(client, account.add_file("a").url, single=1)
    token = service.downloads.tokens[direct.rpartition("/")[2]]
    token.started_at, token.running = service.now(), 1

    assert (await client.http.get(direct, headers={"Range": "bytes=0-"})).status_code == 404


async def test_head_tells_the_size_and_starts_nothing(client: Client, account: EmulatedAccount) -> None:
    direct = await link(client, account.add_file("a", b"12345").url)

    assert (await client.http.head(direct)).headers["Content-Length"] == "5"
    assert (await client.http.get(direct)).content == b"12345"


async def test_inline_and_plain_links(client: Client, account: EmulatedAccount, service: OneFichier) -> None:
    service.scheme = "https"
    file = account.add_file("a.txt")

    inline = await link(client, file.url, inline=1, no_ssl=1)

    assert inline.startswith("http://")
    assert inline.endswith("?inline")
    assert (await link(client, file.url)).startswith("https://")
    response = await client.http.get(inline)
    assert response.headers["Content-Disposition"].startswith("inline;")


async def test_downloads_are_for_customers(client: Client, account: EmulatedAccount) -> None:
    file = account.add_file("a.txt")
    account.offer = 0

    assert await client.refusal("download/get_token.cgi", url=file.url) == (
        403,
        "Must be a customer (Premium, Access) #200",
    )

    account.cdn_credits = 1
    await client.ok("download/get_token.cgi", url=file.url)


async def test_files_of_others_need_an_owner_who_is_not_locked(client: Client, service: OneFichier) -> None:
    owner = service.add_account()
    file = owner.add_file("a")

    assert (await client.http.get(await link(client, file.url))).status_code == 200

    service.lock_account(owner)
    assert (await client.refusal("download/get_token.cgi", url=file.url))[1].startswith("Owner locked")


async def test_a_download_can_be_slow(client: Client, service: OneFichier, account: EmulatedAccount) -> None:
    file = account.add_file("a", b"x" * 40_000)
    service.downloads.bytes_per_second = 1_000_000
    direct = await link(client, file.url)
    began = asyncio.get_running_loop().time()
    assert len((await client.http.get(direct)).content) == 40_000
    assert asyncio.get_running_loop().time() - began > 0.03
