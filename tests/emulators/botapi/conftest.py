from collections.abc import AsyncIterator

import httpx
import pytest

from emulators.botapi import BotApi
from emulators.user import Person
from tests.emulators.botapi.calling import TOKEN, Caller, Clock, valid_updates


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def api(clock: Clock) -> AsyncIterator[BotApi]:
    api = BotApi(token=TOKEN, clock=clock)
    yield api
    api.webhook.cancel()
    valid_updates(api)


@pytest.fixture
async def client(api: BotApi) -> AsyncIterator[httpx.AsyncClient]:
    """In process, without a connection."""
    transport = httpx.ASGITransport(app=api.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot-api") as client:
        yield client


@pytest.fixture
def call(client: httpx.AsyncClient) -> Caller:
    return Caller(client)


@pytest.fixture
async def wire(api: BotApi) -> AsyncIterator[httpx.AsyncClient]:
    """Over a real connection on loopback."""
    async with api.serve() as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        yield client


@pytest.fixture
def ada(api: BotApi) -> Person:
    """A person who has pressed Start."""
    person = Person(api, user_id=42, first_name="Ada", username="ada")
    person.say("/start")
    api.updates.drop()
    return person
