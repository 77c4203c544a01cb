import pytest

from handlers.remote_result import all_remotes_cancelled, remote_result
from handlers.result_parts import FAILURES_SHOWN
from handlers.result_text import all_cancelled, renamed, upload_result
from handlers.splitting import split
from handlers.texts import texts_for
from storage import Reason, RemoteState, RemoteUpload, Transfer, TransferState
from tests.handlers.rows import a_remote, a_transfer

T = texts_for("en")
LINK = "https://1fichier.com/?k3x9w0a1b2c3d4e5f6g7"


def done(number: int = 1, **values: object) -> Transfer:
    made = {"id": number, "message_id": number, "state": TransferState.DONE, "link": LINK}
    return a_transfer(**made | {"stored_size": 1_400_000_000} | values)


def failed(number: int = 1, **values: object) -> Transfer:
    made = {"id": number, "state": TransferState.FAILED, "reason": Reason.TELEGRAM_REFUSES}
    return a_transfer(**made | {"given_name": f"Archive.part{number:02}.rar"} | values)


def fetched(number: int = 1, **values: object) -> RemoteUpload:
    made = {"id": number, "state": RemoteState.DONE, "link": LINK, "stored_name": "a.iso"}
    return a_remote(**made | {"stored_size": 4_700_000_000} | values)


def uploaded_text(*transfers: Transfer) -> str:
    result = upload_result(T, transfers)
    assert result is not None
    return result.text


def fetched_text(*remotes: RemoteUpload) -> str:
    result = remote_result(T, remotes)
    assert result is not None
    return result.text


def test_one_file_has_its_link_alone_on_a_line_and_its_buttons() -> None:
    result = upload_result(T, [done(5)])
    assert result is not None
    assert result.text == f"✅ <b>Holiday.mp4</b> · 1.4 GB\n{LINK}\n📁 Main folder"
    assert result.plain == f"1 of 1 done.\n{LINK}"
    assert result.buttons is not None
    (copy, rename, move), (delete,) = result.buttons.inline_keyboard
    assert (rename.text, move.text) == ("Rename", "Move")
    assert copy.copy_text is not None
    assert copy.copy_text.text == LINK
    assert (delete.text, delete.callback_data) == ("Delete", "d:k3x9w0a1b2c3d4e5f6g7")


def test_what_was_cancelled_of_a_batch_is_no_part_of_its_result() -> None:
    cancelled = a_transfer(id=2, state=TransferState.CANCELLED)
    assert uploaded_text(cancelled, done(1)).startswith("✅ <b>Holiday.mp4</b>")
    assert upload_result(T, [cancelled]) is None
    assert all_cancelled(T, [cancelled]) == "Cancelled: <b>Holiday.mp4</b> was not uploaded."
    assert all_cancelled(T, [cancelled] * 3) == "Cancelled: 3 files were not uploaded."


def test_several_files_are_told_with_their_links() -> None:
    text = uploaded_text(
        done(1, folder_name="Archives"), done(2, folder_name="Archives", stored_name="b<.rar")
    )
    assert text == (
        "✅ 2 files uploaded · 2.8 GB · 📁 Archives\n\n"
        f"<b>Holiday.mp4</b>\n{LINK}\n<b>b&lt;.rar</b>\n{LINK}\n\n"
        "1 name had to change: 1fichier doesn’t allow every character, nor every length."
    )


def test_files_in_several_folders_are_not_put_into_one() -> None:
    text = uploaded_text(done(1), done(2, folder_name="Videos"))
    assert text.splitlines()[:2] == ["✅ 2 files uploaded · 2.8 GB", "📁 Main folder · 📁 Videos"]


def test_very_many_folders_are_not_named() -> None:
    text = uploaded_text(*(done(number, folder_name=f"Channel {number}") for number in range(1, 6)))
    assert "📁" not in text


def test_what_failed_of_several_is_told_first() -> None:
    assert uploaded_text(done(1), failed(7)).splitlines() == [
        "⚠️ 1 of 2 files uploaded · 1.4 GB",
        "Not uploaded: <b>Archive.part07.rar</b>, Telegram doesn’t hand it out at the moment.",
        "",
        "<b>Holiday.mp4</b>",
        LINK,
    ]


def test_when_all_failed_a_few_are_told() -> None:
    lines = uploaded_text(*(failed(number) for number in range(14))).splitlines()
    assert lines[0] == "⚠️ None of 14 files uploaded."
    assert len(lines) == FAILURES_SHOWN + 2
    assert lines[-1] == "and 4 more"


def test_one_file_that_failed_can_only_be_tried_again() -> None:
    result = upload_result(T, [failed()])
    assert result is not None
    assert result.buttons is not None
    ((again,),) = result.buttons.inline_keyboard
    assert (again.text, again.callback_data) == ("Try again", "t:f:1")
    assert result.text.startswith("⚠️ <b>Archive.part01.rar</b> was not uploaded.\n")


