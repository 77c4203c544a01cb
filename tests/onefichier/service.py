"""A service of prepared answers, for what the emulator never says."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

import httpx

from onefichier import ApiKey, Client, OneFichier, Pacing
from tests.clock import FakeClock

API_URL = "https://api.1fichier.com/v1"
KEY = "TheSecretKey0123456789abcdefABCD"
SCOPE = "account:12"
LINK = "https://1fichier.com/?k3x9w0a1b2c3d4e5f6g7"
FLOOD = "Flood detected: IP Locked #374"

Prepared = httpx.Response | Exception


def ok(**body: Any) -> httpx.Response:
    return httpx.Response(200, json={"status": "OK", **body})


def ko(message: str, status: int = 403, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"message": message, "status": "KO"}, headers=headers)


class PreparedService(httpx.AsyncBaseTransport):
    """Gives its answers in turn, the last one for ever, and keeps what it was asked, and when."""

    def __init__(self, clock: FakeClock, *answers: Prepared) -> None:
        self.clock = clock
        self.answers: list[Prepared] = list(answers)
        self.requests: list[httpx.Request] = []
        self.times: list[float] = []
        self.before_answering: Callable[[], Awaitable[None]] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.times.append(round(self.clock.elapsed, 3))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if self.before_answering:
            await self.before_answering()
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) if request.content else None for request in self.requests]


class SavedLimits:
    """Rows that outlive a `OneFichier`. Notes with each how many calls had been sent when it was saved."""

    def __init__(self, rows: Iterable[tuple[str, str, datetime]] = ()) -> None:
        self.rows = {(scope, endpoint): not_before for scope, endpoint, not_before in rows}
        self.saved: list[tuple[int, datetime]] = []
        self.service: PreparedService | None = None

    async def load(self) -> list[tuple[str, str, datetime]]:
        return [(scope, endpoint, not_before) for (scope, endpoint), not_before in self.rows.items()]

    async def save(self, scope: str, endpoint: str, not_before: datetime) -> None:
        self.rows[scope, endpoint] = not_before
        if self.service:
            self.saved.append((len(self.service.requests), not_before))


class Bench:
    """A client of prepared answers with its surroundings."""

    def __init__(
        self, clock: FakeClock, http: httpx.AsyncClient, service: PreparedService, limits: SavedLimits
    ) -> None:
        self.clock = clock
        self.service = service
        self.limits = limits
        limits.service = service
        # (endpoint, how it ended) of each call, as told to whoever keeps figures.
        self.observed: list[tuple[str, str]] = []
        self.onefichier = OneFichier(
            http,
            http,
            api_url=API_URL,
            pacing=Pacing(),
            clock=clock,
            limits=limits,
            observe=lambda endpoint, answer: self.observed.append((endpoint, answer)),
        )
        self.client = self.account(SCOPE)

    def account(self, scope: str) -> Client:
        return self.onefichier.client(ApiKey(KEY), scope=scope)

    def answer(self, *answers: Prepared) -> None:
        self.service.answers = list(answers)


async def make_bench(clock: FakeClock, limits: SavedLimits | None = None) -> AsyncIterator[Bench]:
    service = PreparedService(clock, ok())
    async with httpx.AsyncClient(transport=service) as http:
        bench = Bench(clock, http, service, limits or SavedLimits())
        async with bench.onefichier:
            yield bench
