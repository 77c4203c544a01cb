"""What a person has 1fichier do, each up to where one endpoint's answer is needed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from telegram import Update

import handlers
from emulators.botapi import VirtualFile
from emulators.onefichier import REPORT, UPLOAD, EmulatedAccount, Fetched, StoredFile
from emulators.user import Person
from tests.handlers.world import World

GET_UPLOAD_SERVER: Final = "upload/get_upload_server.cgi"
FILE_LS, FILE_INFO, FILE_RM = "file/ls.cgi", "file/info.cgi", "file/rm.cgi"
FOLDER_LS, USER_INFO = "folder/ls.cgi", "user/info.cgi"
REMOTE_REQUEST, REMOTE_LS, REMOTE_INFO = "remote/request.cgi", "remote/ls.cgi", "remote/info.cgi"

NAME: Final = "Holiday.mp4"
SIZE: Final = 100_000
URLS: Final = tuple(f"https://example.org/{number}.iso" for number in range(1, 4))


@dataclass
class Scene:
    """One person with an account of their own, in a world where others were before."""

    world: World
    person: Person
    account: EmulatedAccount
    stored: list[StoredFile] = field(default_factory=list)
    """Files that were in the account from the beginning."""

    @property
    def seen(self) -> list[str]:
        """Everything that the bot has said, what it has replaced or deleted since included, oldest first."""
        shown = [
            (at, message.id, text)
            for message in self.person.chat.from_bot
            for at, text in zip(
                (message.date, *(edit.edited_at for edit in message.edits)),
                (*(edit.text for edit in message.edits), message.text),
                strict=True,
            )
        ]
        return [text for *_, text in sorted(shown, key=lambda each: each[:2])]

    @property
    def last(self) -> str:
        """What stands at the end of the chat."""
        return self.person.chat.last.text if self.person.chat.visible else ""

    async def say(self, text: str) -> None:
        self.person.say(text)
        await self.handled()

    async def press(self, button: str) -> None:
        self.person.press(button)
        await self.handled()

    async def handled(self) -> None:
        """Have the bot handle what people have done; time passes while it waits."""
        updates = self.world.api.updates
        while pending := updates.pending:
            updates.confirm(pending[0]["update_id"])
            update = Update.de_json(pending[0], self.world.application.bot)
            await self.world.result(handlers.process(self.world.application, update))

    async def is_over(self) -> bool:
        """Nothing of the person's is under way, and they have been told everything."""
        services = self.world.services
        active = [
            *await services.transfers.active_of(self.person.id),
            *await services.remotes_store.active_of(self.person.id),
        ]
        return not active and not await services.outbox.depth()


async def nothing(_: Scene) -> None: ...


@dataclass(frozen=True)
class Job:
    """Something a person wants; faults strike at `endpoint`.

    Attributes:
        ask: has it done; once more, where it was refused, or where nothing goes on by itself.
        lasts: seconds of a fault that lasts. Whoever has to ask again does so every half a minute, which takes its time.
    """

    name: str
    endpoint: str
    ask: Callable[[Scene], Awaitable[None]]
    is_done: Callable[[Scene], bool]
    prepare: Callable[[Scene], Awaitable[None]] = nothing
    lasts: float = 600

    def __str__(self) -> str:
        return f"{self.name}: {self.endpoint}"


async def send_file(scene: Scene) -> None:
    scene.person.send_file(name=NAME, content=VirtualFile(SIZE, seed=scene.person.id))
    await scene.handled()


def has_one_link(scene: Scene) -> bool:
    links = [file.url for file in scene.account.named(NAME)]
    return len(links) == 1 and links[0] in scene.last


async def lose_the_302_and_the_report(scene: Scene) -> None:
    """So that only its folder shows what became of the file."""
    faults, email = scene.world.fichier.faults, scene.account.email
    faults.add(UPLOAD, "cut", acts=True, account=email)
    faults.add(REPORT, "cut", acts=True, account=email)
    faults.add(REPORT, "status", status=404, times=None, account=email)


async def have_the_upload_refused(scene: Scene) -> None:
    """A refusal that may mean a dead key, at which the bot then looks."""
    scene.world.fichier.faults.add(UPLOAD, "html", text="Envoi refusé", account=scene.account.email)


