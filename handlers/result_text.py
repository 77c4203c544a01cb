"""How a batch ended, and its buttons."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from babel.lists import format_list
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.again import try_again_button
from handlers.buttons import Action, button, copy_button, keyboard
from handlers.link_list import Named, copy_all, listed
from handlers.reasons import (
    no_news,
    not_fetched,
    not_fetched_in_brief,
    not_uploaded,
    not_uploaded_in_brief,
)
from handlers.texts import Html, Texts, lines, mark
from onefichier import parse_link, safe_name
from storage import LinkFormat, RemoteState, RemoteUpload, RetryOf, Transfer, TransferState

# More of them are not read one by one; the first tell what is the matter.
FAILURES_SHOWN: Final = 10
_NOT_UPLOADED: Final = mark("Not uploaded: {what}")
_NOT_FETCHED: Final = mark("Not fetched: {what}")


@dataclass(frozen=True)
class Result:
    """`plain`: the same in the fewest words, for when Telegram refuses the full text."""

    text: Html
    plain: Html
    buttons: InlineKeyboardMarkup | None = None
    reply_to: int | None = None


def upload_result(
    t: Texts, transfers: Sequence[Transfer], form: LinkFormat = LinkFormat.NAMES
) -> Result | None:
    """What became of the files, without those that were cancelled; None when all were."""
    told = [each for each in transfers if each.state is not TransferState.CANCELLED]
    done = [each for each in told if each.state is TransferState.DONE]
    plain = _plain(t, len(done), len(told), [each.link for each in done if each.link])
    if not told:
        return None
    if len(told) == 1:
        text = _uploaded(t, told[0]) if done else not_uploaded(t, told[0])
        again = None if done else try_again_button(t, RetryOf.FILE, told[0].id)
        return Result(text, plain, _file_buttons(t, told[0].link, again), told[0].message_id)
    failed = [each for each in told if each.state is not TransferState.DONE]
    files = [(each.stored_name or each.name, each.link) for each in done if each.link]
    text = lines(
        _uploaded_head(t, done, told),
        *_listed_failures(t, [not_uploaded_in_brief(t, each) for each in failed], _NOT_UPLOADED),
        *_files(t, files, form),
        _renamed_some(t, done),
    )
    again = try_again_button(t, RetryOf.BATCH, told[0].batch_id) if failed else None
    return Result(text, plain, keyboard([again, copy_all(t, files)]), told[0].message_id)


def remote_result(
    t: Texts, remotes: Sequence[RemoteUpload], form: LinkFormat = LinkFormat.NAMES
) -> Result | None:
    """What became of the URLs, without those that the person does not want to hear of; None when there are no others."""
    told = [each for each in remotes if each.told and each.state is not RemoteState.CANCELLED]
    done = [each for each in told if each.state is RemoteState.DONE]
    plain = _plain(t, len(done), len(told), [each.link for each in done if each.link])
    if not told:
        return None
    if len(told) == 1:
        again = None if done else try_again_button(t, RetryOf.LINK, told[0].id)
        buttons = _file_buttons(t, told[0].link, again)
        return Result(_one_remote(t, told[0]), plain, buttons, told[0].message_id)
    failed = [each for each in told if each.state is not RemoteState.DONE]
    text = lines(
        _fetched_head(t, len(done), len(told)),
        *_fetched(t, done, form),
        *_listed_failures(t, [not_fetched_in_brief(t, each) for each in failed], _NOT_FETCHED),
    )
    files = [(each.shown_url, each.link) for each in done if each.link]
    again = try_again_button(t, RetryOf.BATCH, told[0].batch_id) if failed else None
    return Result(text, plain, keyboard([again, copy_all(t, files)]), told[0].message_id)


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


def all_remotes_cancelled(t: Texts, remotes: Sequence[RemoteUpload]) -> Html:
    if any(not each.told for each in remotes):
        return t("1fichier goes on with it, and I’ll say no more about it.")
    return t.n(
        "Cancelled: {count} link was not fetched.",
        "Cancelled: {count} links were not fetched.",
        len(remotes),
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


def _uploaded(t: Texts, transfer: Transfer) -> Html:
    stored = transfer.stored_name or transfer.name
    return lines(
        _head(t, transfer.given_name, transfer.stored_size or transfer.size),
        t("{link}", link=transfer.link),
        t("📁 {folder}", folder=t.folder(transfer.folder_name)),
        renamed(t, transfer.given_name, stored),
    )


def _head(t: Texts, name: str, size: int | None) -> Html:
    if size is None:
        return t("✅ <b>{name}</b>", name=t.name(name))
    return t("✅ <b>{name}</b> · {size}", name=t.name(name), size=t.size(size))


def _uploaded_head(t: Texts, done: Sequence[Transfer], told: Sequence[Transfer]) -> Html:
    if not done:
        return t("⚠️ None of {total} files uploaded.", total=t.number(len(told)))
    size = t.size(sum(each.stored_size or each.size or 0 for each in done))
    if len(done) < len(told):
        return t(
            "⚠️ {done} of {total} files uploaded · {size}",
            done=t.number(len(done)),
            total=t.number(len(told)),
            size=size,
        )
    count = t.n("✅ {count} file uploaded", "✅ {count} files uploaded", len(done))
    folders = {each.folder_name for each in done}
    if len(folders) > 1:
        return t("{files} · {size}", files=count, size=size)
    return t("{files} · {size} · 📁 {folder}", files=count, size=size, folder=t.folder(folders.pop()))


def _files(t: Texts, files: Sequence[Named], form: LinkFormat) -> list[Html]:
    return [Html(""), *listed(t, files, form)] if files else []


def _listed_failures(t: Texts, failures: Sequence[Html], label: str) -> list[Html]:
    if not failures:
        return []
    shown = failures[:FAILURES_SHOWN]
    more = len(failures) - len(shown)
    return [
        *(t(label, what=each) for each in shown),
        *([t.n("and {count} more", "and {count} more", more)] if more else []),
    ]


def _renamed_some(t: Texts, done: Sequence[Transfer]) -> Html | None:
    changed = [each for each in done if renamed(t, each.given_name, each.stored_name or each.name)]
    if not changed:
        return None
    return lines(
        Html(""),
        t.n(
            "{count} name had to change: 1fichier doesn’t allow every character, nor every length.",
            "{count} names had to change: 1fichier doesn’t allow every character, nor every length.",
            len(changed),
        ),
    )


def _one_remote(t: Texts, remote: RemoteUpload) -> Html:
    if remote.state is RemoteState.UNKNOWN:
        return no_news(t, remote)
    if remote.state is not RemoteState.DONE:
        return not_fetched(t, remote)
    if remote.web_page:
        name = t.name(remote.stored_name or remote.shown_url)
        page = t("⚠️ This was a web page, not a file: <b>{name}</b>", name=name)
        size = remote.stored_size
        return lines(
            page if size is None else t("{page} · {size}", page=page, size=t.size(size)),
            t("{link}", link=remote.link),
            t("It is now in your account. Send me the link of the download itself."),
        )
    return lines(
        _head(t, remote.stored_name or remote.shown_url, remote.stored_size),
        t("{link}", link=remote.link),
        t(
            "Fetched from {host} · 📁 {folder}",
            host=t.name(host_of(remote.shown_url)),
            folder=t.folder(remote.folder_name),
        ),
    )


def host_of(shown_url: str) -> str:
    """Of a URL as people are shown it, which has no scheme."""
    return urlsplit(f"//{shown_url}").netloc


def _fetched_head(t: Texts, done: int, total: int) -> Html:
    if not done:
        return t("⚠️ None of {total} links fetched.", total=t.number(total))
    if done < total:
        return t("⚠️ {done} of {total} links fetched", done=t.number(done), total=t.number(total))
    return t.n("✅ {count} link fetched", "✅ {count} links fetched", done)


def _fetched(t: Texts, done: Sequence[RemoteUpload], form: LinkFormat) -> list[Html]:
    told: list[Html] = []
    for each in done:
        name = t.name(each.stored_name or each.shown_url)
        first = (
            t("<b>{name}</b>", name=name)
            if each.stored_size is None
            else t("<b>{name}</b> · {size}", name=name, size=t.size(each.stored_size))
        )
        told.append(lines(None if form is LinkFormat.PLAIN else first, t("{link}", link=each.link)))
        if each.web_page:
            told.append(t("(a web page, not a file)"))
    return [*told, Html("")] if told else []


def _file_buttons(
    t: Texts, url: str | None, again: InlineKeyboardButton | None
) -> InlineKeyboardMarkup | None:
    link = parse_link(url) if url else None
    if url is None or link is None:
        return keyboard([again])
    return keyboard(
        [copy_button(t.plain("Copy link"), url)], [button(t.plain("Delete"), Action.DELETE, link.id)]
    )


def _plain(t: Texts, done: int, total: int, links: Sequence[str]) -> Html:
    count = t("{done} of {total} done.", done=t.number(done), total=t.number(total))
    return lines(count, *(t("{link}", link=link) for link in links))
