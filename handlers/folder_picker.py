"""Choosing a folder: by walking through them, or by making a new one on the way.

    await choose_folder(context, account, chat_id, PURPOSE, {"what": "it is for"}, heading, instead_of=message_id)

What is chosen is handed to the `FolderAnswer` that is registered for the purpose.
"""

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeAlias

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from handlers.buttons import Action, button, keyboard
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.presses import open_question, too_old
from handlers.problems import problem_in_words
from handlers.questions import LIFETIME, ask_for_text, put_away
from handlers.texts import Html, Texts, lines
from onefichier import NotFound
from storage import Account, Question, StoredFolder
from transfers import ROOT, FolderGone, FolderView, NameRefused

FolderAnswer: TypeAlias = Callable[[Context, Question, StoredFolder | None], Coroutine[Any, Any, str | None]]
"""Takes the folder, or None when the person would rather not, edits the message that asked (`question.chat_id`,
`question.message_id`), and returns a pop-up's plain text or None. What it is about is `question.subject["about"]`. It may run
twice after a crash. FolderGone shows the folders anew."""

QUESTION: Final = "folder"
NAME_QUESTION: Final = "folder_name"
# As many as a phone shows with the other buttons.
PAGE: Final = 8


async def choose_folder(
    context: Context,
    account: Account,
    chat_id: int,
    purpose: str,
    about: Mapping[str, Any],
    heading: Html,
    *,
    start: int = ROOT,
    without: Collection[int] = (),
    reply_to: int | None = None,
    instead_of: int | None = None,
) -> None:
    """Ask for a folder, in a new message or by editing `instead_of`, beginning at `start`.

    `purpose` names the `FolderAnswer`, `about` is what it will be about and must fit JSON. `heading` stands above the folders, and those
    in `without` are not offered.

    Raises:
        OneFichierError: the folders are not known, and 1fichier cannot be asked.
    """
    services = context.services
    try:
        view = await services.files.folder(account, start)
    except NotFound:
        view = await services.files.folder(account, ROOT)
    subject = {
        "purpose": purpose,
        "about": dict(about),
        "heading": str(heading),
        "without": list(without),
        "account": account.id,
    }
    question = await services.questions.ask(
        context.person.id, chat_id, QUESTION, subject, now=services.clock.now(), lifetime=LIFETIME
    )
    text, markup = _shown(context.t, question, view, 0)
    if instead_of is None:
        message_id = await services.chats.send(chat_id, text, reply_to=reply_to, keyboard=markup)
    else:
        message_id = instead_of
        await services.chats.edit(chat_id, message_id, text, keyboard=markup)
    await services.questions.placed(question.id, message_id)


