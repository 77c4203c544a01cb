"""Every step of an upload and of a remote upload at which the bot can die, as it is seen from outside."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final

from tests.reliability.crowd import Crowd
from tests.reliability.last_piece import last_piece_held_back
from tests.reliability.scene import FLOOD_SECONDS, MOMENT_SECONDS, Scene
from tests.reliability.traffic import Phase, Target

UPDATES: Final = r"/getUpdates"
ACKNOWLEDGING: Final = rb"offset=1"
SEND: Final = r"/sendMessage"
RINGING_LINK: Final = rb"1fichier\.com%2F%3F.*disable_notification=false"
RINGING_FETCHED: Final = rb"etched.*disable_notification=false"
STATUS: Final = rb"text=%E2%8F%B3"
UPLOAD_SERVER: Final = r"/v1/upload/get_upload_server\.cgi"
UPLOAD: Final = r"/upload\.cgi"
REPORT: Final = r"/end\.pl"
LARGE: Final = 1_000_000

# An answer may come from what the bot knows already.
PROVOKED_AGAIN_SECONDS: Final = 3.0
# A random moment: after so many requests at most, or when nothing more is asked.
RANDOM_REQUESTS: Final = 80
QUIET_SECONDS: Final = 3.0
RANDOM_SECONDS: Final = 0.05


@dataclass(frozen=True)
class Moment:
    """`come` begins a life and holds it at the moment, until the end of the block."""

    name: str
    come: Callable[[Scene], AbstractAsyncContextManager[None]]


def nothing_more(_: Crowd) -> None:
    """Enough is under way in every life."""


def at(
    name: str, path: str, phase: Phase, provoke: Callable[[Crowd], object] = nothing_more, **target: Any
) -> Moment:
    """A request that has come so far."""

    @contextlib.asynccontextmanager
    async def come(scene: Scene) -> AsyncIterator[None]:
        with scene.traffic.hold(Target(path, **target), phase) as hold:
            await scene.begin()
            async with asyncio.timeout(MOMENT_SECONDS):
                while not hold.reached.is_set():
                    provoke(scene.crowd)
                    with contextlib.suppress(TimeoutError):
                        await hold.until_reached(PROVOKED_AGAIN_SECONDS)
            yield

    return Moment(f"{name}, {phase}", come)


def written(name: str, table_where: str, provoke: Callable[[Crowd], object] = nothing_more) -> Moment:
    """One more such row in the database."""

    @contextlib.asynccontextmanager
    async def come(scene: Scene) -> AsyncIterator[None]:
        before = scene.records.count(table_where)
        await scene.begin()
        # A link may turn out to be one of those that cannot be fetched.
        async with asyncio.timeout(MOMENT_SECONDS):
            while scene.records.count(table_where) <= before:
                provoke(scene.crowd)
                with contextlib.suppress(TimeoutError):
                    await scene.records.more(table_where, before, seconds=PROVOKED_AGAIN_SECONDS)
        yield

    return Moment(name, come)


@contextlib.asynccontextmanager
async def _at_random(scene: Scene) -> AsyncIterator[None]:
    requests = scene.traffic.requests + scene.chance.randint(1, RANDOM_REQUESTS)
    await scene.begin()
    with contextlib.suppress(TimeoutError):
        await scene.traffic.until(requests, seconds=QUIET_SECONDS)
    await asyncio.sleep(scene.chance.uniform(0, RANDOM_SECONDS))
    yield


@contextlib.asynccontextmanager
async def _report_lost(scene: Scene) -> AsyncIterator[None]:
    """Stored at the first call of end.pl, whose answer the bot does not live to see; then the node forgets the upload."""
    with scene.traffic.hold(Target(UPLOAD), Phase.ACTED) as hold:
        await scene.begin()
        await hold.until_reached(MOMENT_SECONDS)
        await scene.kill("upload.cgi, body whole and 302 not sent")
    identifier = hold.upload_id
    with scene.traffic.hold(Target(rf"/end\.pl\?xid={identifier}"), Phase.ACTED) as hold:
        await scene.begin()
        await hold.until_reached(MOMENT_SECONDS)
        yield
    scene.onefichier.uploads.uploads[identifier].gone = True


@contextlib.asynccontextmanager
async def _body_lost(scene: Scene) -> AsyncIterator[None]:
    """The whole body has arrived, and the node forgets it."""
    with scene.traffic.hold(Target(UPLOAD), Phase.ACTED) as hold:
        await scene.begin()
        await hold.until_reached(MOMENT_SECONDS)
        yield
    scene.onefichier.uploads.uploads[hold.upload_id].gone = True
    scene.forgotten += 1


@contextlib.asynccontextmanager
async def _in_a_pause_that_outlives_a_kill(scene: Scene) -> AsyncIterator[None]:
    """1fichier locks the address out. The bot dies when it has noted that, and in its next life once more."""
    await scene.begin()
    scene.onefichier.limits.lock("127.0.0.1")
    end = time.time() + FLOOD_SECONDS
    paused = f"service_limit WHERE scope = 'address' AND endpoint = '*' AND not_before >= {end}"
    await scene.records.more(paused, 0, seconds=MOMENT_SECONDS)
    await scene.kill("pause written down")
    scene.known_floods.append((time.time(), end))
    with scene.traffic.hold(Target(UPDATES, says=ACKNOWLEDGING), Phase.ASKED) as hold:
        await scene.begin()
        scene.crowd.send()
        await hold.until_reached(MOMENT_SECONDS)
        yield


MOMENTS: Final = (
    at("update delivered", UPDATES, Phase.ANSWERED, Crowd.send, answers=rb'"update_id"'),
    at("update written down and not acknowledged", UPDATES, Phase.ASKED, Crowd.send, says=ACKNOWLEDGING),
    written("file accepted", "transfer", Crowd.send),
    written("file queued and its update done with", "inbox WHERE state = 'handled'", Crowd.send),
    at("status message", SEND, Phase.ACTED, Crowd.send, says=STATUS),
    at("getFile", r"/getfile", Phase.ASKED),
    at("getFile", r"/getfile", Phase.ANSWERED),
    at("get_upload_server", UPLOAD_SERVER, Phase.ASKED),
    at("get_upload_server", UPLOAD_SERVER, Phase.ACTED),
    at("get_upload_server", UPLOAD_SERVER, Phase.ANSWERED),
    at("upload.cgi", UPLOAD, Phase.BEGUN),
    at("upload.cgi", UPLOAD, Phase.HALFWAY, lambda crowd: crowd.send_file(1_500_000), least_bytes=LARGE),
    Moment("confirming committed, the last piece held back", last_piece_held_back),
    at("upload.cgi, body whole", UPLOAD, Phase.ACTED),
    at("upload.cgi, 302", UPLOAD, Phase.ANSWERED),
    at("end.pl", REPORT, Phase.ASKED),
    at("end.pl", REPORT, Phase.ACTED),
    at("end.pl", REPORT, Phase.ANSWERED),
    written("link recorded and not told", "transfer WHERE state = 'done'"),
    at("result", SEND, Phase.ACTED, says=RINGING_LINK),
    at("result", SEND, Phase.ANSWERED, says=RINGING_LINK),
    at("deletion of the status message", r"/deleteMessage", Phase.ACTED),
    at("remote/request", r"/v1/remote/request\.cgi", Phase.ASKED, Crowd.ask_remote),
    at("remote/request", r"/v1/remote/request\.cgi", Phase.ACTED, Crowd.ask_remote),
    at("remote/request", r"/v1/remote/request\.cgi", Phase.ANSWERED, Crowd.ask_remote),
    at("remote/ls", r"/v1/remote/ls\.cgi", Phase.ASKED, Crowd.ask_remote),
    at("remote/ls", r"/v1/remote/ls\.cgi", Phase.ANSWERED, Crowd.ask_remote),
    at("remote/info", r"/v1/remote/info\.cgi", Phase.ASKED, Crowd.ask_remote),
    at("remote/info", r"/v1/remote/info\.cgi", Phase.ANSWERED, Crowd.ask_remote),
    at("file/info of a fetched file", r"/v1/file/info\.cgi", Phase.ACTED, Crowd.ask_remote),
    written("fetched link recorded and not told", "remote_upload WHERE state = 'done'", Crowd.ask_remote),
    at("remote result", SEND, Phase.ACTED, Crowd.ask_remote, says=RINGING_FETCHED),
    at("remote result", SEND, Phase.ANSWERED, Crowd.ask_remote, says=RINGING_FETCHED),
    at("user/info", r"/v1/user/info\.cgi", Phase.ASKED, Crowd.ask_quota),
    at("user/info", r"/v1/user/info\.cgi", Phase.ACTED, Crowd.ask_quota),
    at("user/info", r"/v1/user/info\.cgi", Phase.ANSWERED, Crowd.ask_quota),
    at("key checked, not stored", r"/v1/folder/ls\.cgi", Phase.ACTED, Crowd.log_in),
    at("file/ls", r"/v1/file/ls\.cgi", Phase.ASKED, Crowd.ask_list),
    at("file/ls", r"/v1/file/ls\.cgi", Phase.ACTED, Crowd.ask_list),
    Moment("end.pl, stored and its report lost", _report_lost),
    Moment("upload.cgi, body whole and lost", _body_lost),
    Moment("in a pause that outlived a kill", _in_a_pause_that_outlives_a_kill),
)
AT_RANDOM: Final = Moment("at random", _at_random)
