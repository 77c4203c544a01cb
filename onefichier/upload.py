"""One upload: a multipart body of exactly known length, sent while it is read, whose end can be held back."""

import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from typing import Final

import httpx

from onefichier.api_key import ApiKey
from onefichier.classify import classify
from onefichier.errors import (
    BadAnswer,
    EmptyFile,
    Limited,
    SourceMismatch,
    Unclear,
    Unreachable,
    UploadInterrupted,
    UploadRefused,
    UploadStalled,
)
from onefichier.funnel import OnLimited
from onefichier.handshakes import Handshakes
from onefichier.models import UploadNode
from onefichier.names import safe_name
from onefichier.refusal_page import NODE_FAILURE, refusal_reason
from onefichier.report import END
from onefichier.transport import Patience, close_answer, read_bounded

UPLOAD: Final = "upload.cgi"
# The final bytes that wait for the caller's word. Less than this and the service has no whole body.
LAST_PIECE: Final = 64 * 1024
LARGEST_PAGE: Final = 256 * 1024
CONTENT_TYPE: Final = "application/octet-stream"

_ACCEPTED: Final = frozenset({302, 303})
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f]")

BeforeLastPiece = Callable[[], Awaitable[None]]
OnSent = Callable[[int], None]


class UploadSession:
    """Sends one file to one node, once."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        key: ApiKey,
        node: UploadNode,
        node_address: str,
        name: str,
        size: int,
        folder_id: int,
        password: str = "",
        handshakes: Handshakes,
        patience: Patience,
        on_limited: OnLimited,
    ) -> None:
        if size < 1:
            raise EmptyFile
        if _UNFIT.search(password):
            raise ValueError("A password with control characters cannot be sent.")
        self._http = http
        self._key = key
        self._address = node_address
        self._patience = patience
        self._on_limited = on_limited
        self.node = node
        self.name = safe_name(name)
        """The name as it is sent."""
        self.size = size
        self.last_piece_sent = False
        """False as long as 1fichier cannot have a whole file."""
        self._fields = {"did": str(folder_id)} | ({"dpass": password} if password else {})
        self._handshakes = handshakes
        self._source_error: Exception | None = None

    async def send(
        self,
        chunks: AsyncIterable[bytes],
        *,
        before_last_piece: BeforeLastPiece,
        on_sent: OnSent | None = None,
    ) -> None:
        """Send the file, and return when the node has accepted it.

        What `chunks` or `before_last_piece` raises passes through. In every case but success the connection is closed. Closing `chunks`
        is its owner's task.

        Args:
            chunks: the bytes, in pieces of any size.
            before_last_piece: awaited while the last 1 byte to 64 KiB are held back.
            on_sent: told how many of the file's bytes have been handed to the connection so far.

        Raises:
            SourceMismatch: `chunks` gave more or fewer bytes than `size`; nothing was stored.
            UploadRefused: the node's refusal page, or a status that says no.
            UploadInterrupted: the connection broke or (`UploadStalled`) stood still, or the node's answer is no verdict; see `last_piece_sent`.
            Unreachable: there is no node to send it to.
            Refusal: the key, the address or the request was refused.
            BadAnswer: accepted, but not towards end.pl.
        """
        boundary = secrets.token_hex(16)
        head, tail = self._frame(boundary)
        body = self._body(head, tail, chunks, before_last_piece, on_sent or _ignore)
        request = self._http.build_request(
            "POST",
            f"{self._address}/{UPLOAD}",
            params={"id": self.node.id},
            headers={
                "Authorization": f"Bearer {self._key.reveal()}",
                # Unquoted: the service does not read a quoted boundary.
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Content-Length": str(len(head) + self.size + len(tail)),
                "Accept-Encoding": "identity",
            },
            content=body,
            timeout=self._patience.of_an_upload,
        )
        try:
            http_status, location, page = await self._exchange(request)
        except httpx.HTTPError as error:
            if self._source_error is not None:
                raise
            if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
                raise Unreachable(type(error).__name__, endpoint=UPLOAD) from error
            kind = UploadStalled if isinstance(error, httpx.WriteTimeout) else UploadInterrupted
            raise kind(type(error).__name__, last_piece_sent=self.last_piece_sent) from error
        finally:
            await body.aclose()
        if self._source_error is not None:
            raise self._source_error
        try:
            self._judge(http_status, location, page)
        except Limited as error:
            await self._on_limited(error)
            raise

    def _frame(self, boundary: str) -> tuple[bytes, bytes]:
        """Text fields stand before the file, Content-Disposition first in each part, names quoted, in raw UTF-8."""
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self._fields.items()
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file[]"; filename="{self.name}"\r\n'
            f"Content-Type: {CONTENT_TYPE}\r\n\r\n"
        )
        return "".join(parts).encode(), f"\r\n--{boundary}--\r\n".encode()

    async def _body(
        self,
        head: bytes,
        tail: bytes,
        chunks: AsyncIterable[bytes],
        before_last_piece: BeforeLastPiece,
        on_sent: OnSent,
    ) -> AsyncGenerator[bytes, None]:
        yield head
        last = bytearray()
        try:
            sent = 0
            held_from = max(0, self.size - LAST_PIECE)
            async for chunk in chunks:
                if sent + len(last) + len(chunk) > self.size:
                    raise SourceMismatch(expected=self.size, received=sent + len(last) + len(chunk))
                free = max(0, held_from - sent)
                now = chunk if len(chunk) <= free else chunk[:free]
                last += chunk[free:]
                if now:
                    yield now
                    sent += len(now)
                    on_sent(sent)
            if sent + len(last) != self.size:
                raise SourceMismatch(expected=self.size, received=sent + len(last))
            await before_last_piece()
        except Exception as error:
            # Kept, because it may be of a kind that the connection raises too.
            self._source_error = error
            raise
        self.last_piece_sent = True
        yield bytes(last) + tail
        on_sent(self.size)

    async def _exchange(self, request: httpx.Request) -> tuple[int, str, str]:
        async with self._handshakes.bounded() as extensions:
            request.extensions |= extensions
            response = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            # The verdict of an accepted upload is in its head; whatever happens after that changes nothing.
            page = b"" if response.status_code in _ACCEPTED else await read_bounded(response, LARGEST_PAGE)
        finally:
            await close_answer(response)
        return (
            response.status_code,
            response.headers.get("Location", ""),
            (page or b"").decode("utf-8", errors="replace"),
        )

    def _judge(self, http_status: int, location: str, page: str) -> None:
        if http_status in _ACCEPTED:
            if not self.last_piece_sent:
                raise UploadInterrupted("a redirect before the end of the body", last_piece_sent=False)
            if f"/{END}" not in location:
                raise BadAnswer("redirected elsewhere", endpoint=UPLOAD, maybe_done=True)
            return
        if http_status == httpx.codes.OK:
            if reason := refusal_reason(page):
                raise UploadRefused(reason, retryable=NODE_FAILURE in reason.lower())
            raise UploadInterrupted("neither taken nor refused", last_piece_sent=self.last_piece_sent)
        error = classify(http_status, page, UPLOAD, is_page=True)
        if isinstance(error, Unclear) and http_status < httpx.codes.INTERNAL_SERVER_ERROR:
            too_large = http_status == httpx.codes.REQUEST_ENTITY_TOO_LARGE
            raise UploadRefused("", retryable=not too_large)
        if isinstance(error, Unclear):
            # Whoever answers so need not be the node that has the body.
            raise UploadInterrupted(f"HTTP {http_status}", last_piece_sent=self.last_piece_sent)
        raise error


def _ignore(_sent: int) -> None: ...
