"""A Telegram file as a size and a stream of bytes: over HTTP, or from the disk of a local Bot API server.

The file's address holds the bot's token: it lives only in here, and no error of this module names it.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

import httpx
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

log = logging.getLogger(__name__)

# The cloud's own check (`size > 20 << 20`), which is a little more than its page says.
CLOUD_FILE_LIMIT: Final = 20 * 1024 * 1024
# Large enough to make the cost of a piece small, small enough for dozens of transfers at once.
PIECE_BYTES: Final = 256 * 1024
# A local server answers getFile only when it has the whole file, and drops a silent connection after 500 s.
LOCAL_GET_FILE_SECONDS: Final = 480
# The cloud answers at once; this is a lost connection.
GET_FILE_SECONDS: Final = 20.0
_CONNECT_SECONDS: Final = 15.0


class SourceError(Exception):
    """Root: the file cannot be had from Telegram."""


class TelegramFileTooBig(SourceError): ...


class TelegramRefuses(SourceError):
    """Telegram knows the file and does not hand it out (any more)."""


class TelegramUnreachable(SourceError):
    """Attributes: `seconds`, how long Telegram asked to wait, where it did."""

    def __init__(self, problem: str, *, seconds: float = 0) -> None:
        super().__init__(problem)
        self.seconds = seconds


class ReadingBroke(SourceError):
    """It had begun to hand the file out."""


class SizeDiffers(SourceError):
    """What is handed out is not as long as getFile says."""


class FileNotVisible(SourceError):
    """The local server has put the file where this process cannot see it."""


@dataclass(frozen=True)
class Stream:
    """An open file: exactly `size` bytes, if the other side keeps its word."""

    size: int
    pieces: AsyncIterator[bytes]


class Source(Protocol):
    def open(self) -> AbstractAsyncContextManager[Stream]:
        """Start reading.

        Raises:
            SourceError: it cannot be read; also while reading.
        """
        ...

    async def discard(self) -> None:
        """Nobody needs the file any more."""
        ...


class TelegramFiles:
    def __init__(
        self,
        bot: Bot,
        http: httpx.AsyncClient,
        *,
        api_url: str,
        files_dir: Path | None = None,
        delete_local_files: bool = True,
        stall_seconds: float = 60,
    ) -> None:
        """`files_dir`: the directory of a local Bot API server, as this process sees it."""
        self._bot = bot
        self._http = http
        self._api_url = api_url
        self._files_dir = files_dir
        self._delete = delete_local_files
        self._stall_seconds = stall_seconds

    @property
    def size_limit(self) -> int | None:
        """What Telegram hands to this bot; None: all that people can send."""
        return CLOUD_FILE_LIMIT if self._files_dir is None else None

    async def locate(self, file_id: str) -> Source:
        """Ask Telegram where the file is; with a local server, wait until it has it.

        Raises:
            SourceError: Telegram does not say.
        """
        path, size = await self._get_file(file_id)
        if self._files_dir is None:
            url = f"{self._api_url}/file/bot{self._bot.token}/{quote(path)}"
            return _HttpSource(self._http, url, size, self._stall_seconds)
        return _DiskSource(await asyncio.to_thread(_visible, Path(path), self._files_dir), size, self._delete)

    async def _get_file(self, file_id: str) -> tuple[str, int | None]:
        patience = GET_FILE_SECONDS if self._files_dir is None else LOCAL_GET_FILE_SECONDS
        try:
            # Method names are case-insensitive; under the name of one of its own methods PTB warns.
            answer = await self._bot.do_api_request(
                "getfile", api_kwargs={"file_id": file_id}, read_timeout=patience
            )
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise TelegramFileTooBig("Telegram hands out no file of this size") from None
            raise TelegramRefuses(error.message) from None
        except RetryAfter as error:
            raise TelegramUnreachable("Telegram asked to wait", seconds=_seconds(error)) from None
        except (TimedOut, NetworkError) as error:
            raise TelegramUnreachable(type(error).__name__) from None
        except InvalidToken:
            raise TelegramRefuses("the bot's token is refused") from None
        except TelegramError as error:
            raise TelegramRefuses(error.message) from None
        path = answer.get("file_path") if isinstance(answer, dict) else None
        if not isinstance(path, str) or not path:
            raise TelegramUnreachable("the answer names no file")
        size = answer.get("file_size")
        return path, size if isinstance(size, int) else None


class _HttpSource:
    def __init__(self, http: httpx.AsyncClient, url: str, size: int | None, stall_seconds: float) -> None:
        self._http = http
        self._url = url
        self._size = size
        self._timeout = httpx.Timeout(stall_seconds, connect=_CONNECT_SECONDS)

    def __repr__(self) -> str:
        return "_HttpSource('**********')"

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Stream]:
        async with contextlib.AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(
                    self._http.stream(
                        "GET", self._url, headers={"Accept-Encoding": "identity"}, timeout=self._timeout
                    )
                )
            except httpx.HTTPError as error:
                raise TelegramUnreachable(type(error).__name__) from None
            if response.status_code in {401, 403, 404, 410}:
                raise TelegramRefuses(f"HTTP {response.status_code}")
            length = response.headers.get("Content-Length", "")
            if response.status_code != httpx.codes.OK or not length.isdecimal():
                raise TelegramUnreachable(f"HTTP {response.status_code}")
            if self._size is not None and int(length) != self._size:
                raise SizeDiffers(f"{length} bytes instead of {self._size}")
            async with contextlib.aclosing(self._pieces(response)) as pieces:
                yield Stream(int(length), pieces)

    @staticmethod
    async def _pieces(response: httpx.Response) -> AsyncGenerator[bytes, None]:
        try:
            async for piece in response.aiter_raw(PIECE_BYTES):
                yield piece
        except httpx.HTTPError as error:
            raise ReadingBroke(type(error).__name__) from None

    async def discard(self) -> None:
        """Telegram keeps its files as it likes."""


@dataclass(frozen=True)
class _DiskSource:
    """Two of the same path are equal: they are one file."""

    _path: Path = field(repr=False)
    _size: int | None
    _delete: bool

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Stream]:
        try:
            file = await asyncio.to_thread(self._path.open, "rb", buffering=0)
        except OSError as error:
            raise FileNotVisible(error.strerror or "cannot be opened") from None
        with file:
            size = os.fstat(file.fileno()).st_size
            if self._size is not None and size != self._size:
                raise SizeDiffers(f"{size} bytes instead of {self._size}")
            async with contextlib.aclosing(self._pieces(file)) as pieces:
                yield Stream(size, pieces)

    @staticmethod
    async def _pieces(file: FileIO) -> AsyncGenerator[bytes, None]:
        try:
            # In a thread: a cold disk would hold the loop.
            while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                yield piece
        except OSError as error:
            raise ReadingBroke(error.strerror or "cannot be read") from None

    async def discard(self) -> None:
        if not self._delete:
            return
        try:
            await asyncio.to_thread(self._path.unlink, missing_ok=True)
        except OSError as error:
            log.warning("A file of the local Bot API server could not be deleted: %s", error.strerror)


def _visible(path: Path, root: Path) -> Path:
    """The file itself, which must lie under the root once all links are followed."""
    try:
        resolved = path.resolve(strict=True)
        inside = resolved.is_relative_to(root.resolve(strict=True))
    except OSError:
        inside = False
        resolved = path
    if not inside or not resolved.is_file():
        log.error(
            "The local Bot API server has a file where the bot cannot see it. Mount the server's directory into"
            " the bot at the same path and name it in BOT_TELEGRAM_FILES_DIR."
        )
        raise FileNotVisible("not under BOT_TELEGRAM_FILES_DIR")
    return resolved


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return float(wait) if isinstance(wait, int | float) else wait.total_seconds()
