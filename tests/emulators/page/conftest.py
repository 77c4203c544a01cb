"""The demo without the real bot: the page's control interface over HTTP, and a bot that says what a test wants."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators.botapi import SeenMessage
from emulators.page.demo import Demo, demo
from emulators.tour import TOKEN
from tests.emulators.botapi.calling import Caller, valid_updates

ADA = 11_111_111
BO = 22_222_222
GROUP = -1_000_000_000_033
CHANNEL = -1_000_000_000_077


@pytest.fixture
async def shown(tmp_path: Path) -> AsyncIterator[Demo]:
    """The demo, served, its bot not started."""
    async with demo(directory=tmp_path) as shown:
        yield shown
        valid_updates(shown.api)


class Page:
    """What the page asks the demo for."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def state(self) -> dict[str, Any]:
        state: dict[str, Any] = (await self.http.get("/control/state")).json()
        return state

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        response = await self.http.post(f"/control/{path}", json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def refused(self, path: str, **body: Any) -> tuple[int, str]:
        response = await self.http.post(f"/control/{path}", json=body)
        return response.status_code, response.json()["error"]

    async def say(self, person: int, chat: int, text: str = "", **words: Any) -> list[dict[str, Any]]:
        """Write or send something; the messages that came of it."""
        answer = await self.post(f"people/{person}/chats/{chat}/messages", text=text, **words)
        messages: list[dict[str, Any]] = answer["messages"]
        return messages

    async def give(self, name: str, content: bytes) -> str:
        """Bring a file to the demo, to be sent afterwards."""
        response = await self.http.post("/control/files", params={"name": name}, content=content)
        assert response.json() | {"file": ""} == {"file": "", "name": name, "size": len(content)}
        identifier: str = response.json()["file"]
        return identifier

    async def account(self, person: int) -> dict[str, Any]:
        accounts = (await self.state())["accounts"]
        return next(account for account in accounts if account["person"] == person)


@pytest.fixture
async def page(shown: Demo) -> AsyncIterator[Page]:
    async with httpx.AsyncClient(base_url=shown.url, trust_env=False) as http:
        yield Page(http)


@pytest.fixture
async def bot(shown: Demo) -> AsyncIterator[Caller]:
    """Whatever the bot would call."""
    transport = httpx.ASGITransport(app=shown.api.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot-api") as http:
        yield Caller(http, TOKEN)


def told(shown: Demo) -> list[dict[str, Any]]:
    """The messages that the bot was told of and has not confirmed."""
    return [update["message"] for update in shown.api.updates.pending if "message" in update]


def sent(shown: Demo, chat: int) -> list[SeenMessage]:
    return shown.scene.chats[chat].visible
