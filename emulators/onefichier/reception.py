"""upload.cgi: a body taken in as it comes, then accepted with a 302 or refused with a page."""

import asyncio
import base64
import binascii
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse

from emulators.onefichier.accounts import EmulatedAccount
from emulators.onefichier.api import acts, key_owner
from emulators.onefichier.content import ContentSink, DiskContent
from emulators.onefichier.delivery import CUT, Exchange
from emulators.onefichier.faults import UPLOAD, Fault, FaultKind
from emulators.onefichier.multipart import (
    Event,
    Field,
    FileBegins,
    FileBytes,
    MalformedBodyError,
    MultipartParser,
    boundary_of,
)
from emulators.onefichier.service import Call, Service
from emulators.onefichier.uploads import BODY_BYTES_LIMIT, FILES_LIMIT, ReceivedFile, Upload
from emulators.onefichier.wire import NAME_CHARACTERS, notice, stored_name

# The first text was seen on the real page; the others are the emulator's own.
NO_FILE: Final = "Pas de fichier trouvé dans l'envoi"
UNKNOWN_UPLOAD: Final = "Identifiant d'envoi inconnu"
UNKNOWN_KEY: Final = "Utilisateur non reconnu"
FORBIDDEN: Final = "Envoi interdit pour ce compte"
TOO_LARGE: Final = "Fichier trop volumineux"
NAME_TOO_LONG: Final = "Nom de fichier trop long"


class UploadRefusedError(Exception):
    """What the refusal page says."""


class Reception:
    """One attempt at an upload. Its files are kept or thrown away as a whole, and a refusal waits for the body's end."""

    def __init__(self, service: Service, upload: Upload, content_type: str, refusal: str) -> None:
        self._service = service
        self._upload = upload
        self._name = ""
        self._sink: ContentSink | None = None
        self._fields: dict[str, str] = {}
        self._files: list[ReceivedFile] = []
        self._parser: MultipartParser | None = None
        self.refusal = refusal
        try:
            self._parser = MultipartParser(boundary_of(content_type))
        except MalformedBodyError:
            self.refusal = refusal or NO_FILE
        upload.attempts += 1
        upload.bytes_received = 0
        upload.arriving = True

    def feed(self, data: bytes) -> None:
        self._upload.bytes_received += len(data)
        if self._parser is None or self.refusal:
            return
        try:
            for event in self._parser.feed(data):
                self._take(event)
        except UploadRefusedError as error:
            self.refusal = str(error)
        except MalformedBodyError:
            self.refusal = NO_FILE

    def finish(self) -> None:
        """Judge the whole body."""
        if self._parser is None or self.refusal:
            return
        try:
            self._parser.finish()
        except MalformedBodyError:
            self.refusal = NO_FILE
        self._identify_by_fields()
        if not self._files:
            self.refusal = NO_FILE
        elif any(file.arrived.size > self._upload.file_bytes_limit for file in self._files):
            self.refusal = TOO_LARGE

    def accept(self) -> None:
        self._upload.fields = self._fields
        self._service.uploads.accept(self._upload, self._files)
        self._files = []

    def discard(self) -> None:
        """Leave nothing of what was not accepted."""
        self._upload.arriving = False
        if self._sink is not None:
            self._sink.discard()
        for file in self._files:
            if isinstance(file.arrived.content, DiskContent):
                file.arrived.content.path.unlink()

    def _take(self, event: Event) -> None:
        if isinstance(event, Field):
            self._fields[event.name] = event.value
        elif isinstance(event, FileBegins):
            self._begin(event.filename)
        elif self._sink is not None and isinstance(event, FileBytes):
            self._sink.write(event.data)
        elif self._sink is not None:
            if self._sink.size == 0:
                raise UploadRefusedError(NO_FILE)
            self._files.append(ReceivedFile(self._name, self._sink.finish()))
            self._sink = None

    def _begin(self, name: str) -> None:
        if len(self._files) >= FILES_LIMIT:
            raise UploadRefusedError(NO_FILE)
        if len(name) > NAME_CHARACTERS:
            raise UploadRefusedError(NAME_TOO_LONG)
        self._name = stored_name(name)
        self._sink = self._service.uploads.sink()

    def _identify_by_fields(self) -> None:
        if self._upload.account is not None or "user" not in self._fields:
            return
        owner = self._service.account_of_email(self._fields["user"])
        self._upload.account = owner
        self._upload.incoming = owner is not None and self._fields.get("pass", "") != owner.password


