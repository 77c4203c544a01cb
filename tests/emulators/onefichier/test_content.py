import hashlib
from pathlib import Path

import pytest

from emulators.onefichier import (
    ContentForgottenError,
    DiskContent,
    ForgottenContent,
    KeptContent,
    RepeatedContent,
)
from emulators.onefichier.content import Content, ContentSink, checksums


def sink(directory: Path | None = None, *, checksums: bool = True) -> ContentSink:
    return ContentSink(keep_bytes=10, directory=directory, checksums=checksums)


def test_a_small_file_is_kept() -> None:
    small = sink()
    small.write(b"hello")

    arrived = small.finish()

    assert arrived.content == KeptContent(b"hello")
    assert arrived.sha256 == hashlib.sha256(b"hello").hexdigest()


def test_of_a_large_file_only_the_checksums_remain() -> None:
    large = sink()
    large.write(b"hello, ")
    large.write(b"world")

    arrived = large.finish()

    assert arrived.content == ForgottenContent(12)
    assert (arrived.sha256, arrived.whirlpool) == checksums([b"hello, world"])
    with pytest.raises(ContentForgottenError):
        arrived.content.chunks(0, 12)


def test_a_large_file_goes_to_disk_where_there_is_a_place(tmp_path: Path) -> None:
    large = sink(tmp_path)
    large.write(b"hello, ")
    large.write(b"world")
    large.write(b"!")

    content = large.finish().content

    assert isinstance(content, DiskContent)
    assert content.path.parent == tmp_path
    assert b"".join(content.chunks(7, 12)) == b"world"


def test_a_discarded_file_leaves_nothing_on_disk(tmp_path: Path) -> None:
    large = sink(tmp_path)
    large.write(b"more than ten bytes")

    large.discard()

    assert list(tmp_path.iterdir()) == []


def test_checksums_can_be_left_out() -> None:
    quick = sink(checksums=False)
    quick.write(b"x")

    assert (quick.finish().sha256, quick.finish().whirlpool) == ("", "")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(KeptContent(b"abcabcab"), b"bcabca", id="kept"),
        pytest.param(RepeatedContent(b"abc", 8), b"bcabca", id="repeated"),
    ],
)
def test_gives_the_bytes_between_two_positions(content: Content, expected: bytes) -> None:
    assert b"".join(content.chunks(1, 7)) == expected
