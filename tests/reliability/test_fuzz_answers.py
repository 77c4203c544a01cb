"""Whatever 1fichier answers is a value that can be shown, or an error that has words; and the bot goes on."""

import functools
import json
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, Final

import httpx
import pytest

from handlers.card import card_text
from handlers.errors import words
from handlers.list_text import Page, page_buttons, page_text
from handlers.places import Place
from handlers.quota import quota_text
from handlers.remote_result import remote_result
from handlers.result_text import upload_result
from handlers.texts import texts_for
from onefichier import (
    AccountInfo,
    Client,
    FileInfo,
    Folder,
    Listing,
    OneFichierError,
    RemoteTask,
    UploadNode,
    UploadReport,
)
from storage import RemoteState, StoredFile, StoredFolder, TransferState
from tests.clock import NOON, FakeClock
from tests.handlers.rows import a_remote, a_transfer
from tests.onefichier.service import Bench, make_bench
from tests.reliability.answers import LINK, TRUE, answer, reworded, spoiled
from tests.reliability.choices import for_each_choice
from tests.reliability.conftest import Figures
from tests.reliability.jobs import JOBS, Job
from tests.reliability.stage import new_scene, rest, running_world
from transfers import AccountView, FileCard, FolderView

IN_CI: Final = 1_000
IN_SOAK: Final = 50_000
JOBS_IN_CI: Final = 4
JOBS_IN_SOAK: Final = 100
LONGEST: Final = 100_000.0
NODE: Final = UploadNode(host="up2.1fichier.com", id="9kGjlUU2CV")

T = texts_for("en")

CALLS: Final[dict[str, Callable[[Bench, Client], Awaitable[Any]]]] = {
    "file/info.cgi": lambda _, client: client.file_info(LINK),
    "file/ls.cgi": lambda _, client: client.list_files(),
    "file/rm.cgi": lambda _, client: client.remove_files([LINK]),
    "folder/ls.cgi": lambda _, client: client.list_folder(),
    "user/info.cgi": lambda _, client: client.account_info(),
    "upload/get_upload_server.cgi": lambda _, client: client.get_upload_server(),
    "remote/request.cgi": lambda _, client: client.request_remote(["https://example.org/a"]),
    "remote/ls.cgi": lambda _, client: client.list_remote(),
    "remote/info.cgi": lambda _, client: client.remote_info(4711),
    "end.pl": lambda bench, _: bench.onefichier.upload_report(NODE),
}


async def test_every_answer_is_an_error_with_words_or_a_value_that_can_be_shown(
    figures: Figures, soak: bool
) -> None:
    """Fuzz: 1fichier's answers, as the client reads them and a person would see them."""
    assert set(CALLS) == set(TRUE)
    chosen: list[tuple[str, int, bytes]] = []

    def choose(random: Random) -> None:
        endpoint = random.choice(sorted(TRUE))
        chosen.append((endpoint, *answer(endpoint, random)))

    for_each_choice(IN_SOAK if soak else IN_CI, choose)
    chosen += [
        (endpoint, httpx.codes.OK, json.dumps(document).encode())
        for endpoint in TRUE
        for document in reworded(TRUE[endpoint])
    ]
    outcomes: Counter[str] = Counter()
    begun = time.monotonic()
    async for bench in make_bench(FakeClock(auto=True)):
        for endpoint, status, body in chosen:
            bench.answer(httpx.Response(status, content=body))
            try:
                value = await CALLS[endpoint](bench, bench.client)
            except OneFichierError as error:
                outcomes[type(error).__name__] += 1
                texts: list[str] = [words(T, error, bench.clock.now())]
            else:
                outcomes["a value"] += 1
                texts = _shown(value)
            assert all(text.strip() for text in texts), body
    seconds = time.monotonic() - begun
    figures.note(
        f"{len(chosen)} answers in {seconds:.0f} s: {', '.join(f'{count} {name}' for name, count in outcomes.most_common())}"
    )


def _shown(value: object) -> list[str]:
    """What a person sees of it."""
    match value:
        case FileInfo():
            own = FileCard(
                value.link,
                value.name,
                value.size,
                value.uploaded,
                value.folder_id,
                value.path,
                value.has_password,
                own=True,
            )
            return [card_text(T, own)]
        case Listing() | Folder():
            return _page(value)
        case AccountInfo():
            kept = AccountInfo.model_validate_json(value.model_dump_json(exclude={"email"}))
            return [quota_text(T, AccountView(each, NOON), NOON) for each in (value, kept)]
        case UploadReport():
            done = a_transfer(
                state=TransferState.DONE, link=value.link.url, stored_name=value.name, stored_size=value.size
            )
            result = upload_result(T, [done])
            return [result.text, result.plain] if result else [""]
        case RemoteTask():
            return [
                text for each in value.results for text in _remote(each.succeeded, each.link, each.message)
            ]
    return []


def _page(value: Listing | Folder) -> list[str]:
    files = [
        StoredFile(file.link.id, file.link.url, 0, file.name, file.size, file.uploaded, file.has_password)
        for file in value.files
    ]
    folders = [
        StoredFolder(sub.id, 0, sub.name, None, complete=True)
        for sub in (value.sub_folders if isinstance(value, Folder) else ())
    ]
    view = FolderView(StoredFolder(0, None, "", NOON, complete=True), folders, files, NOON)
    page = Page(Place(), folders, files, view=view)
    page_buttons(T, page)
    return [page_text(T, page, NOON)]


def _remote(succeeded: bool, link: object, message: str) -> list[str]:
    state = RemoteState.DONE if succeeded else RemoteState.FAILED
    result = remote_result(T, [a_remote(state=state, link=str(link), detail=message)])
    return [result.text, result.plain] if result else [""]


@pytest.mark.emulated
@pytest.mark.parametrize("job", JOBS, ids=str)
async def test_the_bot_goes_on_whatever_an_endpoint_answered(
    job: Job, figures: Figures, soak: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Fuzz: jobs, with answers of 1fichier spoiled."""
    caplog.set_level(logging.WARNING)
    count = JOBS_IN_SOAK if soak else JOBS_IN_CI
    chosen: list[Random] = []
    for_each_choice(count, chosen.append)
    done = 0
    async with running_world() as world:
        for random in chosen:
            scene = await new_scene(world)
            await job.prepare(scene)
            world.fichier.faults.add(
                job.endpoint, "spoiled", times=2, spoil=functools.partial(spoiled, random=random)
            )
            await job.ask(scene)
            await world.until(scene.is_over, most_seconds=LONGEST)
            done += job.is_done(scene)
            await rest(world, job)
            await scene.say("/help")
            assert "/help: How it works" in scene.last
    figures.note(f"{job}: {done} of {count} done at once, the others told; the bot answers each time")
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
