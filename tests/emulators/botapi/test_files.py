import asyncio
import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators.botapi import BotApi, PathContent, VirtualFile, checksum
from emulators.botapi.content import VIRTUAL_BLOCK_BYTES
from emulators.user import Person
from tests.emulators.botapi.calling import TOKEN, Caller, Clock

MEBIBYTE = 1 << 20


def document_id(ada: Person, **what: Any) -> str:
    return str(ada.send_file(**what).payload["document"]["file_id"])


async def link(call: Caller, file_id: str) -> str:
    described = (await call("getFile", file_id=file_id)).result
    return f"/file/bot{TOKEN}/{described['file_path']}"


async def receive(client: httpx.AsyncClient, path: str, into: bytearray, *, timeout: float = 5) -> None:
    async with client.stream("GET", path, timeout=timeout) as response:
        async for piece in response.aiter_raw():
            into += piece


@pytest.mark.parametrize("size", [0, 1, VIRTUAL_BLOCK_BYTES * 4, 1_000_003])
def test_virtual_bytes_are_the_same_each_time_and_as_many_as_said(size: int) -> None:
    file = VirtualFile(size, seed=3)
    data = b"".join(file.pieces())
    assert len(data) == size
    assert checksum(file) == hashlib.sha256(data).hexdigest()
    assert size < 2 or checksum(file) != checksum(VirtualFile(size, seed=4))


@pytest.mark.parametrize("form", ["bytes", "path", "virtual"])
async def test_a_file_arrives_as_it_was_sent(form: str, call: Caller, ada: Person, tmp_path: Path) -> None:
    data = b"".join(VirtualFile(600_000, 1).pieces())
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    content: Any = {"bytes": data, "path": path, "virtual": VirtualFile(600_000, 1)}[form]
    response = await call.client.get(await link(call, document_id(ada, name="A.PDF", content=content)))
    assert response.content == data
    assert response.headers["content-length"] == "600000"
    assert response.url.path.endswith("documents/file_1.pdf")


@pytest.mark.parametrize(
    ("kind", "field", "path"),
    [
        ("document", "document", "documents/file_1.bin"),
        ("video", "video", "videos/file_1.mp4"),
        ("audio", "audio", "music/file_1.mp3"),
        ("voice", "voice", "voice/file_1.oga"),
        ("animation", "animation", "animations/file_1.mp4"),
        ("video_note", "video_note", "video_notes/file_1.mp4"),
        ("sticker", "sticker", "stickers/file_1.webp"),
        ("live_photo", "live_photo", "photos/file_1.mp4"),
    ],
)
async def test_each_kind_has_its_directory(
    kind: Any, field: str, path: str, call: Caller, ada: Person
) -> None:
    file_id = ada.send_file(kind).payload[field]["file_id"]
    assert (await call("getFile", file_id=file_id)).result["file_path"] == path


async def test_the_cloud_hands_out_20_mebibytes_and_no_byte_more(call: Caller, ada: Person) -> None:
    just = document_id(ada, size=20 * MEBIBYTE)
    assert (await call("getFile", file_id=just)).result["file_size"] == 20 * MEBIBYTE
    for what in ({"size": 20 * MEBIBYTE + 1}, {"size": 1, "file_size": 21 * MEBIBYTE}):
        answer = await call("getFile", file_id=document_id(ada, **what))
        assert answer.error == (400, "Bad Request: file is too big")


async def test_ids_that_lead_to_nothing(api: BotApi, call: Caller, ada: Person) -> None:
    assert (await call("getFile", file_id="")).error == (400, "Bad Request: file_id not specified")
    assert (await call("getFile", file_id="x")).error == (400, "Bad Request: invalid file_id")
    file_id = document_id(ada)
    api.files.unavailable.add(file_id)
    answer = await call("getFile", file_id=file_id)
    assert answer.error == (400, "Bad Request: wrong file_id or the file is temporarily unavailable")


async def test_a_link_ends_after_an_hour_and_a_new_one_can_be_had(
    api: BotApi, call: Caller, ada: Person, clock: Clock
) -> None:
    file_id = document_id(ada)
    path = await link(call, file_id)
    clock.advance(3600)
    expired = await call.client.get(path)
    assert (expired.status_code, expired.json()["description"]) == (404, "Not Found")
    assert (await call.client.get(await link(call, file_id))).status_code == 200
    api.files.expire_links()
    assert (await call.client.get(path)).status_code == 404


