"""Every endpoint that takes part in what people have 1fichier do, with everything that can go wrong at it."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from emulators.onefichier import REPORT, UPLOAD, Call
from onefichier import REFUSAL_STATUS
from tests.handlers.world import World
from tests.reliability.conftest import Figures
from tests.reliability.jobs import GET_UPLOAD_SERVER, JOBS, USER_INFO, Job, Scene
from tests.reliability.stage import IMPATIENT, PACING, new_scene, rest, running_world

FAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "500": {"kind": "status", "status": 500},
    "503": {"kind": "status", "status": 503},
    "HTML": {"kind": "html"},
    "HTML 403": {"kind": "html", "status": 403},
    "locked": {"kind": "ip_locked"},
    "flood": {"kind": "flood"},
    "KO": {"kind": "ko"},
    "types": {"kind": "wrong_types"},
    "empty": {"kind": "empty"},
    "stall": {"kind": "stall"},
    "stall*": {"kind": "stall", "acts": True},
    "cut": {"kind": "cut"},
    "cut*": {"kind": "cut", "acts": True},
    "drip": {"kind": "drip", "seconds": 0.01},
}
"""A star: 1fichier does what it was asked, and the answer is lost."""

# What lasts takes many tries; these stand for their kinds. The long form takes all of them, and for longer.
LASTING: Final = ("503", "HTML 403", "flood", "types", "cut")
TIMES_LONGER: Final = 6
# What is timed out on costs real time at each try, so once is enough.
TIMED_OUT: Final = ("stall", "stall*", "drip")
# The reader of an upload's body does not see that its sender is gone.
STALL_SECONDS: Final = 0.4
PAUSES: Final = {
    "flood": PACING.flood_pause_seconds,
    "locked": PACING.lock_pause_seconds,
    "HTML 403": PACING.flood_pause_seconds,
}

NODE: Final = frozenset({UPLOAD, REPORT})
# In any minute, of the API host; the service bans after ten.
REFUSALS_IN_A_MINUTE: Final = 6
# Of the verdicts that are one's last word; a person then waits for things to have changed.
TOLD_NO: Final = ("1fichier refused", "Nothing was deleted", "Not fetched", "was not uploaded")
# A person who is told to try again does so, though not for ever.
MOST_ASKED: Final = 40
ASK_AGAIN_SECONDS: Final = 31.0
SILENCE_SECONDS: Final = 5.0
LONGEST: Final = 20_000.0

# No account here is: a listing that could not be read must not be taken for one.
UNTRUE: Final = "is empty"
# What nobody should read on a phone. The service's own words are quoted, and so are left out.
QUOTED: Final = re.compile(r"“[^”]*”")
JARGON: Final = re.compile(
    r"HTTP|JSON|API host|cgi|flood|\bnode|\bpoll|\btask|\btransfer|timeout|exception|traceback|errno"
    r"|\bNone\b|\bnull\b|\b[45]\d\d\b|[<>{}_]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Cell:
    """How one job went under one fault. `asked`: how often the person had to ask; `calls`: of the endpoint."""

    calls: int
    asked: int
    told_no: bool
    seen: tuple[str, ...]

    @property
    def mark(self) -> str:
        how = "refused" if self.told_no else "again" if self.asked > 1 else "ok"
        return f"{how} {self.calls}"


@pytest.mark.emulated
@pytest.mark.parametrize("job", JOBS, ids=str)
async def test_a_job_is_done_exactly_once_whatever_an_endpoint_answers(
    job: Job, figures: Figures, soak: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Fault matrix: how a job ended, and how often its endpoint was called."""
    caplog.set_level(logging.WARNING)
    once: dict[str, Cell] = {}
    lasting: dict[str, Cell] = {}
    async with running_world() as world:
        for fault in [name for name in FAULTS if name not in TIMED_OUT]:
            once[fault] = await _cell(world, job, fault, lasts=0)
        for fault in [name for name in once if soak or name in LASTING]:
            lasting[fault] = await _cell(world, job, fault, lasts=job.lasts * (TIMES_LONGER if soak else 1))
        assert not world.fichier.limit_breaches
    async with running_world(IMPATIENT) as world:
        for fault in TIMED_OUT:
            once[fault] = await _cell(world, job, fault, lasts=0)
        assert not world.fichier.limit_breaches

    _show(figures, job, once, lasting)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def _cell(world: World, job: Job, fault: str, *, lasts: float) -> Cell:
    where = f"{job}, {fault}{' for a while' if lasts else ''}"
    scene = await new_scene(world)
    await job.prepare(scene)
    first, before = len(world.fichier.calls), len(scene.seen)
    now = world.clock.now().timestamp()
    arranged = world.fichier.faults.add(
        job.endpoint,
        until=now + lasts if lasts else None,
        # A node hands itself out to anybody.
        account=None if job.endpoint in {GET_UPLOAD_SERVER, REPORT} else scene.account.email,
        **{"seconds": STALL_SECONDS, **FAULTS[fault]},
    )
    asked, told_no = await _asked_until_done(scene, job, where, over_at=world.clock.elapsed + lasts)
    arranged.released.set()

    calls = list(world.fichier.calls)[first:]
    _assert_left_alone(calls, job.endpoint, fault, where)
    _assert_few_refusals(calls, where)
    seen = scene.seen[before:]
    for text in seen:
        assert text.strip(), f"{where}: an empty text"
        assert UNTRUE not in text, f"{where}: {text!r}"
        assert not JARGON.search(QUOTED.sub("", _without_links(text))), f"{where}: {text!r}"

    await rest(world, job)
    return Cell(
        calls=sum(call.endpoint == job.endpoint for call in calls),
        asked=asked,
        told_no=told_no,
        seen=tuple(dict.fromkeys(_first_line(text) for text in seen if not text.startswith("⏳"))),
    )


