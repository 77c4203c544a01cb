"""What the groups of calls have in common."""

from collections.abc import Iterable
from typing import Any

from onefichier.errors import BadAnswer
from onefichier.funnel import Account, Call, Funnel
from onefichier.links import Link, parse_link
from onefichier.schedule import Priority
from onefichier.wire import Json


class Calls:
    """Calls of one account through the funnel.

    Every method takes `priority`, and `wait`: the longest wait for a turn in seconds, None for as long as it takes. If a pause or the pacer
    means waiting longer, `Waiting` is raised with nothing sent. Other errors: `Refusal` and `Unclear`.
    """

    def __init__(self, funnel: Funnel, account: Account) -> None:
        self._funnel = funnel
        self._account = account

    async def _call(self, call: Call, priority: Priority, wait: float | None) -> Json:
        return await self._funnel.call(self._account, call, priority=priority, wait=wait)


def bare(link: Link | str) -> str:
    """The bare address that the API wants.

    Raises:
        ValueError: a text that is no download link.
    """
    if isinstance(link, Link):
        return link.url
    parsed = parse_link(link)
    if parsed is None:
        raise ValueError("Not a download link.")
    return parsed.url


def given(**fields: Any) -> Json:
    """The fields that are not None. Flags go as 0 and 1."""
    return {
        name: int(value) if isinstance(value, bool) else value
        for name, value in fields.items()
        if value is not None
    }


def changed_links(body: Json, call: Call) -> tuple[Link, ...]:
    """The links that the service says it changed.

    Raises:
        BadAnswer: something else than links.
    """
    urls: Iterable[Any] = body.get("urls") or ()
    links = (
        [parse_link(url) if isinstance(url, str) else None for url in urls] if isinstance(urls, list) else []
    )
    if None in links or (urls and not links):
        raise BadAnswer("unexpected urls", endpoint=call.endpoint, maybe_done=call.effect)
    return tuple(link for link in links if link is not None)
