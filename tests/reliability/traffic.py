"""Requests on their way to the emulated services: counted, and held at the moment at which the bot shall be killed."""

import asyncio
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulators.botapi.changes import Changes


class Phase(StrEnum):
    """How far a request has come."""

    BEGUN = "begun"
    """Its head received."""
    HALFWAY = "halfway"
    """Half of its body received."""
    ASKED = "asked"
    """Received whole, and nothing done yet."""
    ACTED = "acted"
    """Done what it asks for, and not answered."""
    ANSWERED = "answered"


@dataclass(frozen=True)
class Target:
    """Which requests are meant: `path` is a pattern of path and query, `says` and `answers` are patterns of the bodies."""

    path: str
    says: bytes = b""
    answers: bytes = b""
    least_bytes: int = 0
    most_bytes: int | None = None

    def fits(self, name: str, length: int) -> bool:
        size_fits = self.least_bytes <= length and (self.most_bytes is None or length <= self.most_bytes)
        return size_fits and re.search(self.path, name) is not None


@dataclass(eq=False)
class Hold:
    """Waits for the first request that comes so far; `request` is its path and query, `length` that of its body."""

    target: Target
    phase: Phase
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    request: str = ""
    length: int = 0

    @property
    def upload_id(self) -> str:
        """Of a request to an upload node."""
        return self.request.partition("=")[2]

    async def until_reached(self, seconds: float) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            await self.reached.wait()

    async def reach(self, request: "_Request") -> None:
        """Stay until released, unless another request was here before."""
        if not self.reached.is_set():
            self.request, self.length = request.name, request.length
            self.reached.set()
            await self.released.wait()


class Traffic:
    """Stands before any number of applications."""

    def __init__(self) -> None:
        self._changes = Changes()
        self._holds: list[Hold] = []

    @property
    def requests(self) -> int:
        """How many have arrived so far."""
        return self._changes.count

    async def until(self, requests: int, *, seconds: float) -> None:
        """Wait for so many requests since the beginning. Raises TimeoutError."""
        await self._changes.until(lambda: self.requests >= requests, seconds)

    @contextlib.contextmanager
    def hold(self, target: Target, phase: Phase) -> Iterator[Hold]:
        """Hold the first such request that arrives from now on; it goes its way at the end of the block."""
        hold = Hold(target, phase)
        self._holds.append(hold)
        try:
            yield hold
        finally:
            self._holds.remove(hold)
            hold.released.set()

    def before(self, app: ASGIApp) -> ASGIApp:
        async def pass_on(scope: Scope, receive: Receive, send: Send) -> None:
            self._changes.announce()
            request = _Request(scope, receive)
            hold = await self._hold_of(request)
            if hold is None:
                await app(scope, request.receive, send)
                return
            if hold.phase is Phase.ASKED:
                await request.read()
            if hold.phase in {Phase.BEGUN, Phase.ASKED}:
                await hold.reach(request)
            held = _Held(request, hold, send)
            await app(scope, held.receive, held.send)
            if hold.phase is Phase.ANSWERED and held.answered:
                await hold.reach(request)

        return pass_on

    async def _hold_of(self, request: "_Request") -> Hold | None:
        for hold in self._holds:
            target = hold.target
            if not target.fits(request.name, request.length):
                continue
            # An upload is not read beforehand.
            if not target.says or re.search(target.says, await request.read(), re.DOTALL):
                return hold
        return None


class _Request:
    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers = dict(scope["headers"])
        query = scope["query_string"].decode()
        self.name = scope["path"] + (f"?{query}" if query else "")
        self.length = int(headers.get(b"content-length", 0))
        self._receive = receive
        self._read: list[Message] = []

    async def read(self) -> bytes:
        """The whole body, which the application reads again."""
        while not self._read or self._read[-1].get("more_body"):
            self._read.append(await self._receive())
        return b"".join(message.get("body", b"") for message in self._read)

    async def receive(self) -> Message:
        return self._read.pop(0) if self._read else await self._receive()


class _Held:
    """What an application sees of a request and says to it."""

    def __init__(self, request: _Request, hold: Hold, send: Send) -> None:
        self._request = request
        self._hold = hold
        self._send = send
        self._start: Message | None = None
        self._received = 0
        self.answered = False

    async def receive(self) -> Message:
        message = await self._request.receive()
        self._received += len(message.get("body", b""))
        if self._hold.phase is Phase.HALFWAY and 2 * self._received >= self._request.length:
            await self._hold.reach(self._request)
        return message

    async def send(self, message: Message) -> None:
        """What an answer says shows in its body, so its head waits for that."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            answer = message.get("body", b"")
            self.answered = re.search(self._hold.target.answers, answer, re.DOTALL) is not None
            if self._hold.phase is Phase.ACTED and self.answered:
                await self._hold.reach(self._request)
            await self._send(start)
        await self._send(message)
