"""Where a folder is, by what is known of the folders above it."""

from typing import Final

from storage import ListingStore

ROOT: Final = 0
# The way is walked upwards; a loop in what is known must not hold us.
DEEPEST: Final = 50
UNKNOWN: Final = "…"
"""What stands for folders that are not known, at the beginning of a path."""


async def path_of(listings: ListingStore, account_id: int, folder_id: int | None) -> str | None:
    """Names from the main folder down, as `Films/2026`; empty for the main folder.

    `…/2026` where only the beginning is not known; None when the folder itself is not.
    """
    names: list[str] = []
    while folder_id is not None and folder_id != ROOT and len(names) < DEEPEST:
        folder = await listings.folder(account_id, folder_id)
        if folder is None:
            break
        names.append(folder.name)
        folder_id = folder.parent_id
    if folder_id != ROOT:
        if not names:
            return None
        names.append(UNKNOWN)
    return "/".join(reversed(names))


async def is_within(listings: ListingStore, account_id: int, folder_id: int, ancestor_id: int) -> bool:
    """Whether a folder is the other one, or lies somewhere in it."""
    here: int | None = folder_id
    for _ in range(DEEPEST):
        if here == ancestor_id:
            return True
        folder = await listings.folder(account_id, here) if here else None
        here = folder.parent_id if folder else None
    return False