async def test_a_file_needs_the_token_and_a_link(call: Caller, ada: Person) -> None:
    path = await link(call, document_id(ada))
    assert (await call.client.get(path.replace(TOKEN, TOKEN[:-1]))).status_code == 404
    assert (await call.client.post(path)).status_code == 404
    assert (await call.client.get(f"/file/bot{TOKEN}/documents/file_9.bin")).status_code == 404
    assert (await call.client.head(path)).headers["content-length"] == "1000"


async def test_a_cut_download_ends_early(api: BotApi, wire: httpx.AsyncClient, ada: Person) -> None:
    path = await link(Caller(wire), document_id(ada, size=100_000))
    api.faults.add_download(cut_after=40_000)
    received = bytearray()
    with pytest.raises(httpx.TransportError):
        await receive(wire, path, received)
    assert len(received) == 40_000
    assert len((await wire.get(path)).content) == 100_000


async def test_a_stalled_download_sends_nothing_more(
    api: BotApi, wire: httpx.AsyncClient, ada: Person
) -> None:
    path = await link(Caller(wire), document_id(ada, size=100_000))
    api.faults.add_download(stall_after=10_000)
    received = bytearray()
    with pytest.raises(httpx.ReadTimeout):
        await receive(wire, path, received, timeout=0.1)
    assert len(received) == 10_000


@pytest.mark.parametrize("length", [900, 1100], ids=["too-short", "too-long"])
async def test_a_false_length_is_not_kept(
    length: int, api: BotApi, wire: httpx.AsyncClient, ada: Person
) -> None:
    path = await link(Caller(wire), document_id(ada, size=1000))
    api.faults.add_download(content_length=length)
    if length < 1000:
        assert len((await wire.get(path)).content) == length
    else:
        with pytest.raises(httpx.TransportError):
            await wire.get(path)


async def test_a_slow_download_takes_its_time(api: BotApi, wire: httpx.AsyncClient, ada: Person) -> None:
    path = await link(Caller(wire), document_id(ada, size=10_000))
    api.faults.add_download(bytes_per_second=100_000)
    begun = asyncio.get_running_loop().time()
    assert len((await wire.get(path)).content) == 10_000
    assert asyncio.get_running_loop().time() - begun >= 0.09


async def test_a_download_fault_can_mean_one_file_only(api: BotApi, call: Caller, ada: Person) -> None:
    good, bad = document_id(ada), document_id(ada)
    fault = api.faults.add_download(status=502, file_id=bad, times=None)
    assert (await call.client.get(await link(call, good))).status_code == 200
    for _ in range(2):
        assert (await call.client.get(await link(call, bad))).json()["description"] == "Bad Gateway"
    assert fault.hits == 2
    api.faults.clear()
    assert (await call.client.get(await link(call, bad))).status_code == 200


async def test_a_local_server_writes_the_file_before_it_answers(clock: Clock, tmp_path: Path) -> None:
    api = BotApi(token=TOKEN, clock=clock, local_dir=tmp_path)
    ada = Person(api, user_id=42, first_name="Ada")
    file_id = document_id(ada, name="big.iso", size=21 * MEBIBYTE)
    transport = httpx.ASGITransport(app=api.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:
        call = Caller(client)
        answers = await asyncio.gather(*(call("getFile", file_id=file_id) for _ in range(3)))
        (path,) = {answer.result["file_path"] for answer in answers}
        assert path == str(tmp_path / TOKEN / "documents" / "file_1.iso")
        on_disk = PathContent(Path(path))
        assert checksum(on_disk) == checksum(api.files.by_id[file_id].content)
        assert (await call("getFile", file_id=file_id)).result["file_path"] == path
        assert (await client.get(f"/file/bot{TOKEN}/documents/file_1.iso")).status_code == 404
        on_disk.path.unlink()
        await call("getFile", file_id=file_id)
        assert on_disk.size == 21 * MEBIBYTE


async def test_a_local_server_reads_documents_from_its_disk(clock: Clock, tmp_path: Path) -> None:
    api = BotApi(token=TOKEN, clock=clock, local_dir=tmp_path)
    ada = Person(api, user_id=42, first_name="Ada")
    ada.say("/start")
    document = tmp_path / "a b.txt"
    document.write_bytes(b"hello")
    transport = httpx.ASGITransport(app=api.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:
        call = Caller(client)
        sent = await call("sendDocument", chat_id=42, document=document.as_uri())
        assert (sent.result["document"]["file_name"], sent.result["document"]["file_size"]) == ("a b.txt", 5)
        gone = await call("sendDocument", chat_id=42, document=(tmp_path / "gone").as_uri())
        assert gone.error == (400, "Bad Request: there is no document in the request")
