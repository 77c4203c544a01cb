"""Whether the server would take a keyboard that has the right shape."""

import re
from typing import Any
from urllib.parse import urlsplit

from emulators.botapi.errors import bad_request

MAX_CALLBACK_DATA_BYTES = 64
MAX_COPIED_CHARACTERS = 256
MAX_PLACEHOLDER_CHARACTERS = 64
MAX_BUTTONS = 100
MAX_BUTTONS_IN_ROW = 8
STYLES = frozenset({"primary", "success", "danger"})

ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def check_reply_markup(markup: dict[str, Any]) -> None:
    """Raises ApiError with the server's text for the first thing it would refuse."""
    if "inline_keyboard" in markup:
        _check_size(markup["inline_keyboard"])
        for row in markup["inline_keyboard"]:
            for button in row:
                _check_inline_button(button)
    elif "keyboard" in markup:
        _check_size(markup["keyboard"])
        for row in markup["keyboard"]:
            for button in row:
                _check_text_and_style(button, "keyboard button text must be non-empty")
    placeholder = markup.get("input_field_placeholder", "")
    if len(placeholder) > MAX_PLACEHOLDER_CHARACTERS:
        raise bad_request("input field placeholder is too long")


def _check_size(rows: list[list[dict[str, Any]]]) -> None:
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_BUTTONS_IN_ROW for row in rows):
        raise bad_request("REPLY_MARKUP_TOO_LONG")


def _check_text_and_style(button: dict[str, Any], empty: str) -> None:
    if not button["text"].strip():
        raise bad_request(empty)
    if button.get("style", "primary") not in STYLES:
        raise bad_request("invalid button style specified")


def _check_inline_button(button: dict[str, Any]) -> None:
    _check_text_and_style(button, "inline keyboard button text must be non-empty")
    actions = [name for name in ACTIONS if name in button]
    if not actions:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("inline keyboard button must have exactly one action")
    if (
        "callback_data" in button
        and not 1 <= len(button["callback_data"].encode()) <= MAX_CALLBACK_DATA_BYTES
    ):
        raise bad_request("BUTTON_DATA_INVALID")
    if "copy_text" in button and not 1 <= len(button["copy_text"]["text"]) <= MAX_COPIED_CHARACTERS:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    if "url" in button:
        _check_url(button["url"])


def _check_url(url: str) -> None:
    if not url:
        raise bad_request("inline keyboard button URL must be non-empty")
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL") from None
    if parts.scheme == "tg":
        return
    if parts.scheme not in {"http", "https"}:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)+|\[?[0-9a-fA-F:]+\]?", host):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
