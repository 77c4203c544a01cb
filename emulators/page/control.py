"""The control interface: what people, the account's owner and the weather do, over HTTP and in JSON.

The page uses nothing else, and the tests use it too. `docs/demo.md` lists the requests; a failure is answered with
`{"error": "why"}`.
"""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from emulators.botapi import SeenMessage
from emulators.page.guard import CONTROL, Guard
from emulators.page.live import World, events, whole_state
from emulators.page.sending import SentAs, attachment_of, sample, send_files
from emulators.page.spool import Spool, TooLargeError
from emulators.page.standing import Standing
from emulators.page.views import message_view
from emulators.page.weather import WeatherChange
from emulators.user import MAX_INLINE_QUERY_CHARACTERS, Participant

STATIC: Final = Path(__file__).parent / "static"

LONGEST_TEXT: Final = 4096
"""UTF-16 units; clients split what is longer, which the page leaves to the person."""

MOST_AT_ONCE: Final = 100
"""Files or messages in one request; clients let nobody choose more."""

Body = TypeVar("Body", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Words(_Body):
    """What a person writes, or sends: text alone, or files with the text as caption."""

    text: str = Field(default="", max_length=LONGEST_TEXT)
    files: list[str] = Field(default=[], max_length=MOST_AT_ONCE)
    sent_as: SentAs = "media"
    sample: str | None = None
    reply_to: int | None = None


class Forwarding(_Body):
    from_chat: int
    messages: list[int] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Pressing(_Body):
    message: int
    row: int
    column: int


class Asking(_Body):
    """What a person has typed after the bot's name; `offset` is the answer's, for what follows on it."""

    text: str = Field(max_length=MAX_INLINE_QUERY_CHARACTERS)
    offset: str = ""


class Picking(_Body):
    search: str
    result: str
    reply_to: int | None = None


class AccountChange(_Body):
    standing: Standing


class KeyChange(_Body):
    do: Literal["revoke", "renew"]


class ProcessChange(_Body):
    do: Literal["start", "restart", "kill"]


class Control:
    """The endpoints; what they are told is checked here, what it means is the emulators' affair."""

    def __init__(self, world: World, spool: Spool) -> None:
        self._world = world
        self._spool = spool

    def routes(self) -> list[Route]:
        chat = "/people/{person:int}/chats/{chat}"
        return [
            Route("/state", self.state),
            Route("/events", self.events),
            Route("/files", self.take_file, methods=["POST"]),
            Route(f"{chat}/messages", self.say, methods=["POST"]),
            Route(f"{chat}/messages/{{message:int}}", self.delete, methods=["DELETE"]),
            Route(f"{chat}/forwards", self.forward, methods=["POST"]),
            Route(f"{chat}/presses", self.press, methods=["POST"]),
            Route(f"{chat}/inline", self.ask, methods=["POST"]),
            Route(f"{chat}/picks", self.pick, methods=["POST"]),
            Route("/attachments/{file}", self.attachment),
            Route("/links/{link}", self.link),
            Route("/people/{person:int}/account", self.change_account, methods=["POST"]),
            Route("/people/{person:int}/key", self.change_key, methods=["POST"]),
            Route("/weather", self.change_weather, methods=["POST"]),
            Route("/process", self.change_process, methods=["POST"]),
        ]

    async def state(self, _: Request) -> Response:
        return JSONResponse(whole_state(self._world))

    async def events(self, _: Request) -> Response:
        return StreamingResponse(events(self._world), media_type="text/event-stream")

    async def take_file(self, request: Request) -> Response:
        """Take the bytes of one file; they are sent by a later request that names it."""
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._spool.largest:
            raise TooLargeError
        name = request.query_params.get("name") or "file"
        try:
            spooled = await self._spool.take(name, request.stream())
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse({"file": spooled.id, "name": spooled.name, "size": spooled.size})

    async def say(self, request: Request) -> Response:
        words = await _read(Words, request)
        participant = self._participant(request)
        reply_to = self._answered(request, words.reply_to)
        if words.sample is not None:
            attachments = list(sample(words.sample))
        else:
            attachments = [attachment_of(self._spool.find(each), words.sent_as) for each in words.files]
        if attachments:
            sent = send_files(participant, attachments, caption=words.text or None, reply_to=reply_to)
        elif words.text.strip():
            sent = [participant.say(words.text.strip(), reply_to=reply_to)]
        else:
            raise ValueError("neither a text nor a file was to be sent")
        return _messages(sent)

    async def delete(self, request: Request) -> Response:
        message = self._message(request, request.path_params["message"])
        self._participant(request).delete(message)
        return _done()

    async def forward(self, request: Request) -> Response:
        forwarding = await _read(Forwarding, request)
        participant = self._participant(request)
        source = self._world.scene.chat(request.path_params["person"], forwarding.from_chat)
        found = [_visible(source.find(number), number) for number in forwarding.messages]
        return _messages([participant.forward(message) for message in found])

    async def press(self, request: Request) -> Response:
        """Press a callback button. The answer comes as news, or never: a bot that is down answers nobody."""
        pressing = await _read(Pressing, request)
        message, participant = self._message(request, pressing.message), self._participant(request)
        number = self._world.presses.press(participant, message, pressing.row, pressing.column)
        return JSONResponse({"press": number})

    async def ask(self, request: Request) -> Response:
        """Ask the bot's inline mode, and wait for what it finds."""
        asking = await _read(Asking, request)
        participant = self._participant(request)
        return JSONResponse(await self._world.searches.ask(participant, asking.text, asking.offset))

    async def pick(self, request: Request) -> Response:
        """Post a result of inline mode."""
        picking = await _read(Picking, request)
        reply_to = self._answered(request, picking.reply_to)
        participant = self._participant(request)
        return _messages([self._world.searches.pick(participant, picking.search, picking.result, reply_to)])

    async def attachment(self, request: Request) -> Response:
        """The bytes of a file that stands in a chat."""
        stored = self._world.api.files.by_id.get(request.path_params["file"])
        if stored is None:
            raise LookupError("there is no such file")
        media_type = "image/jpeg" if stored.kind == "photo" else "application/octet-stream"
        headers = {
            "Content-Length": str(stored.content.size),
            "Content-Disposition": "attachment",
            "Cache-Control": "private, max-age=3600",
        }
        return _bytes(request, stored.content.pieces(), media_type, headers)

    async def link(self, request: Request) -> Response:
        """What a link of 1fichier leads to: the bytes of the file, as 1fichier has them."""
        if self._world.weather.down:
            return JSONResponse({"error": "1fichier is down"}, 503)
        found = self._world.onefichier.find_file(request.path_params["link"])
        if found is None:
            raise LookupError("there is no such file on 1fichier")
        _, file = found
        headers = {
            "Content-Length": str(file.size),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        }
        return _bytes(request, file.content.chunks(0, file.size), "application/octet-stream", headers)

    async def change_account(self, request: Request) -> Response:
        change = await _read(AccountChange, request)
        person_id = request.path_params["person"]
        self._world.scene.resident(person_id)
        self._world.standings.change(person_id, change.standing)
        self._world.api.changes.announce()
        return _done()

    async def change_key(self, request: Request) -> Response:
        change = await _read(KeyChange, request)
        account = self._world.scene.resident(request.path_params["person"]).account
        if change.do == "revoke":
            self._world.onefichier.revoke_key(account)
        else:
            self._world.onefichier.rotate_key(account)
        self._world.api.changes.announce()
        return _done()

    async def change_weather(self, request: Request) -> Response:
        await self._world.weather.change(await _read(WeatherChange, request))
        return _done()

    async def change_process(self, request: Request) -> Response:
        change = await _read(ProcessChange, request)
        keeper = self._world.keeper
        await {"start": keeper.start, "restart": keeper.restart, "kill": keeper.kill}[change.do]()
        return _done()

    def _participant(self, request: Request) -> Participant:
        """Whom the request is about, in the chat that it names."""
        return self._world.scene.participant(request.path_params["person"], _chat_id(request))

    def _answered(self, request: Request, number: int | None) -> SeenMessage | None:
        return None if number is None else self._message(request, number)

    def _message(self, request: Request, number: int) -> SeenMessage:
        """Raises LookupError unless the message stands in a chat of the person the request is about."""
        chat = self._world.scene.chat(request.path_params["person"], _chat_id(request))
        return _visible(chat.find(number), number)


def page_app(world: World, spool: Spool) -> ASGIApp:
    """The page and its control interface, for browsers on this machine only."""
    refusals: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
        LookupError: _refusal(404),
        PermissionError: _refusal(403),
        ValueError: _refusal(400),
    }
    app = Starlette(
        routes=[
            Mount(CONTROL.rstrip("/"), routes=Control(world, spool).routes()),
            Mount("/", StaticFiles(directory=STATIC, html=True)),
        ],
        exception_handlers=refusals | {ValidationError: _malformed, TooLargeError: _too_large},
    )
    return Guard(app)