@pytest.mark.parametrize(
    ("files", "first"),
    [(5, "Copy all"), (6, "Links as file")],
    ids=["copied at once", "too long to be copied"],
)
def test_all_links_can_be_copied_where_telegram_allows_it_and_made_one(files: int, first: str) -> None:
    result = upload_result(T, [done(number) for number in range(files)])
    assert result is not None
    assert result.buttons is not None
    labels = [[each.text for each in row] for row in result.buttons.inline_keyboard]
    assert labels == [[first, "One link for all"]]


def test_fifty_files_are_told_in_messages_that_telegram_takes() -> None:
    text = upload_result(T, [done(number, stored_name="&" * 250) for number in range(50)])
    assert text is not None
    parts = split(text.text)
    assert len(parts) == 2
    assert sum(part.count(LINK) for part in parts) == 50
    # A name and its link stay together.
    assert not parts[1].startswith("http")


@pytest.mark.parametrize(
    ("given", "stored", "said"),
    [
        pytest.param("a.txt", "a.txt", None, id="kept"),
        pytest.param("a\u0308.txt", "ä.txt", None, id="only composed"),
        pytest.param(
            "a<b>.txt",
            "a＜b＞.txt",
            "1fichier doesn’t allow &lt; and &gt; in names: saved as <b>a＜b＞.txt</b>",
            id="refused characters",
        ),
        pytest.param("a\n.txt", "a␊.txt", "1fichier has it as <b>a␊.txt</b>", id="invisible ones"),
        pytest.param("a" * 300, "a" * 20, f"1fichier has it as <b>{'a' * 20}</b>", id="shortened"),
    ],
)
def test_a_name_that_had_to_change_is_told(given: str, stored: str, said: str | None) -> None:
    assert renamed(T, given, stored) == said


@pytest.mark.parametrize(
    ("remote", "text"),
    [
        pytest.param(
            fetched(),
            f"✅ <b>a.iso</b> · 4.7 GB\n{LINK}\nFetched from example.org · 📁 Main folder",
            id="fetched",
        ),
        pytest.param(
            fetched(stored_name=None, stored_size=None),
            f"✅ <b>example.org/a.iso</b>\n{LINK}\nFetched from example.org · 📁 Main folder",
            id="name and size unknown",
        ),
        pytest.param(
            fetched(web_page=True, stored_name="watch.html", stored_size=14_000),
            f"⚠️ This was a web page, not a file: <b>watch.html</b> · 14 kB\n{LINK}\n"
            "It is now in your account. Send me the link of the download itself.",
            id="a web page",
        ),
        pytest.param(
            a_remote(state=RemoteState.UNKNOWN, reason=Reason.NO_NEWS),
            "⚠️ No news of example.org/a.iso for 24 hours.\n"
            "1fichier hasn’t said how it ended. If it isn’t in 📁 Main folder, send me the link again.",
            id="no news",
        ),
        pytest.param(
            a_remote(state=RemoteState.FAILED, reason=Reason.SOURCE_FAILED, detail="404 Not Found"),
            "⚠️ Not fetched: example.org/a.iso\n"
            "The answer was “404 Not Found”. Open it in a browser: does it still work?",
            id="failed",
        ),
    ],
)
def test_one_link_is_told(remote: RemoteUpload, text: str) -> None:
    assert fetched_text(remote) == text


def test_several_links_are_told_with_what_failed_last() -> None:
    remote = a_remote(
        id=2,
        shown_url="example.org/b.iso",
        state=RemoteState.FAILED,
        reason=Reason.SOURCE_FAILED,
        detail="404",
    )
    assert fetched_text(fetched(), fetched(3, web_page=True, stored_size=None), remote).splitlines() == [
        "⚠️ 2 of 3 links fetched",
        "<b>a.iso</b> · 4.7 GB",
        LINK,
        "<b>a.iso</b>",
        LINK,
        "(a web page, not a file)",
        "",
        "Not fetched: example.org/b.iso, its server didn’t hand it out. Its reason: “404”.",
    ]


def test_links_that_all_ended_alike_are_counted() -> None:
    assert fetched_text(fetched(1), fetched(2)).startswith("✅ 2 links fetched\n")
    broken = [a_remote(id=number, state=RemoteState.FAILED) for number in range(2)]
    assert fetched_text(*broken).startswith("⚠️ None of 2 links fetched.\n")


def test_links_nobody_wants_to_hear_of_have_no_result() -> None:
    silent = fetched(told=False)
    cancelled = a_remote(state=RemoteState.CANCELLED)
    assert remote_result(T, [silent, cancelled]) is None
    assert all_remotes_cancelled(T, [silent]) == "1fichier goes on with it, and I’ll say no more about it."
    assert all_remotes_cancelled(T, [cancelled]) == "Cancelled: 1 link was not fetched."