class FolderPicker:
    """Walks, makes folders, and hands over what was chosen."""

    def __init__(self, answers: Mapping[str, FolderAnswer]) -> None:
        self._answers = answers

    @property
    def buttons(self) -> dict[Action, ButtonCallback]:
        return {Action.PICK: self.walk, Action.PICK_THIS: self.take, Action.PICK_NEW: self.ask_name}

    async def walk(self, update: Update, context: Context) -> str | None:
        """Show another folder, or another page of its sub-folders."""
        question = await self._question(context)
        if isinstance(question, str):
            return question
        message, press = message_of(update), context.press
        return await self._show(
            context, question, message.chat.id, message.message_id, press.number(1), press.number(2)
        )

    async def take(self, update: Update, context: Context) -> str | None:
        """Choose the folder that is shown."""
        question = await self._question(context)
        if isinstance(question, str):
            return question
        services, folder_id = context.services, context.press.number(1)
        account = await _account(context, question)
        folder = await services.folders.known(account, folder_id)
        if folder is None and folder_id != ROOT:
            return await self._gone(update, context, question)
        chosen = folder or StoredFolder(ROOT, None, "", None, complete=True)
        try:
            pop_up = await self._answers[question.subject["purpose"]](context, question, chosen)
        except FolderGone:
            return await self._gone(update, context, question)
        # Last: were the process to die before, the press is handled again, and is repeatable.
        await services.questions.answer(question.id)
        return pop_up

    async def cancel(self, context: Context, question: Question, yes: bool) -> str | None:  # noqa: FBT001 - an Answer
        """An `Answer` with one button only: no."""
        answer = self._answers.get(question.subject["purpose"])
        return await answer(context, question, None) if answer and not yes else None

    async def ask_name(self, _: Update, context: Context) -> str | None:
        """Ask what a new folder shall be called."""
        question = await self._question(context)
        if isinstance(question, str):
            return question
        await self._ask_name(context, question, context.press.number(1))
        return None

    async def take_name(self, context: Context, question: Question, message_id: int, text: str) -> None:  # noqa: ARG002 - a TextAnswer
        """Make the folder, and show it as the one to be chosen."""
        services = context.services
        asked = await services.questions.find(question.subject["picker"], context.person.id)
        try:
            folder, is_new = await services.folders.make(
                await _account(context, question), question.subject["parent"], text
            )
        except NameRefused as error:
            await put_away(context, question)
            if asked is not None:
                await self._ask_name(
                    context, asked, question.subject["parent"], problem=problem_in_words(context.t, error)
                )
            return
        await put_away(context, question)
        if asked is not None and asked.message_id is not None and not asked.answered:
            note = None if is_new else context.t("There is a folder of that name already: here it is.")
            await self._show(context, asked, asked.chat_id, asked.message_id, folder.folder_id, 0, note=note)

    async def _question(self, context: Context) -> Question | str:
        question = await open_question(context)
        if isinstance(question, str):
            return question
        known = question.kind == QUESTION and question.subject["purpose"] in self._answers
        return question if known else too_old(context)

    async def _show(
        self,
        context: Context,
        question: Question,
        chat_id: int,
        message_id: int,
        folder_id: int,
        page: int,
        *,
        note: Html | None = None,
    ) -> str | None:
        services, pop_up = context.services, None
        account = await _account(context, question)
        try:
            view = await services.files.folder(account, folder_id)
        except NotFound:
            await services.folders.forget(account, folder_id)
            pop_up = context.t.plain("This folder is no longer on 1fichier.")
            view = await services.files.folder(account, ROOT)
        text, markup = _shown(context.t, question, view, page, note=note)
        await services.chats.edit(chat_id, message_id, text, keyboard=markup)
        return pop_up

    async def _gone(self, update: Update, context: Context, question: Question) -> str:
        message = message_of(update)
        await self._show(context, question, message.chat.id, message.message_id, ROOT, 0)
        return context.t.plain("This folder is no longer on 1fichier.")

    @staticmethod
    async def _ask_name(
        context: Context, question: Question, parent_id: int, *, problem: Html | None = None
    ) -> None:
        subject = {"picker": question.id, "parent": parent_id, "account": question.subject["account"]}
        await ask_for_folder_name(
            context, question.chat_id, NAME_QUESTION, subject, parent_id, problem=problem
        )


async def _account(context: Context, question: Question) -> Account:
    """The one whose folders are shown, whichever is in use by now."""
    return await context.own_account(question.subject["account"])


async def ask_for_folder_name(
    context: Context,
    chat_id: int,
    kind: str,
    subject: Mapping[str, Any],
    parent_id: int,
    *,
    problem: Html | None = None,
) -> None:
    """Have the next plain message taken, by the `TextAnswer` of `kind`, as the name of a new folder in that one."""
    t = context.t
    parent = await context.services.folders.known(await context.account_with(parent_id), parent_id)
    text = lines(
        problem,
        t(
            "❓ What shall the new folder in 📁 <b>{folder}</b> be called?",
            folder=t.folder(parent.name if parent else ""),
        ),
        t("Changed your mind? /cancel"),
    )
    await ask_for_text(context, chat_id, kind, subject, text, hint=t.plain("Name of the folder"))


def _shown(
    t: Texts, question: Question, view: FolderView, page: int, *, note: Html | None = None
) -> tuple[Html, InlineKeyboardMarkup | None]:
    here, without = view.folder, set(question.subject["without"])
    subs = [sub for sub in view.sub_folders if sub.folder_id not in without]
    pages = max(1, -(-len(subs) // PAGE))
    page = min(max(page, 0), pages - 1)
    text = lines(
        Html(question.subject["heading"]),
        t("📁 {path}", path=t.path(view.path)),
        t("page {page} of {pages}", page=t.number(page + 1), pages=t.number(pages)) if pages > 1 else None,
        note,
    )
    return text, keyboard(
        *_into(t, question, subs[page * PAGE : (page + 1) * PAGE]),
        [
            button("‹", Action.PICK, question.id, here.folder_id, page - 1) if page > 0 else None,
            button(t.plain("Next ›"), Action.PICK, question.id, here.folder_id, page + 1)
            if page < pages - 1
            else None,
        ],
        [
            button(t.plain("Choose this"), Action.PICK_THIS, question.id, here.folder_id),
            button(t.plain("New folder"), Action.PICK_NEW, question.id, here.folder_id),
        ],
        [
            button(t.plain("Up"), Action.PICK, question.id, here.parent_id or ROOT, 0)
            if here.folder_id != ROOT
            else None,
            button(t.plain("Cancel"), Action.NO, question.id),
        ],
    )


def _into(
    t: Texts, question: Question, subs: Sequence[StoredFolder]
) -> list[list[InlineKeyboardButton | None]]:
    return [[button(f"📁 {t.name(sub.name)}", Action.PICK, question.id, sub.folder_id, 0)] for sub in subs]
