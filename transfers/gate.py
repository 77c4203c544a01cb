"""What is let through: which files are taken in at all, and whether anything new may begin."""

from dataclasses import dataclass

from storage import IncomingFile, Reason
from transfers.allowance import Allowance
from transfers.maintenance import Maintenance


@dataclass(frozen=True)
class Gate:
    """Without an allowance there is no limit, without maintenance it is always open."""

    allowance: Allowance | None = None
    maintenance: Maintenance | None = None

    @property
    def closed(self) -> bool:
        return self.maintenance is not None and self.maintenance.on

    async def refusal(self, person_id: int, file: IncomingFile, size_limit: int | None) -> Reason | None:
        """Why a file is turned down on arrival. `size_limit`: what Telegram hands out at most, None: all."""
        if file.size == 0:
            return Reason.EMPTY
        if size_limit is not None and file.size is not None and file.size > size_limit:
            return Reason.TOO_BIG
        if self.allowance is not None and not await self.allowance.takes_file(person_id, file.size):
            return Reason.DAILY_LIMIT
        return None
