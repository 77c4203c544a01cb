"""Who looks after a bot that nobody looks after yet: whoever can read its log."""

import logging
from datetime import timedelta
from typing import Final

from bot.settings import Settings
from onefichier import Clock
from storage import AccessStore

log = logging.getLogger(__name__)

# Logs are kept and shipped; a start gives a new one.
CLAIM_LASTS: Final = timedelta(hours=1)


async def offer_claim(settings: Settings, access: AccessStore, username: str, clock: Clock) -> None:
    """Show a link in the log that makes its first opener the admin, as long as there is none."""
    if settings.admins or await access.admins():
        await access.withdraw_claims()
        return
    code = await access.offer_claim(lifetime=CLAIM_LASTS, now=clock.now())
    log.warning(
        "Nobody looks after this bot. Within an hour, the first who opens https://t.me/%s?start=%s does",
        username,
        code,
    )
