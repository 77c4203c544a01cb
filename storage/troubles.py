"""What keeps a file or a URL from going on, as their rows have it."""

from typing import Final

from storage.database import Row
from storage.records import Trouble, to_seconds, to_time

# With `noted`; None leaves what is known of it.
NOTE_TROUBLE: Final = (
    "troubles = coalesce(:troubles, troubles), trouble_since = coalesce(:trouble_since, trouble_since)"
)
NO_TROUBLE: Final = "troubles = 0, trouble_since = NULL"


def noted(trouble: Trouble | None) -> dict[str, float | None]:
    return {
        "troubles": trouble.times if trouble else None,
        "trouble_since": to_seconds(trouble.since) if trouble else None,
    }


def trouble_from(row: Row) -> Trouble | None:
    since = row["trouble_since"]
    return None if since is None else Trouble(row["troubles"], to_time(since))
