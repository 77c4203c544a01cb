import pytest

from emulators.onefichier.multipart import (
    Event,
    Field,
    FileBegins,
    FileBytes,
    FileEnds,
    MalformedBodyError,
    MultipartParser,
    boundary_of,
)
from tests.emulators.onefichier.conftest import BOUNDARY, body_of, field_part, file_part


def parsed(body: bytes, piece: int) -> list[Event]:
    """The events of a body fed in pieces, with the bytes of each file joined."""
    parser = MultipartParser(BOUNDARY.encode())
    events: list[Event] = []
    for start in range(0, len(body), piece):
        for event in parser.feed(body[start : start + piece]):
            if isinstance(event, FileBytes) and isinstance(events[-1], FileBytes):
                events[-1] = FileBytes(events[-1].data + event.data)
            else:
                events.append(event)
    parser.finish()
    return events


@pytest.mark.parametrize("piece", [1, 2, 7, 64, 10_000])
def test_finds_the_same_parts_however_the_body_is_cut(piece: int) -> None:
    content = b"line\r\n--not the boundary\r\n--0123\r\n" * 9
    body = body_of(field_part("did", "7"), file_part("é.bin", content), file_part("b", b"\r\n"))

    assert parsed(body, piece) == [
        Field("did", "7"),
        FileBegins("é.bin"),
        FileBytes(content),
        FileEnds(),
        FileBegins("b"),
        FileBytes(b"\r\n"),
        FileEnds(),
    ]


def test_an_empty_file_has_no_bytes() -> None:
    assert parsed(body_of(file_part("a", b"")), 1000) == [FileBegins("a"), FileEnds()]


def part(headers: str, content: str = "x") -> bytes:
    return f"--{BOUNDARY}\r\n{headers}\r\n\r\n{content}\r\n".encode()


DISPOSITION = 'Content-Disposition: form-data; name="file[]"; filename="a"'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            body_of(part(f"Content-Type: text/plain\r\n{DISPOSITION}")), id="type before disposition"
        ),
        pytest.param(body_of(part("Content-Disposition: form-data; name=did")), id="name not quoted"),
        pytest.param(
            body_of(part('Content-Disposition: form-data; name="file[]"; filename=a')),
            id="filename not quoted",
        ),
        pytest.param(body_of(part(f"{DISPOSITION}; filename*=UTF-8''a")), id="extended filename"),
        pytest.param(
            body_of(part('Content-Disposition: form-data; name="did"\r\nContent-Type: text/plain', "0")),
            id="plain field with a type",
        ),
        pytest.param(body_of(file_part("a", b"x"), field_part("did", "0")), id="field after the file"),
        pytest.param(body_of(file_part("a", b"x", field="file")), id="another field name"),
        pytest.param(body_of(field_part("message", "x" * 9000)), id="field too long"),
        pytest.param(field_part("message", "x" * 9000), id="field without end"),
        pytest.param(f"--{BOUNDARY}\r\n".encode() + b"x" * 9000, id="headers without end"),
        pytest.param(b"\r\n" + body_of(file_part("a", b"x")), id="preamble"),
        pytest.param(body_of(file_part("a", b"x")) + b"more", id="epilogue"),
        pytest.param(file_part("a", b"x"), id="no closing boundary"),
        pytest.param(file_part("a", b"x") + f"--{BOUNDARY}??".encode(), id="boundary with a tail"),
        pytest.param(
            f'--{BOUNDARY}\r\nContent-Disposition: "\xff"\r\n\r\n'.encode("latin-1"), id="not UTF-8"
        ),
        pytest.param(b"", id="nothing"),
    ],
)
def test_refuses_what_the_node_does_not_understand(body: bytes) -> None:
    with pytest.raises(MalformedBodyError):
        parsed(body, 4096)


@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param(f'multipart/form-data; boundary="{BOUNDARY}"', id="quoted boundary"),
        pytest.param("multipart/form-data", id="no boundary"),
        pytest.param("application/json", id="no form"),
        pytest.param("", id="nothing"),
    ],
)
def test_refuses_other_content_types(content_type: str) -> None:
    with pytest.raises(MalformedBodyError):
        boundary_of(content_type)
