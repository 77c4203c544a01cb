"""A page of a folder, or of what was looked for: its text and its buttons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.buttons import Action, button, keyboard
from handlers.places import Order, Place
from handlers.texts import Html, Texts, lines, mark
from storage import StoredFile, StoredFolder
from transfers import MOST_FOUND, ROOT, FolderView, SearchView

# As many as a phone shows with their buttons.
PAGE: Final = 8
_IN_A_ROW: Final = 4

_NEXT_ORDER: Final = {
    Order.NEWEST: (Order.NAME, mark("Sort by name")),
    Order.NAME: (Order.LARGEST, mark("Sort by size")),
    Order.LARGEST: (Order.NEWEST, mark("Sort by date")),
}


@dataclass(frozen=True)
class Page:
    """Folders and files from which `place` shows a page.

    Attributes:
        folders, files: all of them, in the order in which they are shown; folders come first.
        account: the name of the one that has them, where there are several.
        view: of a folder; None for a search.
        found: of a search; None for a folder.
        words: what is looked for.
        chosen: ids of the links that are chosen; None: nothing is being chosen.
        paths: of the folders of what was found.
    """

    place: Place
    folders: Sequence[StoredFolder]
    files: Sequence[StoredFile]
    account: str | None = None
    view: FolderView | None = None
    found: SearchView | None = None
    words: str = ""
    chosen: frozenset[str] | None = None
    paths: Mapping[int | None, str | None] = field(default_factory=dict)

    @property
    def choosing(self) -> bool:
        return self.chosen is not None

    @property
    def pages(self) -> int:
        return max(1, -(-(len(self.folders) + len(self.files)) // PAGE))

    @property
    def current(self) -> int:
        """The page's number from 0, within what there is by now."""
        return min(max(self.place.page, 0), self.pages - 1)

    @property
    def here(self) -> Place:
        return self.place.at(self.current)

    @property
    def shown(self) -> tuple[Sequence[StoredFolder], Sequence[StoredFile]]:
        start, end = self.current * PAGE, (self.current + 1) * PAGE
        folders, files = self.folders, self.files
        return folders[start:end], files[max(0, start - len(folders)) : max(0, end - len(folders))]

    @property
    def chosen_files(self) -> list[StoredFile]:
        """Those that are still there, in the order of the list."""
        return [file for file in self.files if file.link_id in (self.chosen or ())]


def page_text(t: Texts, page: Page, now: datetime) -> Html:
    _, files = page.shown
    as_of = _as_of(t, page, now)
    if not page.folders and not page.files:
        return lines(*_nothing(t, page), *as_of)
    listed = [_file_line(t, page, number, file, now) for number, file in enumerate(files, start=1)]
    return lines(*_heading(t, page), Html(""), *listed, *_cut(t, page), *as_of)


def page_buttons(t: Texts, page: Page) -> InlineKeyboardMarkup | None:
    rows = _choosing(t, page) if page.choosing else _browsing(t, page)
    return keyboard(*rows)


def _browsing(t: Texts, page: Page) -> list[list[InlineKeyboardButton | None]]:
    folders, files = page.shown
    here = page.here
    numbers: list[InlineKeyboardButton | None] = [
        button(str(number), Action.CARD, file.link_id, *here.values)
        for number, file in enumerate(files, start=1)
    ]
    into: list[list[InlineKeyboardButton | None]] = [
        [button(f"📁 {t.name(each.name)}", Action.FOLDER, *Place(each.folder_id, order=here.order).values)]
        for each in folders
    ]
    order, sort = _NEXT_ORDER[here.order]
    several = len(page.files) > 1
    return [
        *into,
        *_rows(numbers),
        _turn(t, page, button(t.plain("Search"), Action.SEARCH)),
        [
            button(t.plain(sort), Action.FOLDER, *replace(here, page=0, order=order).values)
            if several
            else None,
            button(t.plain("Select"), Action.SELECT, *here.values) if page.files else None,
        ],
        [_about_folder(t, page), _way_up(t, page)],
    ]


def _choosing(t: Texts, page: Page) -> list[list[InlineKeyboardButton | None]]:
    _, files = page.shown
    values, chosen = page.here.values, page.chosen or frozenset()
    boxes: list[InlineKeyboardButton | None] = [
        button(f"{'☑' if file.link_id in chosen else '☐'} {number}", Action.TOGGLE, file.link_id, *values)
        for number, file in enumerate(files, start=1)
    ]
    count = len(page.chosen_files)
    rows: list[list[InlineKeyboardButton | None]] = [
        *_rows(boxes),
        _turn(t, page),
        [
            button(t.plain("All {count}", count=t.number(len(page.files))), Action.SELECT_ALL, *values),
            button(t.plain("Done"), Action.DESELECT, *values),
        ],
    ]
    if not count:
        return rows
    return [
        *rows,
        [
            button(t.plain("Move"), Action.SELECTED_MOVE, *values),
            button(t.plain("Links"), Action.SELECTED_LINKS, *values),
            button(t.plain("One link"), Action.SELECTED_SHARE, *values),
        ],
        [button(t.plain("Delete {count}", count=t.number(count)), Action.SELECTED_DELETE, *values)],
    ]


