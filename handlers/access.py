"""Who may speak to the bot, and where it listens. Runs before every other handler."""

import re

from telegram import Chat, Message, MessageEntity, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.ext import ApplicationHandlerStop

from handlers.context import Context, Services, message_of
from handlers.texts import Html, lines, texts_for
from handlers.topics import replied_to
from storage import Entry, Person, Role

_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_MEMBERS = (
    ChatMemberStatus.MEMBER,
    ChatMemberStatus.ADMINISTRATOR,
    ChatMemberStatus.OWNER,
    ChatMemberStatus.RESTRICTED,
)
# A key may stand behind it, so it is heard in a group whether it names this bot or not.
_LOGIN = "/login"
# As a client sends it that opened a link of `AccessStore`.
_START_WITH_CODE = re.compile(r"/start(?:@\w+)?\s+([A-Za-z0-9_-]{22})", re.ASCII)


async def meet(update: Update, context: Context) -> None:
    """Let an update through, with the person it comes from, or end it here."""
    user, chat = update.effective_user, update.effective_chat
    if update.inline_query is not None or update.chosen_inline_result is not None:
        await _meet_inline(update, context)
        return
    if user is None or chat is None or not (update.message or update.callback_query):
        raise ApplicationHandlerStop
    if update.message is not None and is_group(chat) and not addressed(update.message, context.bot.bot):
        raise ApplicationHandlerStop
    if chat.type not in {ChatType.PRIVATE, *_GROUPS} or user.is_bot:
        # Channels, and administrators who post as their group: one id for many people.
        raise ApplicationHandlerStop
    services = context.services
    context.entry = await _open_link(update, context, user, chat)
    arrival = await services.people.arrives(user.id, chat.id)
    role = _role(user.id, arrival.role, services)
    if not _may_enter(user.id, role, services):
        await _turn_away(update, context, user, chat, banned=role is Role.BANNED)
        raise ApplicationHandlerStop
    context.is_admin = role is Role.ADMIN
    person = arrival.person
    if person is None or person.language_code != user.language_code:
        person = await services.people.meet(user.id, user.language_code, services.clock.now())
    context.person = person
    if arrival.was_unreachable:
        await _note_reachable(chat.id, context)


async def _meet_inline(update: Update, context: Context) -> None:
    """Whoever types the bot's name in some chat is noted down only when they write to it themselves."""
    user, services = update.effective_user, context.services
    if user is not None:
        arrival = await services.people.arrives(user.id, user.id)
        if _may_enter(user.id, _role(user.id, arrival.role, services), services):
            context.person = arrival.person or Person(user.id, user.language_code, None)
            return
    if update.inline_query is not None:
        await services.chats.answer_inline(update.inline_query.id, [], cache_seconds=0)
    raise ApplicationHandlerStop


async def note_membership(update: Update, context: Context) -> None:
    """Note that a chat can or cannot be reached any more: blocked, unblocked, added to a group, removed from it."""
    change = update.my_chat_member
    if change is None:
        return
    if change.new_chat_member.status in _MEMBERS:
        await _note_reachable(change.chat.id, context)
    else:
        await context.services.people.note_unreachable(change.chat.id, context.services.clock.now())


async def note_migration(update: Update, context: Context) -> None:
    """Follow a group that became a supergroup, as both of its chats announce it."""
    message, services = message_of(update), context.services
    old, new = message.migrate_from_chat_id or message.chat.id, message.migrate_to_chat_id or message.chat.id
    await services.outbox.move_chat(old, new)
    await services.people.note_reachable(new)
    services.wakeups.outbox.set()
    raise ApplicationHandlerStop


async def admins(services: Services) -> frozenset[int]:
    """Everybody who looks after the bot."""
    return services.admins | await services.access.admins()


def _role(user_id: int, noted: Role | None, services: Services) -> Role | None:
    return Role.ADMIN if user_id in services.admins else noted


def _may_enter(user_id: int, role: Role | None, services: Services) -> bool:
    if role is not None:
        return role is not Role.BANNED
    return services.open_to_all or user_id in services.allowed_users


async def _open_link(update: Update, context: Context, user: User, chat: Chat) -> Entry | None:
    """Use the invitation, or the claim, that stands behind /start; None when there is none."""
    text = update.message.text if update.message and chat.type == ChatType.PRIVATE else None
    code = _START_WITH_CODE.fullmatch(text or "")
    if code is None:
        return None
    return await context.services.access.enter(code[1], user.id, context.services.clock.now())


def is_group(chat: Chat) -> bool:
    return chat.type in _GROUPS


def addressed(message: Message, bot: User) -> bool:
    """Whether a message in a group speaks to this bot: a command or mention with its name, or a reply to it."""
    text = message.text or message.caption or ""
    if text.startswith(_LOGIN):
        return True
    kinds: list[str | None] = [MessageEntity.MENTION, MessageEntity.BOT_COMMAND]
    entities = message.parse_entities(kinds) or message.parse_caption_entities(kinds)
    named = [shown.partition("@")[2].lower() for shown in entities.values() if "@" in shown]
    if (bot.username or "").lower() in named:
        return True
    if text.startswith("/") and named:
        return False
    answered = replied_to(message)
    return answered is not None and answered.from_user is not None and answered.from_user.id == bot.id


async def _turn_away(update: Update, context: Context, user: User, chat: Chat, *, banned: bool) -> None:
    t = texts_for(user.language_code)
    first = t("You can’t use this bot any more.") if banned else t("This bot is private.")
    if update.callback_query is not None:
        await context.services.chats.answer_press(update.callback_query.id, str(first))
        return
    number = Html(f"<code>{user.id}</code>")
    await context.services.chats.send(
        chat.id,
        lines(
            first,
            t("This invitation is used up, or too old.") if context.entry and not banned else None,
            t("Its owner can let you in: give them your number, {number}", number=number),
        ),
        reply_to=update.message.message_id if update.message else None,
    )


async def _note_reachable(chat_id: int, context: Context) -> None:
    services = context.services
    if await services.people.note_reachable(chat_id):
        services.wakeups.outbox.set()
        for batch_id in await services.batches.shown_in(chat_id):
            services.wakeups.batch_changed(batch_id)
