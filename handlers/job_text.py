"""What the message of a job on files and folders says: how far it is, what it asks, how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telegram import InlineKeyboardMarkup

from handlers.buttons import Action, button, copy_button, keyboard
from handlers.errors import quoted
from handlers.places import Place
from handlers.texts import Html, Texts, lines
from storage import Job, JobFile, JobFileState, JobKind, JobState
from transfers import Counted

# More names of what went wrong say nothing more.
PROBLEMS_SHOWN: Final = 10


@dataclass(frozen=True)
class JobStatus:
    """A job as it stands.

    Attributes:
        files: those that it names.
        counted: how far counting is.
        key_refused: nothing goes on before the person has sent a new key.
        paused_until: 1fichier is not asked anything for the account before then.
    """

    job: Job
    now: datetime
    files: Sequence[JobFile] = ()
    counted: Counted | None = None
    key_refused: bool = False
    paused_until: datetime | None = None


def job_text(t: Texts, status: JobStatus) -> Html:
    job = status.job
    match job.state:
        case JobState.COUNTING | JobState.WORKING:
            return lines(_head(t, status), _progress(t, status))
        case JobState.ASKING:
            return _question(t, job)
        case _:
            return _ended(t, status)


def job_buttons(t: Texts, job: Job) -> InlineKeyboardMarkup | None:
    match job.state:
        case JobState.COUNTING | JobState.WORKING:
            if job.cancelling:
                return None
            return keyboard([button(t.plain("Cancel"), Action.CANCEL_JOB, job.id)])
        case JobState.ASKING:
            count = t.count("Delete {count} file", "Delete {count} files", job.files)
            return keyboard(
                [
                    button(
                        count if job.files else t.plain("Delete"), Action.CONFIRM_JOB, job.id, danger=True
                    ),
                    button(t.plain("Keep"), Action.CANCEL_JOB, job.id),
                ]
            )
        case JobState.DONE:
            return keyboard(
                [
                    copy_button(t.plain("Copy link"), job.shared_url or ""),
                    None
                    if job.kind is JobKind.DELETE_FOLDER
                    else button(t.plain("Open folder"), Action.FOLDER, *Place(job.folder_id or 0).values),
                ]
            )
        case _:
            return None


def job_in_brief(t: Texts, job: Job) -> Html:
    """As a line of a list of what runs."""
    name = t.folder(job.folder_name)
    match job.kind:
        case JobKind.DELETE_FOLDER if job.state is JobState.COUNTING:
            return t("📁 <b>{name}</b> · being counted", name=name)
        case JobKind.DELETE_FOLDER:
            done, total = t.number(job.files_done), t.number(job.files)
            return t("📁 <b>{name}</b> · {done} of {total} deleted", name=name, done=done, total=total)
        case JobKind.MOVE_FILES:
            return t.n(
                "{count} file to 📁 <b>{name}</b>", "{count} files to 📁 <b>{name}</b>", job.files, name=name
            )
        case JobKind.SHARE_FILES:
            return t.n("one link for {count} file", "one link for {count} files", job.files)


def _head(t: Texts, status: JobStatus) -> Html:
    job = status.job
    until = max((each for each in (status.paused_until, job.not_before) if each), default=None)
    if job.cancelling:
        return t("⏳ Stopping")
    if status.key_refused:
        return t("🔑 Waiting for your key: /login")
    if until is not None and until > status.now:
        return t("⏸ Paused, goes on at about {time}", time=t.time(until, status.now))
    return _under_way(t, job)


def _under_way(t: Texts, job: Job) -> Html:
    name = t.folder(job.folder_name)
    match job.kind:
        case JobKind.DELETE_FOLDER if job.state is JobState.COUNTING:
            return t("⏳ Counting what is in 📁 <b>{name}</b>", name=name)
        case JobKind.DELETE_FOLDER:
            return t("⏳ Deleting 📁 <b>{name}</b>", name=name)
        case JobKind.MOVE_FILES:
            return t.n(
                "⏳ Moving {count} file to 📁 <b>{name}</b>",
                "⏳ Moving {count} files to 📁 <b>{name}</b>",
                job.files,
                name=name,
            )
        case JobKind.SHARE_FILES:
            return t.n("⏳ One link for {count} file", "⏳ One link for {count} files", job.files)


def _progress(t: Texts, status: JobStatus) -> Html | None:
    job, counted = status.job, status.counted
    if job.state is JobState.COUNTING:
        return _amount(t, counted.files, counted.folders, counted.size) if counted else None
    if not job.files:
        return None
    return t(
        "{bar} {done} of {total}",
        bar=t.bar(job.files_done, job.files),
        done=t.number(job.files_done),
        total=t.number(job.files),
    )


def _question(t: Texts, job: Job) -> Html:
    return lines(
        t("🗑 Delete 📁 <b>{name}</b> with all that is in it?", name=t.folder(job.folder_name)),
        _amount(t, job.files, job.folders, job.size),
        t("Their links will stop working, and I can’t bring them back."),
    )


def _amount(t: Texts, files: int, folders: int, size: int) -> Html:
    """`folders` counts the one that it is about."""
    count = t.n("{count} file", "{count} files", files)
    if folders <= 1:
        return t("{files} · {size}", files=count, size=t.size(size))
    within = t.n("in {count} folder", "in {count} folders", folders)
    return t("{files} {within} · {size}", files=count, within=within, size=t.size(size))


def _ended(t: Texts, status: JobStatus) -> Html:
    match status.job.kind:
        case JobKind.DELETE_FOLDER:
            return _deleted(t, status.job)
        case JobKind.MOVE_FILES:
            return _moved(t, status)
        case JobKind.SHARE_FILES:
            return _shared(t, status)


def _deleted(t: Texts, job: Job) -> Html:
    name = t.folder(job.folder_name)
    done = t.n("{count} file was deleted.", "{count} files were deleted.", job.files_done)
    match job.state:
        case JobState.DONE:
            return lines(
                t("✅ Deleted: 📁 <b>{name}</b>", name=name),
                t.n("{count} file was in it.", "{count} files were in it.", job.files_done)
                if job.files_done
                else None,
            )
        case JobState.CANCELLED if job.files_done:
            return lines(t("Stopped: 📁 <b>{name}</b> is still there.", name=name), done)
        case JobState.CANCELLED:
            return t("Nothing deleted. 📁 <b>{name}</b> is still there.", name=name)
        case _:
            return lines(
                t("⚠️ 📁 <b>{name}</b> could not be deleted.", name=name),
                quoted(t, job.detail or ""),
                done if job.files_done else t("Nothing was deleted."),
            )


def _moved(t: Texts, status: JobStatus) -> Html:
    job, name = status.job, t.folder(status.job.folder_name)
    if not job.files_done:
        first = t("Nothing moved.") if job.state is JobState.CANCELLED else t("⚠️ Nothing was moved.")
    elif job.files_done < job.files:
        done, total = t.number(job.files_done), t.number(job.files)
        first = t("⚠️ {done} of {total} files moved to 📁 <b>{name}</b>", done=done, total=total, name=name)
    else:
        first = t.n(
            "✅ {count} file moved to 📁 <b>{name}</b>",
            "✅ {count} files moved to 📁 <b>{name}</b>",
            job.files_done,
            name=name,
        )
    return lines(first, *_problems(t, status))


def _shared(t: Texts, status: JobStatus) -> Html:
    job = status.job
    if not job.shared_url:
        first = (
            t("Stopped: nothing is shared.")
            if job.state is JobState.CANCELLED
            else t("⚠️ Nothing was shared.")
        )
        return lines(first, *_problems(t, status))
    first = (
        t.n("✅ One link for {count} file", "✅ One link for {count} files", job.files_done)
        if job.files_done == job.files
        else t(
            "⚠️ One link for {done} of {total} files", done=t.number(job.files_done), total=t.number(job.files)
        )
    )
    return lines(
        first,
        t("{link}", link=job.shared_url),
        t("📁 {folder}", folder=t.folder(job.folder_name)),
        *_problems(t, status),
    )


def _problems(t: Texts, status: JobStatus) -> list[Html]:
    failed = [file for file in status.files if file.state is JobFileState.FAILED]
    listed = [
        t("Not moved: <b>{name}</b>", name=t.name(file.name))
        if file.name
        else t("Not moved: {link}", link=file.link)
        for file in failed[:PROBLEMS_SHOWN]
    ]
    more = len(failed) - len(listed)
    if more:
        listed.append(t.n("and {count} more", "and {count} more", more))
    if failed:
        listed.append(t("They are no longer on 1fichier, or not in your account."))
    reason = quoted(t, status.job.detail or "")
    return [*listed, *([reason] if reason else [])]
