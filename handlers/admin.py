"""Looking after the bot, in its own chat: how much there is, who comes in, maintenance. Never what people store."""

from datetime import timedelta
from types import MappingProxyType
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from handlers import other
from handlers.access import is_group
from handlers.buttons import Action, button, keyboard
from handlers.chats import MessageGone
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.texts import Html, Texts, lines, mark
from storage import Ended, Invitation, Role, Totals

# Long enough to reach somebody on holiday; a link that lets in should not stand in a chat for ever.
INVITATION_LASTS: Final = timedelta(days=7)
MOST_USES: Final = 100
# More of them would be a list of buttons that nobody reads.
INVITATIONS_SHOWN: Final = 10

# Stand on buttons in old messages.
_INVITE, _REVOKE, _PAUSE, _RESUME, _REFRESH = "i", "r", "p", "u", "s"


async def admin(update: Update, context: Context) -> None:
    """Show the totals, or do what stands behind the command."""
    if not context.is_admin:
        await other.unknown_command(update, context)
        return
    message = message_of(update)
    if is_group(message.chat):
        text = context.t("Not here: send me /admin in private.")
        await context.services.chats.send(message.chat.id, text, reply_to=message.message_id)
        return
    match context.args:
        case [] | None:
            text, markup = await _overview(context)
        case ["invite", uses] if uses.isascii() and uses.isdigit() and 1 <= int(uses) <= MOST_USES:
            text, markup = await _invite(context, f"message {message.message_id}", int(uses)), None
        case ["ban", number] if number.isascii() and number.isdigit():
            text, markup = await _ban(context, int(number)), None
        case ["allow", number] if number.isascii() and number.isdigit():
            await context.services.access.set_role(int(number), Role.GUEST, context.services.clock.now())
            text, markup = context.t("✅ {number} may use this bot.", number=number), None
        case _:
            text, markup = _usage(context.t), None
    await context.services.chats.send(message.chat.id, text, keyboard=markup)


async def press(update: Update, context: Context) -> str | None:
    """A button of the overview."""
    message, t, services = message_of(update), context.t, context.services
    query = update.callback_query
    if not context.is_admin or query is None:
        return t.plain("This button isn’t yours.")
    pop_up = None
    match context.press.text():
        case verb if verb == _INVITE:
            text = await _invite(context, f"press {query.id}", 1)
            await services.chats.send(message.chat.id, text)
        case verb if verb == _REVOKE:
            revoked = await services.access.revoke(context.press.number(1))
            pop_up = t.plain("Revoked.") if revoked else t.plain("Already done.")
        case verb if verb in {_PAUSE, _RESUME}:
            await services.maintenance.turn(on=verb == _PAUSE)
    text, markup = await _overview(context)
    try:
        await services.chats.edit(message.chat.id, message.message_id, text, keyboard=markup)
    except MessageGone:
        await services.chats.send(message.chat.id, text, keyboard=markup)
    return pop_up


async def _overview(context: Context) -> tuple[Html, InlineKeyboardMarkup | None]:
    services, t = context.services, context.t
    now = services.clock.now()
    totals = await services.totals.all()
    invitations = (await services.access.invitations(now))[:INVITATIONS_SHOWN]
    text = lines(
        t.n("📊 {count} person", "📊 {count} people", totals.people),
        t.n("🔑 {count} has given a key", "🔑 {count} have given a key", totals.accounts),
        _under_way(t, totals),
        _ended(t, [each for each in totals.ended if each.what == "upload"], _UPLOADED),
        _ended(t, [each for each in totals.ended if each.what == "remote"], _FETCHED),
        t("⏸ Maintenance: nothing new begins, what people send is kept.")
        if services.maintenance.on
        else None,
        Html(""),
        t("Open to everyone who finds it.") if services.open_to_all else t("Open to those who are let in."),
        *(
            t.n(
                "Invitation {number}: {count} use left, until {time}",
                "Invitation {number}: {count} uses left, until {time}",
                each.uses_left,
                number=each.id,
                time=t.time(each.until, now),
            )
            for each in invitations
        ),
    )
    return text, _buttons(t, invitations, maintenance=services.maintenance.on)


def _buttons(t: Texts, invitations: list[Invitation], *, maintenance: bool) -> InlineKeyboardMarkup | None:
    words, verb = (t.plain("End maintenance"), _RESUME) if maintenance else (t.plain("Maintenance"), _PAUSE)
    rows: list[list[InlineKeyboardButton | None]] = [
        [button(t.plain("Invite"), Action.ADMIN, _INVITE), button(words, Action.ADMIN, verb)]
    ]
    rows += [
        [button(t.plain("Revoke {number}", number=each.id), Action.ADMIN, _REVOKE, each.id)]
        for each in invitations
    ]
    return keyboard(*rows, [button(t.plain("Refresh"), Action.ADMIN, _REFRESH)])


async def _invite(context: Context, asked_by: str, uses: int) -> Html:
    services, t = context.services, context.t
    now = services.clock.now()
    invitation = await services.access.invite(
        asked_by=f"{context.person.id} {asked_by}", uses=uses, lifetime=INVITATION_LASTS, now=now
    )
    return lines(
        t.n(
            "✅ An invitation for {count} person, until {time}:",
            "✅ An invitation for {count} people, until {time}:",
            invitation.uses_left,
            time=t.time(invitation.until, now),
        ),
        t("{link}", link=f"https://t.me/{context.bot.username}?start={invitation.code}"),
        None if not services.open_to_all else t("Nobody needs it at present: this bot is open to everyone."),
    )


async def _ban(context: Context, number: int) -> Html:
    services, t = context.services, context.t
    if number in services.admins:
        return t("⚠️ {number} is an admin by setting.", number=number)
    stopped = await services.barring.bar(number)
    return lines(
        t("✅ {number} can’t use this bot any more.", number=number),
        t.n("{count} upload or link was stopped.", "{count} uploads and links were stopped.", stopped)
        if stopped
        else None,
        t("/admin allow {number} lifts that.", number=number),
    )


def _usage(t: Texts) -> Html:
    return lines(
        t("/admin shows how much there is."),
        t("/admin invite 5: a link for 5 people, up to {most}.", most=t.number(MOST_USES)),
        t("/admin ban 123456: keeps that number out, and stops its work."),
        t("/admin allow 123456: lets that number in."),
    )


def _under_way(t: Texts, totals: Totals) -> Html:
    uploads, links = sum(totals.uploads.values()), sum(totals.remotes.values())
    return t(
        "⏳ Under way: {uploads}, {links}",
        uploads=t.n("{count} upload", "{count} uploads", uploads),
        links=t.n("{count} link", "{count} links", links),
    )


_UPLOADED: Final = mark("✅ Uploaded: {done} · {size}; not: {number}")
_FETCHED: Final = mark("✅ Fetched: {done} · {size}; not: {number}")


def _ended(t: Texts, ended: list[Ended], words: str) -> Html | None:
    if not ended:
        return None
    done = [each for each in ended if each.outcome == "done"]
    failed = [each for each in ended if each.outcome in {"failed", "unknown"}]
    return t(
        words,
        done=t.number(sum(each.number for each in done)),
        size=t.size(sum(each.bytes for each in done)),
        number=t.number(sum(each.number for each in failed)),
    )


ADMIN: Final = Command("admin", "[WHAT]", mark("Look after this bot"), admin, in_menu=False, for_admins=True)
BUTTONS: Final = MappingProxyType[Action, ButtonCallback]({Action.ADMIN: press})
