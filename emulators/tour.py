"""A scripted person who uses the real bot from the first message to the last; every step has to be seen."""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from emulators.botapi import BotApi, SeenMessage, VirtualFile
from emulators.onefichier import EmulatedAccount, OneFichier
from emulators.process import bot_process, bot_settings
from emulators.sample_site import sample_site
from emulators.screen import Screen
from emulators.serving import serve
from emulators.user import Attachment, Person

__all__ = ["SAMPLES", "TOKEN", "Tour", "sample_site", "tour"]

TOKEN: Final = "123456789:AAEmulatedTokenForDemoAndTests01234"
SAMPLES: Final = Path(__file__).parent / "samples"
STEP_SECONDS: Final = 30.0


class Tour:
    """`seen` holds one line per step that was seen to happen."""

    def __init__(
        self, api: BotApi, person: Person, account: EmulatedAccount, site: str, screen: Screen
    ) -> None:
        self._api = api
        self._person = person
        self._account = account
        self._site = site
        self._screen = screen
        self.seen: list[str] = []

    async def take(self) -> None:
        """Raises TimeoutError or AssertionError at the first step that is not seen."""
        await self._arrive()
        await self._log_in()
        await self._send_files()
        await self._send_album()
        await self._list()
        await self._quota()
        await self._remote()
        await self._delete()

    async def _arrive(self) -> None:
        said = self._person.say("/start")
        greeting = await self._sees(lambda message: message.has_button("Get my key"), said)
        self._step("/start shows the way to the key", "key" in greeting.text)

    async def _log_in(self) -> None:
        said = self._person.say("/login")
        await self._sees("Send me your API key", said)
        key = self._person.say(self._account.key or "")
        await self._sees("Your key works", key)
        self._step("the key is accepted and its message deleted", key.deleted)

    async def _send_files(self) -> None:
        samples = sorted(SAMPLES.iterdir())
        for path in samples:
            is_photo = path.suffix == ".jpg"
            sent = self._person.send_file("photo" if is_photo else "document", name=path.name, content=path)
            result = await self._sees(_result_of(sent), sent)
            stored = [each for each in self._account.files.values() if each.url in result.text]
            self._step(
                f"{path.name} is uploaded byte for byte",
                len(stored) == 1 and stored[0].read() == path.read_bytes(),
            )
        statuses = [message for message in self._person.chat.from_bot if message.text.startswith("⏳")]
        await self._person.chat.wait_until(
            lambda _: all(each.deleted for each in statuses), timeout=STEP_SECONDS
        )
        self._step("no status message is left behind", condition=True)

    async def _send_album(self) -> None:
        sizes = (1_500_000, 900_000, 2_100_000)
        items = [
            Attachment("video", name=f"clip {number}.mp4", content=VirtualFile(size, seed=number))
            for number, size in enumerate(sizes, start=1)
        ]
        sent = self._person.send_album(items)
        result = await self._sees(lambda message: "3 files uploaded" in message.text, sent[0])
        links = [each.url for each in self._account.files.values() if each.name.startswith("clip")]
        self._step(
            "an album has one result with three links",
            len(links) == len(sizes) and all(link in result.text for link in links),
        )

    async def _list(self) -> None:
        said = self._person.say("/list")
        page = await self._sees(lambda message: "clip 3.mp4" in message.text, said)
        self._step("/list shows the files", page.has_button("1"))

    async def _quota(self) -> None:
        said = self._person.say("/quota")
        quota = await self._sees("Premium until", said)
        self._step("/quota shows the use", "used of" in quota.text)

    async def _remote(self) -> None:
        good, bad = f"{self._site}/files/dover-beach.txt", f"{self._site}/files/missing.iso"
        said = self._person.say(f"/remote {good} {bad}")
        told = await self._sees("1 of 2 links fetched", said)
        fetched = self._account.named("dover-beach.txt")
        self._step(
            "a remote upload is told with its link, a failed one with its reason",
            len(fetched) == 1 and fetched[0].url in told.text and "404" in told.text and not told.silent,
        )

    async def _delete(self) -> None:
        victim = self._account.named("clip 2.mp4")[0]
        said = self._person.say(f"/delete {victim.url}")
        question = await self._sees(lambda message: message.has_button("Keep"), said)
        self._step("/delete asks with the file's name", "clip 2.mp4" in question.text)
        self._person.press("Delete", question)
        await self._sees("Deleted", said)
        self._step("the file is deleted, the others stay", victim.id not in self._account.files)

    async def _sees(self, wanted: str | Callable[[SeenMessage], bool], after: SeenMessage) -> SeenMessage:
        message = await self._person.chat.wait_for(wanted, after=after, timeout=STEP_SECONDS)
        self._screen.refresh()
        return message

    def _step(self, what: str, condition: object) -> None:
        self._screen.refresh()
        if not condition:
            raise AssertionError(what)
        self.seen.append(what)
        self._screen.note(f"-- {what}")


def _result_of(sent: SeenMessage) -> Callable[[SeenMessage], bool]:
    return lambda message: message.reply_to is sent and "https://1fichier.com/?" in message.text


async def tour() -> int:
    """Take the tour against emulators and a bot process of its own; returns the exit code."""
    started = time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onefichier-bot-")))
        api = BotApi(token=TOKEN)
        onefichier = await stack.enter_async_context(OneFichier())
        account = onefichier.add_account()
        telegram_url = await stack.enter_async_context(serve(api.app))
        onefichier_url = await stack.enter_async_context(serve(onefichier.app))
        site = await stack.enter_async_context(serve(sample_site()))
        person = Person(api, user_id=11_111_111, first_name="Ada")
        screen = Screen(person.chat, "Ada", sys.stdout)
        settings = bot_settings(
            token=TOKEN, data=data, telegram_url=telegram_url, onefichier_url=onefichier_url
        )
        process = await stack.enter_async_context(bot_process(settings))
        following = asyncio.create_task(screen.follow())
        stack.callback(following.cancel)
        steps = Tour(api, person, account, site, screen)
        taking = asyncio.create_task(steps.take())
        dying = asyncio.create_task(process.wait())
        await asyncio.wait({taking, dying}, return_when=asyncio.FIRST_COMPLETED)
        dying.cancel()
        if not taking.done():
            taking.cancel()
            return _failed(f"The bot ended by itself, exit code {process.returncode}.")
        if error := taking.exception():
            return _failed(str(error))
    seconds = time.monotonic() - started
    sys.stdout.write(f"\nAll {len(steps.seen)} steps were seen, in {seconds:.1f} s.\n")
    return 0


def _failed(why: str) -> int:
    sys.stdout.write(f"\nNot everything was seen: {why}\n")
    return 1
