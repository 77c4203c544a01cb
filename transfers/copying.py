"""Other people's files, copied into an account without being sent."""

import logging
from dataclasses import dataclass, replace

from onefichier import (
    BadAnswer,
    Client,
    Clock,
    FileInfo,
    KeyRefused,
    Limited,
    Link,
    NotFound,
    OneFichierError,
    same_name,
)
from storage import Account, ListingStore, PeopleStore, StoredFile
from transfers.accounts import INTERACTIVE_WAIT_SECONDS, Accounts
from transfers.file_changes import FileGone
from transfers.files import Files
from transfers.paths import ROOT
from transfers.views import FileCard

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Copied:
    """`new`: it was copied just now; False: the folder had it already, or it is the person's own."""

    card: FileCard
    new: bool


@dataclass(frozen=True)
class Copying:
    files: Files
    accounts: Accounts
    people: PeopleStore
    listings: ListingStore
    clock: Clock

    async def look(self, account: Account, link: Link, password: str) -> FileInfo:
        """What a password guards.

        Raises:
            FileGone: there is no such file any more.
            WrongPassword: it is another one.
            OneFichierError: as `copy`.
        """
        async with self.accounts.using(account) as client:
            return await self._info(client, link, password)

    async def copy(self, account: Account, link: Link, *, password: str | None = None) -> Copied:
        """Into the folder for new files.

        One that lies there already, by name and size, is not copied again: who asks may not have heard of the first time.

        Raises:
            FileGone: there is no such file any more.
            OneFichierError: 1fichier cannot be asked, refuses, or gave no verdict.
        """
        async with self.accounts.using(account) as client:
            info = await self._info(client, link, password)
            if info.folder_id is not None:
                return Copied(await self.files.card(account, link), new=False)
            if (there := await self._there(account, info)) is not None:
                return Copied(await self.files.card(account, there), new=False)
            folder_id, copy = await self._copied(client, account, info, password)
        now = self.clock.now()
        file = StoredFile(
            link_id=copy.id,
            link=copy.url,
            folder_id=folder_id,
            name=info.name,
            size=info.size,
            uploaded_at=now,
            has_password=False,
        )
        await self.listings.note_file(account.id, file, now)
        return Copied(await self.files.card(account, copy), new=True)

    @staticmethod
    async def _info(client: Client, link: Link, password: str | None) -> FileInfo:
        try:
            return await client.file_info(link, password=password, wait=INTERACTIVE_WAIT_SECONDS)
        except NotFound as error:
            raise FileGone("") from error

    async def _there(self, account: Account, info: FileInfo) -> Link | None:
        try:
            view = await self.files.folder(account, account.folder_id)
        except (KeyRefused, Limited):
            raise
        except OneFichierError as error:
            log.info("What is in a folder before a copy is not known: %s", type(error).__name__)
            return None
        return next(
            (
                Link(each.link_id, each.link)
                for each in view.files
                if each.size == info.size and same_name(each.name, info.name)
            ),
            None,
        )

    async def _copied(
        self, client: Client, account: Account, info: FileInfo, password: str | None
    ) -> tuple[int, Link]:
        """The folder it lies in, and its new link."""
        folder_id = account.folder_id
        try:
            copies = await client.copy_files(
                [info.link], folder_id, password=password, wait=INTERACTIVE_WAIT_SECONDS
            )
        except NotFound:
            # The file was there a moment ago: it is the folder that is gone.
            if folder_id == ROOT:
                raise
            await self.listings.forget_folder(account.id, folder_id)
            await self.people.note_folder_gone(account.id, folder_id)
            return await self._copied(client, replace(account, folder_id=ROOT), info, password)
        if not copies:
            raise BadAnswer("no copy is named", endpoint="file/cp.cgi", maybe_done=True)
        return folder_id, copies[0].link
