import asyncio
import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from emulators.onefichier import DiskContent, EmulatedAccount, ForgottenContent, RepeatedContent
from tests.bot.waiting import until
from tests.emulators.onefichier.conftest import (
    BOUNDARY,
    HELLO,
    Client,
    bloc2,
    body_of,
    field_part,
    file_part,
)

NO_FILE = "Pas de fichier trouvé dans l'envoi"


def names_in(directory: Path) -> list[str]:
    return [entry.name for entry in directory.iterdir()]


async def test_an_accepted_upload_is_a_302_to_its_report(client: Client) -> None:
    upload, response = await client.send(HELLO)

    assert response.status_code == 302
    assert response.headers["Location"] == f"/end.pl?xid={upload.id}"
    assert "Moved ! Temporary Redirect" in response.text


async def test_the_same_file_twice_is_two_files(client: Client, account: EmulatedAccount) -> None:
    (first,), (second,) = await client.uploaded(HELLO), await client.uploaded(HELLO)

    assert first["filename"] == second["filename"]
    assert first["download"] != second["download"]
    assert len(account.named("a.txt")) == 2


async def test_several_files_and_fields_in_one_body(client: Client, account: EmulatedAccount) -> None:
    docs = account.add_folder("docs")
    fields = [field_part("did", str(docs.id)), field_part("domain", "4"), field_part("dpass", "secret")]

    await client.uploaded(body_of(*fields, file_part("a", b"1"), file_part("b", b"22")))

    assert [(file.name, file.size) for file in account.files.values()] == [("a", 1), ("b", 2)]
    for file in account.files.values():
        assert (file.folder_id, file.password) == (docs.id, "secret")
        assert file.url.startswith("https://dfichiers.com/?")


@pytest.mark.parametrize("did", ["1234567", "", "docs", "-1"])
async def test_an_unknown_folder_means_the_root(client: Client, account: EmulatedAccount, did: str) -> None:
    await client.uploaded(body_of(field_part("did", did), field_part("domain", "11"), file_part("a", b"1")))

    (file,) = account.files.values()
    assert (file.folder_id, file.domain) == (0, 0)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        pytest.param("  a b  ", "a b", id="edge spaces"),
        pytest.param("a'<>$/`´\\b", "a________b", id="unsafe"),
        pytest.param("日本語 🎉.mp4", "日本語 🎉.mp4", id="any script"),
        pytest.param("   ", "_", id="blank"),
    ],
)
async def test_names_are_mended(client: Client, sent: str, stored: str) -> None:
    (link,) = await client.uploaded(body_of(file_part(sent, b"x")))

    assert link["filename"] == stored


async def test_large_bodies_are_not_kept(client: Client, account: EmulatedAccount, tmp_path: Path) -> None:
    content = os.urandom(200_000)
    client.service.uploads.keep_bytes = 1000
    await client.uploaded(body_of(file_part("a", content)))
    client.service.uploads.content_directory = tmp_path
    await client.uploaded(body_of(file_part("b", content)))

    (forgotten,), (on_disk,) = account.named("a"), account.named("b")

    assert isinstance(forgotten.content, ForgottenContent)
    assert isinstance(on_disk.content, DiskContent)
    assert on_disk.read() == content
    assert forgotten.sha256 == on_disk.sha256
    direct = (await client.ok("download/get_token.cgi", url=forgotten.url))["url"]
    assert (await client.http.get(direct)).status_code == 503
    forgotten.content = RepeatedContent(content, len(content))
    assert (await client.http.get(direct)).content == content


