"""What one person may have taken in within a day, in words."""

from collections.abc import Sequence
from typing import Final

from handlers.context import Context
from handlers.texts import Html, Texts, lines
from storage import Transfer, WantedUrl

# A longer list is not read; the rest is counted.
NAMES_SHOWN: Final = 10


async def too_much_today(context: Context, refused: Sequence[Transfer]) -> Html:
    """Files that were turned down because their person has had as much as there is for one in a day."""
    t, allowance = context.t, context.services.allowance
    again = await allowance.bytes_free_again_at(context.person.id)
    return lines(
        t.n(
            "⚠️ {count} file was not taken: this bot takes {limit} from one person in 24 hours.",
            "⚠️ {count} files were not taken: this bot takes {limit} from one person in 24 hours.",
            len(refused),
            limit=t.size(allowance.most_bytes or 0),
        ),
        *_named(t, refused),
        t("There is room again from about {time} on.", time=t.time(again, context.services.clock.now())),
    )


async def too_many_links_today(
    context: Context, chat_id: int, message_id: int, wanted: Sequence[WantedUrl]
) -> Html | None:
    """Why the links of a message are not taken; None when they are."""
    t, allowance = context.t, context.services.allowance
    left = await allowance.links_left(context.person.id, chat_id, message_id)
    if left is None or len(wanted) <= left:
        return None
    again = await allowance.links_free_again_at(context.person.id)
    return lines(
        t(
            "⚠️ Not fetched: this bot takes {most} links from one person in 24 hours, and you have {number} left.",
            most=t.number(allowance.most_links or 0),
            number=t.number(left),
        ),
        t("There is room again from about {time} on.", time=t.time(again, context.services.clock.now())),
    )


async def tell_of_maintenance(context: Context, chat_id: int, reply_to: int | None) -> None:
    """Say why what was just taken in does not begin. What waits for it says so in its status message, too."""
    if context.services.maintenance.on:
        t = context.t
        text = lines(
            t("⏸ Waiting: its owner is working on this bot"),
            t("What you send is kept, and goes on by itself."),
        )
        await context.services.chats.send(chat_id, text, reply_to=reply_to)


def _named(t: Texts, transfers: Sequence[Transfer]) -> list[Html]:
    shown = [
        t("• <b>{name}</b> · {size}", name=t.name(each.given_name), size=t.size(each.size or 0))
        for each in transfers[:NAMES_SHOWN]
    ]
    more = len(transfers) - len(shown)
    return [*shown, *([t.n("and {count} more", "and {count} more", more)] if more else [])]
