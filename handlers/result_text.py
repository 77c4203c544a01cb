"""How a batch of files ended, and its buttons."""

import unicodedata
from collections.abc import Sequence
from typing import Final

from babel.lists import format_list
from telegram import InlineKeyboardButton

from handlers.account_names import place
from handlers.again import try_again_button, upload_again_button
from handlers.buttons import copy_button, keyboard
from handlers.link_list import Named, copy_all, listed, one_for_all
from handlers.reasons import not_uploaded, not_uploaded_in_brief
from handlers.result_parts import (
    FAILURES_SHOWN,
    Result,
    Telling,
    file_buttons,
    head,
    in_the_fewest_words,
    listed_failures,
)
from handlers.texts import Html, Texts, lines, mark
from onefichier import safe_name
from storage import LinkFormat, RetryOf, Transfer, TransferState

_NOT_UPLOADED: Final = mark("Not uploaded: {what}")
# Folders that one line still names.
MOST_PLACES: Final = 4


def upload_result(t: Texts, transfers: Sequence[Transfer], telling: Telling | None = None) -> Result | None:
    """What became of the files, without those that were cancelled; None when all were."""
    telling = telling or Telling()
    told = [each for each in transfers if each.state is not TransferState.CANCELLED]
    if not told:
        return None
    if len(told) == 1:
        return _one(t, told[0], telling)
    done = [each for each in told if each.state is TransferState.DONE]
    failed = [each for each in told if each.state is not TransferState.DONE]
    known = [each for each in done if each.there_since is not None]
    files = [(each.stored_name or each.name, each.link) for each in done if each.link]
    text = lines(
        _uploaded_head(t, telling, [each for each in done if each not in known], known, len(told)),
        *listed_failures(t, [not_uploaded_in_brief(t, each) for each in failed], _NOT_UPLOADED),
        *_files(t, files, telling.form),
        *_remarks(t, done, sum(each.id in telling.taken for each in done)),
    )
    batch_id = told[0].batch_id
    all_of_them = copy_all(t, files, batch_id, untold=len(failed) > FAILURES_SHOWN)
    buttons = keyboard(
        [all_of_them, one_for_all(t, batch_id, len(files))],
        [try_again_button(t, RetryOf.BATCH, batch_id) if failed else None],
        [upload_again_button(t, RetryOf.BATCH, batch_id) if known else None],
    )
    return Result(text, _plain(t, told), buttons, told[0].message_id)


def _one(t: Texts, transfer: Transfer, telling: Telling) -> Result:
    again: InlineKeyboardButton | None = None
    if transfer.state is not TransferState.DONE:
        text = not_uploaded(t, transfer)
        buttons = keyboard([try_again_button(t, RetryOf.FILE, transfer.id)])
    elif transfer.there_since is not None:
        text = _known(t, transfer)
        again = upload_again_button(t, RetryOf.FILE, transfer.id)
        buttons = keyboard([copy_button(t.plain("Copy link"), transfer.link or ""), again])
    else:
        text, buttons = _uploaded(t, transfer, telling), file_buttons(t, transfer.link)
    return Result(text, _plain(t, [transfer]), buttons, transfer.message_id)


def _plain(t: Texts, told: Sequence[Transfer]) -> Html:
    done = [each for each in told if each.state is TransferState.DONE]
    return in_the_fewest_words(t, len(done), len(told), [each.link for each in done if each.link])


def all_cancelled(t: Texts, transfers: Sequence[Transfer]) -> Html:
    """What is left of a status message when nothing of the batch was wanted in the end."""
    if len(transfers) == 1:
        name = t.name(transfers[0].given_name)
        return t("Cancelled: <b>{name}</b> was not uploaded.", name=name)
    return t.n(
        "Cancelled: {count} file was not uploaded.",
        "Cancelled: {count} files were not uploaded.",
        len(transfers),
    )


def renamed(t: Texts, given: str, stored: str) -> Html | None:
    """Why a name is not the one it was sent with; None when it is."""
    if unicodedata.normalize("NFC", given) == unicodedata.normalize("NFC", stored):
        return None
    name = t.name(stored)
    forbidden = _forbidden(given)
    if not forbidden:
        return t("1fichier has it as <b>{name}</b>", name=name)
    return t(
        "1fichier doesn’t allow {characters} in names: saved as <b>{name}</b>",
        characters=format_list(forbidden, locale=t.locale),
        name=name,
    )


