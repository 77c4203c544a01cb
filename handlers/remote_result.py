"""How a batch of URLs ended, and its buttons."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from handlers.account_names import place
from handlers.again import try_again_button
from handlers.buttons import keyboard
from handlers.errors import quoted
from handlers.link_list import copy_all, one_for_all
from handlers.reasons import no_news, not_fetched, not_fetched_in_brief
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
from storage import LinkFormat, RemoteState, RemoteUpload, RetryOf

_NOT_FETCHED: Final = mark("Not fetched: {what}")


def remote_result(t: Texts, remotes: Sequence[RemoteUpload], telling: Telling | None = None) -> Result | None:
    """What became of the URLs, without those that the person does not want to hear of; None when there are no others."""
    telling = telling or Telling()
    told = [
        each for each in remotes if each.told and not each.active and each.state is not RemoteState.CANCELLED
    ]
    done = [each for each in told if each.state is RemoteState.DONE]
    plain = in_the_fewest_words(t, len(done), len(told), [each.link for each in done if each.link])
    if not told:
        return None
    if len(told) == 1:
        again = keyboard([try_again_button(t, RetryOf.LINK, told[0].id)])
        buttons = file_buttons(t, told[0].link) if done else again
        return Result(_one_remote(t, told[0], telling), plain, buttons, told[0].message_id)
    failed = [each for each in told if each.state is not RemoteState.DONE]
    text = lines(
        _fetched_head(t, telling, done, len(told)),
        *_fetched(t, done, telling.form),
        *listed_failures(t, [not_fetched_in_brief(t, each) for each in failed], _NOT_FETCHED),
    )
    files = [(each.shown_url, each.link) for each in done if each.link]
    batch_id = told[0].batch_id
    retry = try_again_button(t, RetryOf.BATCH, batch_id) if failed else None
    all_of_them = copy_all(t, files, batch_id, untold=len(failed) > FAILURES_SHOWN)
    buttons = keyboard([all_of_them, one_for_all(t, batch_id, len(files))], [retry])
    return Result(text, plain, buttons, told[0].message_id)


def all_remotes_cancelled(t: Texts, remotes: Sequence[RemoteUpload]) -> Html:
    unwanted = [each for each in remotes if each.unwanted and each.active]
    if unwanted:
        return t.n(
            "I’ll delete the file as soon as it arrives.",
            "I’ll delete the {count} files as they arrive.",
            len(unwanted),
        )
    if any(not each.told for each in remotes):
        return t("1fichier goes on with it, and I’ll say no more about it.")
    return t.n(
        "Cancelled: {count} link was not fetched.",
        "Cancelled: {count} links were not fetched.",
        len(remotes),
    )


def _one_remote(t: Texts, remote: RemoteUpload, telling: Telling) -> Html:
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
        _undeleted(t, remote) if remote.unwanted else None,
        head(t, remote.stored_name or remote.shown_url, remote.stored_size),
        t("{link}", link=remote.link),
        t(
            "Fetched from {host} · {place}",
            host=t.name(host_of(remote.shown_url)),
            place=place(t, remote.folder_name, telling.account(remote.account_id)),
        ),
    )


def _undeleted(t: Texts, remote: RemoteUpload) -> Html:
    """It has come although it is not wanted."""
    first = t("⚠️ It has arrived, and I couldn’t delete it.")
    return lines(first, quoted(t, remote.detail or ""))


def host_of(shown_url: str) -> str:
    """Of a URL as people are shown it, which has no scheme."""
    return urlsplit(f"//{shown_url}").netloc


def _fetched_head(t: Texts, telling: Telling, done: Sequence[RemoteUpload], total: int) -> Html:
    if not done:
        return t("⚠️ None of {total} links fetched.", total=t.number(total))
    if len(done) < total:
        return t("⚠️ {done} of {total} links fetched", done=t.number(len(done)), total=t.number(total))
    fetched = t.n("✅ {count} link fetched", "✅ {count} links fetched", total)
    account = telling.account(done[0].account_id)
    return t("{fetched} · {account}", fetched=fetched, account=account) if account else fetched


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
