"""What the bot says about itself: commands and descriptions, by scope and language."""

import re
from typing import Any

from emulators.botapi.errors import bad_request
from emulators.botapi.methods.registry import Handler, Parameters
from emulators.botapi.state import State, scope_key

MAX_COMMANDS = 100
MAX_COMMAND_DESCRIPTION_CHARACTERS = 256
MAX_DESCRIPTION_CHARACTERS = 512
MAX_SHORT_DESCRIPTION_CHARACTERS = 120

_COMMAND = re.compile(r"/?[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")


def _language(parameters: Parameters) -> str:
    language: str = parameters.get("language_code", "")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def _scope(parameters: Parameters) -> tuple[str, str]:
    scope = parameters.get("scope") or {"type": "default"}
    return scope_key(scope), _language(parameters)


async def set_my_commands(state: State, parameters: Parameters) -> bool:
    commands: list[dict[str, Any]] = parameters["commands"]
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= MAX_COMMAND_DESCRIPTION_CHARACTERS:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    state.profile.commands[_scope(parameters)] = commands
    state.changes.announce()
    return True


async def get_my_commands(state: State, parameters: Parameters) -> list[dict[str, Any]]:
    return state.profile.commands.get(_scope(parameters), [])


async def delete_my_commands(state: State, parameters: Parameters) -> bool:
    state.profile.commands.pop(_scope(parameters), None)
    state.changes.announce()
    return True


async def set_my_description(state: State, parameters: Parameters) -> bool:
    description = parameters.get("description", "")
    if len(description) > MAX_DESCRIPTION_CHARACTERS:
        raise bad_request("BOT_DESCRIPTION_TOO_LONG")
    state.profile.descriptions[_language(parameters)] = description
    return True


async def get_my_description(state: State, parameters: Parameters) -> dict[str, Any]:
    return {"description": state.profile.descriptions.get(_language(parameters), "")}


async def set_my_short_description(state: State, parameters: Parameters) -> bool:
    description = parameters.get("short_description", "")
    if len(description) > MAX_SHORT_DESCRIPTION_CHARACTERS:
        raise bad_request("BOT_SHORT_DESCRIPTION_TOO_LONG")
    state.profile.short_descriptions[_language(parameters)] = description
    return True


async def get_my_short_description(state: State, parameters: Parameters) -> dict[str, Any]:
    return {"short_description": state.profile.short_descriptions.get(_language(parameters), "")}


METHODS: dict[str, Handler] = {
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyDescription": set_my_description,
    "getMyDescription": get_my_description,
    "setMyShortDescription": set_my_short_description,
    "getMyShortDescription": get_my_short_description,
}
