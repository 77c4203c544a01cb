"""/list: folders and files as pages of buttons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from handlers.buttons import Action, button, keyboard
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.links import words_after_command
from handlers.texts import Html, Texts, lines, mark
from onefichier import NotFound
from storage import StoredFile, StoredFolder
from transfers import FolderView

# As many as a phone shows with their buttons.
PAGE: Final = 8
ROOT: Final = 0
_IN_A_ROW: Final = 4
_SEARCH: Final = "search"
# The pages of a search can be turned for so long; then it is looked for anew.
_SEARCH_LIFETIME: Final = timedelta(days=1)
# Longer than any name.
_LONGEST_SEARCH: Final = 250


@dataclass(frozen=True)
class Page:
    """A page of a folder's content, folders first. `search`: only names that hold that text; `search_id`: its question."""

    view: FolderView
    number: int
    search: str = ""
    search_id: int = 0

    @property
    def folders(self) -> list[StoredFolder]:
        return [each for each in self.view.sub_folders if self._wanted(each.name)]

    @property
    def files(self) -> list[StoredFile]:
        return [each for each in self.view.files if self._wanted(each.name)]

    @property
    def pages(self) -> int:
        return max(1, -(-(len(self.folders) + len(self.files)) // PAGE))

    @property
    def current(self) -> int:
        """The page's number from 0, within what there is by now."""
        return min(max(self.number, 0), self.pages - 1)

    @property
    def shown(self) -> tuple[Sequence[StoredFolder], Sequence[StoredFile]]:
        start, end = self.current * PAGE, (self.current + 1) * PAGE
        folders, files = self.folders, self.files
        return folders[start:end], files[max(0, start - len(folders)) : max(0, end - len(folders))]

    def _wanted(self, name: str) -> bool:
        return self.search.casefold() in name.casefold()


async def list_files(update: Update, context: Context) -> None:
    """Show the main folder; with a text, what is called so there."""
    message, services = message_of(update), context.services
    view = await services.files.folder(await context.account(), ROOT)
    search = words_after_command(message).strip()[:_LONGEST_SEARCH]
    search_id = 0
    if search:
        question = await services.questions.ask(
            context.person.id,
            message.chat.id,
            _SEARCH,
            {"text": search},
            now=services.clock.now(),
            lifetime=_SEARCH_LIFETIME,
        )
        # Nobody is to answer it: it only remembers what is looked for.
        await services.questions.answer(question.id)
        search_id = question.id
    page = Page(view, 0, search, search_id)
    await services.chats.send(
        message.chat.id,
        page_text(context.t, page, services.clock.now()),
        reply_to=context.reply_in_group(message),
        keyboard=page_buttons(context.t, page),
    )


async def turn_page(update: Update, context: Context) -> str | None:
    """Show another page or folder in the message that has the button."""
    message, services, press = message_of(update), context.services, context.press
    try:
        view = await services.files.folder(await context.account(), press.number(0))
    except NotFound:
        return context.t.plain("This folder is no longer on 1fichier.")
    search = ""
    if press.number(2):
        question = await services.questions.find(press.number(2), context.person.id)
        if question is None or question.kind != _SEARCH:
            return context.t.plain("That’s too old. Send /list again.")
        search = str(question.subject["text"])
    page = Page(view, press.number(1), search, press.number(2))
    text = page_text(context.t, page, services.clock.now())
    await services.chats.edit(
        message.chat.id, message.message_id, text, keyboard=page_buttons(context.t, page)
    )
    return None


def page_text(t: Texts, page: Page, now: datetime) -> Html:
    _, files = page.shown
    if not page.folders and not page.files:
        return lines(_nothing(t, page), _as_of(t, page.view, now))
    listed = [_file_line(t, number, file, now) for number, file in enumerate(files, start=1)]
    cut = None if page.view.folder.complete else t("1fichier lists only the first 5,000 files of a folder.")
    return lines(_heading(t, page), Html(""), *listed, cut, _as_of(t, page.view, now))


def page_buttons(t: Texts, page: Page) -> InlineKeyboardMarkup | None:
    folders, files = page.shown
    here, current, search = page.view.folder.folder_id, page.current, page.search_id
    numbers: list[InlineKeyboardButton | None] = [
        button(str(number), Action.CARD, file.link_id, here, current, search)
        for number, file in enumerate(files, start=1)
    ]
    into: list[list[InlineKeyboardButton | None]] = [
        [button(f"📁 {t.name(folder.name)}", Action.FOLDER, folder.folder_id, 0)] for folder in folders
    ]
    turn = [
        button("‹", Action.FOLDER, here, current - 1, search) if current > 0 else None,
        button(t.plain("Next ›"), Action.FOLDER, here, current + 1, search)
        if current < page.pages - 1
        else None,
    ]
    return keyboard(
        *into,
        *(numbers[start : start + _IN_A_ROW] for start in range(0, len(numbers), _IN_A_ROW)),
        turn,
        [_way_up(t, page)],
    )


def _way_up(t: Texts, page: Page) -> InlineKeyboardButton | None:
    folder = page.view.folder
    if page.search:
        return button(t.plain("All files"), Action.FOLDER, folder.folder_id, 0)
    if folder.folder_id == ROOT:
        return None
    return button(t.plain("Up"), Action.FOLDER, folder.parent_id or ROOT, 0)


def _heading(t: Texts, page: Page) -> Html:
    name = t.folder(page.view.folder.name)
    count = t.n("{count} file", "{count} files", len(page.files))
    if page.search:
        found = t("📁 <b>{name}</b> · “{search}”", name=name, search=t.name(page.search))
        heading = t("{folder} · {files}", folder=found, files=count)
    else:
        heading = t("📁 <b>{name}</b> · {files}", name=name, files=count)
    if page.pages == 1:
        return heading
    return t(
        "{heading} · page {page} of {pages}",
        heading=heading,
        page=t.number(page.current + 1),
        pages=t.number(page.pages),
    )


def _nothing(t: Texts, page: Page) -> Html:
    name = t.folder(page.view.folder.name)
    if page.search:
        return t("Nothing in 📁 <b>{name}</b> is called “{search}”.", name=name, search=t.name(page.search))
    return lines(t("📁 <b>{name}</b> is empty.", name=name), t("Send me a file and it will be here."))


def _file_line(t: Texts, number: int, file: StoredFile, now: datetime) -> Html:
    size = t.size(file.size)
    return lines(
        t("{number}. <b>{name}</b>", number=number, name=t.name(file.name)),
        t("{size} · {day}", size=size, day=t.day(file.uploaded_at, now)) if file.uploaded_at else Html(size),
    )


def _as_of(t: Texts, view: FolderView, now: datetime) -> Html:
    as_of = t("As of {time}", time=t.time(view.as_of, now))
    if view.away:
        return lines(as_of, t("⚠️ 1fichier can’t be reached at the moment."))
    if view.limited_until is None or view.limited_until <= now:
        return as_of
    later = t("⏸ I can ask 1fichier again at about {time}.", time=t.time(view.limited_until, now))
    return lines(as_of, later)


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.FOLDER: turn_page}
LIST: Final = Command("list", "[TEXT]", mark("Your files"), list_files)
