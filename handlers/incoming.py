"""What handlers rely on in an update. python-telegram-bot hands on whatever types it is given, and would let them find out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

# The database keeps 64 bits. Telegram's ids have at most 52.
_END_OF_NUMBERS: Final = 2**63
Number = Annotated[int, Field(gt=-_END_OF_NUMBERS, lt=_END_OF_NUMBERS)]
Count = Annotated[int, Field(ge=0, lt=_END_OF_NUMBERS)]
# Telegram's dates are Unix seconds of 32 bits; later ones have no place in a calendar of the year 9999.
Moment = Annotated[int, Field(ge=0, lt=2**32)]

_ENCODING: Final = "utf-16-le"


class _Part(BaseModel):
    """Fields that no handler looks at may be anything."""

    # Built with the first message: most of a start's time goes to what is imported.
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True, defer_build=True)


class _User(_Part):
    id: Number
    is_bot: bool
    username: str | None = None
    language_code: str | None = None


class _Chat(_Part):
    id: Number
    type: str


class _Entity(_Part):
    type: str
    offset: Count
    length: Count
    url: str | None = None


class _File(_Part):
    file_id: str
    file_unique_id: str
    file_size: Count | None = None
    file_name: str | None = None
    mime_type: str | None = None
    width: Count | None = None
    height: Count | None = None
    title: str | None = None
    performer: str | None = None


class _Channel(_Part):
    title: str
    username: str | None = None


class _ForwardOrigin(_Part):
    type: Literal["channel"]
    chat: _Channel


class _OtherOrigin(_Part):
    """Of a person or a group, which no handler looks at."""

    type: Literal["user", "hidden_user", "chat"]


class _Said(_Part):
    """With what `handlers.attachments` looks for, here and in what is replied to."""

    message_id: Number
    date: Moment
    chat: _Chat
    sender: _User | None = Field(default=None, validation_alias="from")
    via_bot: _User | None = None
    text: str | None = None
    entities: list[_Entity] | None = None
    caption: str | None = None
    caption_entities: list[_Entity] | None = None
    reply_to_message: "_Said | None" = None
    forward_origin: _ForwardOrigin | _OtherOrigin | None = None
    animation: _File | None = None
    live_photo: _File | None = None
    video: _File | None = None
    audio: _File | None = None
    voice: _File | None = None
    video_note: _File | None = None
    sticker: _File | None = None
    document: _File | None = None
    photo: list[_File] | None = None

    @model_validator(mode="after")
    def _entities_mark_text(self) -> Self:
        """Offsets count in UTF-16, and half a character cannot be read."""
        for text, entities in ((self.text, self.entities), (self.caption, self.caption_entities)):
            if entities and text is None:
                raise ValueError("entities of no text")
            units = (text or "").encode(_ENCODING)
            for entity in entities or ():
                units[2 * entity.offset : 2 * (entity.offset + entity.length)].decode(_ENCODING)
        return self


class _Message(_Said):
    migrate_from_chat_id: Number | None = None
    migrate_to_chat_id: Number | None = None


class _Press(_Part):
    id: str
    sender: _User = Field(validation_alias="from")
    message: _Said | None = None
    data: str | None = None


class _Member(_Part):
    status: str


class _Membership(_Part):
    chat: _Chat
    sender: _User = Field(validation_alias="from")
    new_chat_member: _Member


class _InlineQuery(_Part):
    id: str
    sender: _User = Field(validation_alias="from")
    query: str
    offset: str


class _ChosenInlineResult(_Part):
    result_id: str
    sender: _User = Field(validation_alias="from")
    query: str


class _Update(_Part):
    message: _Message | None = None
    callback_query: _Press | None = None
    my_chat_member: _Membership | None = None
    inline_query: _InlineQuery | None = None
    chosen_inline_result: _ChosenInlineResult | None = None


@dataclass(frozen=True)
class Origin:
    """Where an update came from, and from whom, as far as that can be told."""

    chat_id: int | None
    person_id: int | None
    language_code: str | None


def origin_of(update: Mapping[str, Any]) -> Origin:
    """The update may be as odd as it likes."""
    pressed = _object(update, "callback_query")
    message = _object(update, "message") or _object(pressed, "message")
    sender = _object(pressed, "from") or _object(message, "from")
    language_code = sender.get("language_code")
    return Origin(
        chat_id=_number(_object(message, "chat").get("id")),
        person_id=_number(sender.get("id")),
        language_code=language_code if isinstance(language_code, str) else None,
    )


def _number(value: object) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _END_OF_NUMBERS
    return value if isinstance(value, int) and is_number else None


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def is_readable(update: Mapping[str, Any]) -> bool:
    """Whether everything that a handler may look at is what the Bot API documents."""
    try:
        _Update.model_validate(update)
    except (ValidationError, RecursionError):
        return False
    return True
