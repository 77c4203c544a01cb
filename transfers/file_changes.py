"""Changing one file of an account: its name, its folder, its password. Every change is noted, so that nothing is listed again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from onefichier import (
    Client,
    Clock,
    KeyRefused,
    Limited,
    Link,
    NotFound,
    NothingChanged,
    Refusal,
    same_name,
)
from storage import Account, ListingStore, StoredFile
from transfers.accounts import INTERACTIVE_WAIT_SECONDS, Accounts
from transfers.files import Files
from transfers.naming import NameProblem, NameRefused, checked_name
from transfers.paths import path_of
from transfers.views import FileCard

# What 1fichier asks of a password.
SHORTEST_PASSWORD: Final = 6


class NotYours(Exception):
    """The file is in somebody else's account."""


class PasswordTooShort(Exception):
    """Nothing was changed."""


class FileGone(Exception):
    """The file is no longer on 1fichier. Noted, so that no list shows it any more."""

    def __init__(self, name: str) -> None:
        super().__init__("the file is gone")
        self.name = name


class FolderGone(Exception):
    """The folder is no longer on 1fichier. Noted likewise."""


@dataclass(frozen=True)
class FileChanges:
    """Each returns the card as it is afterwards, and may be asked for again: what is so already is done.

    All raise NotYours, FileGone, and OneFichierError where 1fichier cannot be asked, refuses, or gave no verdict.
    """

    files: Files
    accounts: Accounts
    listings: ListingStore
    clock: Clock

    async def own(self, account: Account, link: Link) -> FileCard:
        """The card of a file that may be changed."""
        try:
            card = await self.files.card(account, link)
        except NotFound as error:
            raise FileGone("") from error
        if not card.own:
            raise NotYours
        return card

    async def rename(self, account: Account, link: Link, name: str) -> FileCard:
        """Without an extension the file keeps its own.

        Raises:
            NameRefused: the name cannot be given.
        """
        card = await self.own(account, link)
        wanted = checked_name(name, extension_of=card.name)
        if same_name(card.name, wanted):
            return card
        async with self._client(account, card) as client:
            try:
                renamed = await client.rename_file(card.link, wanted, wait=INTERACTIVE_WAIT_SECONDS)
            except NothingChanged:
                # Called so already by a change that we have not heard of, or another file of its folder is.
                info = await client.file_info(card.link, wait=INTERACTIVE_WAIT_SECONDS)
                if not same_name(info.name, wanted):
                    raise NameRefused(NameProblem.TAKEN) from None
                return await self._noted(account, replace(card, name=info.name))
        return await self._noted(account, replace(card, name=renamed.new_name))

    async def move(self, account: Account, link: Link, folder_id: int) -> FileCard:
        """Into another folder.

        Raises:
            FolderGone: there is no such folder any more.
        """
        card = await self.own(account, link)
        if card.folder_id == folder_id:
            return card
        async with self._client(account, card) as client:
            try:
                moved = await client.move_files([card.link], folder_id, wait=INTERACTIVE_WAIT_SECONDS)
            except (KeyRefused, Limited):
                raise
            except Refusal as refusal:
                info = await client.file_info(card.link, wait=INTERACTIVE_WAIT_SECONDS)
                if info.folder_id != folder_id:
                    if isinstance(refusal, NotFound):
                        await self.listings.forget_folder(account.id, folder_id)
                        raise FolderGone from refusal
                    raise
                link = card.link
            else:
                link = moved.links[0] if moved.links else card.link
        if link != card.link:
            await self.listings.note_deleted(account.id, card.link.id, self.clock.now())
        path = await path_of(self.listings, account.id, folder_id)
        return await self._noted(account, replace(card, link=link, folder_id=folder_id, folder_path=path))

    async def set_password(self, account: Account, link: Link, password: str) -> FileCard:
        """An empty one removes it.

        Raises:
            PasswordTooShort: 1fichier wants 6 characters or more.
        """
        if password and len(password) < SHORTEST_PASSWORD:
            raise PasswordTooShort
        card = await self.own(account, link)
        async with self._client(account, card) as client:
            # A file that has this very password already is no error.
            await client.change_attributes([card.link], password=password, wait=INTERACTIVE_WAIT_SECONDS)
        return await self._noted(account, replace(card, has_password=bool(password)))

    @asynccontextmanager
    async def _client(self, account: Account, card: FileCard) -> AsyncIterator[Client]:
        async with self.accounts.using(account) as client:
            try:
                yield client
            except NotFound as error:
                await self.listings.note_deleted(account.id, card.link.id, self.clock.now())
                raise FileGone(card.name) from error

    async def _noted(self, account: Account, card: FileCard) -> FileCard:
        file = StoredFile(
            link_id=card.link.id,
            link=card.link.url,
            folder_id=card.folder_id,
            name=card.name,
            size=card.size,
            uploaded_at=card.uploaded_at,
            has_password=card.has_password,
        )
        await self.listings.note_file(account.id, file, self.clock.now())
        return card