async def test_a_refused_body_leaves_nothing_on_disk(client: Client, tmp_path: Path) -> None:
    client.service.uploads.keep_bytes, client.service.uploads.content_directory = 10, tmp_path

    _, response = await client.send(body_of(file_part("a", b"x" * 100), file_part("b", b"")))

    assert bloc2(response) == NO_FILE
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(HELLO, f'multipart/form-data; boundary="{BOUNDARY}"', id="quoted boundary"),
        pytest.param(HELLO, "application/octet-stream", id="no form"),
        pytest.param(body_of(file_part("a", b"")), None, id="empty file"),
        pytest.param(body_of(field_part("did", "0")), None, id="no file"),
        pytest.param(file_part("a", b"x"), None, id="no end"),
        pytest.param(body_of(*[file_part("a", b"x")] * 501), None, id="501 files"),
        pytest.param(b"", None, id="empty body"),
    ],
)
async def test_what_is_not_understood_is_refused_with_a_page(
    client: Client, account: EmulatedAccount, body: bytes, content_type: str | None
) -> None:
    headers = {"Content_Type": content_type} if content_type else {}

    upload, response = await client.send(body, **headers)

    assert (response.status_code, bloc2(response)) == (200, NO_FILE)
    assert upload.refusal == NO_FILE
    assert (await client.report(upload.id)).status_code == 404
    assert not account.files


async def test_names_have_a_limit(client: Client) -> None:
    _, response = await client.send(body_of(file_part("x" * 251, b"x")))

    assert bloc2(response) == "Nom de fichier trop long"


async def test_chunked_bodies_are_refused(client: Client) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield HELLO

    identifier = await client.upload_id()
    response = await client.http.post(
        f"/upload.cgi?id={identifier}",
        content=chunks(),
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    )

    assert response.status_code == 411


async def test_uploads_are_posted(client: Client) -> None:
    assert (await client.http.get("/upload.cgi")).status_code == 405


async def test_an_id_serves_one_upload(client: Client, account: EmulatedAccount) -> None:
    upload, _ = await client.send(HELLO)

    _, again = await client.send(HELLO, upload.id)
    unknown = await client.http.post("/upload.cgi?id=0000000000", content=HELLO)

    assert bloc2(again) == bloc2(unknown) == "Identifiant d'envoi inconnu"
    await client.report(upload.id)
    assert len(account.files) == 1


async def test_a_refused_id_can_be_used_again(client: Client) -> None:
    upload, _ = await client.send(b"")

    _, response = await client.send(HELLO, upload.id)

    assert response.status_code == 302
    assert upload.attempts == 2


async def test_a_body_shorter_than_its_length_is_never_stored(
    client: Client, account: EmulatedAccount, base: str
) -> None:
    identifier = await client.upload_id()
    url = httpx.URL(base)
    _, writer = await asyncio.open_connection(url.host, url.port)
    head = (
        f"POST /upload.cgi?id={identifier} HTTP/1.1\r\nHost: x\r\nAuthorization: {client.authorization['Authorization']}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(HELLO) + 1}\r\n\r\n"
    )
    writer.write(head.encode() + HELLO)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await client.service.until_called("upload.cgi")

    assert client.service.calls[-1].status == 0
    assert (await client.report(identifier)).status_code == 404
    assert not account.files


@pytest.mark.parametrize("attribute", ["upload_forbidden", "overquota"])
async def test_an_account_that_may_not_upload_is_refused(
    client: Client, account: EmulatedAccount, attribute: str
) -> None:
    setattr(account, attribute, True)

    _, response = await client.send(HELLO)

    assert bloc2(response) == "Envoi interdit pour ce compte"


async def test_a_length_beyond_500_gigabytes_is_refused(client: Client, base: str) -> None:
    identifier = await client.upload_id()
    url = httpx.URL(base)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = (
        f"POST /upload.cgi?id={identifier} HTTP/1.1\r\nHost: x\r\nContent-Length: {500 * 10**9 + 1}\r\n\r\n"
    )
    writer.write(head.encode())
    writer.write_eof()
    await reader.read()
    writer.close()
    await writer.wait_closed()

    assert client.service.uploads.uploads[identifier].received is None


async def test_without_a_key_the_file_is_a_guests(client: Client, account: EmulatedAccount) -> None:
    client.key = None

    (link,) = await client.uploaded(HELLO)

    assert not account.files
    (file,) = client.service.guest_files.values()
    assert link["remove"] == f"https://1fichier.com/remove/{file.id}/{file.remove_code}"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_remove_link_deletes(client: Client, method: str) -> None:
    client.key = None
    (link,) = await client.uploaded(HELLO)
    path = httpx.URL(link["remove"]).path

    assert (await client.http.request(method, path + "x")).status_code == 404
    assert (await client.http.request(method, path)).status_code == 200
    assert (await client.http.request(method, path)).status_code == 404
    assert not client.service.guest_files


