"""What the page is told, as JSON: chats as a client shows them, accounts as 1fichier's site does, switches."""

from typing import Any, Final

from emulators.botapi import BotApi, Button, Chat, SeenMessage
from emulators.onefichier import EmulatedAccount, OneFichier, Upload
from emulators.onefichier.wire import DOMAINS
from emulators.page.keeper import BotKeeper
from emulators.page.scene import SAMPLES, Scene
from emulators.page.standing import Standing
from emulators.page.weather import Weather
from emulators.sample_site import SAMPLE_URLS
from emulators.user import InlineSearch

Json = dict[str, Any]

_OFFERS: Final = {0: "Free account", 1: "Premium", 2: "Access", 3: "Premium Gold"}
_REMOTES_SHOWN: Final = 6

# In the order in which a message that has two of them is to be read: an animation also is a document.
_FILE_KINDS: Final = (
    "animation",
    "document",
    "video",
    "audio",
    "voice",
    "video_note",
    "sticker",
    "live_photo",
)


# Kinds of chat that a button may have chosen from. Nobody here writes into a channel.
_CHOSEN: Final = {"bot": "allow_bot_chats", "group": "allow_group_chats"}


def fixed_view(api: BotApi, site: str, run: str) -> Json:
    """What does not change while the demo runs; `run` tells it from any other demo."""
    return {
        "run": run,
        "bot": {name: api.bot[name] for name in ("id", "first_name", "username")}
        | {"inline": api.inline_mode},
        "domains": list(DOMAINS),
        "samples": [{"name": sample.name, "what": sample.what} for sample in SAMPLES],
        "urls": [{"url": f"{site}{each.path}", "what": each.what} for each in SAMPLE_URLS],
    }


def person_view(scene: Scene, person_id: int) -> Json:
    user = scene.resident(person_id).person.user
    return {
        "id": person_id,
        "name": user["first_name"],
        "chats": [chat.id for chat in scene.chats_of(person_id)],
    }


def chat_view(api: BotApi, scene: Scene, chat: Chat) -> Json:
    """A chat without its messages."""
    kind = "bot" if chat.is_private else "channel" if chat.description["type"] == "channel" else "group"
    menus = {
        person_id: api.profile.menu(chat, person_id, resident.person.user["language_code"])
        for person_id, resident in scene.residents.items()
        if person_id in chat.members
    }
    language = scene.residents[chat.id].person.user["language_code"] if chat.is_private else ""
    action = chat.actions[-1] if chat.actions else None
    return {
        "id": chat.id,
        "kind": kind,
        "title": api.bot["first_name"] if kind == "bot" else chat.description["title"],
        "members": [user["first_name"] for user in chat.members.values()],
        "started": chat.started,
        "introduction": api.profile.introduction(language) if kind == "bot" else "",
        "commands": menus,
        "action": None if action is None else {"action": action.action, "at": action.at.timestamp()},
    }


def message_view(message: SeenMessage) -> Json:
    payload = message.payload
    sender = payload.get("from") or payload["sender_chat"]
    reply = payload.get("reply_to_message")
    return {
        "chat": message.chat.id,
        "id": message.id,
        "date": payload["date"],
        "sender": {"id": sender["id"], "name": sender.get("first_name") or sender["title"]},
        "bot": message.from_bot,
        "via": payload["via_bot"]["username"] if "via_bot" in payload else None,
        "silent": message.silent,
        "edited": "edit_date" in payload,
        "text": message.text,
        "entities": message.entities,
        "file": _file_view(payload),
        "album": payload.get("media_group_id"),
        "forwarded_from": _origin_name(payload.get("forward_origin")),
        "reply_to": None if reply is None else reply["message_id"],
        "buttons": [[_button_view(button) for button in row] for row in message.buttons],
        "force_reply": message.force_reply,
        "reactions": message.reactions,
        "protected": message.protected,
    }


