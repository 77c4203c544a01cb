"""A bot reduced to its calls: no client library between the test and the wire."""

from dataclasses import dataclass
from typing import Any

import httpx

from emulators.botapi import BotApi, specification

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"


@dataclass
class Clock:
    """Unix seconds that pass when a test says so."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: httpx.Headers

    @property
    def result(self) -> Any:
        assert self.body["ok"], self.body
        return self.body["result"]

    @property
    def error(self) -> tuple[int, str]:
        assert not self.body["ok"], self.body
        assert self.status == self.body["error_code"]
        return self.status, self.body["description"]


class Caller:
    """Calls methods with JSON bodies, and holds every result against the specification."""

    def __init__(self, client: httpx.AsyncClient, token: str = TOKEN) -> None:
        self.client = client
        self.token = token

    async def __call__(self, method: str, **parameters: Any) -> Answer:
        return checked(method, await self.post(method, **parameters))

    async def unchecked(self, method: str, **parameters: Any) -> Any:
        """Return a result that is meant to be odd."""
        return (await self.post(method, **parameters)).json()["result"]

    async def post(self, method: str, **parameters: Any) -> httpx.Response:
        return await self.client.post(f"/bot{self.token}/{method}", json=parameters)


def checked(method: str, response: httpx.Response) -> Answer:
    answer = Answer(response.status_code, response.json(), response.headers)
    described = specification().method(method)
    if answer.body["ok"] and described is not None:
        assert specification().violations(described.returns, answer.result, method) == []
    return answer


def valid_updates(api: BotApi) -> list[dict[str, Any]]:
    """Return every update that was produced, each held against the specification."""
    updates = list(api.updates.produced)
    for update in updates:
        assert specification().violations("Update", update) == []
    return updates
