import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from onefichier import (
    AddressLocked,
    ApiKey,
    BadAnswer,
    Client,
    EmptyFile,
    NotAuthenticated,
    OneFichier,
    OneFichierError,
    Pacing,
    Patience,
    SourceMismatch,
    Unreachable,
    UntrustedNode,
    UploadInterrupted,
    UploadNode,
    UploadRefused,
    UploadSession,
    node_http,
)
from onefichier.upload import LAST_PIECE
from tests.clock import FakeClock
from tests.onefichier.node import ACCEPTED, Node, page, running
from tests.onefichier.service import API_URL, KEY

NODE_ID = "9kGjlUU2CV"
REFUSAL = (
    "<html><div class='bloc2'> </div><div class='x bloc2'>Pas de <b>fichier</b> trouvé\ndans l'envoi</div>"
    "<div class=bloc2>other</div>"
)


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def nothing() -> None: ...


def client(http: httpx.AsyncClient, api_url: str, patience: Patience | None = None) -> Client:
    onefichier = OneFichier(
        http, http, api_url=api_url, pacing=Pacing(), clock=FakeClock(auto=True), patience=patience
    )
    return onefichier.client(ApiKey(KEY), scope="account:1")


@contextlib.asynccontextmanager
async def upload(
    node: Node,
    *,
    size: int,
    name: str = "b.txt",
    folder_id: int = 0,
    password: str = "",
    patience: Patience | None = None,
) -> AsyncIterator[UploadSession]:
    async with running(node), node_http() as http:
        yield client(http, f"http://{node.host}/v1", patience).upload(
            UploadNode(host=node.host, id=NODE_ID),
            name=name,
            size=size,
            folder_id=folder_id,
            password=password,
        )


async def test_the_body_is_the_one_that_is_known_to_work() -> None:
    node = Node()
    async with upload(node, size=5, name='a"b é.txt', folder_id=12, password="secret") as session:
        await session.send(pieces(b"he", b"", b"llo"), before_last_piece=nothing)
    boundary = node.headers["content-type"].removeprefix("multipart/form-data; boundary=")
    assert boundary.isalnum()
    assert node.head.startswith(b"POST /upload.cgi?id=9kGjlUU2CV HTTP/1.1\r\n")
    assert node.headers["authorization"] == f"Bearer {KEY}"
    assert node.headers["accept-encoding"] == "identity"
    assert "transfer-encoding" not in node.headers
    assert node.is_whole
    assert bytes(node.body).decode() == (
        f'--{boundary}\r\nContent-Disposition: form-data; name="did"\r\n\r\n12\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="dpass"\r\n\r\nsecret\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file[]"; filename="a＂b é.txt"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\nhello\r\n--{boundary}--\r\n"
    )


@pytest.mark.parametrize(
    ("size", "piece"),
    [
        (1, 1),
        (LAST_PIECE - 1, 1000),
        (LAST_PIECE, LAST_PIECE),
        (LAST_PIECE + 1, LAST_PIECE + 1),
        (3 * LAST_PIECE, 7777),
        (1_000_000, 1_000_000),
    ],
)
async def test_the_last_piece_waits_for_the_word(size: int, piece: int) -> None:
    content = bytes(number % 251 for number in range(size))
    node = Node()
    arrived: list[int] = []
    reported: list[int] = []

    async def word() -> None:
        await asyncio.sleep(0.05)
        assert not session.last_piece_sent
        arrived.append(len(node.body))

    async with upload(node, size=size) as session:
        chunks = pieces(*(content[start : start + piece] for start in range(0, size, piece)))
        await session.send(chunks, before_last_piece=word, on_sent=reported.append)
    tail = len(content) - (arrived[0] - bytes(node.body).index(b"octet-stream\r\n\r\n") - 16)
    assert session.last_piece_sent
    assert 1 <= tail <= LAST_PIECE
    assert content in bytes(node.body)
    assert reported == sorted(reported)
    assert reported[-1] == size


@pytest.mark.parametrize(
    ("size", "parts", "received"),
    [
        (10, [b"short"], 5),
        (10, [], 0),
        (3, [b"long"], 4),
        (200_000, [b"x" * 100_000], 100_000),
        (200_000, [b"x" * 200_000, b"y"], 200_001),
        (200_000, [b"x" * 200_001], 200_001),
    ],
    ids=["short", "nothing", "long", "big and short", "big and one too many", "one big piece too long"],
)
async def test_a_source_that_lies_about_its_size_stores_nothing(
    size: int, parts: list[bytes], received: int
) -> None:
    node = Node()
    asked: list[bool] = []

    async def word() -> None:
        asked.append(True)

    async with upload(node, size=size) as session:
        with pytest.raises(SourceMismatch) as mismatch:
            await session.send(pieces(*parts), before_last_piece=word)
        await asyncio.wait_for(node.ended.wait(), 2)
    assert (mismatch.value.expected, mismatch.value.received) == (size, received)
    assert not asked
    assert not session.last_piece_sent
    assert not node.is_whole