def _rows(buttons: Sequence[InlineKeyboardButton | None]) -> list[list[InlineKeyboardButton | None]]:
    return [list(buttons[start : start + _IN_A_ROW]) for start in range(0, len(buttons), _IN_A_ROW)]


def _turn(
    t: Texts, page: Page, between: InlineKeyboardButton | None = None
) -> list[InlineKeyboardButton | None]:
    here, current = page.here, page.current
    return [
        button("‹", Action.FOLDER, *here.at(current - 1).values) if current > 0 else None,
        between,
        button(t.plain("Next ›"), Action.FOLDER, *here.at(current + 1).values)
        if current < page.pages - 1
        else None,
    ]


def _about_folder(t: Texts, page: Page) -> InlineKeyboardButton | None:
    if page.view is None:
        return None
    folder_id = page.view.folder.folder_id
    if folder_id == ROOT:
        return button(t.plain("New folder"), Action.NEW_FOLDER, ROOT)
    return button(t.plain("This folder"), Action.FOLDER_CARD, folder_id)


def _way_up(t: Texts, page: Page) -> InlineKeyboardButton | None:
    if page.view is None:
        return button(t.plain("All files"), Action.FOLDER, *Place().values)
    folder = page.view.folder
    if folder.folder_id == ROOT:
        return None
    above = Place(folder.parent_id or ROOT, order=page.place.order)
    return button(t.plain("Up"), Action.FOLDER, *above.values)


def _heading(t: Texts, page: Page) -> list[Html]:
    if page.found is not None and page.found.more:
        count = t("more than {count} files", count=t.number(MOST_FOUND))
    else:
        count = t.n("{count} file", "{count} files", len(page.files))
    if page.view is None:
        heading = t("“{words}” · {files}", words=t.name(page.words), files=count)
    else:
        name = t.folder(page.view.folder.name)
        heading = t("📁 <b>{name}</b> · {files}", name=name, files=count)
    if page.pages > 1:
        heading = t(
            "{heading} · page {page} of {pages}",
            heading=heading,
            page=t.number(page.current + 1),
            pages=t.number(page.pages),
        )
    return [heading, *_below_heading(t, page)]


def _below_heading(t: Texts, page: Page) -> list[Html]:
    said = [t("Account: <b>{account}</b>", account=page.account)] if page.account else []
    if page.view is not None and page.view.folder.folder_id != ROOT:
        said.append(t("{path}", path=t.path(page.view.path)))
        if page.view.folder.shared_url:
            said.append(t("Shared: {link}", link=page.view.folder.shared_url))
    if page.choosing:
        chosen = page.chosen_files
        said.append(
            t.n(
                "{count} chosen · {size}",
                "{count} chosen · {size}",
                len(chosen),
                size=t.size(sum(f.size for f in chosen)),
            )
            if chosen
            else t("Press the numbers of the files you mean.")
        )
    return said


def _nothing(t: Texts, page: Page) -> list[Html]:
    if page.view is None:
        return [t("Nothing is called “{words}”.", words=t.name(page.words))]
    name = t.folder(page.view.folder.name)
    return [
        t("📁 <b>{name}</b> is empty.", name=name),
        *_below_heading(t, page),
        t("Send me a file and it will be here."),
    ]


def _file_line(t: Texts, page: Page, number: int, file: StoredFile, now: datetime) -> Html:
    about = [Html(t.size(file.size))]
    if file.uploaded_at is not None:
        about.append(Html(t.day(file.uploaded_at, now)))
    path = page.paths.get(file.folder_id)
    if path is not None:
        about.append(t("📁 {folder}", folder=t.folder(path)))
    return lines(t("{number}. <b>{name}</b>", number=number, name=t.name(file.name)), Html(" · ".join(about)))


def _cut(t: Texts, page: Page) -> list[Html]:
    if page.view is not None and not page.view.folder.complete:
        return [t("1fichier lists only the first 5,000 files of a folder.")]
    if page.found is not None and page.found.more:
        return [t("These are the newest. Another word finds older ones.")]
    return []


def _as_of(t: Texts, page: Page, now: datetime) -> list[Html]:
    if page.found is not None:
        return found_as_of(t, page.found, now)
    if page.view is None:
        return []
    said = [t("As of {time}", time=t.time(page.view.as_of, now))]
    until = page.view.limited_until
    if page.view.away:
        said.append(t("⚠️ 1fichier can’t be reached at the moment."))
    elif until is not None and until > now:
        said.append(t("⏸ I can ask 1fichier again at about {time}.", time=t.time(until, now)))
    return said


def found_as_of(t: Texts, found: SearchView, now: datetime) -> list[Html]:
    """How much of the account a search has looked at."""
    if found.as_of is None:
        return [t("⏳ I haven’t read the list of all your files yet: this is what I know so far.")]
    said = [t("As of {time}", time=t.time(found.as_of, now))]
    if found.since is not None:
        said.append(
            t(
                "⏳ I’m still reading the list, once an hour: files from before {date} may be missing.",
                date=t.date(found.since),
            )
        )
    elif found.gaps:
        said.append(t("1fichier lists only 5,000 files at once: some of one moment may be missing."))
    return said
