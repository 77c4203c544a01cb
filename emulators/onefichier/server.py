"""The emulated service as one ASGI application: API host, upload node, and storage node on one port."""

import re
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.onefichier.api import API_PREFIX, acts, answer_api
from emulators.onefichier.delivery import CUT, UPLOAD_PATH, Exchange
from emulators.onefichier.faults import DOWNLOAD, FaultKind
from emulators.onefichier.reception import answer_upload
from emulators.onefichier.reports import answer_removal, answer_report
from emulators.onefichier.service import Call, Service
from emulators.onefichier.wire import notice

_DIRECT_LINK = re.compile(r"/([a-z]\d+)")


class OneFichier(Service):
    """A 1fichier on loopback: readable state, and the `app` to serve it by.

    `clock` gives Unix seconds; limits are always counted and enforced on demand; `seed` makes ids repeatable. As a
    context manager it ends its remote uploads and stalled calls on leaving.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        enforce_limits: bool = False,
        seed: int | None = None,
    ) -> None:
        super().__init__(clock, enforce_limits=enforce_limits, seed=seed)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def app(self) -> ASGIApp:
        return self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"{scope['type']} is not spoken here")
        exchange = Exchange(scope, receive, send)
        if exchange.path.startswith(API_PREFIX):
            await answer_api(self, exchange)
        elif exchange.path == UPLOAD_PATH:
            await answer_upload(self, exchange)
        elif exchange.path == "/end.pl":
            await answer_report(self, exchange)
        elif exchange.path.startswith("/remove/"):
            await answer_removal(self, exchange)
        elif match := _DIRECT_LINK.fullmatch(exchange.path):
            await self._answer_download(exchange, match[1])
        else:
            await exchange.respond(notice("Page introuvable", 404))

    async def _answer_download(self, exchange: Exchange, path: str) -> None:
        token = self.downloads.tokens.get(path)
        email = token.account.email if token else None
        at, status = self.now(), CUT
        fault = self.faults.take(DOWNLOAD, email)
        try:
            midway = fault is not None and fault.at_byte > 0
            if fault is not None and fault.kind is FaultKind.STALL and not midway:
                await exchange.stall(fault)
            if fault is not None and not acts(fault) and not midway:
                status = await exchange.deliver(Response(), fault)
                return
            request = exchange.request
            head = request.method == "HEAD"
            answer = self.downloads.answer(path, request.headers.get("range"), head=head)
            if fault is not None and midway and not head:
                status = await exchange.respond_until(answer, fault)
            else:
                status = await exchange.respond(answer)
        except ClientDisconnect:
            return
        finally:
            self.record(Call(DOWNLOAD, email, at, status, exchange.address))
