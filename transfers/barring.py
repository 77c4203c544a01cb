"""Keeping somebody out: their number is noted, and what is under way for them is stopped."""

from dataclasses import dataclass

from onefichier import Clock
from storage import AccessStore, RemoteStore, Role, TransferStore
from transfers.deliveries import Deliveries
from transfers.remotes import Remotes
from transfers.uploads import Uploads


@dataclass(frozen=True)
class Barring:
    access: AccessStore
    transfers: TransferStore
    remote_rows: RemoteStore
    uploads: Uploads
    remotes: Remotes
    deliveries: Deliveries
    clock: Clock

    async def bar(self, person_id: int) -> int:
        """Repeatable. Returns how many uploads, links and files on their way back were stopped."""
        await self.access.set_role(person_id, Role.BANNED, self.clock.now())
        uploads = await self.transfers.active_of(person_id)
        for upload in uploads:
            await self.uploads.cancel(upload.id, person_id)
        links = await self.remote_rows.active_of(person_id)
        for link in links:
            await self.remotes.stop(link.id, person_id)
        return len(uploads) + len(links) + await self.deliveries.cancel_all_of(person_id)
