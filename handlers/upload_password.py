"""The password that new files get. It is shown nowhere, and the message that brings it does not stay in the chat."""

import unicodedata
from typing import Final

from handlers.buttons import Action, button, keyboard
from handlers.context import Context
from handlers.problems import problem_in_words
from handlers.questions import ask_for_text, put_away
from handlers.secret_messages import take_out
from handlers.settings_pages import Page, back
from handlers.texts import Html, Texts, lines
from storage import Person, Question
from transfers import SHORTEST_PASSWORD, PasswordTooShort

PAGE: Final = "pw"
QUESTION: Final = "upload_password"
ASK: Final = "ask"
REMOVE: Final = "rm"

# Nobody remembers more, and any field of any form takes it.
LONGEST: Final = 100


def password_line(t: Texts, person: Person) -> Html:
    """Among all settings."""
    value = t.plain("set") if person.has_upload_password else t.plain("none")
    return t("{title}: <b>{value}</b>", title=t.plain("Password for new files"), value=value)


def password_page(context: Context) -> Page:
    """Whether there is one, and what it does."""
    t, is_set = context.t, context.person.has_upload_password
    text = lines(
        t("<b>{title}</b>", title=t.plain("Password for new files")),
        t("New files get the password that you have set: whoever downloads them has to know it.")
        if is_set
        else t("With one, whoever downloads your new files has to know it."),
        t("Links that 1fichier fetches come without."),
    )
    return text, keyboard(
        [
            button(t.plain("Change") if is_set else t.plain("Set"), Action.SET, PAGE, ASK),
            button(t.plain("Remove"), Action.SET, PAGE, REMOVE) if is_set else None,
        ],
        [back(t)],
    )


async def change(context: Context, chat_id: int, option: str) -> bool:
    """What a button of the page says. False for one of a version that is gone."""
    match option:
        case "ask":
            await _ask(context, chat_id)
        case "rm":
            people = context.services.people
            await people.set_upload_password(context.person.id, None)
            context.person = await people.find(context.person.id) or context.person
        case _:
            return False
    return True


async def take_password(context: Context, question: Question, message_id: int, text: str) -> None:
    """Take the message that was asked for; ask again where it does not do."""
    services, t = context.services, context.t
    deleted = await take_out(context, question.chat_id, message_id)
    left = (
        None
        if deleted
        else t("⚠️ I couldn’t delete your message: please delete it yourself, it shows the password.")
    )
    password = text.strip()
    await put_away(context, question)
    problem = _problem(t, password)
    if problem is not None:
        await _ask(context, question.chat_id, problem=lines(left, problem))
        return
    await services.people.set_upload_password(context.person.id, password)
    said = t("✅ New files get this password from now on.")
    done = t("I’ve deleted your message and keep the password encrypted.") if deleted else None
    await services.chats.send(question.chat_id, lines(left, said, done))


async def _ask(context: Context, chat_id: int, *, problem: Html | None = None) -> None:
    t = context.t
    text = lines(
        problem,
        t("🔑 Send me the password for new files in your next message."),
        t("It needs {least} characters or more. I’ll delete that message at once.", least=SHORTEST_PASSWORD),
        t("Changed your mind? /cancel"),
    )
    await ask_for_text(context, chat_id, QUESTION, {}, text, hint=t.plain("Password"))


def _problem(t: Texts, password: str) -> Html | None:
    if len(password) < SHORTEST_PASSWORD:
        return problem_in_words(t, PasswordTooShort())
    if len(password) > LONGEST:
        return t("⚠️ That is too long: {most} characters at most.", most=t.number(LONGEST))
    if any(unicodedata.category(each) == "Cc" for each in password):
        return t("⚠️ That is more than one line.")
    return None
