"""How an answer reaches the client: whole, spoiled by a fault, slowly, or not at all."""

import asyncio
import json
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from emulators.onefichier.faults import Fault, FaultKind
from emulators.onefichier.wire import JsonObject, mistype, notice
from emulators.serving import abort_connection

CUT = 0
"""The status recorded for a connection that was reset without an answer."""

UPLOAD_PATH = "/upload.cgi"

# Faults that spoil the true answer, so that the call has to be acted on first.
SPOILING = frozenset({FaultKind.WRONG_TYPES, FaultKind.SPOILED, FaultKind.DRIP})

_JSON_TYPE = "application/json; charset=utf-8"
_FLOOD = "Flood detected: IP Locked #374"
_NODE_REFUSAL = "Ne peut ouvrir le fichier destination"


class Exchange:
    """One request and the ways to end it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.request = Request(scope, receive)
        self.path: str = scope["path"]
        self.address: str = (scope.get("client") or ("127.0.0.1", 0))[0]
        self._scope, self._receive, self._send = scope, receive, send

    async def respond(self, response: Response) -> int:
        await response(self._scope, self._receive, self._send)
        return response.status_code

    async def respond_until(self, answer: Response, fault: Fault) -> int:
        """Send the answer up to the fault's byte; then cut the connection, or stall before the rest."""
        left = fault.at_byte

        async def send(message: Message) -> None:
            nonlocal left
            body: bytes = message.get("body", b"")
            if message["type"] != "http.response.body" or left < 0 or len(body) <= left:
                left -= len(body)
                await self._send(message)
                return
            first, rest, left = body[:left], body[left:], -1
            await self._send({"type": "http.response.body", "body": first, "more_body": True})
            if fault.kind is FaultKind.CUT:
                await abort_connection(self._scope, self._receive)
                raise ClientDisconnect
            await self.stall(fault, body_is_read=False)
            await self._send({**message, "body": rest})

        await answer(self._scope, self._receive, send)
        return answer.status_code

    async def cut(self) -> int:
        await abort_connection(self._scope, self._receive)
        return CUT

    async def stall(self, fault: Fault, *, body_is_read: bool = True) -> None:
        """Say nothing until the fault is released, its time is over, or the client is gone."""
        waiting: list[asyncio.Task[Any]] = [asyncio.create_task(fault.released.wait())]
        if body_is_read:
            waiting.append(asyncio.create_task(self._until_disconnected()))
        try:
            await asyncio.wait(waiting, timeout=fault.seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _until_disconnected(self) -> None:
        message: Message = {"type": "http.request"}
        while message["type"] != "http.disconnect":
            message = await self._receive()

    async def deliver(self, answer: Response, fault: Fault | None) -> int:
        """Send the answer, or what a fault makes of it; the HTTP status, or `CUT`."""
        if fault is None or fault.kind is FaultKind.STALL:
            return await self.respond(answer)
        if fault.kind is FaultKind.CUT:
            return await self.cut()
        if fault.kind is FaultKind.DRIP:
            return await self._drip(answer, fault.seconds)
        return await self.respond(_faulty(answer, fault, at_node=self.path == UPLOAD_PATH))

    async def _drip(self, answer: Response, seconds: float) -> int:
        start: Message = {
            "type": "http.response.start",
            "status": answer.status_code,
            "headers": answer.raw_headers,
        }
        await self._send(start)
        gone = asyncio.create_task(self._until_disconnected())
        try:
            for byte in bytes(answer.body):
                await self._send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
                if (await asyncio.wait({gone}, timeout=seconds))[0]:
                    return answer.status_code
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        return answer.status_code


def json_answer(document: JsonObject, status: int = 200, *, pretty: bool = False) -> Response:
    text = json.dumps(document, ensure_ascii=False, indent=3 if pretty else None)
    return Response(text, status, media_type=_JSON_TYPE)


def refused(message: str, status: int) -> Response:
    return json_answer({"message": message, "status": "KO"}, status)


def _faulty(answer: Response, fault: Fault, *, at_node: bool) -> Response:
    faulty = answer
    match fault.kind:
        case FaultKind.STATUS:
            status = fault.status or 500
            faulty = HTMLResponse(f"<html><h1>{fault.text or f'Error {status}'}</h1></html>", status)
        case FaultKind.HTML:
            faulty = notice(fault.text or "Maintenance en cours", fault.status or 200)
        case FaultKind.IP_LOCKED:
            faulty = PlainTextResponse(fault.text or "IP Locked", fault.status or 403)
        case FaultKind.FLOOD:
            faulty = refused(fault.text or _FLOOD, fault.status or 403)
        case FaultKind.KO if at_node:
            faulty = notice(fault.text or _NODE_REFUSAL)
        case FaultKind.KO:
            faulty = refused(fault.text or "Internal error #999", fault.status or 200)
        case FaultKind.WRONG_TYPES if answer.headers.get("content-type") == _JSON_TYPE:
            faulty = json_answer(mistype(json.loads(bytes(answer.body))), answer.status_code)
        case FaultKind.EMPTY:
            faulty = Response(status_code=fault.status or 200)
        case FaultKind.SPOILED:
            faulty = Response(
                fault.spoil(bytes(answer.body)), answer.status_code, media_type=answer.media_type
            )
        case FaultKind.BODY:
            faulty = Response(fault.body, fault.status or 200, media_type=_JSON_TYPE)
    return faulty
