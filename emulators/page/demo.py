"""The whole demo: both emulators, the sample site, the real bot, and the page from which they are used."""

import contextlib
import os
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from emulators.botapi import BotApi
from emulators.onefichier import OneFichier, whirlpool_is_fast
from emulators.page.control import page_app
from emulators.page.keeper import BotKeeper
from emulators.page.presses import Presses
from emulators.page.scene import Scene
from emulators.page.searches import Searches
from emulators.page.spool import Spool
from emulators.page.standing import Standings
from emulators.page.weather import Weather
from emulators.process import bot_settings
from emulators.sample_site import sample_site
from emulators.serving import SwitchedServer, serve
from emulators.tour import TOKEN

# A demo may run for days, and nobody reads its transcript.
CALLS_KEPT: Final = 1_000

# Short enough to be waited for, long enough to be seen.
_SETTINGS: Final = {
    "BOT_FLOOD_PAUSE_SECONDS": "10",
    "BOT_LOCK_PAUSE_SECONDS": "10",
    "BOT_SETTLE_SECONDS": "30",
    # What people send here is theirs to choose, on a disk that is theirs.
    "BOT_TELEGRAM_FILES_MIN_FREE_BYTES": "0",
}


class Demo:
    """Everything the page shows and changes; `url` is where it is, `directory` where its files are."""

    def __init__(
        self,
        api: BotApi,
        onefichier: OneFichier,
        server: SwitchedServer,
        keeper: BotKeeper,
        site: str,
        directory: Path,
    ) -> None:
        self.api = api
        self.onefichier = onefichier
        self.keeper = keeper
        self.site = site
        self.scene = Scene(api, onefichier, site=site)
        self.weather = Weather(api, onefichier, server)
        self.presses = Presses()
        self.searches = Searches()
        self.standings = Standings(
            onefichier, {person_id: each.account for person_id, each in self.scene.residents.items()}
        )
        self.directory = directory
        self.run = uuid.uuid4().hex
        self.url = ""


@contextlib.asynccontextmanager
async def demo(
    *, host: str = "127.0.0.1", port: int = 0, directory: Path | None = None, bot_log: Path | None = None
) -> AsyncIterator[Demo]:
    """Serve the page until the end of the block. The bot is not started yet.

    Files go to `directory`, which outlives the block, or to one of their own; the bot's output to `bot_log`, or where
    ours goes.
    """
    async with contextlib.AsyncExitStack() as stack:
        if directory is None:
            directory = Path(stack.enter_context(temporary_directory()))
        folders = {name: directory / name for name in ("bot", "sent", "telegram", "onefichier")}
        for folder in folders.values():
            folder.mkdir()
        # A server of one's own, so that files may be as large as people's clients send them.
        api = BotApi(token=TOKEN, local_dir=folders["telegram"], transcript_length=CALLS_KEPT)
        onefichier = await stack.enter_async_context(OneFichier())
        onefichier.uploads.content_directory = folders["onefichier"]
        onefichier.uploads.checksums = whirlpool_is_fast()
        telegram_url = await stack.enter_async_context(serve(api.app))
        # A slow network is to be seen in the bot's progress, not to vanish in the system's buffers.
        server = SwitchedServer(onefichier.app, far=True)
        await server.up()
        stack.push_async_callback(server.down)
        site = await stack.enter_async_context(serve(sample_site()))
        settings = _SETTINGS | bot_settings(
            token=TOKEN, data=folders["bot"], telegram_url=telegram_url, onefichier_url=server.url
        )
        settings["BOT_TELEGRAM_FILES_DIR"] = str(folders["telegram"])
        keeper = BotKeeper(settings, api, log=bot_log)
        world = Demo(api, onefichier, server, keeper, site, directory)
        settings["BOT_ALLOWED_USERS"] = ",".join(map(str, world.scene.residents))
        world.url = await stack.enter_async_context(
            serve(page_app(world, Spool(folders["sent"])), host=host, port=port)
        )
        # Before the emulators go: it has results to tell.
        stack.push_async_callback(keeper.aclose)
        yield world


def temporary_directory() -> "tempfile.TemporaryDirectory[str]":
    """A directory for large files: on many systems `/tmp` is memory, and `/var/tmp` never is."""
    on_disk = Path("/var/tmp")  # noqa: S108 - the directory made in it is ours alone
    chosen = str(on_disk) if on_disk.is_dir() and "TMPDIR" not in os.environ else None
    return tempfile.TemporaryDirectory(prefix="onefichier-bot-demo-", dir=chosen)
