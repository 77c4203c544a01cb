"""`python -m bot rotate-keys`: a new secret key, and everything sealed anew under it."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Final

from bot.console import say
from bot.errors import BotError, StartError
from bot.keys import leftovers
from bot.settings import Settings
from bot.store import LocalState, open_beside
from storage import Vault, add_key, count_by_key, read_keys, reseal_all

# While the running bot seals everything anew, something changes all the time.
PATIENCE_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.2


def run(settings: Settings) -> None:
    """Rotate, and say of each step what was done.

    Raises:
        BotError, StorageError: it could not be brought to its end; begun again, it is.
    """
    asyncio.run(_rotate(settings))


async def _rotate(settings: Settings) -> None:
    async with open_beside(settings) as (state, running):
        if state.key_file is None:
            await _reseal_with_given_keys(state, running=running)
            return
        keys = await _with_new_key(state, state.key_file)
        vault = Vault(keys)
        if running:
            say("Waiting for the running bot to take it up.")
            counts = await _wait_for_the_bot(state, vault)
        else:
            await reseal_all(state.database, vault)
            counts = await count_by_key(state.database, vault)
        _conclude(len(keys), counts, f"in {state.key_file}")


async def _with_new_key(state: LocalState, key_file: Path) -> list[str]:
    """The keys, a new one first, unless an earlier rotation was broken off: then that one is finished."""
    counts = await count_by_key(state.database, state.vault)
    if any(position is not None and position > 1 for position in counts):
        say(f"An earlier rotation was interrupted; it is finished with the keys in {key_file}.")
        return read_keys(key_file)
    try:
        keys = add_key(key_file)
    except OSError as error:
        raise StartError(
            f"The key file {key_file} cannot be written: {error.strerror}. Put a new key before the others in it"
            " yourself, and run this again."
        ) from error
    say(f"A new secret key stands first in {key_file}.")
    return keys


async def _reseal_with_given_keys(state: LocalState, *, running: bool) -> None:
    """A setting cannot be written here: whoever set it puts the new key first."""
    if state.vault.keys == 1 or running:
        raise StartError(
            "The secret keys are the setting BOT_SECRET_KEYS, which this command cannot change. Put a new key before"
            " the others there (docs/operating.md says how to make one) and restart the bot: it then seals everything"
            " anew, and says in its log which key can go."
        )
    await reseal_all(state.database, state.vault)
    _conclude(state.vault.keys, await count_by_key(state.database, state.vault), "in BOT_SECRET_KEYS")


async def _wait_for_the_bot(state: LocalState, vault: Vault) -> Counter[int | None]:
    before: Counter[int | None] = Counter()
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        counts = await count_by_key(state.database, vault)
        if not any(position is not None and position > 1 for position in counts):
            return counts
        if counts != before:
            before, give_up_at = counts, time.monotonic() + PATIENCE_SECONDS
        if time.monotonic() > give_up_at:
            raise BotError(
                "The running bot does not take up the new key. Nothing is lost, for it has the older keys:"
                " restart it, and it seals everything anew."
            )
        await asyncio.sleep(LOOK_SECONDS)


def _conclude(keys: int, counts: Counter[int | None], where: str) -> None:
    say(f"{counts[1]} values are sealed under the first of {keys} keys {where}.")
    for line in leftovers(keys, counts):
        say(f"{line}.")
