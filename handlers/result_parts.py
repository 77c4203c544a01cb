"""What results of files and of URLs have in common."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from telegram import InlineKeyboardMarkup

from handlers.account_names import AccountNames
from handlers.buttons import Action, button, copy_button, keyboard
from handlers.texts import Html, Texts, lines
from onefichier import parse_link
from storage import LinkFormat

# More of them are not read one by one; the first tell what is the matter.
FAILURES_SHOWN: Final = 10


@dataclass(frozen=True)
class Telling:
    """What a result depends on besides what it is about.

    Attributes:
        form: of several links.
        accounts: names, where the person has more than one.
        taken: ids of the uploads whose name another file in their folder has.
    """

    form: LinkFormat = LinkFormat.NAMES
    accounts: AccountNames = field(default_factory=dict)
    taken: Collection[int] = ()

    def account(self, account_id: int | None) -> str | None:
        return self.accounts.get(account_id or 0)


@dataclass(frozen=True)
class Result:
    """`plain`: the same in the fewest words, for when Telegram refuses the full text."""

    text: Html
    plain: Html
    buttons: InlineKeyboardMarkup | None = None
    reply_to: int | None = None


def head(t: Texts, name: str, size: int | None) -> Html:
    if size is None:
        return t("✅ <b>{name}</b>", name=t.name(name))
    return t("✅ <b>{name}</b> · {size}", name=t.name(name), size=t.size(size))


def listed_failures(t: Texts, failures: Sequence[Html], label: str) -> list[Html]:
    if not failures:
        return []
    shown = failures[:FAILURES_SHOWN]
    more = len(failures) - len(shown)
    return [
        *(t(label, what=each) for each in shown),
        *([t.n("and {count} more", "and {count} more", more)] if more else []),
    ]


def file_buttons(t: Texts, url: str | None) -> InlineKeyboardMarkup | None:
    link = parse_link(url) if url else None
    if url is None or link is None:
        return None
    return keyboard(
        [
            copy_button(t.plain("Copy link"), url),
            button(t.plain("Rename"), Action.RENAME, link.id),
            button(t.plain("Move"), Action.MOVE, link.id),
        ],
        [button(t.plain("Delete"), Action.DELETE, link.id)],
    )


def in_the_fewest_words(t: Texts, done: int, total: int, links: Sequence[str]) -> Html:
    count = t("{done} of {total} done.", done=t.number(done), total=t.number(total))
    return lines(count, *(t("{link}", link=link) for link in links))
