"""Everything the page shows, and what has changed in it since the last look, as server-sent events."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final, Protocol

from emulators.botapi import BotApi, SeenMessage
from emulators.onefichier import OneFichier
from emulators.page.keeper import BotKeeper
from emulators.page.presses import Presses
from emulators.page.scene import Scene
from emulators.page.searches import Searches
from emulators.page.standing import Standings
from emulators.page.views import (
    Json,
    account_view,
    chat_view,
    fixed_view,
    message_view,
    person_view,
    process_view,
    weather_view,
)
from emulators.page.weather import Weather

LOOK_SECONDS: Final = 0.2
"""Nobody announces that bytes arrive at 1fichier or that time passes: it is looked at so often."""

PING_SECONDS: Final = 15.0
"""So often at least something is written: a browser that is gone is noticed, and one that is there knows it."""

_PING: Final = ": still here\n\n"


class World(Protocol):
    """What there is to show."""

    api: BotApi
    onefichier: OneFichier
    scene: Scene
    weather: Weather
    keeper: BotKeeper
    presses: Presses
    searches: Searches
    standings: Standings
    site: str
    run: str


def whole_state(world: World) -> Json:
    """The state document of the control interface."""
    return {
        **fixed_view(world.api, world.site, world.run),
        "people": [person_view(world.scene, person_id) for person_id in world.scene.residents],
        "chats": [chat_view(world.api, world.scene, chat) for chat in world.scene.chats.values()],
        "messages": [
            message_view(message) for chat in world.scene.chats.values() for message in chat.visible
        ],
        "accounts": [
            account_view(world.onefichier, person_id, resident.account, world.standings.of(person_id))
            for person_id, resident in world.scene.residents.items()
        ],
        "weather": weather_view(world.weather),
        "process": process_view(world.keeper),
        "presses": world.presses.view(),
    }


class Observer:
    """Tells what is different from what it told before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._told: dict[tuple[str, Any], str] = {}
        self._messages: dict[tuple[int, int], tuple[Any, ...]] = {}

    def news(self) -> list[Json]:
        """Changes as `{"kind": …, "value": …}`; the kinds are keys of the state document in the singular, and `gone`."""
        return [*self._topics(), *self._message_news()]

    def _topics(self) -> Iterator[Json]:
        world = self._world
        for chat in world.scene.chats.values():
            yield from self._if_new("chat", chat.id, chat_view(world.api, world.scene, chat))
        for person_id, resident in world.scene.residents.items():
            standing = world.standings.of(person_id)
            account = account_view(world.onefichier, person_id, resident.account, standing)
            yield from self._if_new("account", person_id, account)
        yield from self._if_new("weather", None, weather_view(world.weather))
        yield from self._if_new("process", None, process_view(world.keeper))
        for press in world.presses.view():
            yield from self._if_new("press", press["id"], press)

    def _if_new(self, kind: str, key: Any, value: Json) -> Iterator[Json]:
        text = json.dumps(value)
        if self._told.get((kind, key)) != text:
            self._told[kind, key] = text
            yield {"kind": kind, "value": value}

    def _message_news(self) -> Iterator[Json]:
        for chat in self._world.scene.chats.values():
            for message in chat.messages:
                face = (len(message.edits), message.deleted, *message.reactions)
                if self._messages.get((chat.id, message.id)) == face:
                    continue
                told = (chat.id, message.id) in self._messages
                self._messages[chat.id, message.id] = face
                if not message.deleted:
                    yield {"kind": "message", "value": message_view(message)}
                elif told:
                    yield _gone(message)


def _gone(message: SeenMessage) -> Json:
    return {"kind": "gone", "value": {"chat": message.chat.id, "id": message.id}}


async def events(world: World) -> AsyncIterator[str]:
    """The whole state first, then every change, until the reader is gone."""
    observer = Observer(world)
    observer.news()
    yield _event({"kind": "state", "value": whole_state(world)})
    loop = asyncio.get_running_loop()
    written = loop.time()
    while True:
        count = world.api.changes.count
        for change in observer.news():
            written = loop.time()
            yield _event(change)
        if loop.time() - written > PING_SECONDS:
            written = loop.time()
            yield _PING
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await world.api.changes.after(count)


def _event(change: Json) -> str:
    return f"data: {json.dumps(change, separators=(',', ':'))}\n\n"
