"""Direct links: valid once, for a short while, resumable for a little longer."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from emulators.onefichier.accounts import EmulatedAccount, Mint, StoredFile
from emulators.onefichier.content import ContentForgottenError
from emulators.onefichier.wire import notice

START_SECONDS: Final = 300.0
RESUME_SECONDS: Final = 1800.0
# Small enough for a slow line to look like one.
_PACED_BYTES: Final = 16 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(slots=True, eq=False)
class Token:
    """One answer of `get_token.cgi`. With `single`, its requests may not overlap."""

    path: str
    file: StoredFile
    account: EmulatedAccount
    issued_at: float
    inline: bool
    single: bool
    started_at: float | None = None
    running: int = 0


@dataclass(slots=True)
class Downloads:
    mint: Mint
    tokens: dict[str, Token] = field(default_factory=dict)
    bytes_per_second: float | None = None
    """Of each download; None: as fast as it goes."""

    def issue(self, account: EmulatedAccount, file: StoredFile, *, inline: bool, single: bool) -> Token:
        token = Token(self.mint.token(), file, account, self.mint.now(), inline, single)
        self.tokens[token.path] = token
        return token

    def answer(self, path: str, byte_range: str | None, *, head: bool) -> Response:
        """The bytes of a token's file, or the web site's page when it is used up."""
        token = self.tokens.get(path)
        if token is None or not self._is_valid(token, resuming=byte_range is not None):
            return notice("Lien de téléchargement expiré", 404)
        size = token.file.size
        bounds = _bounds(byte_range, size)
        if bounds is None:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
        start, stop = bounds
        headers = {
            "Content-Type": token.file.content_type,
            "Content-Length": str(stop - start),
            "Content-Disposition": _disposition(token),
            "Accept-Ranges": "bytes",
            "ETag": f'"{token.file.whirlpool[:32]}"',
            "Connection": "close",
        }
        if byte_range is not None:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        status = 200 if byte_range is None else 206
        if head:
            return Response(status_code=status, headers=headers)
        try:
            chunks = token.file.content.chunks(start, stop)
        except ContentForgottenError:
            return notice("Fichier momentanément indisponible", 503)
        if token.started_at is None:
            token.started_at = self.mint.now()
        return StreamingResponse(self._stream(token, chunks), status, headers=headers)

    def _is_valid(self, token: Token, *, resuming: bool) -> bool:
        now = self.mint.now()
        if token.started_at is None:
            return now - token.issued_at < START_SECONDS
        if token.single and token.running:
            return False
        return resuming and now - token.started_at < RESUME_SECONDS

    async def _stream(self, token: Token, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
        token.running += 1
        try:
            for chunk in chunks:
                for start in range(0, len(chunk), _PACED_BYTES):
                    piece = chunk[start : start + _PACED_BYTES]
                    yield piece
                    if self.bytes_per_second:
                        await asyncio.sleep(len(piece) / self.bytes_per_second)
        finally:
            token.running -= 1


def _bounds(byte_range: str | None, size: int) -> tuple[int, int] | None:
    if byte_range is None:
        return 0, size
    match = _RANGE.fullmatch(byte_range)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(0, size - int(match[2])), size
    start = int(match[1])
    stop = min(int(match[2]) + 1, size) if match[2] else size
    return (start, stop) if start < stop else None


def _disposition(token: Token) -> str:
    kind = "inline" if token.inline or token.file.inline else "attachment"
    plain = token.file.name.encode("ascii", "replace").decode()
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(token.file.name, safe='')}"
