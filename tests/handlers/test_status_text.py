from datetime import timedelta

import pytest

from handlers.status_text import (
    FINISHED_SHOWN,
    UploadStatus,
    progress_line,
    remote_buttons,
    remote_status,
    upload_buttons,
    upload_status,
)
from handlers.texts import texts_for
from storage import RemoteState, TransferState
from tests.clock import NOON
from tests.handlers.rows import a_batch, a_remote, a_transfer
from transfers import Progress

T = texts_for("en")
HALF = Progress(sent=600_000_000, total=1_400_000_000, speed=38_400_000.0, seconds_left=19.2)


def status(*transfers: object, **values: object) -> UploadStatus:
    return UploadStatus(batch=a_batch(), transfers=transfers, now=NOON, **values)  # type: ignore[arg-type]  # rows made up


@pytest.mark.parametrize(
    ("shown", "first_line"),
    [
        pytest.param(status(a_transfer()), "⏳ In the queue", id="next"),
        pytest.param(status(a_transfer(), before=2), "⏳ In the queue, 2 before it", id="queued"),
        pytest.param(
            status(a_transfer(state=TransferState.FETCHING)), "⏳ Getting it from Telegram", id="fetching"
        ),
        pytest.param(
            status(a_transfer(state=TransferState.SENDING)), "⏳ Uploading, 0%", id="sending, numbers unknown"
        ),
        pytest.param(
            status(a_transfer(state=TransferState.SENDING), progress={1: HALF}),
            "⏳ Uploading, 42%",
            id="sending",
        ),
        pytest.param(
            status(a_transfer(state=TransferState.CONFIRMING)),
            "⏳ Uploaded, waiting for the link",
            id="confirming",
        ),
        pytest.param(
            status(a_transfer(tries=1, not_before=NOON + timedelta(seconds=9))),
            "⏳ Connection lost, starting again (try 2 of 3)",
            id="another try",
        ),
        pytest.param(
            status(a_transfer(not_before=NOON + timedelta(minutes=95))),
            "⏸ Paused, goes on at about 13:35 (UTC)",
            id="the file's own pause",
        ),
        pytest.param(
            status(a_transfer(), paused_until=NOON + timedelta(minutes=95)),
            "⏸ Paused, goes on at about 13:35 (UTC)",
            id="the account's pause",
        ),
        pytest.param(
            status(a_transfer(not_before=NOON + timedelta(seconds=9)), without_room=frozenset({1})),
            "⏸ Waiting for room on this server",
            id="no room",
        ),
        pytest.param(status(a_transfer(account_id=None)), "🔑 Waiting for your key: /login", id="no key"),
        pytest.param(
            status(a_transfer(), key_refused=True), "🔑 Waiting for your key: /login", id="refused key"
        ),
        pytest.param(
            status(a_transfer(state=TransferState.CONFIRMING, cancelling=True)),
            "⏳ Cancelling: if 1fichier has it already, I delete it",
            id="cancelled late",
        ),
        pytest.param(status(a_transfer(state=TransferState.DONE)), "✅ Uploaded", id="done"),
    ],
)
def test_the_first_line_tells_the_phase(shown: UploadStatus, first_line: str) -> None:
    lines = upload_status(T, shown).splitlines()
    assert lines[:3] == [first_line, "<b>Holiday.mp4</b> · 1.4 GB", "📁 Main folder"]


def test_while_it_is_sent_the_last_line_has_the_numbers() -> None:
    shown = status(a_transfer(state=TransferState.SENDING), progress={1: HALF})
    assert upload_status(T, shown).splitlines()[-1] == "▓▓▓▓░░░░░░ 38 MB/s · 20 s left"


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress(0, None, 0.0, None), None),
        (Progress(5, 10, 0.0, None), "▓▓▓▓▓░░░░░"),
        (Progress(5, 10, 2_000.0, None), "▓▓▓▓▓░░░░░ 2 kB/s"),
    ],
    ids=["nothing known", "no speed yet", "no end in sight"],
)
def test_only_numbers_that_are_known_are_shown(progress: Progress, line: str | None) -> None:
    assert progress_line(T, progress) == line


