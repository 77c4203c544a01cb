"""Documents sent to a chat while they are read: a multipart body of exactly known length, whose end can be held back.

The address holds the bot's token: it lives only in here, and no error of this module names it.
"""

import contextlib
import json
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx

from onefichier import close_answer

# What the cloud takes from bots, and what a server of one's own does: "50 MB" and "2000 MB" in Telegram's documents, which may
# mean a little more.
CLOUD_DOCUMENT_LIMIT: Final = 50_000_000
LOCAL_DOCUMENT_LIMIT: Final = 2_000_000_000
# Less than this and Telegram has no whole body.
LAST_PIECE: Final = 64 * 1024
# After the last byte a server of one's own may still be passing the file on.
VERDICT_SECONDS: Final = 600.0
_CONNECT_SECONDS: Final = 15.0
_POOL_SECONDS: Final = 30.0
# Of a verdict; it is a message of a few hundred bytes.
_LARGEST_ANSWER: Final = 1 << 20
# What would end the name within its header.
_UNFIT: Final = re.compile(r'[\x00-\x1f\x7f"\\]')


class SendError(Exception):
    """Root: the document did not arrive, as far as is known."""


class SendRefused(SendError):
    """Telegram will not take it; the message is its own."""


class SendPostponed(SendError):
    """Telegram wants `seconds` of rest first."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


class SendInterrupted(SendError):
    """The connection broke, or the answer is no verdict."""


class LengthDiffers(SendError):
    """What was to be sent is longer or shorter than announced; Telegram has no whole body."""


class HasToken(Protocol):
    @property
    def token(self) -> str: ...


@dataclass(frozen=True)
class Destination:
    """`reply_to`: a message that it answers, where that is still there. `silent`: no phone rings."""

    chat_id: int
    reply_to: int
    silent: bool


class TelegramDocuments:
    def __init__(
        self,
        bot: HasToken,
        http: httpx.AsyncClient,
        *,
        api_url: str,
        is_local: bool,
        stall_seconds: float = 60,
    ) -> None:
        self._bot = bot
        self._http = http
        self._api_url = api_url
        self._timeout = httpx.Timeout(
            connect=_CONNECT_SECONDS, read=VERDICT_SECONDS, write=stall_seconds, pool=_POOL_SECONDS
        )
        self.size_limit = LOCAL_DOCUMENT_LIMIT if is_local else CLOUD_DOCUMENT_LIMIT
        """Bytes of the largest document that Telegram takes from this bot."""

    async def send(
        self,
        to: Destination,
        name: str,
        size: int,
        pieces: AsyncIterable[bytes],
        *,
        before_last_piece: Callable[[], Awaitable[None]],
        on_sent: Callable[[int], None],
    ) -> None:
        """Return when Telegram has taken the whole document. What `pieces` and `before_last_piece` raise passes through.

        Raises:
            SendError: it has not, as far as is known.
        """
        boundary = secrets.token_hex(16)
        head, tail = _frame(boundary, to, name)
        body = _Body(head, tail, size, pieces, before_last_piece, on_sent)
        stream = body.stream()
        request = self._http.build_request(
            "POST",
            f"{self._api_url}/bot{self._bot.token}/sendDocument",
            headers={
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Content-Length": str(len(head) + size + len(tail)),
            },
            content=stream,
            timeout=self._timeout,
        )
        try:
            response = await self._http.send(request, stream=True, follow_redirects=False)
            try:
                answer = await _read(response)
            finally:
                await close_answer(response)
        except httpx.HTTPError as error:
            if body.error is not None:
                raise body.error from None
            raise SendInterrupted(type(error).__name__) from None
        finally:
            await stream.aclose()
        if body.error is not None:
            raise body.error
        _judge(response.status_code, answer)


class _Body:
    def __init__(
        self,
        head: bytes,
        tail: bytes,
        size: int,
        pieces: AsyncIterable[bytes],
        before_last_piece: Callable[[], Awaitable[None]],
        on_sent: Callable[[int], None],
    ) -> None:
        self._head, self._tail, self._size = head, tail, size
        self._pieces = pieces
        self._before_last_piece = before_last_piece
        self._on_sent = on_sent
        self.error: Exception | None = None
        """Kept, because it may be of a kind that the connection raises too."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        yield self._head
        held = bytearray()
        sent = 0
        try:
            async for piece in self._pieces:
                held += piece
                if sent + len(held) > self._size:
                    raise LengthDiffers(f"more than {self._size} bytes")
                if (free := len(held) - LAST_PIECE) > 0:
                    now = bytes(held[:free])
                    del held[:free]
                    yield now
                    sent += free
                    self._on_sent(sent)
            if sent + len(held) != self._size:
                raise LengthDiffers(f"{sent + len(held)} bytes instead of {self._size}")
            await self._before_last_piece()
        except Exception as error:
            self.error = error
            raise
        yield bytes(held) + self._tail
        self._on_sent(self._size)


def _frame(boundary: str, to: Destination, name: str) -> tuple[bytes, bytes]:
    reply = {"message_id": to.reply_to, "allow_sending_without_reply": True}
    fields = {
        "chat_id": str(to.chat_id),
        "reply_parameters": json.dumps(reply),
        "disable_notification": json.dumps(to.silent),
    }
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="document"; filename="{_UNFIT.sub("_", name)}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join(parts).encode(), f"\r\n--{boundary}--\r\n".encode()


async def _read(response: httpx.Response) -> dict[str, Any]:
    read = bytearray()
    async for piece in response.aiter_bytes():
        read += piece
        if len(read) > _LARGEST_ANSWER:
            raise SendInterrupted("an answer without end")
    with contextlib.suppress(ValueError):
        answer = json.loads(read)
        if isinstance(answer, dict):
            return answer
    return {}


def _judge(status: int, answer: dict[str, Any]) -> None:
    if status == httpx.codes.OK and answer.get("ok") is True:
        return
    if status == httpx.codes.TOO_MANY_REQUESTS:
        parameters = answer.get("parameters")
        seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
        raise SendPostponed(float(seconds) if isinstance(seconds, int | float) else 1.0)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or not answer:
        raise SendInterrupted(f"HTTP {status}")
    description = answer.get("description")
    raise SendRefused(description if isinstance(description, str) else f"HTTP {status}")
