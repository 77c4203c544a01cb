"""A call's parameters: from what was sent to what the specification describes, or a refusal."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from emulators.botapi.errors import ApiError, bad_request
from emulators.botapi.specification import Method, Parameter, specification

KEPT_UPLOAD_BYTES = 1 << 20
"""Of a document sent by the bot so much is kept; the rest is counted and hashed."""

READ_BYTES = 64 * 1024

_TRUE = {"true", "yes", "1"}
_FALSE = {"false", "no", "0"}
_ATTACHED = "attach://"

_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "file_id": "file_id not specified",
    "document": "there is no document in the request",
    "action": "wrong parameter action in request",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
}


@dataclass(frozen=True)
class Upload:
    """A file in a multipart body; `head` is all of it when it is short enough to keep."""

    name: str
    mime_type: str
    size: int
    sha256: str
    head: bytes

    @property
    def content(self) -> bytes:
        """Raises ValueError when more was sent than is kept."""
        if len(self.head) < self.size:
            raise ValueError(f"{self.size} bytes were sent, {len(self.head)} are kept")
        return self.head


async def read_parameters(request: Request) -> dict[str, Any]:
    """Return query and body as sent: texts, `Upload`s and, from a JSON body, JSON values."""
    sent: dict[str, Any] = dict(request.query_params)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        body = await request.body()
        try:
            values = json.loads(body or b"{}")
        except ValueError:
            raise bad_request("can't parse request JSON object") from None
        if not isinstance(values, dict):
            raise bad_request("can't parse request JSON object")
        sent.update(values)
    elif content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        async with request.form() as form:
            for name, value in form.multi_items():
                sent[name] = await _kept(value) if isinstance(value, UploadFile) else value
    return sent


async def _kept(part: UploadFile) -> Upload:
    digest = hashlib.sha256()
    head = bytearray()
    size = 0
    while chunk := await part.read(READ_BYTES):
        digest.update(chunk)
        size += len(chunk)
        head += chunk[: KEPT_UPLOAD_BYTES - len(head)]
    return Upload(
        name=part.filename or "",
        mime_type=part.content_type or "application/octet-stream",
        size=size,
        sha256=digest.hexdigest(),
        head=bytes(head),
    )


def checked(method: Method, sent: dict[str, Any]) -> dict[str, Any]:
    """Return `sent` with every value in its documented type.

    Raises:
        ApiError: a parameter is unknown, missing or of another type. The real server ignores unknown ones.
    """
    uploads = {name: value for name, value in sent.items() if isinstance(value, Upload)}
    values: dict[str, Any] = {}
    for name, value in sent.items():
        parameter = method.parameters.get(name)
        if parameter is not None:
            values[name] = _value(parameter, value, uploads)
    texts = _texts(sent)
    for name in sent:
        attached = name in uploads and any(f"{_ATTACHED}{name}" in text for text in texts)
        if name not in method.parameters and not attached:
            raise bad_request(f'unknown parameter "{name}" of {method.name}')
    for parameter in method.parameters.values():
        if parameter.required and parameter.name not in values:
            raise missing(parameter.name)
    return values


def missing(name: str) -> ApiError:
    return bad_request(_MISSING.get(name, f'parameter "{name}" is required'))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _value(parameter: Parameter, value: Any, uploads: dict[str, Upload]) -> Any:
    if "InputFile" in parameter.types:
        return _file(parameter, value, uploads)
    if isinstance(value, Upload):
        raise bad_request(f'parameter "{parameter.name}" is not a file')
    if isinstance(value, str):
        value = _from_text(parameter, value)
    if parameter.name == "reply_markup" and not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    violations = specification().violations(parameter.types, value, parameter.name)
    if violations:
        raise bad_request(f"invalid parameter: {violations[0]}")
    return value


def _file(parameter: Parameter, value: Any, uploads: dict[str, Upload]) -> Upload | str:
    if isinstance(value, str) and value.startswith(_ATTACHED):
        value = uploads.get(value.removeprefix(_ATTACHED))
    if isinstance(value, Upload):
        if not value.size:
            raise bad_request("file must be non-empty")
        return value
    if isinstance(value, str) and value and "String" in parameter.types:
        return value
    raise missing(parameter.name)


def _from_text(parameter: Parameter, text: str) -> Any:
    if parameter.takes_json:
        try:
            return json.loads(text)
        except ValueError:
            if parameter.name == "reply_markup":
                raise bad_request("can't parse reply keyboard markup JSON object") from None
            raise bad_request(f'can\'t parse "{parameter.name}" JSON object') from None
    if "Integer" in parameter.types and re.fullmatch(r"-?\d{1,19}", text):
        return int(text)
    if "Float" in parameter.types and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    if "Boolean" in parameter.types and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    return text