def quotes_the_refusal(scene: Scene) -> bool:
    return "“Envoi refusé”" in scene.last and not scene.account.files


async def store_files(scene: Scene) -> None:
    scene.stored = [scene.account.add_file(f"file {number}.bin") for number in range(1, 4)]


async def list_files(scene: Scene) -> None:
    await scene.say("/list")


def lists_all(scene: Scene) -> bool:
    return all(file.name in scene.last for file in scene.stored)


async def know_the_files(scene: Scene) -> None:
    await store_files(scene)
    await scene.say("/list")


async def know_an_older_listing(scene: Scene) -> None:
    await know_the_files(scene)
    scene.stored.append(scene.account.add_file("newer.bin"))
    await scene.world.passes(60)


async def delete(scene: Scene) -> None:
    """By link and button; where the question still stands, by its button alone."""
    if not any(each.has_button("Keep") for each in scene.person.chat.visible):
        await scene.say("/delete " + " ".join(file.url for file in scene.stored[:2]))
    if any(each.has_button("Keep") for each in scene.person.chat.visible):
        await scene.press("Delete")


async def delete_one(scene: Scene) -> None:
    scene.stored = scene.stored[:1]
    await delete(scene)


async def have_a_removal_refused(scene: Scene) -> None:
    """So that the bot looks at what it could not delete."""
    await know_the_files(scene)
    scene.world.fichier.faults.add(FILE_RM, "ko", account=scene.account.email)


def is_deleted(scene: Scene) -> bool:
    gone = all(file.id not in scene.account.files for file in scene.stored[:2])
    return gone and any(each.text.startswith("✅") for each in scene.person.chat.visible)


async def ask_for_quota(scene: Scene) -> None:
    await scene.say("/quota")


def shows_quota(scene: Scene) -> bool:
    return scene.last.startswith("📊")


async def can_be_fetched(scene: Scene) -> None:
    for url in URLS:
        scene.world.fichier.remote_results[url] = Fetched(url.rpartition("/")[2], b"x" * 10)
    scene.world.fichier.remotes.seconds = 60


async def fetch_one(scene: Scene) -> None:
    await scene.say(f"/remote {URLS[0]}")


async def fetch_three(scene: Scene) -> None:
    await scene.say(f"/remote {' '.join(URLS)}")


def _has_links(scene: Scene, count: int) -> bool:
    files = scene.account.files.values()
    return len(files) == count and all(file.url in scene.last for file in files)


def has_fetched_one(scene: Scene) -> bool:
    return _has_links(scene, 1)


def has_fetched_three(scene: Scene) -> bool:
    return _has_links(scene, 3)


JOBS: Final = (
    Job("an upload", GET_UPLOAD_SERVER, send_file, has_one_link),
    Job("an upload", UPLOAD, send_file, has_one_link),
    Job("an upload", REPORT, send_file, has_one_link),
    Job("an upload looked for", FILE_LS, send_file, has_one_link, lose_the_302_and_the_report),
    Job("an upload refused", FOLDER_LS, send_file, quotes_the_refusal, have_the_upload_refused),
    Job("a list", FILE_LS, list_files, lists_all, store_files, lasts=120),
    Job("a list", FOLDER_LS, list_files, lists_all, store_files, lasts=120),
    Job("a list known before", FILE_LS, list_files, lists_all, know_an_older_listing, lasts=120),
    Job("a delete", FILE_INFO, delete_one, is_deleted, store_files, lasts=120),
    Job("a delete", FILE_RM, delete_one, is_deleted, know_the_files, lasts=120),
    Job("a delete refused", FILE_INFO, delete_one, is_deleted, have_a_removal_refused, lasts=120),
    Job("a delete of two", FILE_LS, delete, is_deleted, store_files, lasts=120),
    Job("a quota", USER_INFO, ask_for_quota, shows_quota),
    Job("a remote upload", REMOTE_REQUEST, fetch_one, has_fetched_one, can_be_fetched),
    Job("a remote upload", REMOTE_LS, fetch_one, has_fetched_one, can_be_fetched),
    Job("a remote upload", REMOTE_INFO, fetch_one, has_fetched_one, can_be_fetched),
    Job("a remote upload", FILE_INFO, fetch_one, has_fetched_one, can_be_fetched),
    Job("three remote uploads", FILE_LS, fetch_three, has_fetched_three, can_be_fetched),
)
