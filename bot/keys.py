"""The secret keys while the bot runs: a new one in the key file is taken up, and everything sealed anew under it."""

import logging
from typing import Final

from bot.logs import hide
from bot.store import LocalState, look_at
from onefichier import Clock
from storage import StorageError, Vault, count_by_key, read_keys, reseal_all

log = logging.getLogger(__name__)

# Whoever rotates keys waits for it; looking at a file's date costs nothing.
LOOK_SECONDS: Final = 2.0


class KeyKeeper:
    """Watches the file that the keys came from. Keys that are a setting change with a restart only."""

    def __init__(self, state: LocalState, clock: Clock) -> None:
        self._database = state.database
        self._vault = state.vault
        self._key_file = state.key_file
        self._clock = clock
        self._seen = state.key_file_seen

    async def run(self) -> None:
        """Finish what an earlier rotation began, then take up what changes, until cancelled."""
        await self._reseal()
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            seen = look_at(self._key_file)
            if seen != self._seen:
                self._seen = seen
                await self._take_up()

    async def _take_up(self) -> None:
        if self._key_file is None:
            raise AssertionError("only a file can change")
        try:
            keys = read_keys(self._key_file)
            hide(*keys)
            await Vault(keys).prove(self._database)
            self._vault.use(keys)
        except (OSError, StorageError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            log.error("The key file has changed and is left alone, for it cannot be used: %s", reason)
            return
        log.info("The key file has changed: it holds %d secret keys now", len(keys))
        await self._reseal()

    async def _reseal(self) -> None:
        if self._vault.keys == 1:
            return
        resealed = await reseal_all(self._database, self._vault)
        log.info("%d values were sealed anew under the first secret key", resealed.changed)
        for line in leftovers(self._vault.keys, await count_by_key(self._database, self._vault)):
            log.info("%s", line)


def leftovers(keys: int, counts: dict[int | None, int]) -> list[str]:
    """What may be said of the older keys: which are needed by nothing, and what none of them opens."""
    lines = [
        f"Secret key number {position} is needed by nothing in the database any more:"
        " remove it, unless you keep a backup from before"
        for position in range(2, keys + 1)
        if not counts.get(position)
    ]
    if counts.get(None):
        lines.append(f"{counts[None]} values open with none of the secret keys, and were left as they are")
    return lines