async def _asked_until_done(scene: Scene, job: Job, where: str, *, over_at: float) -> tuple[int, bool]:
    """Do the job as a person would; how often they had to ask, and whether the answer was ever a no."""
    told_no = False
    for asked in range(1, MOST_ASKED):
        before = len(scene.seen)
        await job.ask(scene)
        await scene.world.passes(SILENCE_SECONDS)
        assert len(scene.seen) > before, f"{where}: silence"
        await scene.world.until(scene.is_over, most_seconds=LONGEST)
        if job.is_done(scene):
            return asked, told_no
        if any(no in scene.last for no in TOLD_NO):
            told_no = True
            await scene.world.passes(max(0.0, over_at - scene.world.clock.elapsed))
        await scene.world.passes(ASK_AGAIN_SECONDS)
    raise AssertionError(f"{where}: never done; the chat shows {scene.person.chat.messages}")


def _assert_left_alone(calls: list[Call], endpoint: str, fault: str, where: str) -> None:
    """After 1fichier asked for a pause, its API is not called before that is over."""
    if fault not in PAUSES or (endpoint in NODE and fault == "HTML 403"):
        return
    for number, call in enumerate(calls):
        if call.endpoint != endpoint or call.status not in REFUSAL_STATUS:
            continue
        until = call.at + PAUSES[fault]
        concerned = {USER_INFO} if (endpoint, fault) == (USER_INFO, "flood") else None
        meanwhile = [
            each
            for each in calls[number + 1 :]
            if each.at < until - 1
            and each.endpoint not in NODE
            and (concerned is None or each.endpoint in concerned)
        ]
        assert not meanwhile, f"{where}: {meanwhile} during a pause"


def _assert_few_refusals(calls: list[Call], where: str) -> None:
    at = [call.at for call in calls if call.status in REFUSAL_STATUS and call.endpoint not in NODE]
    for begin in at:
        in_a_minute = sum(begin <= each < begin + 60 for each in at)
        assert in_a_minute <= REFUSALS_IN_A_MINUTE, f"{where}: {in_a_minute} refusals in a minute"


def _without_links(text: str) -> str:
    return re.sub(r"\S+://\S+|\S+\.iso|file \d\.bin", "", text)


def _first_line(text: str) -> str:
    line = text.partition("\n")[0]
    return re.sub(r"at about .*", "at about …", re.sub(r"https://\S+\w", "LINK", line))


def _show(figures: Figures, job: Job, once: Mapping[str, Cell], lasting: Mapping[str, Cell]) -> None:
    figures.table(
        (str(job), *FAULTS),
        [
            ("  once", *(once[name].mark for name in FAULTS)),
            ("  for a while", *(lasting[name].mark if name in lasting else "" for name in FAULTS)),
        ],
    )
    saw: dict[tuple[str, ...], list[str]] = {}
    for name, cell in once.items():
        saw.setdefault(cell.seen, []).append(name)
    for texts, names in saw.items():
        figures.note(f"  {', '.join(names)}: {' → '.join(texts)}")
    figures.note("")
