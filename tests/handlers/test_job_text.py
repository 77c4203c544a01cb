"""What the message of a job says in each of its states."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handlers.job_text import JobStatus, job_buttons, job_in_brief, job_text
from handlers.texts import texts_for
from storage import Job, JobFile, JobFileState, JobKind, JobState
from tests.clock import NOON
from transfers import Counted

T = texts_for("en")
JOB = Job(
    id=1,
    kind=JobKind.DELETE_FOLDER,
    person_id=1,
    account_id=1,
    chat_id=1,
    message_id=1,
    folder_id=7,
    folder_name="<Videos>",
    state=JobState.WORKING,
    cancelling=False,
    tries=0,
    not_before=NOON - timedelta(days=1),
    files=40,
    folders=3,
    size=1_400,
    files_done=10,
    shared_url=None,
    detail=None,
    created_at=NOON,
    asked_at=NOON,
)
URL = "https://1fichier.com/dir/AbCdEfGh"
GONE = JobFile("a", "https://1fichier.com/?a", "a.txt", JobFileState.FAILED)
NAMELESS = JobFile("b", "https://1fichier.com/?b", None, JobFileState.FAILED)


def said(*, files: tuple[JobFile, ...] = (), counted: Counted | None = None, **job: Any) -> list[str]:
    status = JobStatus(replace(JOB, **job), NOON, files=files, counted=counted)
    return job_text(T, status).splitlines()


def test_progress_is_a_bar_and_two_numbers() -> None:
    assert said() == ["⏳ Deleting 📁 <b>&lt;Videos&gt;</b>", "▓▓░░░░░░░░ 10 of 40"]


def test_counting_says_how_far_it_is() -> None:
    counting: dict[str, Any] = {"state": JobState.COUNTING, "files": 0}
    assert said(**counting) == ["⏳ Counting what is in 📁 <b>&lt;Videos&gt;</b>"]
    assert said(counted=Counted(5, 2, 1_400), **counting)[1] == "5 files in 2 folders · 1.4 kB"


def test_a_pause_a_refused_key_and_a_wish_to_stop_take_the_first_line() -> None:
    later = NOON + timedelta(minutes=5)
    assert said(not_before=later)[0] == "⏸ Paused, goes on at about 12:05 (UTC)"
    paused = JobStatus(JOB, NOON, paused_until=later)
    assert job_text(T, paused).splitlines()[0] == "⏸ Paused, goes on at about 12:05 (UTC)"
    assert job_text(T, JobStatus(JOB, NOON, key_refused=True)).splitlines()[0] == (
        "🔑 Waiting for your key: /login"
    )
    assert said(cancelling=True)[0] == "⏳ Stopping"
    assert job_buttons(T, replace(JOB, cancelling=True)) is None


def test_a_folder_of_empty_folders_is_asked_about_without_a_number_on_the_button() -> None:
    job = replace(JOB, state=JobState.ASKING, files=0, folders=2, size=0)
    assert job_text(T, JobStatus(job, NOON)).splitlines()[1] == "0 files in 2 folders · 0 bytes"
    markup = job_buttons(T, job)
    assert markup is not None
    assert [button.text for button in markup.inline_keyboard[0]] == ["Delete", "Keep"]


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        pytest.param(
            {"state": JobState.DONE},
            ["✅ Deleted: 📁 <b>&lt;Videos&gt;</b>", "10 files were in it."],
            id="deleted",
        ),
        pytest.param(
            {"state": JobState.DONE, "files_done": 0},
            ["✅ Deleted: 📁 <b>&lt;Videos&gt;</b>"],
            id="was empty",
        ),
        pytest.param(
            {"state": JobState.FAILED, "files_done": 0},
            ["⚠️ 📁 <b>&lt;Videos&gt;</b> could not be deleted.", "Nothing was deleted."],
            id="failed at once",
        ),
        pytest.param(
            {"state": JobState.FAILED, "detail": "<no>"},
            [
                "⚠️ 📁 <b>&lt;Videos&gt;</b> could not be deleted.",
                "Its reason: “&lt;no&gt;”.",
                "10 files were deleted.",
            ],
            id="failed in the middle",
        ),
        pytest.param(
            {"kind": JobKind.MOVE_FILES, "state": JobState.CANCELLED, "files_done": 0},
            ["Nothing moved."],
            id="move cancelled",
        ),
        pytest.param(
            {"kind": JobKind.MOVE_FILES, "state": JobState.FAILED, "files_done": 0, "detail": "x"},
            ["⚠️ Nothing was moved.", "Its reason: “x”."],
            id="move failed",
        ),
        pytest.param(
            {"kind": JobKind.SHARE_FILES, "state": JobState.CANCELLED},
            ["Stopped: nothing is shared."],
            id="share cancelled",
        ),
        pytest.param(
            {"kind": JobKind.SHARE_FILES, "state": JobState.FAILED},
            ["⚠️ Nothing was shared."],
            id="share failed",
        ),
        pytest.param(
            {"kind": JobKind.SHARE_FILES, "state": JobState.DONE, "shared_url": URL},
            ["⚠️ One link for 10 of 40 files", URL, "📁 &lt;Videos&gt;"],
            id="share of some",
        ),
        pytest.param(
            {"kind": JobKind.SHARE_FILES}, ["⏳ One link for 40 files", "▓▓░░░░░░░░ 10 of 40"], id="sharing"
        ),
        pytest.param(
            {"kind": JobKind.MOVE_FILES},
            ["⏳ Moving 40 files to 📁 <b>&lt;Videos&gt;</b>", "▓▓░░░░░░░░ 10 of 40"],
            id="moving",
        ),
    ],
)
def test_how_it_goes_and_how_it_ended(job: dict[str, Any], expected: list[str]) -> None:
    assert said(**job) == expected


def test_files_that_could_not_be_moved_are_named_as_far_as_that_helps() -> None:
    failed = said(
        kind=JobKind.MOVE_FILES, state=JobState.DONE, files=(GONE, NAMELESS, *([GONE] * 10)), files_done=28
    )
    assert failed[:3] == [
        "⚠️ 28 of 40 files moved to 📁 <b>&lt;Videos&gt;</b>",
        "Not moved: <b>a.txt</b>",
        "Not moved: https://1fichier.com/?b",
    ]
    assert failed[-2:] == ["and 2 more", "They are no longer on 1fichier, or not in your account."]


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ({"state": JobState.COUNTING}, "📁 <b>&lt;Videos&gt;</b> · being counted"),
        ({}, "📁 <b>&lt;Videos&gt;</b> · 10 of 40 deleted"),
        ({"kind": JobKind.MOVE_FILES}, "40 files to 📁 <b>&lt;Videos&gt;</b>"),
        ({"kind": JobKind.SHARE_FILES}, "one link for 40 files"),
    ],
)
def test_a_line_of_what_runs(job: dict[str, Any], expected: str) -> None:
    assert job_in_brief(T, replace(JOB, **job)) == expected
