"""A streaming multipart/form-data parser, as unforgiving as the upload node.

What the node is known to insist on: an unquoted boundary; quoted `name` and `filename`; `Content-Disposition` as
the first header of a part; no `filename*`; no `Content-Type` on plain fields; text fields before the files.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

_CONTENT_TYPE = re.compile(r"multipart/form-data; ?boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})")
_DISPOSITION = re.compile(
    r'content-disposition: form-data; name="(?P<name>[^"]*)"(?:; filename="(?P<filename>[^"]*)")?',
    re.IGNORECASE,
)
_FILE_FIELD = "file[]"
_HEADER_BYTES = 8 * 1024
_FIELD_BYTES = 8 * 1024  # the longest documented field is a message of 2,000 characters


class MalformedBodyError(Exception):
    """The body is not what the node understands."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FileBegins:
    filename: str


@dataclass(frozen=True, slots=True)
class FileBytes:
    data: bytes


@dataclass(frozen=True, slots=True)
class FileEnds:
    pass


Event = Field | FileBegins | FileBytes | FileEnds


class _Place(Enum):
    START = auto()
    AFTER_BOUNDARY = auto()
    HEADERS = auto()
    FIELD = auto()
    FILE = auto()
    END = auto()


def boundary_of(content_type: str) -> bytes:
    """The boundary a Content-Type header names.

    Raises:
        MalformedBodyError: Not multipart/form-data, or the boundary is quoted.
    """
    match = _CONTENT_TYPE.fullmatch(content_type)
    if match is None:
        raise MalformedBodyError(f"content type {content_type!r}")
    return match[1].encode()


class MultipartParser:
    """Feed it the body piece by piece; `finish` says whether it was whole."""

    def __init__(self, boundary: bytes) -> None:
        self._opening = b"--" + boundary
        self._delimiter = b"\r\n--" + boundary
        self._buffer = b""
        self._place = _Place.START
        self._field_name = ""
        self._seen_file = False

    def feed(self, data: bytes) -> Iterator[Event]:
        self._buffer += data
        while True:
            place, length = self._place, len(self._buffer)
            yield from self._step()
            if self._place is place and len(self._buffer) == length:
                return

    def finish(self) -> None:
        if self._place is not _Place.END or self._buffer not in {b"", b"\r\n"}:
            raise MalformedBodyError("the body does not end with its closing boundary")

    def _step(self) -> Iterator[Event]:
        match self._place:
            case _Place.START:
                self._open()
            case _Place.AFTER_BOUNDARY:
                self._after_boundary()
            case _Place.HEADERS:
                yield from self._headers()
            case _Place.FIELD:
                yield from self._field()
            case _Place.FILE:
                yield from self._file()
            case _Place.END:
                if len(self._buffer) > len(b"\r\n"):
                    raise MalformedBodyError("bytes after the closing boundary")

    def _open(self) -> None:
        if len(self._buffer) < len(self._opening):
            return
        if not self._buffer.startswith(self._opening):
            raise MalformedBodyError("the body does not begin with the boundary")
        self._consume(len(self._opening), _Place.AFTER_BOUNDARY)

    def _after_boundary(self) -> None:
        if len(self._buffer) < len(b"\r\n"):
            return
        if self._buffer.startswith(b"\r\n"):
            self._consume(2, _Place.HEADERS)
        elif self._buffer.startswith(b"--"):
            self._consume(2, _Place.END)
        else:
            raise MalformedBodyError("a boundary is followed by something else")

    def _headers(self) -> Iterator[Event]:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _HEADER_BYTES:
                raise MalformedBodyError("part headers without end")
            return
        try:
            disposition, *others = self._buffer[:end].decode().split("\r\n")
        except UnicodeDecodeError as error:
            raise MalformedBodyError("part headers are not UTF-8") from error
        match = _DISPOSITION.fullmatch(disposition)
        if match is None:
            raise MalformedBodyError("Content-Disposition is not the first header, or not in its known form")
        if match["filename"] is None:
            if others or self._seen_file:
                raise MalformedBodyError("a plain field has more headers, or stands after a file")
            self._field_name = match["name"]
            self._consume(end + 4, _Place.FIELD)
            return
        if match["name"] != _FILE_FIELD:
            raise MalformedBodyError(f"a file in field {match['name']!r}")
        self._seen_file = True
        self._consume(end + 4, _Place.FILE)
        yield FileBegins(match["filename"])

    def _field(self) -> Iterator[Event]:
        end = self._buffer.find(self._delimiter)
        if (len(self._buffer) if end < 0 else end) > _FIELD_BYTES:
            raise MalformedBodyError("a plain field is too long")
        if end < 0:
            return
        value = self._buffer[:end].decode(errors="replace")
        self._consume(end + len(self._delimiter), _Place.AFTER_BOUNDARY)
        yield Field(self._field_name, value)

    def _file(self) -> Iterator[Event]:
        end = self._buffer.find(self._delimiter)
        if end >= 0:
            data = self._buffer[:end]
            self._consume(end + len(self._delimiter), _Place.AFTER_BOUNDARY)
            if data:
                yield FileBytes(data)
            yield FileEnds()
            return
        safe = len(self._buffer) - len(self._delimiter) + 1  # the rest may be the delimiter's beginning
        if safe > 0:
            data = self._buffer[:safe]
            self._consume(safe, _Place.FILE)
            yield FileBytes(data)

    def _consume(self, count: int, place: _Place) -> None:
        self._buffer = self._buffer[count:]
        self._place = place