def _forbidden(name: str) -> list[str]:
    """The visible characters of a name that 1fichier does not keep."""
    visible = (
        each for each in dict.fromkeys(name) if not unicodedata.category(each).startswith(("C", "Z", "M"))
    )
    return [each for each in visible if unicodedata.normalize("NFC", each) != safe_name(f"x{each}x")[1:-1]]


def _known(t: Texts, transfer: Transfer) -> Html:
    name = t.name(transfer.stored_name or transfer.name)
    date = t.date(transfer.there_since or transfer.created_at)
    return lines(
        t("✅ You already have <b>{name}</b>, sent on {date}.", name=name, date=date),
        t("{link}", link=transfer.link),
    )


def _uploaded(t: Texts, transfer: Transfer, telling: Telling) -> Html:
    stored = transfer.stored_name or transfer.name
    return lines(
        head(t, transfer.given_name, transfer.stored_size or transfer.size),
        t("{link}", link=transfer.link),
        place(t, transfer.folder_name, telling.account(transfer.account_id)),
        t("🔑 with your password") if transfer.protected else None,
        renamed(t, transfer.given_name, stored),
        t("Another file in this folder has the same name: only their links tell them apart.")
        if transfer.id in telling.taken
        else None,
    )


def _uploaded_head(
    t: Texts, telling: Telling, sent: Sequence[Transfer], known: Sequence[Transfer], total: int
) -> Html:
    if len(known) == total:
        return t.n("✅ You already have this file.", "✅ You already have these {count} files.", total)
    there = t.n("{count} more was there already.", "{count} more were there already.", len(known))
    return lines(
        _sent_head(t, telling, sent, total - len(known)),
        _several_places(t, telling, sent),
        there if known else None,
    )


def _several_places(t: Texts, telling: Telling, sent: Sequence[Transfer]) -> Html | None:
    """Where they went, when that is not the same for all: sorted by channel, for instance."""
    places = dict.fromkeys(place(t, each.folder_name, telling.account(each.account_id)) for each in sent)
    return Html(" · ".join(places)) if 1 < len(places) <= MOST_PLACES else None


def _sent_head(t: Texts, telling: Telling, sent: Sequence[Transfer], total: int) -> Html:
    """`total`: those that had to be sent."""
    if not sent:
        return t("⚠️ None of {total} files uploaded.", total=t.number(total))
    size = t.size(sum(each.stored_size or each.size or 0 for each in sent))
    if len(sent) < total:
        return t(
            "⚠️ {done} of {total} files uploaded · {size}",
            done=t.number(len(sent)),
            total=t.number(total),
            size=size,
        )
    count = t.n("✅ {count} file uploaded", "✅ {count} files uploaded", len(sent))
    places = {place(t, each.folder_name, telling.account(each.account_id)) for each in sent}
    if len(places) > 1:
        return t("{files} · {size}", files=count, size=size)
    return t("{files} · {size} · {place}", files=count, size=size, place=places.pop())


def _files(t: Texts, files: Sequence[Named], form: LinkFormat) -> list[Html]:
    return [Html(""), *listed(t, files, form)] if files else []


def _remarks(t: Texts, done: Sequence[Transfer], taken: int) -> list[Html]:
    changed = sum(renamed(t, each.given_name, each.stored_name or each.name) is not None for each in done)
    protected = sum(each.protected for each in done)
    said = [
        t.n("🔑 {count} file has your password.", "🔑 {count} files have your password.", protected)
        if protected
        else None,
        t.n(
            "{count} name had to change: 1fichier doesn’t allow every character, nor every length.",
            "{count} names had to change: 1fichier doesn’t allow every character, nor every length.",
            changed,
        )
        if changed
        else None,
        t.n(
            "{count} file has the name of another one in its folder: only their links tell them apart.",
            "{count} files have the names of others in their folder: only their links tell them apart.",
            taken,
        )
        if taken
        else None,
    ]
    remarks = [each for each in said if each is not None]
    return [Html(""), *remarks] if remarks else []
