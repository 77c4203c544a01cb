"""The account in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.quota import quota_text
from handlers.texts import texts_for
from onefichier import AccountInfo
from storage import FactKind
from tests.handlers.world import World
from transfers import AccountView

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
USUAL: dict[str, Any] = {
    "offer": 1,
    "subscription_end": "2027-01-31 12:00:00",
    "hot_storage": 1_500_000_000,
    "cold_storage": 300_000_000_000,
    "allowed_cold_storage": 2_000_000_000_000,
    "stats_date": "2026-03-01 04:00:00",
}


def shown(**differing: Any) -> str:
    info = AccountInfo.model_validate(USUAL | differing)
    return quota_text(texts_for("en"), AccountView(info, NOW), NOW)


def test_an_ordinary_account() -> None:
    assert shown() == (
        "📊 301.5 GB used of 2 TB (15%)\n"
        "▓░░░░░░░░░ 1.7 TB free\n"
        "Cold, unused for 60 days: 300 GB · hot: 1.5 GB\n"
        "\n"
        "Premium until 31 January 2027\n"
        "1fichier’s figures of 03:00 (UTC)"
    )


@pytest.mark.parametrize(
    ("differing", "line"),
    [
        pytest.param({"offer": 0}, "Free account", id="free"),
        pytest.param({"offer": 2, "subscription_end": None}, "Access", id="access-without-end"),
        pytest.param({"offer": 3}, "Premium Gold until 31 January 2027", id="gold"),
        pytest.param({"offer": 7}, "Offer number 7 until 31 January 2027", id="unheard-of"),
        pytest.param({"cdn": "12.5"}, "CDN credit: 12.5 GB", id="cdn"),
        pytest.param({"cdn": "999999999.9"}, "CDN credit: 1,000,000 TB", id="cdn-without-measure"),
        pytest.param({"extended_quota": "2"}, "Bought in addition: 2 TB", id="extended"),
        pytest.param(
            {"extended_quota": "999999999"},
            "Bought in addition: 999,999,999 TB",
            id="extended-without-measure",
        ),
        pytest.param(
            {"extended_quota": "2", "extended_quota_end": "2026-12-31 12:00:00"},
            "Bought in addition: 2 TB until 31 December 2026",
            id="extended-for-a-time",
        ),
        pytest.param({"allowed_cold_storage": 0}, "📊 301.5 GB used", id="no-quota-named"),
        pytest.param({"stats_date": None}, "As of 12:00 (UTC)", id="figures-without-a-date"),
        pytest.param({"hot_storage": 9 * 10**12}, "▓▓▓▓▓▓▓▓▓▓ 0 bytes free", id="more-than-all"),
    ],
)
def test_what_only_some_accounts_show(differing: dict[str, Any], line: str) -> None:
    assert line in shown(**differing).splitlines()


@pytest.mark.parametrize(
    ("differing", "first"),
    [
        (
            {"upload_forbidden": "YES", "overquota": 1},
            "⚠️ 1fichier takes no uploads from you at the moment: your storage is full.",
        ),
        ({"upload_forbidden": 1}, "⚠️ 1fichier takes no uploads from you at the moment."),
        ({"overquota": "1"}, "⚠️ You use more than your quota: if it stays so, 1fichier deletes files."),
    ],
    ids=["full", "forbidden", "over"],
)
def test_a_warning_stands_first(differing: dict[str, Any], first: str) -> None:
    assert shown(**differing).splitlines()[0] == first


async def test_quota_is_answered_from_1fichier(world: World) -> None:
    account = await world.log_in()
    account.cold_storage = 300_000_000_000
    answer = await world.tell("/quota")
    assert answer.text.startswith("📊 300 GB used of 2 TB (15%)")
    assert answer.silent


async def test_what_was_asked_a_minute_ago_is_not_asked_again(world: World) -> None:
    await world.log_in()
    first = await world.tell("/quota")
    await world.clock.advance(60)
    second = await world.tell("/quota")
    assert second.text == first.text
    assert [call.endpoint for call in world.fichier.calls].count("user/info.cgi") == 1


async def test_without_a_budget_it_says_when_and_answers_by_itself(world: World) -> None:
    other = world.somebody()
    await world.log_in(other)
    await world.log_in()
    other.say("/quota")
    await world.handle()
    answer = await world.tell("/quota")
    assert answer.text == (
        "⏸ I can ask 1fichier again at about 12:01 (UTC).\nI’ll tell you then; you needn’t do anything."
    )
    due = await world.services.outbox.due(world.clock.now() + timedelta(minutes=2), 10)
    assert [(fact.kind, fact.chat_id) for fact in due] == [(FactKind.ACCOUNT_INFO, world.person.id)]


async def test_without_a_key_it_says_what_is_missing(world: World) -> None:
    assert (await world.tell("/quota")).text == "🔑 I need your key for that.\nSend /login to give it to me."


async def test_a_key_that_was_refused_is_not_tried_again(world: World) -> None:
    await world.log_in()
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    await world.services.people.note_key_refused(account, world.clock.now())
    asked = len(world.fichier.calls)
    answer = await world.tell("/quota")
    assert answer.text == (
        "🔑 1fichier no longer accepts your key.\nNothing was changed. Send a new key with /login"
    )
    assert len(world.fichier.calls) == asked
    assert (await world.tell("/start")).text == answer.text


async def test_a_key_that_is_refused_now_is_told_of_once(world: World) -> None:
    emulated = await world.log_in()
    world.fichier.revoke_key(emulated)
    message = world.person.say("/quota")
    await world.handle()
    assert world.person.chat.last is message
    facts = await world.services.outbox.due(world.clock.now(), 10)
    assert [fact.kind for fact in facts] == [FactKind.KEY_REFUSED]


async def test_figures_of_before_say_that_there_are_no_newer_ones(world: World) -> None:
    await world.log_in()
    await world.tell("/quota")
    await world.clock.advance(301)
    world.fichier.faults.add("user/info.cgi", "cut", times=None)
    answer = await world.tell("/quota")
    assert answer.text.startswith("📊")
    assert answer.text.splitlines()[-2:] == [
        "1fichier’s figures of 12:00 (UTC)",
        "⚠️ 1fichier can’t be reached at the moment.",
    ]


async def test_an_unreachable_service_is_named(world: World) -> None:
    await world.log_in()
    world.fichier.faults.add("user/info.cgi", "cut", times=None)
    answer = await world.tell("/quota")
    assert answer.text == (
        "⚠️ 1fichier can’t be reached at the moment.\nNothing was changed. Try again in a few minutes."
    )
