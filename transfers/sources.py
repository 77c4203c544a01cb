"""A Telegram file as a size and a stream of bytes: over HTTP, or from the disk of a local Bot API server.

The file's address holds the bot's token: it lives only in here, and no error of this module names it.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

import httpx
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from onefichier import Handshakes, close_answer
from transfers.body import parts
from transfers.disk import PieceReader
from transfers.room import Room

log = logging.getLogger(__name__)

# The cloud's own check (`size > 20 << 20`), which is a little more than its page says.
CLOUD_FILE_LIMIT: Final = 20 * 1024 * 1024
# A local server answers getFile only when it has the whole file, and drops a silent connection after 500 s.
LOCAL_GET_FILE_SECONDS: Final = 480
# Asked again at once, for the server goes on fetching: so long (two hours) for 4 GB even at 600 kB/s.
LOCAL_GET_FILE_TRIES: Final = 15
# The cloud answers at once; this is a lost connection.
GET_FILE_SECONDS: Final = 20.0
_CONNECT_SECONDS: Final = 15.0
# What comes over HTTP costs by the part that arrives: joined to larger pieces than these, it is no faster.
LARGEST_JOINED_BYTES: Final = 1024 * 1024


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


class _NoAnswerYet(TelegramUnreachable):
    """getFile was asked, and nothing came."""


class ReadingBroke(SourceError):
    """It had begun to hand the file out."""


class ReadingStalled(ReadingBroke):
    """No byte came for as long as is waited for one."""


class SizeDiffers(SourceError):
    """What is handed out is not as long as getFile says."""


class FileNotVisible(SourceError):
    """The local server has put the file where this process cannot see it."""


@dataclass(frozen=True)
class Stream:
    """An open file: exactly `size` bytes, if the other side keeps its word."""

    size: int
    pieces: AsyncIterator[bytes]


PieceBytes = Callable[[], int]
"""How large the next piece should be."""


class Source(Protocol):
    @property
    def local_path(self) -> str | None:
        """Where a local server has put the file, for `TelegramFiles.delete`; None where there is nothing to delete."""
        ...

    def open(self, piece_bytes: PieceBytes) -> AbstractAsyncContextManager[Stream]:
        """Start reading.

        Raises:
            SourceError: it cannot be read; also while reading.
        """
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
        min_free_bytes: int = 0,
        free_bytes: Callable[[Path], int] | None = None,
        stall_seconds: float = 60,
        local_patience: float = LOCAL_GET_FILE_SECONDS,
    ) -> None:
        """`files_dir`: the directory of a local Bot API server, as this process sees it; `free_bytes` measures its disk.

        `local_patience`: seconds that such a server may let one call of getFile wait.
        """
        self._bot = bot
        self._http = http
        self._api_url = api_url
        self._files_dir = files_dir
        self._delete = delete_local_files
        self._stall_seconds = stall_seconds
        self._patience = GET_FILE_SECONDS if files_dir is None else local_patience
        self._handshakes = Handshakes()
        self._room = Room(files_dir, min_free_bytes, free_bytes=free_bytes) if files_dir else None

    @property
    def is_local(self) -> bool:
        """Whether a local server fetches files before it hands them out, which may take an hour."""
        return self._files_dir is not None

    @property
    def size_limit(self) -> int | None:
        """What Telegram hands to this bot; None: all that people can send."""
        return CLOUD_FILE_LIMIT if self._files_dir is None else None

    async def locate(self, file_id: str, *, size: int | None, known_path: str | None = None) -> Source:
        """Ask Telegram where the file is; with a local server, wait until it has it.

        Args:
            file_id: as the message bears it.
            size: as the message says.
            known_path: where a local server had put it before, so that it needs no more room.

        Raises:
            SourceError: Telegram does not say.
            NoRoom: the local server's disk has none for it now.
        """
        if self._files_dir is None or self._room is None:
            path, known_size = await self._get_file(file_id)
            url = f"{self._api_url}/file/bot{self._bot.token}/{quote(path)}"
            return _HttpSource(self._http, url, known_size, self._stall_seconds, self._handshakes)
        there = known_path is not None and await asyncio.to_thread(self._own_path(known_path).is_file)
        async with contextlib.nullcontext() if there else self._room.of(size):
            path, known_size = await self._get_file_patiently(file_id)
        visible = await asyncio.to_thread(_visible, Path(path), self._files_dir)
        return _DiskSource(visible, self._below_own(visible), known_size, self._stall_seconds)

    async def delete(self, local_path: str) -> None:
        """Delete a file that a local server has put there. One that will not go is logged, and left to the server."""
        if not self._delete or self._files_dir is None:
            return
        try:
            await asyncio.to_thread(self._own_path(local_path).unlink, missing_ok=True)
        except OSError as error:
            log.warning("A file of the local Bot API server could not be deleted: %s", error.strerror)

    def _own_path(self, local_path: str) -> Path:
        """The server keeps a directory for each bot, which bears the bot's token."""
        if self._files_dir is None:
            raise AssertionError("only a local server has paths")
        return self._files_dir / self._bot.token / local_path

    def _below_own(self, path: Path) -> str | None:
        own = self._own_path("").resolve()
        return str(path.relative_to(own)) if path.is_relative_to(own) else None

    async def _get_file_patiently(self, file_id: str) -> tuple[str, int | None]:
        """As long as it is silent, a local server fetches the file; calls for the same one share its work."""
        for _ in range(LOCAL_GET_FILE_TRIES):
            try:
                return await self._get_file(file_id)
            except _NoAnswerYet:
                log.info("The local Bot API server is still fetching a file")
        raise TelegramUnreachable("the local server has not fetched the file in hours")

    async def _get_file(self, file_id: str) -> tuple[str, int | None]:
        try:
            # Method names are case-insensitive; under the name of one of its own methods PTB warns.
            answer = await self._bot.do_api_request(
                "getfile", api_kwargs={"file_id": file_id}, read_timeout=self._patience
            )
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise TelegramFileTooBig("Telegram hands out no file of this size") from None
            raise TelegramRefuses(error.message) from None
        except RetryAfter as error:
            raise TelegramUnreachable("Telegram asked to wait", seconds=_seconds(error)) from None
        except TimedOut as error:
            raise _NoAnswerYet(type(error).__name__) from None
        except NetworkError as error:
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
    local_path: Final = None

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        size: int | None,
        stall_seconds: float,
        handshakes: Handshakes,
    ) -> None:
        self._http = http
        self._url = url
        self._size = size
        self._stall_seconds = stall_seconds
        self._timeout = httpx.Timeout(stall_seconds, connect=_CONNECT_SECONDS)
        self._handshakes = handshakes

    def __repr__(self) -> str:
        return "_HttpSource('**********')"

    @contextlib.asynccontextmanager
    async def open(self, piece_bytes: PieceBytes) -> AsyncIterator[Stream]:
        async with contextlib.AsyncExitStack() as stack:
            response = await self._answer(stack)
            if response.status_code in {401, 403, 404, 410}:
                raise TelegramRefuses(f"HTTP {response.status_code}")
            length = response.headers.get("Content-Length", "")
            if response.status_code != httpx.codes.OK or not length.isdecimal():
                raise TelegramUnreachable(f"HTTP {response.status_code}")
            if self._size is not None and int(length) != self._size:
                raise SizeDiffers(f"{length} bytes instead of {self._size}")
            async with contextlib.aclosing(self._pieces(response, int(length), piece_bytes)) as pieces:
                yield Stream(int(length), pieces)

    async def _answer(self, stack: contextlib.AsyncExitStack) -> httpx.Response:
        extensions = await stack.enter_async_context(self._handshakes.bounded())
        request = self._http.build_request(
            "GET",
            self._url,
            headers={"Accept-Encoding": "identity"},
            timeout=self._timeout,
            extensions=extensions,
        )
        try:
            response = await self._http.send(request, stream=True)
        except httpx.HTTPError as error:
            raise TelegramUnreachable(type(error).__name__) from None
        stack.push_async_callback(close_answer, response)
        return response

    async def _pieces(
        self, response: httpx.Response, length: int, piece_bytes: PieceBytes
    ) -> AsyncGenerator[bytes, None]:
        """What arrives comes in parts of 16 to 64 KiB, each of which would cost as much to pass on as a large one."""
        held: list[bytes] = []
        size = 0
        try:
            async with contextlib.aclosing(parts(response, length, within=self._stall_seconds)) as arriving:
                async for part in arriving:
                    held.append(part)
                    size += len(part)
                    if size >= min(piece_bytes(), LARGEST_JOINED_BYTES):
                        piece = b"".join(held)
                        held.clear()
                        size = 0
                        yield piece
        except httpx.ReadTimeout:
            raise ReadingStalled("Telegram sent no byte") from None
        except httpx.HTTPError as error:
            raise ReadingBroke(type(error).__name__) from None
        if held:
            yield b"".join(held)


