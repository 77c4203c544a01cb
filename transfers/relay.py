"""One try of one file: from Telegram into an upload at 1fichier, up to the answer that takes it."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from onefichier import Client, Clock, KeyRefused, OneFichierError, Priority, UploadRefused
from storage import Account, PeopleStore, Reason, Transfer, TransferStore
from transfers.accounts import Accounts
from transfers.progress import Meter
from transfers.sources import Source, TelegramFiles
from transfers.wakeups import Wakeups

log = logging.getLogger(__name__)

# A transfer that has to wait longer than this for its turn gives its place to somebody else's.
TURN_WAIT_SECONDS: Final = 30.0


class CancelledByPerson(Exception):
    """The person wished it cancelled before the last piece was allowed out."""


class NotAccepted(Exception):
    """The file itself cannot be uploaded, now or later."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Relay:
    """What a try needs; `run` may be called for many files at once."""

    transfers: TransferStore
    people: PeopleStore
    accounts: Accounts
    files: TelegramFiles
    wakeups: Wakeups
    clock: Clock
    _located: dict[int, Source] = field(default_factory=dict, repr=False, compare=False)
    """By transfer id, what is to be discarded at its end."""
    _one_check: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)
    """Many files refused together ask about their key once."""

    async def run(self, transfer: Transfer, account: Account, meter: Meter) -> None:
        """Return when 1fichier has answered that it took the whole file; its link is then still to be asked for.

        Raises:
            CancelledByPerson: nothing of it is at 1fichier.
            NotAccepted: an empty or too large file.
            SourceError: Telegram does not hand it out.
            OneFichierError: as `Client.get_upload_server` and `UploadSession.send`.
        """
        source = self._located[transfer.id] = await self.files.locate(transfer.file_id)
        async with self.accounts.using(account) as client:
            await self._send(transfer, account, source, client, meter)
        await self.transfers.note_redirected(transfer.id)

    async def discard(self, transfer_id: int) -> None:
        """The transfer has ended: its file is not needed any more, unless another one reads it too."""
        source = self._located.pop(transfer_id, None)
        if source is not None and source not in self._located.values():
            await source.discard()

    async def _send(
        self, transfer: Transfer, account: Account, source: Source, client: Client, meter: Meter
    ) -> None:
        node = await client.get_upload_server(priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS)
        async with source.open() as stream:
            if stream.size == 0:
                raise NotAccepted(Reason.EMPTY)
            if stream.size != transfer.size:
                await self.transfers.note_size(transfer.id, stream.size)
            meter.total = stream.size
            if not await self.transfers.begin_sending(transfer.id, node_url=node.host, upload_id=node.id):
                raise CancelledByPerson
            self.wakeups.batch_changed(transfer.batch_id)

            async def before_last_piece() -> None:
                committed = await self.transfers.begin_confirming(
                    transfer.id, checksum=None, now=self.clock.now()
                )
                if not committed:
                    raise CancelledByPerson
                self.wakeups.batch_changed(transfer.batch_id)

            def on_sent(sent: int) -> None:
                meter.set_sent(sent)
                self.wakeups.batch_changed(transfer.batch_id)

            session = client.upload(node, name=transfer.name, size=stream.size, folder_id=transfer.folder_id)
            try:
                await session.send(stream.pieces, before_last_piece=before_last_piece, on_sent=on_sent)
            except UploadRefused as refusal:
                if not refusal.retryable:
                    await self._check_key(account)
                raise

    async def _check_key(self, account: Account) -> None:
        """Nodes hand themselves out to anybody, and say of a dead key no more than of anything else they refuse."""
        try:
            async with self._one_check, self.accounts.using(account) as client:
                await client.check_key(priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS)
        except KeyRefused:
            raise
        except OneFichierError as error:
            log.info("A key could not be checked after a refused upload: %s", type(error).__name__)
