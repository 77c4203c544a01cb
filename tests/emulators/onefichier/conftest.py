"""The emulator on a port, and a client that speaks to it as the documentation says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from emulators.onefichier import EmulatedAccount, OneFichier, Upload
from emulators.serving import serve

# 2026-03-01 12:00:00 in Paris, where winter time is UTC+1.
NOON_IN_PARIS = 1_772_362_800.0
KEY = "k" * 32
BOUNDARY = "0123456789abcdef"


class HandClock:
    """Unix seconds that pass only when told to."""

    def __init__(self, at: float = NOON_IN_PARIS) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Client:
    """A person's program: calls of the API with a key, and uploads."""

    http: httpx.AsyncClient
    service: OneFichier
    key: str | None = KEY

    @property
    def authorization(self) -> dict[str, str]:
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}"}

    async def call(self, endpoint: str, **body: Any) -> httpx.Response:
        headers = {"Content-Type": "application/json", **self.authorization}
        return await self.http.post(f"/v1/{endpoint}", json=body, headers=headers)

    async def ok(self, endpoint: str, **body: Any) -> dict[str, Any]:
        response = await self.call(endpoint, **body)
        assert response.status_code == 200, response.text
        document: dict[str, Any] = response.json()
        assert document.get("status", "OK") == "OK", document
        return document

    async def refusal(self, endpoint: str, **body: Any) -> tuple[int, str]:
        """The HTTP status and text of a call that is refused."""
        response = await self.call(endpoint, **body)
        document = response.json()
        assert document["status"] == "KO", document
        return response.status_code, document["message"]

    async def upload_id(self) -> str:
        identifier: str = (await self.ok("upload/get_upload_server.cgi"))["id"]
        return identifier

    async def send(
        self, body: bytes, identifier: str | None = None, **headers: str
    ) -> tuple[Upload, httpx.Response]:
        """POST a body to the upload node, with a fresh id unless one is given."""
        identifier = identifier or await self.upload_id()
        known = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **self.authorization}
        response = await self.http.post(
            f"/upload.cgi?id={identifier}",
            content=body,
            headers=known | {name.replace("_", "-"): value for name, value in headers.items()},
        )
        return self.service.uploads.uploads[identifier], response

    async def report(self, identifier: str) -> httpx.Response:
        return await self.http.get(f"/end.pl?xid={identifier}", headers={"JSON": "1"})

    async def uploaded(self, body: bytes) -> list[dict[str, Any]]:
        """The links reported for a body."""
        upload, response = await self.send(body)
        assert response.status_code == 302, response.text
        links: list[dict[str, Any]] = (await self.report(upload.id)).json()["links"]
        return links


def field_part(name: str, value: str) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def file_part(name: str, content: bytes, *, field: str = "file[]") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'
    head = f"--{BOUNDARY}\r\n{disposition}\r\nContent-Type: application/octet-stream\r\n\r\n"
    return head.encode() + content + b"\r\n"


def body_of(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


HELLO = body_of(file_part("a.txt", b"hello!"))
"""A whole body with one file."""


def bloc2(response: httpx.Response) -> str:
    """The text of a refusal page: its first block that is not empty."""
    blocks = response.text.split('<div class="bloc2">')[1:]
    return next(text for block in blocks if (text := block.partition("</div>")[0].strip()))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def service(clock: HandClock) -> AsyncIterator[OneFichier]:
    async with OneFichier(clock=clock, seed=1) as service:
        yield service


@pytest.fixture
def account(service: OneFichier) -> EmulatedAccount:
    return service.add_account(KEY, email="me@example.org")


@pytest.fixture
async def base(service: OneFichier) -> AsyncIterator[str]:
    async with serve(service.app) as url:
        yield url


@pytest.fixture
async def client(service: OneFichier, account: EmulatedAccount, base: str) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(base_url=base, trust_env=False, verify=False) as http:
        yield Client(http, service)