class SourceError(Exception):
    pass


@pytest.mark.parametrize(
    "error", [SourceError("gone"), httpx.ReadError("their side"), TimeoutError("late")], ids=repr
)
async def test_what_the_source_raises_passes_unchanged_and_cuts_the_connection(error: Exception) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        raise error

    node = Node()
    async with upload(node, size=200_000) as session:
        with pytest.raises(type(error)) as raised:
            await session.send(failing(), before_last_piece=nothing)
        await asyncio.wait_for(node.ended.wait(), 2)
    assert raised.value is error
    assert not session.last_piece_sent
    assert not node.is_whole


async def test_what_the_word_raises_keeps_the_last_piece_back() -> None:
    async def refuse() -> None:
        raise SourceError

    node = Node()
    async with upload(node, size=5) as session:
        with pytest.raises(SourceError):
            await session.send(pieces(b"hello"), before_last_piece=refuse)
        await asyncio.wait_for(node.ended.wait(), 2)
    assert not node.is_whole


async def test_cancelling_closes_the_connection() -> None:
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        begun.set()
        await asyncio.Event().wait()

    node = Node()
    async with upload(node, size=200_000) as session:
        sending = asyncio.create_task(session.send(endless(), before_last_piece=nothing))
        await begun.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.wait_for(node.ended.wait(), 2)
    assert not node.is_whole


@pytest.mark.parametrize("cut_at", [0, 100_000], ids=["before the body", "in the body"])
async def test_a_connection_cut_in_the_body_cannot_have_stored_it(cut_at: int) -> None:
    async def slow() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 50_000
            await asyncio.sleep(0.002)

    async with upload(Node(cut_at=cut_at), size=2_000_000) as session:
        with pytest.raises(UploadInterrupted) as interrupted:
            await session.send(slow(), before_last_piece=nothing)
    assert not interrupted.value.last_piece_sent


async def test_a_connection_cut_after_the_body_leaves_the_outcome_open() -> None:
    node = Node(cut_after=True)
    async with upload(node, size=5) as session:
        with pytest.raises(UploadInterrupted) as interrupted:
            await session.send(pieces(b"hello"), before_last_piece=nothing)
    assert node.is_whole
    assert interrupted.value.last_piece_sent


async def test_a_node_that_takes_no_more_bytes_has_stopped() -> None:
    async def plenty() -> AsyncIterator[bytes]:
        for _ in range(400):
            yield b"x" * 100_000

    # More than the kernels of both sides take in advance.
    async with upload(Node(stall_at=1000), size=40_000_000, patience=Patience(stall=0.1)) as session:
        with pytest.raises(UploadInterrupted) as interrupted:
            await session.send(plenty(), before_last_piece=nothing)
    assert not interrupted.value.last_piece_sent


async def test_a_node_without_a_verdict_leaves_the_outcome_open() -> None:
    node = Node(stall_at=1)
    async with upload(node, size=5, patience=Patience(verdict=0.1)) as session:
        with pytest.raises(UploadInterrupted) as interrupted:
            await session.send(pieces(b"hello"), before_last_piece=nothing)
    assert interrupted.value.last_piece_sent


async def test_no_node_at_all_is_no_fault_of_the_file() -> None:
    node = Node()
    async with running(node):
        pass
    async with node_http() as http:
        session = client(http, f"http://{node.host}/v1").upload(
            UploadNode(host=node.host, id=NODE_ID), name="a", size=5
        )
        with pytest.raises(Unreachable):
            await session.send(pieces(b"hello"), before_last_piece=nothing)
    assert not session.last_piece_sent


@pytest.mark.parametrize(
    ("html", "reason", "retryable"),
    [
        (
            REFUSAL,
            "Pas de fichier trouvé dans l'envoi",
            False,
        ),
        (
            '<div class="bloc2"><div>Ne peut ouvrir le fichier destination</div></div>after',
            "Ne peut ouvrir le fichier destination",
            True,
        ),
        ('<div class="bloc2">quota &amp; more', "quota & more", False),
    ],
    ids=["no file", "node failure", "unclosed"],
)
async def test_a_refusal_page_gives_its_reason(html: str, reason: str, retryable: bool) -> None:
    async with upload(Node(answer=page(html)), size=5) as session:
        with pytest.raises(UploadRefused) as refused:
            await session.send(pieces(b"hello"), before_last_piece=nothing)
    assert (refused.value.reason, refused.value.retryable) == (reason, retryable)


