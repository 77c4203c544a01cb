"""What the bot may know about chats and who is in them."""

from typing import Any

from emulators.botapi.errors import bad_request
from emulators.botapi.methods.registry import Handler, Parameters
from emulators.botapi.state import State

ADMINISTRATOR_RIGHTS: dict[str, bool] = {
    "can_be_edited": False,
    "is_anonymous": False,
    "can_manage_chat": True,
    "can_delete_messages": True,
    "can_manage_video_chats": False,
    "can_restrict_members": False,
    "can_promote_members": False,
    "can_change_info": False,
    "can_invite_users": True,
    "can_post_stories": False,
    "can_edit_stories": False,
    "can_delete_stories": False,
}
ACCEPTED_GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}


def chat_member(user: dict[str, Any], status: str) -> dict[str, Any]:
    """Return a `ChatMember` of the kind that goes with the status."""
    member: dict[str, Any] = {"status": status, "user": user}
    if status == "administrator":
        return member | ADMINISTRATOR_RIGHTS
    if status == "kicked":
        return member | {"until_date": 0}
    return member


async def get_chat(state: State, parameters: Parameters) -> dict[str, Any]:
    chat = state.chat(parameters["chat_id"])
    return chat.description | {
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": ACCEPTED_GIFTS,
    }


async def get_chat_member(state: State, parameters: Parameters) -> dict[str, Any]:
    chat = state.chat(parameters["chat_id"])
    user_id = parameters["user_id"]
    if user_id == state.bot["id"]:
        return chat_member(state.bot, chat.bot_status)
    user = chat.members.get(user_id)
    if user is None:
        raise bad_request("user not found" if chat.is_private else "member not found")
    return chat_member(user, "member")


async def leave_chat(state: State, parameters: Parameters) -> bool:
    chat = state.writable_chat(parameters["chat_id"])
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.bot_status = "left"
    chat.changes.announce()
    return True


METHODS: dict[str, Handler] = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "leaveChat": leave_chat,
}