def search_view(search: InlineSearch) -> Json:
    """What a client shows above the field; the texts that are posted are none of it."""
    answer = search.answer
    return {
        "search": search.query_id,
        "answer": None
        if answer is None
        else {
            "results": [
                {name: result.get(name, "") for name in ("id", "title", "description")}
                for result in answer.results
            ],
            "button": answer.button,
            "next_offset": answer.next_offset,
        },
    }


def account_view(
    onefichier: OneFichier, person_id: int, account: EmulatedAccount, standing: Standing
) -> Json:
    stored = account.stored_bytes
    return {
        "person": person_id,
        "email": account.email,
        "key": account.key,
        "offer": _OFFERS[account.offer],
        "until": account.subscription_end[:10] if account.is_customer else None,
        "standing": standing,
        "used": max(stored, account.cold_storage),
        "allowed": account.allowed_cold_storage,
        "folders": [
            {"id": folder.id, "name": folder.name, "parent": folder.parent_id}
            for folder in account.folders.values()
        ],
        "files": [
            {
                "id": file.id,
                "name": file.name,
                "size": file.size,
                "stored_at": file.stored_at,
                "folder": file.folder_id,
                "url": file.url,
                "password": bool(file.password),
            }
            for file in onefichier.listed(account, None)
        ],
        "arriving": [
            {"id": upload.id, "received": upload.bytes_received, "whole": upload.received is not None}
            for upload in onefichier.uploads.uploads.values()
            if upload.account is account and _is_under_way(onefichier, upload)
        ],
        "remotes": _remotes_view(onefichier, account),
    }


def weather_view(weather: Weather) -> Json:
    return {
        "bytes_per_second": weather.bytes_per_second,
        "flood_until": weather.flood_until,
        "rest_until": weather.rest_until,
        "down": weather.down,
        "reports_held": weather.reports_held,
    }


def process_view(keeper: BotKeeper) -> Json:
    return {
        "condition": keeper.condition,
        "pid": keeper.pid,
        "since": keeper.since,
        "starts": keeper.starts,
        "exit_code": keeper.exit_code,
    }


def _file_view(payload: Json) -> Json | None:
    if "photo" in payload and "live_photo" not in payload:
        largest = payload["photo"][-1]
        return {"kind": "photo", "id": largest["file_id"], "name": "", "size": largest.get("file_size")}
    for kind in _FILE_KINDS:
        if kind in payload:
            file = payload[kind]
            return {
                "kind": kind,
                "id": file["file_id"],
                "name": file.get("file_name", ""),
                "size": file.get("file_size"),
            }
    return None


def _origin_name(origin: Json | None) -> str | None:
    if origin is None:
        return None
    if origin["type"] == "hidden_user":
        return str(origin["sender_user_name"])
    return str(
        origin["chat"]["title"] if origin["type"] == "channel" else origin["sender_user"]["first_name"]
    )


def _button_view(button: Button) -> Json:
    """`value` is what a client needs to act on the button; callback data is not: only the bot is told."""
    value = button.value
    if button.kind == "callback":
        value = None
    elif button.kind == "copy_text":
        value = button.copy_text
    elif button.kind == "switch_inline_query_chosen_chat":
        value = {
            "query": value.get("query", ""),
            "kinds": [kind for kind, flag in _CHOSEN.items() if value.get(flag)],
        }
    return {"text": button.text, "kind": button.kind, "style": button.style, "value": value}


def _is_under_way(onefichier: OneFichier, upload: Upload) -> bool:
    """On the line, or whole and not yet shown in a listing."""
    if upload.arriving or upload.stored is None:
        return upload.arriving or upload.received is not None
    return any(file.listed_at > onefichier.now() for file in upload.stored)


def _remotes_view(onefichier: OneFichier, account: EmulatedAccount) -> list[Json]:
    remotes = onefichier.remotes
    return [
        {
            "id": task.id,
            "urls": task.urls,
            "requested_at": task.requested_at,
            "running": remotes.is_pending(task),
            "results": []
            if remotes.is_pending(task)
            else [{"ok": bool(each["download_link"]), "message": each["message"]} for each in task.result],
        }
        for task in remotes.of(account)[:_REMOTES_SHOWN]
    ]
