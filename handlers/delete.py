"""Deleting files: by link, in reply to a message with links, or from a card. Always asked first."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from telegram import Update

from handlers.about_file import about_file, names_of, pressed_link
from handlers.browse import show_list
from handlers.buttons import Action, button, keyboard
from handlers.card import show_card
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.links import links_in, words_after_command
from handlers.places import Place
from handlers.questions import ask
from handlers.reasons import in_words
from handlers.texts import Html, Texts, lines, mark
from handlers.topics import replied_to
from onefichier import Link
from storage import Question
from transfers import DeletedFile, FileGone, FileProblem, NamedLink

QUESTION: Final = "delete"
# One question names every file, and so many names still fit one message.
MOST_LINKS: Final = 50
# Of a refusal; more of them say nothing more.
PROBLEMS_SHOWN: Final = 10

_PROBLEMS: Final = {
    FileProblem.NOT_FOUND: mark("it is no longer on 1fichier."),
    FileProblem.NOT_YOURS: mark("it is not in your account."),
    FileProblem.UNKNOWN: mark("1fichier didn’t say why."),
}


async def delete(update: Update, context: Context) -> None:
    """Ask whether the files of the links shall go."""
    message = message_of(update)
    links = links_in(message) or links_in(replied_to(message))
    reply_to = context.reply_in_group(message)
    if not links or len(links) > MOST_LINKS:
        text = (
            _too_many(context.t, len(links)) if links else _no_link(context.t, words_after_command(message))
        )
        await context.services.chats.send(message.chat.id, text, reply_to=reply_to)
        return
    named = await names_of(context, links)
    theirs = [each for each in named if each.problem in {None, FileProblem.UNKNOWN}]
    others = _problems(context.t, [each for each in named if each not in theirs])
    if not theirs:
        text = lines(context.t("⚠️ Nothing to delete."), *others)
        await context.services.chats.send(message.chat.id, text, reply_to=reply_to)
        return
    await ask(
        context,
        message.chat.id,
        QUESTION,
        {"files": [_noted(each) for each in theirs]},
        lines(*_question(context.t, theirs), *others),
        yes=context.t.plain("Delete"),
        no=context.t.plain("Keep"),
        danger=True,
        reply_to=reply_to,
    )


@about_file
async def delete_from_card(update: Update, context: Context) -> str | None:
    """Turn the card, or the result, that has the button into the question."""
    message, t, press = message_of(update), context.t, context.press
    (named,) = await names_of(context, [pressed_link(context)])
    if named.problem is FileProblem.NOT_FOUND:
        raise FileGone(named.name or "")
    if named.problem is FileProblem.NOT_YOURS:
        return t.plain("It is not in your account.")
    await ask_to_delete(
        context, message.chat.id, [named], place=Place.on(press, 1), instead_of=message.message_id
    )
    return None


async def ask_to_delete(
    context: Context,
    chat_id: int,
    files: Sequence[NamedLink],
    *,
    place: Place | None,
    in_list: bool = False,
    instead_of: int,
) -> None:
    """Turn a card, or with `in_list` a list, into the question. The answer no brings it back."""
    t = context.t
    await ask(
        context,
        chat_id,
        QUESTION,
        {
            "files": [_noted(each) for each in files],
            "back": list(place.values) if place else None,
            "list": in_list,
        },
        lines(*_question(t, files)),
        yes=t.plain("Delete"),
        no=t.plain("Keep"),
        danger=True,
        instead_of=instead_of,
    )


async def answer(context: Context, question: Question, yes: bool) -> str | None:  # noqa: FBT001 - an Answer
    """Delete, and say of each file how it went; or say that all is still there."""
    t, services = context.t, context.services
    files = [_remembered(each) for each in question.subject["files"]]
    if question.message_id is None:
        return None
    if not yes:
        return await _kept_all(context, question, question.message_id, files)
    results: list[DeletedFile] = []
    for account, links in await context.by_account([each.link for each in files]):
        results += await services.files.delete(account, links)
    names = {each.link.id: each.name for each in files}
    place = _place(question)
    back = button(t.plain("Back"), Action.FOLDER, *place.values) if place else None
    text = _deleted(t, results, names)
    await services.chats.edit(question.chat_id, question.message_id, text, keyboard=keyboard([back]))
    return None


async def _kept_all(
    context: Context, question: Question, message_id: int, files: Sequence[NamedLink]
) -> str | None:
    if "back" not in question.subject:
        await context.services.chats.edit(question.chat_id, message_id, _kept(context.t, files))
        return None
    place = _place(question)
    if question.subject["list"]:
        return await show_list(context, question.chat_id, message_id, place or Place())
    await show_card(context, question.chat_id, files[0].link, place=place, instead_of=message_id)
    return None


def _place(question: Question) -> Place | None:
    values = question.subject.get("back")
    return Place.of(values) if values is not None else None


def _noted(file: NamedLink) -> list[Any]:
    return [file.link.id, file.link.url, file.name, file.size]


def _remembered(noted: Sequence[Any]) -> NamedLink:
    link_id, url, name, size = noted
    return NamedLink(Link(link_id, url), name, size)


def _shown(t: Texts, link: Link, name: str | None) -> Html:
    return t("<b>{name}</b>", name=t.name(name)) if name else t("{link}", link=link)


def _question(t: Texts, files: Sequence[NamedLink]) -> list[Html]:
    sizes = [each.size for each in files if each.size is not None]
    total = t.size(sum(sizes)) if len(sizes) == len(files) else None
    if len(files) == 1:
        warning = t("Its link will stop working, and I can’t bring it back.")
        return [
            t("🗑 Delete {file}?", file=_shown(t, files[0].link, files[0].name)),
            t("{size}. {warning}", size=total, warning=warning) if total else warning,
        ]
    first = t.n("🗑 Delete this file?", "🗑 Delete these {count} files?", len(files))
    return [
        t("{question} {size} in all.", question=first, size=total) if total else first,
        *(t("• {file}", file=_shown(t, each.link, each.name)) for each in files),
        t("I can’t bring them back."),
    ]


def _problems(t: Texts, files: Sequence[NamedLink]) -> list[Html]:
    return [
        _not_deleted(t, _shown(t, each.link, each.name), each.problem, None)
        for each in files[:PROBLEMS_SHOWN]
    ]


def _kept(t: Texts, files: Sequence[NamedLink]) -> Html:
    if len(files) == 1:
        shown = _shown(t, files[0].link, files[0].name)
        return t("Nothing deleted. {file} is still there.", file=shown)
    return t.n(
        "Nothing deleted. The file is still there.",
        "Nothing deleted. All {count} files are still there.",
        len(files),
    )


def _deleted(t: Texts, results: Sequence[DeletedFile], names: Mapping[str, str | None]) -> Html:
    def shown(result: DeletedFile) -> Html:
        return _shown(t, result.link, result.name or names.get(result.link.id))

    gone = [each for each in results if each.deleted]
    failed = [each for each in results if not each.deleted]
    if not failed:
        if len(gone) == 1:
            return t("✅ Deleted: {file}", file=shown(gone[0]))
        return t.n("✅ {count} file deleted.", "✅ {count} files deleted.", len(gone))
    if len(results) == 1:
        first = t("⚠️ Nothing was deleted.")
    else:
        first = t(
            "⚠️ {deleted} of {total} files deleted.",
            deleted=t.number(len(gone)),
            total=t.number(len(results)),
        )
    listed = [_not_deleted(t, shown(each), each.problem, each.detail) for each in failed[:PROBLEMS_SHOWN]]
    more = len(failed) - len(listed)
    return lines(first, *listed, t.n("and {count} more", "and {count} more", more) if more else None)


def _not_deleted(t: Texts, file: Html, problem: FileProblem | None, detail: str | None) -> Html:
    reason = t(_PROBLEMS[problem or FileProblem.UNKNOWN])
    if problem in {None, FileProblem.UNKNOWN} and detail:
        reason = in_words(t, detail)
    return t("Not deleted: {file}, {reason}", file=file, reason=reason)


def _no_link(t: Texts, said: str) -> Html:
    hint = t("Reply to a message that has a link with /delete, or choose the file in /list.")
    if not said.strip():
        return hint
    return lines(t("⚠️ I see no 1fichier link in that."), hint)


def _too_many(t: Texts, count: int) -> Html:
    return lines(
        t(
            "⚠️ That’s {count} links, and I delete {most} at most at once.",
            count=t.number(count),
            most=t.number(MOST_LINKS),
        ),
        t("Nothing was deleted. Send them in parts."),
    )


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.DELETE: delete_from_card}
DELETE: Final = Command("delete", "LINK …", mark("Delete by link"), delete)