class _DiskSource:
    def __init__(self, path: Path, local_path: str | None, size: int | None, stall_seconds: float) -> None:
        self._path = path
        self.local_path = local_path
        self._size = size
        self._stall_seconds = stall_seconds

    def __repr__(self) -> str:
        # The directory's name is the bot's token.
        return "_DiskSource('**********')"

    @contextlib.asynccontextmanager
    async def open(self, piece_bytes: PieceBytes) -> AsyncIterator[Stream]:
        try:
            file = await asyncio.to_thread(self._path.open, "rb", buffering=0)
        except OSError as error:
            raise FileNotVisible(error.strerror or "cannot be opened") from None
        with file:
            size = os.fstat(file.fileno()).st_size
            if self._size is not None and size != self._size:
                raise SizeDiffers(f"{size} bytes instead of {self._size}")
            async with contextlib.aclosing(self._pieces(file, piece_bytes)) as pieces:
                yield Stream(size, pieces)

    async def _pieces(self, file: FileIO, piece_bytes: PieceBytes) -> AsyncGenerator[bytes, None]:
        reader = PieceReader(file)
        try:
            while piece := await reader.read(piece_bytes(), within=self._stall_seconds):
                yield piece
        except TimeoutError:
            raise ReadingStalled("the disk gave no byte") from None
        except OSError as error:
            raise ReadingBroke(error.strerror or "cannot be read") from None


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
