"""Finding files by their names, from what is known here: 1fichier is not asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from onefichier import Clock, Link
from storage import Account, FileIndex, ListingStore, Reading, StoredFile
from transfers.paths import path_of
from transfers.views import FileCard
from transfers.wakeups import Wakeups

# Who has more to choose from types another word.
MOST_FOUND: Final = 500
# That somebody searches is noted so often; each letter typed into inline mode is a search.
NOTED_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class SearchView:
    """What was found.

    Attributes:
        files: the best fitting first.
        more: there are older ones, which were not looked at.
        as_of: when the list of all files was last read; None: never yet.
        since: files sent before then are not in it yet.
        gaps: some of those in it may be missing.
    """

    files: Sequence[StoredFile]
    more: bool = False
    as_of: datetime | None = None
    since: datetime | None = None
    gaps: bool = False


@dataclass(frozen=True)
class Search:
    index: FileIndex
    listings: ListingStore
    wakeups: Wakeups
    clock: Clock
    _noted: dict[int, datetime] = field(default_factory=dict, repr=False, compare=False)

    async def find(self, account: Account, text: str) -> SearchView:
        """Files whose names hold every word, at most `MOST_FOUND`."""
        found = await self.index.find(account.id, text, MOST_FOUND)
        return _view(found.files, await self._wanted(account), more=found.more)

    async def recent(self, account: Account, count: int) -> SearchView:
        """Before anything is typed: what was posted last, then the newest."""
        return _view(await self.index.recent(account.id, count), await self._wanted(account))

    async def exact(self, account: Account, link: Link) -> SearchView:
        """The file of a link, if it is known to be the account's."""
        file = await self.listings.file(account.id, link.id)
        return _view([file] if file is not None and file.name else [], await self._wanted(account))

    async def note_chosen(self, account: Account, link_id: str) -> None:
        await self.index.note_chosen(account.id, link_id, self.clock.now())

    async def begin(self, account: Account) -> None:
        """Have the list of all files read, so that the first search finds something."""
        await self.index.want(account.id, self.clock.now())
        self.wakeups.index.set()

    async def cards(self, account: Account, files: Sequence[StoredFile]) -> list[FileCard]:
        """The files with the folders they are in."""
        paths = {
            folder_id: await path_of(self.listings, account.id, folder_id)
            for folder_id in {file.folder_id for file in files}
        }
        return [
            FileCard(
                link=Link(file.link_id, file.link),
                name=file.name,
                size=file.size,
                uploaded_at=file.uploaded_at,
                folder_id=file.folder_id,
                folder_path=paths[file.folder_id],
                has_password=file.has_password,
                own=True,
            )
            for file in files
        ]

    def sweep(self) -> None:
        """Forget who searched a while ago. Call it now and then."""
        now = self.clock.now()
        for account_id in [each for each, at in self._noted.items() if now - at >= NOTED_EVERY]:
            del self._noted[account_id]

    async def _wanted(self, account: Account) -> Reading | None:
        now = self.clock.now()
        self.sweep()
        if account.id in self._noted:
            return await self.index.reading(account.id)
        self._noted[account.id] = now
        reading = await self.index.want(account.id, now)
        self.wakeups.index.set()
        return reading


def _view(files: Sequence[StoredFile], reading: Reading | None, *, more: bool = False) -> SearchView:
    if reading is None:
        return SearchView(files, more)
    return SearchView(files, more, as_of=reading.head_at, since=reading.tail_at, gaps=reading.gaps)
