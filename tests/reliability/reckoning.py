"""What has come of everything in the end, against what had to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from emulators.botapi import SeenMessage, checksum
from emulators.onefichier import DURING_A_LOCK, LimitBreach
from tests.reliability.crowd import Member
from tests.reliability.lives import until
from tests.reliability.scene import Scene

# For all that the last kill left to be done; several times what a busy machine needs.
FINISH_SECONDS: Final = 180.0
LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Reckoning:
    """What was found.

    Attributes:
        bodies: whole files that 1fichier received.
        mixed_up: links recorded for another file, or told to somebody else.
        twice: results told again.
        standing: status messages left in a chat.
        unexplained: of these two, what no kill excuses.
        troubles: what went wrong by itself.
    """

    bodies: int
    lost: list[str]
    duplicates: list[str]
    mixed_up: list[str]
    untold: list[str]
    twice: int
    standing: int
    unexplained: list[str]
    breaches: list[LimitBreach]
    troubles: list[str]


async def finish(scene: Scene) -> None:
    """The last life: it may go on until nothing is left to be done, and is then stopped.

    Raises:
        AssertionError: something was not done in time; it says what, and what the bot's records say of it.
    """
    await scene.lives.begin()
    try:
        await until(lambda: next(_left_to_do(scene), None) is None, FINISH_SECONDS, every=LOOK_SECONDS)
    except TimeoutError:
        raise AssertionError("\n".join([*_left_to_do(scene), *scene.log_tail()])) from None
    code = await scene.lives.stop()
    if code != 0:
        raise AssertionError("\n".join([f"exit code {code}", *scene.log_tail()]))


def _left_to_do(scene: Scene) -> Iterator[str]:
    for member in scene.crowd.members:
        for file, count in (member.due - member.stored).items():
            rows = scene.records.rows("SELECT * FROM transfer WHERE given_name = :name", name=file.name)
            yield f"{count} x {file.name} of {member.name} is missing; the bot's records: {rows}"
        yield from member.untold()
    for table_where in (
        "inbox WHERE state = 'new'",
        "outbox WHERE state = 'due'",
        "batch WHERE status_message_id IS NOT NULL",
    ):
        for row in scene.records.rows(f"SELECT * FROM {table_where}"):
            yield f"{table_where}: {row}"


def reckon(scene: Scene) -> Reckoning:
    members = scene.crowd.members
    again = [each for member in members for each in _told_again(member)]
    standing = [each for member in members for each in member.statuses]
    return Reckoning(
        bodies=sum(upload.received is not None for upload in scene.onefichier.uploads.uploads.values()),
        lost=[f"{file.name} of {member.name}" for member in members for file in member.due - member.stored],
        duplicates=[text for member in members for text in _too_many(member)],
        mixed_up=list(_mixed_up(scene)),
        untold=[text for member in members for text in member.untold()],
        twice=len(again),
        standing=len(standing),
        unexplained=[repr(each) for each in (*again, *standing) if each not in scene.unrecorded],
        breaches=_broken_limits(scene),
        troubles=list(_troubles(scene)),
    )


def _too_many(member: Member) -> Iterator[str]:
    """More copies than were sent, or what somebody else sent."""
    for file, count in (member.stored - member.due).items():
        yield f"{count} x {file.name} too many in the account of {member.name}"


def _mixed_up(scene: Scene) -> Iterator[str]:
    stored = {
        file.url: (member, file) for member in scene.crowd.members for file in member.account.files.values()
    }
    for row in scene.records.rows("SELECT file_id, link FROM transfer WHERE state = 'done'"):
        sent = scene.api.files.by_id[row["file_id"]]
        _, file = stored[row["link"]]
        if file.sha256 != checksum(sent.content):
            yield f"{file.name} has the link of another file"
    for member in scene.crowd.members:
        for link in member.links:
            if stored[link][0] is not member:
                yield f"{member.name} was told a link of {stored[link][0].name}"


def _told_again(member: Member) -> Iterator[SeenMessage]:
    """Results after which the same was told once more. What replies to one message is one batch's result."""
    seen: dict[SeenMessage | None, SeenMessage] = {}
    for result in member.results:
        if result.reply_to in seen:
            yield seen[result.reply_to]
        seen[result.reply_to] = result


def _broken_limits(scene: Scene) -> list[LimitBreach]:
    """Without the calls by which a lock was found out."""
    return [
        breach
        for breach in scene.onefichier.limit_breaches
        if breach.rule != DURING_A_LOCK
        or any(known <= breach.at < until for known, until in scene.known_floods)
    ]


def _troubles(scene: Scene) -> Iterator[str]:
    yield from (line for line in scene.lives.log() if " ERROR " in line or " CRITICAL " in line)
    for table_where in (
        "inbox WHERE state = 'set_aside'",
        "outbox WHERE state = 'set_aside'",
        "transfer WHERE state <> 'done'",
        "remote_upload WHERE state NOT IN ('done', 'failed')",
    ):
        yield from (f"{table_where}: {row}" for row in scene.records.rows(f"SELECT * FROM {table_where}"))
    yield from (f"guest upload {file.name}" for file in scene.onefichier.guest_files.values())
    yield from (f"unsupported method {name}" for name in scene.api.unsupported)