async def _read(model: type[Body], request: Request) -> Body:
    return model.model_validate_json(await request.body())


def _chat_id(request: Request) -> int:
    chat: str = request.path_params["chat"]
    if not chat.removeprefix("-").isdecimal():
        raise LookupError("there is no such chat")
    return int(chat)


def _visible(message: SeenMessage | None, number: int) -> SeenMessage:
    if message is None or message.deleted:
        raise LookupError(f"there is no message {number}")
    return message


def _messages(messages: list[SeenMessage]) -> Response:
    return JSONResponse({"messages": [message_view(message) for message in messages]})


def _bytes(request: Request, pieces: Iterable[bytes], media_type: str, headers: dict[str, str]) -> Response:
    if request.method == "HEAD":
        return Response(media_type=media_type, headers=headers)
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


def _done() -> Response:
    return JSONResponse({})


def _refusal(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Answer with an error's own words; only those that were raised to be read, not what derives from them."""

    async def refuse(_: Request, error: Exception) -> Response:
        if type(error) not in {LookupError, PermissionError, ValueError}:
            raise error
        return JSONResponse({"error": str(error)}, status)

    return refuse


async def _malformed(_: Request, error: Exception) -> Response:
    if not isinstance(error, ValidationError):
        raise TypeError from error
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return JSONResponse({"error": f"{where}: {first['msg']}" if where else first["msg"]}, 400)


async def _too_large(_: Request, _error: Exception) -> Response:
    return JSONResponse({"error": "Telegram takes files of up to 2 GB"}, 413)