async def test_a_guests_file_can_be_removed_by_its_code(client: Client) -> None:
    client.key = None
    (link,) = await client.uploaded(HELLO)
    client.key = client.service.accounts[0].key
    code = link["remove"].rpartition("/")[2]

    assert (await client.refusal("file/rm.cgi", files=[{"url": link["download"], "code": "wrong"}]))[0] == 403
    await client.ok("file/rm.cgi", files=[{"url": link["download"], "code": code}])

    assert not client.service.guest_files


@pytest.mark.parametrize("death", ["revoked", "locked"])
async def test_a_dead_key_is_refused_or_becomes_a_guest(
    client: Client, account: EmulatedAccount, death: str
) -> None:
    identifiers = [await client.upload_id() for _ in range(2)]
    if death == "revoked":
        client.service.revoke_key(account)
    else:
        client.service.lock_account(account)

    _, refused = await client.send(HELLO, identifiers[0])
    client.service.uploads.dead_key = "guest"
    _, accepted = await client.send(HELLO, identifiers[1])

    assert bloc2(refused) == "Utilisateur non reconnu"
    assert accepted.status_code == 302
    assert (await client.report(identifiers[1])).json()["links"][0]["remove"]
    assert len(client.service.guest_files) == 1


@pytest.mark.parametrize(
    ("password", "incoming"), [pytest.param("hunter2", 0, id="right"), pytest.param("", 1, id="none")]
)
async def test_fields_can_name_the_user(
    client: Client, account: EmulatedAccount, password: str, incoming: int
) -> None:
    account.password = "hunter2"
    client.key = None
    fields = [field_part("user", account.email), field_part("pass", password)]

    upload, _ = await client.send(body_of(*fields, file_part("a", b"x")))

    assert (await client.report(upload.id)).json()["incoming"] == incoming
    assert len(account.files) == 1


@pytest.mark.parametrize(
    ("credentials", "accepted"),
    [
        pytest.param(base64.b64encode(b"me@example.org:hunter2").decode(), True, id="right"),
        pytest.param(base64.b64encode(b"me@example.org:wrong").decode(), False, id="wrong"),
        pytest.param("%%%", False, id="garbage"),
    ],
)
async def test_basic_authentication_works_at_the_node(
    client: Client, account: EmulatedAccount, credentials: str, accepted: bool
) -> None:
    account.password = "hunter2"

    _, response = await client.send(HELLO, Authorization=f"Basic {credentials}")

    assert (response.status_code == 302) is accepted


async def test_the_node_can_be_slow(client: Client) -> None:
    client.service.uploads.bytes_per_second = len(HELLO) / 0.05
    began = asyncio.get_running_loop().time()

    await client.uploaded(HELLO)

    assert asyncio.get_running_loop().time() - began >= 0.05


async def test_an_upload_under_way_can_be_slowed_down(client: Client) -> None:
    """And is seen to be under way."""
    identifier = await client.upload_id()
    upload = client.service.uploads.uploads[identifier]
    seen: list[bool] = []

    async def in_two_pieces() -> AsyncIterator[bytes]:
        yield HELLO[:50]
        await until(lambda: upload.bytes_received == 50)
        seen.append(upload.arriving)
        client.service.uploads.bytes_per_second = (len(HELLO) - 50) / 0.05
        yield HELLO[50:]

    began = asyncio.get_running_loop().time()
    response = await client.http.post(
        f"/upload.cgi?id={identifier}",
        content=in_two_pieces(),
        headers=client.authorization
        | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(len(HELLO))},
    )

    assert response.status_code == 302
    assert asyncio.get_running_loop().time() - began >= 0.05
    assert [*seen, upload.arriving] == [True, False]


@pytest.mark.parametrize(
    ("offer", "limit"), [(0, 50 * 10**9), (1, 300 * 10**9)], ids=["registered", "customer"]
)
async def test_files_have_the_limit_of_their_account(
    account: EmulatedAccount, offer: int, limit: int
) -> None:
    account.offer = offer

    assert account.file_bytes_limit == limit