@pytest.mark.parametrize(
    ("answer", "leaf"),
    [
        (page("Unauthorized", "401 Unauthorized"), NotAuthenticated),
        (page("IP Locked", "403 Forbidden"), AddressLocked),
        (page("too large", "413 Too Large"), UploadRefused),
        (page("not found", "404 Not Found"), UploadRefused),
        (page("bad gateway", "502 Bad Gateway"), UploadInterrupted),
        (page("<p>welcome</p>"), UploadInterrupted),
        (page("<div class='bloc2'> </div>"), UploadInterrupted),
        (page(""), UploadInterrupted),
        (ACCEPTED.replace(b"/end.pl?xid=9kGjlUU2CV", b"/login.pl"), BadAnswer),
        (ACCEPTED.replace(b"Content-Length: 6", b"Content-Length: 60"), None),
        (b"nonsense\r\n\r\n", UploadInterrupted),
        (page("half").replace(b"Content-Length: 4", b"Content-Length: 40"), UploadInterrupted),
    ],
    ids=[
        "401",
        "locked",
        "413",
        "404",
        "502",
        "another page",
        "a page without a reason",
        "empty",
        "elsewhere",
        "cut in the page of a 302",
        "nonsense",
        "cut in the page",
    ],
)
async def test_other_verdicts(answer: bytes, leaf: type[OneFichierError] | None) -> None:
    node = Node(answer=answer)
    async with upload(node, size=5) as session:
        if leaf is None:
            await session.send(pieces(b"hello"), before_last_piece=nothing)
        else:
            with pytest.raises(leaf) as raised:
                await session.send(pieces(b"hello"), before_last_piece=nothing)
            assert KEY not in str(raised.value)
            if isinstance(raised.value, UploadRefused):
                # A status is no reason that a person could read. Another node may take what one did not find the way for.
                assert raised.value.reason == ""
                assert raised.value.retryable is (b"404" in answer)
    assert session.last_piece_sent
    assert node.requests == 1


async def test_a_node_that_refuses_early_is_heard() -> None:
    async def slow() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000
            await asyncio.sleep(0.002)

    node = Node(answer=page('<div class="bloc2">quota</div>'), answer_at=100_000)
    async with upload(node, size=2_000_000) as session:
        with pytest.raises(UploadRefused, match="quota"):
            await session.send(slow(), before_last_piece=nothing)


@pytest.mark.parametrize(
    ("api_url", "host", "url"),
    [
        (API_URL, "up2.1fichier.com", "https://up2.1fichier.com"),
        (API_URL, "ru-3.1fichier.com", "https://ru-3.1fichier.com"),
        ("http://127.0.0.1:8000/v1", "127.0.0.1:9000", "http://127.0.0.1:9000"),
        (API_URL, "up2.1fichier.com.example.com", None),
        (API_URL, "evil1fichier.com", None),
        (API_URL, "127.0.0.1:9000", None),
        ("http://127.0.0.1:8000/v1", "up2.1fichier.com", None),
        ("http://127.0.0.1:8000/v1", "127.0.0.2:8000", None),
        (API_URL, "999.999.1.1", None),
        (API_URL, "xn--a.1fichier.com", None),
    ],
)
async def test_the_key_goes_to_the_service_only(api_url: str, host: str, url: str | None) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(302, headers={"Location": "/end.pl?xid=1"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        account = client(http, api_url)
        node = UploadNode(host=host, id=NODE_ID)
        if url is None:
            with pytest.raises(UntrustedNode):
                account.upload(node, name="a", size=1)
            with pytest.raises(UntrustedNode):
                await account.upload_report(node)
            assert seen == []
        else:
            await account.upload(node, name="a", size=1).send(pieces(b"x"), before_last_piece=nothing)
            assert seen == [f"{url}/upload.cgi?id={NODE_ID}"]


async def test_an_empty_file_and_an_unfit_password_are_refused_before_anything_is_sent() -> None:
    async with httpx.AsyncClient() as http:
        account = client(http, API_URL)
        node = UploadNode(host="up2.1fichier.com", id=NODE_ID)
        with pytest.raises(EmptyFile):
            account.upload(node, name="a", size=0)
        with pytest.raises(ValueError, match="control characters"):
            account.upload(node, name="a", size=1, password="a\r\nb")
