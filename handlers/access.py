"""Who may speak to the bot, and where it listens. Runs before every other handler."""

from telegram import Chat, Message, MessageEntity, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.ext import ApplicationHandlerStop

from handlers.context import Context, message_of
from handlers.texts import Html, lines, texts_for
from storage import Person

_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_MEMBERS = (
    ChatMemberStatus.MEMBER,
    ChatMemberStatus.ADMINISTRATOR,
    ChatMemberStatus.OWNER,
    ChatMemberStatus.RESTRICTED,
)
# A key may stand behind it, so it is heard in a group whether it names this bot or not.
_LOGIN = "/login"


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
    if not allowed(user.id, context):
        await _turn_away(update, context, user, chat)
        raise ApplicationHandlerStop
    services = context.services
    context.person = await services.people.meet(user.id, user.language_code, services.clock.now())
    await _note_reachable(chat.id, context)


async def _meet_inline(update: Update, context: Context) -> None:
    """Whoever types the bot's name in some chat is noted down only when they write to it themselves."""
    user = update.effective_user
    if user is None or not allowed(user.id, context):
        if update.inline_query is not None:
            await context.services.chats.answer_inline(update.inline_query.id, [], cache_seconds=0)
        raise ApplicationHandlerStop
    known = await context.services.people.find(user.id)
    context.person = known or Person(user.id, user.language_code, None)


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


def allowed(user_id: int, context: Context) -> bool:
    services = context.services
    return not services.allowed_users or user_id in services.allowed_users | services.admins


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
    answered = message.reply_to_message
    return answered is not None and answered.from_user is not None and answered.from_user.id == bot.id


async def _turn_away(update: Update, context: Context, user: User, chat: Chat) -> None:
    t = texts_for(user.language_code)
    if update.callback_query is not None:
        await context.services.chats.answer_press(update.callback_query.id, t.plain("This bot is private."))
        return
    number = Html(f"<code>{user.id}</code>")
    await context.services.chats.send(
        chat.id,
        lines(
            t("This bot is private."),
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
