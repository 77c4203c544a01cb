"""Direct links: addresses to download a file from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from onefichier import Clock, Link, NotFound
from storage import Account, ListingStore
from transfers.accounts import INTERACTIVE_WAIT_SECONDS, Accounts
from transfers.file_changes import FileGone

# 1fichier's: a download has to begin within this.
STARTED_WITHIN: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class DirectLink:
    """Whoever has the address downloads as the account's owner. It is in no log and in no database."""

    url: str
    until: datetime

    def __repr__(self) -> str:
        return f"DirectLink('**********', {self.until!r})"


@dataclass(frozen=True)
class DirectLinks:
    accounts: Accounts
    listings: ListingStore
    clock: Clock

    async def make(self, account: Account, link: Link) -> DirectLink:
        """A new one each time; one that nobody uses costs nothing.

        Raises:
            FileGone: there is no such file any more.
            OneFichierError: 1fichier cannot be asked, or says why it may not be downloaded.
        """
        asked_at = self.clock.now()
        async with self.accounts.using(account) as client:
            try:
                url = await client.get_download_token(link, wait=INTERACTIVE_WAIT_SECONDS)
            except NotFound as error:
                await self.listings.note_deleted(account.id, link.id, self.clock.now())
                raise FileGone("") from error
        return DirectLink(url, asked_at + STARTED_WITHIN)
