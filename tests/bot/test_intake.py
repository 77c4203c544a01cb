import json
from typing import Any

import pytest

from bot.intake import Intake
from bot.metrics import Metrics
from storage import Database, InboxStore, StorageError
from tests.clock import FakeClock


class Arrivals:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def intake(inbox: InboxStore, arrivals: Arrivals, metrics: Metrics) -> Intake:
    return Intake(inbox, clock=FakeClock(), metrics=metrics, overtaking_prefixes=("x:",), arrived=arrivals)


def message(update_id: int = 1, **fields: Any) -> dict[str, Any]:
    return {"update_id": update_id, "message": {"chat": {"id": 7}, "from": {"id": 5}, **fields}}


def press(data: object) -> dict[str, Any]:
    return {
        "update_id": 1,
        "callback_query": {"from": {"id": 5}, "message": {"chat": {"id": 7}}, "data": data},
    }


@pytest.mark.parametrize(
    ("delivery", "lane"),
    [
        pytest.param(message(), "chat:7", id="message"),
        pytest.param(press("a"), "chat:7", id="press"),
        pytest.param(
            {"update_id": 1, "my_chat_member": {"chat": {"id": -100}, "from": {"id": 5}}},
            "chat:-100",
            id="member",
        ),
        pytest.param(
            {"update_id": 1, "callback_query": {"from": {"id": 5}}}, "user:5", id="press without its message"
        ),
        pytest.param({"update_id": 1, "inline_query": {"from": {"id": 5}}}, "inline:5", id="inline query"),
        pytest.param(
            {"update_id": 1, "chosen_inline_result": {"from": {"id": 5}}}, "user:5", id="what was picked"
        ),
        pytest.param(
            {"update_id": 1, "message": {"chat": "odd", "from": {"id": 5}}}, "user:5", id="odd chat"
        ),
        pytest.param({"update_id": 1, "message": ["odd"]}, "none", id="odd message"),
        pytest.param({"update_id": 1}, "none", id="nothing else"),
    ],
)
def test_the_lane_is_the_chat_or_else_the_person(intake: Intake, delivery: dict[str, Any], lane: str) -> None:
    update = intake.read(delivery)
    assert update is not None
    assert update.lane == lane
    assert json.loads(update.payload) == delivery


@pytest.mark.parametrize(
    ("delivery", "overtakes"),
    [
        pytest.param(message(text="/cancel"), True, id="cancel"),
        pytest.param(message(text="/cancel@some_bot now"), True, id="cancel by name"),
        pytest.param(message(text="/cancelled"), False, id="another command"),
        pytest.param(message(text="please /cancel"), False, id="cancel within"),
        pytest.param(message(text=["/cancel"]), False, id="odd text"),
        pytest.param(message(), False, id="no text"),
        pytest.param(press("x:12"), True, id="cancel button"),
        pytest.param(press("d:12"), False, id="another button"),
        pytest.param(press(None), False, id="no data"),
    ],
)
def test_what_cancels_overtakes(intake: Intake, delivery: dict[str, Any], overtakes: bool) -> None:
    update = intake.read(delivery)
    assert update is not None
    assert update.overtakes is overtakes


@pytest.mark.parametrize(
    "delivery",
    [
        None,
        [],
        "text",
        5,
        {},
        {"update_id": "5"},
        {"update_id": True},
        {"update_id": 2**63},
        {"update_id": 1.5},
    ],
    ids=repr,
)
async def test_what_is_no_update_is_left_out_with_a_line_that_does_not_quote_it(
    intake: Intake, inbox: InboxStore, delivery: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert await intake.accept([delivery, message(6)]) == 1
    assert await inbox.depth() == 1
    assert "no update" in caplog.text
    assert "text" not in caplog.text


async def test_half_a_character_is_written_down_as_one_that_can_be_kept(
    intake: Intake, inbox: InboxStore
) -> None:
    update = intake.read(message(text="a\ud83d/\U0001f600"))
    assert update is not None
    assert json.loads(update.payload)["message"]["text"] == "a?/\U0001f600"


async def test_what_cannot_be_written_down_is_left_out(intake: Intake, inbox: InboxStore) -> None:
    nested: Any = 1
    for _ in range(100_000):
        nested = [nested]
    assert await intake.accept([message(1, text=nested), message(2, text=10**5_000), message(3)]) == 1
    assert await inbox.depth() == 1


async def test_only_something_new_wakes_and_counts(
    intake: Intake, arrivals: Arrivals, metrics: Metrics
) -> None:
    await intake.accept([message(1), message(2)])
    await intake.accept([message(1), message(2)])
    await intake.accept([])
    assert arrivals.count == 1
    assert metrics.registry.get_sample_value("bot_updates_received_total") == 2
    assert metrics.registry.get_sample_value("bot_updates_repeated_total") == 2


async def test_an_inbox_that_cannot_be_written_is_an_error_of_the_caller(
    intake: Intake, database: Database, arrivals: Arrivals
) -> None:
    await database.execute("DROP TABLE inbox")
    with pytest.raises(StorageError):
        await intake.accept([message()])
    assert arrivals.count == 0
