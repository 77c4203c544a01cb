"""The server: one bot's methods and files over HTTP, as the real one answers."""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from emulators.botapi.download import download
from emulators.botapi.errors import ApiError, bad_request, too_many_requests
from emulators.botapi.faults import Fault
from emulators.botapi.methods import METHODS, Described
from emulators.botapi.parameters import Upload, checked, read_parameters
from emulators.botapi.specification import Method, specification
from emulators.botapi.state import TRANSCRIPT_LENGTH, State
from emulators.botapi.transcript import Call
from emulators.serving import abort_connection, serve

_METHOD_PATH = re.compile(r"/bot(?P<token>[^/]*)/(?P<method>[^/]+)/?")
_FILE_PATH = re.compile(r"/file/bot(?P<token>[^/]*)/(?P<path>.+)")
_TOKEN = re.compile(r"[1-9]\d*:[A-Za-z0-9_-]+")
_MAX_TOKEN_LENGTH = 80

_FAULT_TEXTS = {
    400: "Bad Request: emulated fault",
    401: "Unauthorized",
    403: "Forbidden: emulated fault",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error: restart",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class BotApi(State):
    """An emulated Bot API server with one bot; `app` is what it serves.

    With `local_dir` it behaves as a self-hosted server in `--local` mode that keeps its files there.
    """

    def __init__(
        self,
        *,
        token: str,
        clock: Callable[[], float] = time.time,
        local_dir: Path | None = None,
        bot_username: str = "onefichier_test_bot",
        limits: bool = False,
        transcript_length: int | None = TRANSCRIPT_LENGTH,
    ) -> None:
        super().__init__(
            token=token,
            clock=clock,
            local_dir=local_dir,
            bot_username=bot_username,
            limits=limits,
            transcript_length=transcript_length,
        )
        self.app = _Application(self)

    @contextlib.asynccontextmanager
    async def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
        """Serve on a port until the end of the block; the value is the base URL. Also ends webhook pushing."""
        async with serve(self.app, host=host, port=port) as url:
            try:
                yield url
            finally:
                self.webhook.cancel()


class _Application:
    """The ASGI entrance; plain, so that a fault can reset the connection under a request."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"the Bot API does not speak {scope['type']}")
        path: str = scope["path"]
        if match := _FILE_PATH.fullmatch(path):
            await self._file(match["token"], match["path"], scope, receive, send)
        elif match := _METHOD_PATH.fullmatch(path):
            await self._method(match["token"], match["method"], scope, receive, send)
        else:
            await _failure(ApiError(404, "Not Found"))(scope, receive, send)

    async def _file(self, token: str, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        stored = self._state.files.linked(path) if token == self._state.token else None
        if stored is None or scope["method"] not in {"GET", "HEAD"}:
            await _failure(ApiError(404, "Not Found"))(scope, receive, send)
            return
        fault = self._state.faults.of_download(stored.file_id)
        if fault is not None and fault.status is not None:
            error = ApiError(fault.status, _FAULT_TEXTS.get(fault.status, "emulated fault"))
            await _failure(error)(scope, receive, send)
            return
        await download(stored.content, fault, scope, receive, send)

    async def _method(self, token: str, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._authorize(token)
            method = specification().method(name)
            if method is None:
                self._state.unsupported.append(name)
                raise ApiError(404, "Not Found: method not found")
        except ApiError as error:
            await _failure(error)(scope, receive, send)
            return
        sent: dict[str, Any] = {}
        fault = None
        try:
            sent = await read_parameters(Request(scope, receive))
            fault = self._state.faults.of_call(method.name, sent, self._state.clock())
            if fault is not None and fault.delay:
                await asyncio.sleep(fault.delay)
            if fault is not None and fault.drop == "before":
                await abort_connection(scope, receive)
                return
            response = self._answer(method, sent, await self._result(method, sent, fault))
        except ApiError as error:
            response = _failure(error)
            self._record(method, sent, error.code, error.answer())
        except ClientDisconnect:
            # Whoever asked died before the question was whole.
            return
        if fault is not None and fault.drop == "after":
            await abort_connection(scope, receive)
            return
        await response(scope, receive, send)

    def _authorize(self, token: str) -> None:
        if not _TOKEN.fullmatch(token) or len(token) > _MAX_TOKEN_LENGTH:
            raise ApiError(401, "Unauthorized: invalid token specified")
        if token != self._state.token:
            raise ApiError(401, "Unauthorized")
        if self._state.logged_out:
            raise bad_request("Logged out")

    async def _result(self, method: Method, sent: dict[str, Any], fault: Fault | None) -> Any:
        if fault is not None and fault.status is not None:
            raise _asked_for(fault, fault.status, self._state.clock())
        handler = METHODS.get(method.name)
        if handler is None:
            self._state.unsupported.append(method.name)
            raise ApiError(501, f"Not Implemented: {method.name} is not emulated")
        parameters = checked(method, sent)
        if isinstance(parameters.get("chat_id"), str) and re.fullmatch(r"-?\d+", parameters["chat_id"]):
            parameters["chat_id"] = int(parameters["chat_id"])
        if isinstance(chat_id := parameters.get("chat_id"), int):
            seconds = self._state.limits.retry_after(method.name, chat_id, self._state.clock())
            if seconds is not None:
                raise too_many_requests(seconds)
        return await handler(self._state, parameters)

    def _answer(self, method: Method, sent: dict[str, Any], result: Any) -> Response:
        answer: dict[str, Any] = {"ok": True, "result": result}
        if isinstance(result, Described):
            answer = {"ok": True, "result": result.result, "description": result.description}
        self._record(method, sent, 200, answer)
        # In ASCII, as the real server writes: half a surrogate pair in an odd update then stays what it is.
        return Response(json.dumps(answer), media_type="application/json")

    def _record(self, method: Method, sent: dict[str, Any], status: int, answer: dict[str, Any]) -> None:
        parameters = {
            name: value if isinstance(value, Upload) else _read(method, name, value)
            for name, value in sent.items()
        }
        self._state.transcript.append(Call(method.name, parameters, self._state.clock(), status, answer))
        self._state.changes.announce()


def _read(method: Method, name: str, value: Any) -> Any:
    """Return a parameter as the specification types it, or as it was sent when that is not possible."""
    try:
        return checked(Method(method.name, {name: method.parameters[name]}, method.returns), {name: value})[
            name
        ]
    except (KeyError, ApiError):
        return value


def _asked_for(fault: Fault, status: int, now: float) -> ApiError:
    if status == 429:
        error = too_many_requests(fault.rest(now))
        return error if fault.description is None else ApiError(429, fault.description, error.parameters)
    return ApiError(status, fault.description or _FAULT_TEXTS.get(status, "emulated fault"))


def _failure(error: ApiError) -> Response:
    response = JSONResponse(error.answer(), status_code=error.code)
    if "retry_after" in error.parameters:
        response.headers["Retry-After"] = str(error.parameters["retry_after"])
    return response
