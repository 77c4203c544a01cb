"""One try of one file: from Telegram into an upload at 1fichier, up to the answer that takes it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final

from onefichier import Client, Clock, KeyRefused, OneFichierError, Priority, UploadRefused
from storage import Account, CannotOpen, LocalFileStore, Reason, Transfer, TransferStore
from transfers.accounts import Accounts
from transfers.channel_folders import ChannelFolders
from transfers.checksum import Checksums, PassingChecksum
from transfers.pieces import PieceSize, PieceSizes
from transfers.progress import Meter
from transfers.sources import Source, Stream, TelegramFiles
from transfers.turns import Turns
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
    """What a try needs; its methods may be called for many files at once."""

    transfers: TransferStore
    accounts: Accounts
    files: TelegramFiles
    local_files: LocalFileStore
    channel_folders: ChannelFolders
    checksums: Checksums
    wakeups: Wakeups
    clock: Clock
    turns: Turns = field(default_factory=Turns, repr=False, compare=False)
    _sizes: PieceSizes = field(default_factory=PieceSizes, repr=False, compare=False)
    _one_check: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)
    """Many files refused together ask about their key once."""

    async def locate(self, transfer: Transfer) -> Source:
        """Have Telegram hand the file out. With a local server this takes as long as the server needs to fetch it.

        Raises:
            SourceError: Telegram does not hand it out.
            NoRoom: the local server's disk has none for it now.
        """
        source = await self.files.locate(transfer.file_id, size=transfer.size, known_path=transfer.local_path)
        if source.local_path is not None and source.local_path != transfer.local_path:
            await self.local_files.note(transfer.id, source.local_path)
        return source

    async def run(self, transfer: Transfer, account: Account, source: Source, meter: Meter) -> None:
        """Return when 1fichier has answered that it took the whole file; its link is then still to be asked for.

        Raises:
            CancelledByPerson: nothing of it is at 1fichier.
            NotAccepted: an empty file.
            SourceError: Telegram does not hand it out.
            OneFichierError: as `Client.get_upload_server` and `UploadSession.send`.
        """
        transfer = await self.channel_folders.sorted(transfer, account)
        async with self.accounts.using(account) as client:
            await self._send(transfer, account, source, client, meter)
        await self.transfers.note_redirected(transfer.id)
        log.info("Transfer %d has been sent; its link is awaited", transfer.id)

    async def discard(self, transfer_id: int) -> None:
        """The transfer has ended: its file is deleted from the local server's disk, unless another transfer needs it."""
        path = await self.local_files.release(transfer_id)
        if path is not None:
            await self.files.delete(path)

    async def discard_all_of(self, person_id: int, account_id: int | None = None) -> None:
        """The person, or one account of theirs, is about to be forgotten, and with it what is known of its files."""
        for transfer_id in await self.local_files.of_person(person_id, account_id):
            await self.discard(transfer_id)

    async def discard_left_over(self) -> None:
        """Do what an earlier process had no time for."""
        for transfer_id in await self.local_files.left_over():
            await self.discard(transfer_id)

    async def _send(
        self, transfer: Transfer, account: Account, source: Source, client: Client, meter: Meter
    ) -> None:
        password = self._password(transfer)
        node = await client.get_upload_server(priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS)
        with self._sizes.of_one() as piece_size, self.checksums.of_one() as checksum:
            async with source.open(piece_size) as stream:
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
                        transfer.id,
                        checksum=await checksum.result() if checksum else None,
                        now=self.clock.now(),
                    )
                    if not committed:
                        raise CancelledByPerson
                    self.wakeups.batch_changed(transfer.batch_id)

                def on_sent(sent: int) -> None:
                    if meter.set_sent(sent):
                        self.wakeups.batch_changed(transfer.batch_id)

                session = client.upload(
                    node,
                    name=transfer.name,
                    size=stream.size,
                    folder_id=transfer.folder_id,
                    password=password,
                )
                async with contextlib.aclosing(self._passing(stream, piece_size, checksum)) as pieces:
                    try:
                        await session.send(pieces, before_last_piece=before_last_piece, on_sent=on_sent)
                    except UploadRefused as refusal:
                        if not refusal.retryable:
                            await self._check_key(account)
                        raise

    def _password(self, transfer: Transfer) -> str:
        """A file that was to be protected is not uploaded for everybody."""
        try:
            return self.transfers.password(transfer)
        except CannotOpen as error:
            raise NotAccepted(Reason.PASSWORD_UNREADABLE) from error

    async def _passing(
        self, stream: Stream, piece_size: PieceSize, checksum: PassingChecksum | None
    ) -> AsyncGenerator[bytes, None]:
        """The file's pieces, with what has to be known of each on its way."""
        await self.turns.take()
        async for piece in stream.pieces:
            if checksum is not None:
                await checksum.feed(piece)
            began = self.clock.monotonic()
            yield piece
            piece_size.sent(self.clock.monotonic() - began)
            await self.turns.take()

    async def _check_key(self, account: Account) -> None:
        """Nodes hand themselves out to anybody, and say of a dead key no more than of anything else they refuse."""
        try:
            async with self._one_check, self.accounts.using(account) as client:
                await client.check_key(priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS)
        except KeyRefused:
            raise
        except OneFichierError as error:
            log.info("A key could not be checked after a refused upload: %s", type(error).__name__)
