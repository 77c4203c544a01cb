"""Pushing updates to the bot's webhook."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx

from emulators.botapi.errors import bad_request
from emulators.botapi.updates import Updates

PORTS = frozenset({80, 88, 443, 8443})
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
DEFAULT_CONNECTIONS = 40
MAX_CONNECTIONS = 100
MAX_LOCAL_CONNECTIONS = 100_000
DELIVERY_SECONDS = 60

FIRST_RETRY_SECONDS = 0.05
"""The real server begins with a second; tests have no time for that."""

LAST_RETRY_SECONDS = 5.0
MAX_RETRY_AFTER_SECONDS = 3600

_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


class Webhook:
    """The address updates are pushed to, one after another, each until it is taken or has expired."""

    def __init__(self, updates: Updates, clock: Callable[[], float]) -> None:
        self._updates = updates
        self._clock = clock
        self._pushing: asyncio.Task[None] | None = None
        self.url = ""
        self.secret = ""
        self.max_connections = DEFAULT_CONNECTIONS
        self.last_error: tuple[int, str] | None = None

    def set(self, url: str, *, secret: str, max_connections: int | None, local: bool) -> None:
        """Begin to push to `url`.

        Raises:
            ApiError: the address or the secret is not acceptable; a local server takes any address.
        """
        parts = urlsplit(url)
        if not local:
            if parts.scheme != "https":
                raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
            if (parts.port or 443) not in PORTS:
                raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if not parts.hostname:
            raise bad_request("bad webhook: URL host is empty")
        if not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        self.cancel()
        most = MAX_LOCAL_CONNECTIONS if local else MAX_CONNECTIONS
        self.url, self.secret = url, secret
        self.max_connections = min(max(max_connections or DEFAULT_CONNECTIONS, 1), most)
        self.last_error = None
        self._pushing = asyncio.create_task(self._push())

    def delete(self) -> None:
        self.cancel()
        self.url, self.secret, self.last_error = "", "", None

    def cancel(self) -> None:
        """Stop pushing; the address stays set."""
        if self._pushing is not None:
            self._pushing.cancel()
            self._pushing = None

    def info(self) -> dict[str, Any]:
        info: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
        }
        if self.url:
            info["max_connections"] = self.max_connections
        if self._updates.allowed:
            info["allowed_updates"] = self._updates.allowed
        if self.last_error is not None:
            info["last_error_date"], info["last_error_message"] = self.last_error
        return info

    async def _push(self) -> None:
        delay = FIRST_RETRY_SECONDS
        async with httpx.AsyncClient(trust_env=False, timeout=DELIVERY_SECONDS) as client:
            while True:
                count = self._updates.changes.count
                pending = self._updates.pending
                if not pending:
                    await self._updates.changes.after(count)
                    continue
                retry_after = await self._deliver(client, pending[0])
                if retry_after is None:
                    delay = FIRST_RETRY_SECONDS
                    continue
                await asyncio.sleep(retry_after or delay)
                delay = min(2 * delay, LAST_RETRY_SECONDS)

    async def _deliver(self, client: httpx.AsyncClient, update: dict[str, Any]) -> float | None:
        """Return None when the bot took the update, else how long it asked to wait, 0 when it did not say."""
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        try:
            response = await client.post(self.url, json=update, headers=headers)
        except httpx.HTTPError as error:
            self._failed(type(error).__name__)
            return 0
        if response.is_success:
            self._updates.confirm(update["update_id"])
            return None
        self._failed(f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}")
        with contextlib.suppress(ValueError):
            return min(float(response.headers.get("Retry-After", 0)), MAX_RETRY_AFTER_SECONDS)
        return 0

    def _failed(self, reason: str) -> None:
        self.last_error = (int(self._clock()), reason)
        self._updates.changes.announce()
