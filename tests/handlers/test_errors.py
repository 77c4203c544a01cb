"""Every error of 1fichier has words."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.errors import words
from handlers.texts import texts_for
from onefichier import (
    AccountLocked,
    DownloadMismatch,
    DownloadRefused,
    EmptyFile,
    Limited,
    MalformedKey,
    NotFound,
    OneFichierError,
    Refusal,
    Refused,
    ReportGone,
    ReportPending,
    ServerTrouble,
    SourceMismatch,
    Unclear,
    Unreachable,
    UntrustedNode,
    UploadInterrupted,
    UploadRefused,
    Waiting,
)

NOW = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)
SOON = datetime(2026, 11, 22, 13, 35, tzinfo=UTC)
SECRET = "TheSecretKey0123456789abcdefABCD"
t = texts_for("en")


def family(root: type[OneFichierError] = OneFichierError) -> Iterator[type[OneFichierError]]:
    yield root
    for each in root.__subclasses__():
        yield from family(each)


TEXT = "<b>no</b> & never"
# What each family is made with; markup in everything that a service can put into it.
ARGUMENTS: list[tuple[type[OneFichierError], tuple[Any, ...], dict[str, Any]]] = [
    (Refusal, (TEXT,), {"endpoint": "file/ls.cgi", "http_status": 403}),
    (ServerTrouble, (), {"endpoint": "file/ls.cgi", "http_status": 503}),
    (Unclear, (TEXT,), {"endpoint": "file/ls.cgi"}),
    (Waiting, (SOON,), {"scope": "address", "endpoint": "file/ls.cgi"}),
    (SourceMismatch, (), {"expected": 1, "received": 2}),
    (UploadInterrupted, (TEXT,), {"last_piece_sent": False}),
    (DownloadRefused, (404,), {}),
    (DownloadMismatch, (), {"expected": 1, "received": 2}),
    (EmptyFile, (), {}),
    (ReportPending, (), {}),
    (ReportGone, (), {}),
    (OneFichierError, (TEXT,), {}),
]


def made(kind: type[OneFichierError]) -> OneFichierError:
    return next(
        kind(*values, **named) for family_root, values, named in ARGUMENTS if issubclass(kind, family_root)
    )


@pytest.mark.parametrize("kind", list(family()), ids=lambda kind: kind.__name__)
def test_every_error_has_words_of_its_own_and_they_are_escaped(kind: type[OneFichierError]) -> None:
    text = words(t, made(kind), NOW)
    assert text[0] in "⚠⏸⏳🔑"
    assert len(text.splitlines()) <= 3
    assert "<b>" not in text
    assert SECRET not in text


@pytest.mark.parametrize("kind", list(family()), ids=lambda kind: kind.__name__)
def test_no_words_use_the_terms_of_programmers(kind: type[OneFichierError]) -> None:
    text = words(t, made(kind), NOW).lower()
    assert [
        term for term in ("flood", "error", "node", "poll", "task", "transfer ", "http") if term in text
    ] == []


def test_a_pause_names_its_end() -> None:
    assert words(t, made(Waiting), NOW) == (
        "⏸ I can ask 1fichier again at about 13:35 (UTC).\nNothing was changed. Try again then."
    )
    limited = Limited("Flood", endpoint="file/ls.cgi", http_status=403)
    assert words(t, limited, NOW).startswith("⏸ 1fichier asked me to slow down.")
    limited.until = SOON
    assert "13:35 (UTC)" in words(t, limited, NOW)


def test_a_refusal_without_words_is_quoted() -> None:
    assert words(t, Refused("Compte <bloqué>", endpoint="x", http_status=403), NOW) == (
        "⚠️ 1fichier refused that.\nIts reason: “Compte &lt;bloqué&gt;”."
    )
    assert words(t, Refused("", endpoint="x", http_status=403), NOW) == (
        "⚠️ 1fichier refused that.\nIt gave no reason."
    )
    long = words(t, UploadRefused("x" * 5_000), NOW)
    assert len(long) < 300


def test_what_may_have_happened_is_not_called_undone() -> None:
    unsure = Unreachable("no answer", endpoint="file/rm.cgi", maybe_done=True)
    assert "It may have done it all the same" in words(t, unsure, NOW)


@pytest.mark.parametrize(
    ("error", "first"),
    [
        (MalformedKey("x"), "⚠️ That isn’t an API key."),
        (made(AccountLocked), "🔑 1fichier refuses your key: it is wrong, or your account is locked."),
        (made(NotFound), "⚠️ This file is no longer on 1fichier."),
        (UntrustedNode("evil.example"), "⚠️ 1fichier named a server that I don’t trust with your key."),
    ],
    ids=["malformed", "locked", "gone", "untrusted"],
)
def test_the_first_line_is_what_happened(error: OneFichierError, first: str) -> None:
    assert words(t, error, NOW).splitlines()[0] == first