def test_several_files_are_shown_as_one_with_the_links_there_are() -> None:
    shown = status(
        a_transfer(id=1, state=TransferState.DONE, size=10**8, link="https://1fichier.com/?abcdef1234"),
        a_transfer(id=2, state=TransferState.SENDING, size=10**8, given_name="Archive.part05.rar"),
        a_transfer(id=3, state=TransferState.QUEUED, size=2 * 10**8),
        progress={2: Progress(6 * 10**7, 10**8, 24_000_000.0, 2.0)},
    )
    assert upload_status(T, shown).splitlines() == [
        "⏳ Uploading 3 files, 1 done · 400 MB",
        "Now: <b>Archive.part05.rar</b>",
        "▓▓▓▓░░░░░░ 24 MB/s · 10 s left",
        "📁 Main folder",
        "",
        "<b>Holiday.mp4</b>",
        "https://1fichier.com/?abcdef1234",
    ]


def test_several_files_of_unknown_size_have_no_bar() -> None:
    shown = status(
        a_transfer(id=1, state=TransferState.SENDING, size=None),
        a_transfer(id=2),
        progress={1: Progress(60, 100, 24.0, 2.0)},
    )
    assert upload_status(T, shown).splitlines() == [
        "⏳ Uploading 2 files",
        "Now: <b>Holiday.mp4</b>",
        "📁 Main folder",
    ]


@pytest.mark.parametrize(
    ("size", "amount"), [(1_000, "2 files · 2 kB"), (None, "2 files")], ids=["sizes known", "sizes unknown"]
)
def test_several_files_that_wait_say_for_what(size: int | None, amount: str) -> None:
    shown = status(a_transfer(id=1, size=size), a_transfer(id=2, size=size), key_refused=True)
    assert upload_status(T, shown).splitlines()[:2] == ["🔑 Waiting for your key: /login", amount]


def test_fifty_files_with_long_names_fit_one_message() -> None:
    done = [
        a_transfer(
            id=number,
            state=TransferState.DONE,
            given_name="<" * 300,
            stored_name="&" * 250,
            link=f"https://1fichier.com/?{number:020}",
        )
        for number in range(49)
    ]
    text = upload_status(T, status(*done, a_transfer(id=50)))
    assert len(text.encode("utf-16-le")) // 2 < 4_000 * 2
    assert f"{49 - FINISHED_SHOWN} more before these" in text
    assert f"{48:020}" in text
    assert f"{38:020}" not in text


def test_one_file_has_its_own_cancel_button_and_several_have_one_for_all() -> None:
    one = upload_buttons(T, status(a_transfer(id=7)))
    assert one is not None
    assert (one.inline_keyboard[0][0].text, one.inline_keyboard[0][0].callback_data) == ("Cancel", "x:t:7")
    several = upload_buttons(T, status(a_transfer(id=7), a_transfer(id=8, state=TransferState.CANCELLED)))
    assert several is not None
    assert (several.inline_keyboard[0][0].text, several.inline_keyboard[0][0].callback_data) == (
        "Cancel all",
        "x:b:1",
    )
    assert upload_buttons(T, status(a_transfer(cancelling=True))) is None


def test_links_under_way_are_named_without_their_secrets() -> None:
    remotes = [a_remote(id=1), a_remote(id=2, shown_url="example.org/b<b>.iso")]
    assert remote_status(T, remotes).splitlines() == [
        "⏳ 1fichier is fetching 2 links for you",
        "example.org/a.iso",
        "example.org/b&lt;b&gt;.iso",
        "I’ll tell you when it’s done. You can close Telegram.",
    ]


def test_of_many_links_some_are_named_and_the_ended_are_counted() -> None:
    remotes = [a_remote(id=number) for number in range(12)] + [a_remote(id=99, state=RemoteState.DONE)]
    text = remote_status(T, remotes)
    assert "and 2 more" in text
    assert "1 has ended." in text
    markup = remote_buttons(T, remotes)
    assert markup is not None
    ((cancel,),) = markup.inline_keyboard
    assert (cancel.text, cancel.callback_data) == ("Cancel all", "x:b:1")
    assert remote_buttons(T, remotes[-1:]) is None


@pytest.mark.parametrize(
    ("state", "words"),
    [(RemoteState.WAITING, ["Cancel"]), (RemoteState.FETCHING, ["Delete on arrival", "Don’t tell me"])],
)
def test_a_single_link_has_the_buttons_that_fit(state: RemoteState, words: list[str]) -> None:
    markup = remote_buttons(T, [a_remote(state=state)])
    assert markup is not None
    (row,) = markup.inline_keyboard
    assert [each.text for each in row] == words