async def answer_upload(service: Service, exchange: Exchange) -> None:
    """Answer one request to upload.cgi, and write it down."""
    account = key_owner(service, exchange)
    email = account.email if account else None
    at = service.now()
    status = CUT
    try:
        status = await _answered(service, exchange, account)
    except ClientDisconnect:
        return
    finally:
        service.record(Call(UPLOAD, email, at, status, exchange.address))


async def _answered(service: Service, exchange: Exchange, account: EmulatedAccount | None) -> int:
    fault = service.faults.take(UPLOAD, account.email if account else None)
    request = exchange.request
    if request.method != "POST":
        return await exchange.respond(HTMLResponse("Method Not Allowed", 405))
    length = request.headers.get("content-length", "")
    if "transfer-encoding" in request.headers or not length.isdecimal():
        return await exchange.respond(HTMLResponse("Length Required", 411))
    upload = service.uploads.uploads.get(request.query_params.get("id", ""))
    if upload is None or upload.received is not None:
        upload, refusal = Upload("", service.now()), UNKNOWN_UPLOAD
    else:
        refusal = _identify(service, exchange, upload, account)
    if int(length) > BODY_BYTES_LIMIT:
        refusal = TOO_LARGE
    reception = Reception(service, upload, request.headers.get("content-type", ""), refusal)
    try:
        if not await _read(service, exchange, fault, reception):
            return await exchange.cut()
        reception.finish()
        upload.refusal = reception.refusal
        if reception.refusal:
            return await exchange.deliver(notice(reception.refusal), fault)
        if acts(fault):
            reception.accept()
    finally:
        reception.discard()
    if fault is not None and fault.kind is FaultKind.STALL and fault.acts:
        await exchange.stall(fault)
    location = {"Location": f"/end.pl?xid={upload.id}"}
    return await exchange.deliver(HTMLResponse("Moved ! Temporary Redirect", 302, headers=location), fault)


async def _read(service: Service, exchange: Exchange, fault: Fault | None, reception: Reception) -> bool:
    """Take the body in at the node's speed; False where a fault cuts it off."""
    kind = None if fault is None or fault.acts else fault.kind
    total = 0
    async for data in exchange.request.stream():
        if fault is not None and kind is FaultKind.CUT and total + len(data) > fault.at_byte:
            reception.feed(data[: fault.at_byte - total])
            return False
        total += len(data)
        reception.feed(data)
        if fault is not None and kind is FaultKind.STALL and total > fault.at_byte:
            kind = None
            await exchange.stall(fault, body_is_read=False)
        if fault is not None and kind is FaultKind.DRIP:
            await asyncio.sleep(fault.seconds)
        if rate := service.uploads.bytes_per_second:
            await asyncio.sleep(len(data) / rate)
    return True


def _identify(service: Service, exchange: Exchange, upload: Upload, account: EmulatedAccount | None) -> str:
    """Decide whose upload it is, and say why it is refused, or ""."""
    authorization = exchange.request.headers.get("authorization", "")
    if authorization.startswith("Basic "):
        account = _basic_account(service, authorization.removeprefix("Basic "))
    if account is not None and not account.locked:
        upload.account = account
        return FORBIDDEN if account.upload_forbidden or account.overquota else ""
    upload.account = None
    return UNKNOWN_KEY if authorization and service.uploads.dead_key == "refuse" else ""


def _basic_account(service: Service, credentials: str) -> EmulatedAccount | None:
    try:
        email, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    account = service.account_of_email(email)
    return account if account is not None and account.password == password != "" else None
