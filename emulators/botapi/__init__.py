"""A Telegram Bot API server that behaves as documented, strict by the specification beside it."""

from emulators.botapi.app import BotApi
from emulators.botapi.chats import Button, Chat, ChatAction, Edit, SeenMessage
from emulators.botapi.content import BytesContent, Content, PathContent, VirtualFile, checksum
from emulators.botapi.errors import ApiError
from emulators.botapi.faults import DownloadFault, Fault, Faults
from emulators.botapi.parameters import Upload
from emulators.botapi.specification import Specification, specification
from emulators.botapi.state import CallbackAnswer
from emulators.botapi.transcript import Call

__all__ = [
    "ApiError",
    "BotApi",
    "Button",
    "BytesContent",
    "Call",
    "CallbackAnswer",
    "Chat",
    "ChatAction",
    "Content",
    "DownloadFault",
    "Edit",
    "Fault",
    "Faults",
    "PathContent",
    "SeenMessage",
    "Specification",
    "Upload",
    "VirtualFile",
    "checksum",
    "specification",
]
