from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet

from storage import Question, QuestionStore, Vault
from tests.storage.conftest import NOON, Stores, after

LIFETIME = timedelta(minutes=10)


async def ask(
    stores: Stores, kind: str = "delete", *, chat: int = 1, person: int = 1, **more: Any
) -> Question:
    await stores.people.meet(person, "en", NOON)
    subject = more.pop("subject", {"links": ["abc"]})
    return await stores.questions.ask(person, chat, kind, subject, now=NOON, lifetime=LIFETIME, **more)


async def test_a_question_comes_out_as_it_was_asked(stores: Stores) -> None:
    asked = await ask(stores, subject={"links": ["abc", "été"], "page": 2})
    assert (asked.kind, asked.subject, asked.answered) == (
        "delete",
        {"links": ["abc", "été"], "page": 2},
        False,
    )
    assert asked.until == NOON + LIFETIME
    assert asked.message_id is None
    await stores.questions.placed(asked.id, 70)
    found = await stores.questions.find(asked.id, 1)
    assert found is not None
    assert found.message_id == 70


async def test_what_it_is_about_cannot_be_read_in_the_file(stores: Stores) -> None:
    await ask(stores, subject={"url": "https://planted-88"})
    assert await stores.database.erase_traces()
    assert b"planted-88" not in stores.database.path.read_bytes()


async def test_only_who_was_asked_can_answer(stores: Stores) -> None:
    asked = await ask(stores, chat=-5)
    assert await stores.questions.find(asked.id, 2) is None
    assert await stores.questions.belongs_to_another(asked.id, 2)
    assert not await stores.questions.belongs_to_another(asked.id, 1)
    assert not await stores.questions.belongs_to_another(404, 1)


async def test_it_is_answered_once(stores: Stores) -> None:
    asked = await ask(stores)
    assert await stores.questions.answer(asked.id)
    assert not await stores.questions.answer(asked.id)
    found = await stores.questions.find(asked.id, 1)
    assert found is not None
    assert found.answered


async def test_the_next_text_answers_the_newest_question_that_awaits_one(stores: Stores) -> None:
    first = await ask(stores, "api_key", awaits_text=True)
    second = await ask(stores, "search", awaits_text=True)
    await ask(stores, "delete")
    await ask(stores, "api_key", chat=-5, awaits_text=True)
    awaiting = await stores.questions.awaiting_text(1, 1, NOON)
    assert awaiting is not None
    assert awaiting.id == second.id
    assert await stores.questions.find(first.id, 1) is None
    assert await stores.questions.awaiting_text(2, 1, NOON) is None


async def test_an_answered_or_old_question_awaits_nothing(stores: Stores) -> None:
    asked = await ask(stores, "api_key", awaits_text=True)
    assert await stores.questions.awaiting_text(1, 1, after(600)) is None
    assert await stores.questions.latest_open(1, 1, after(600)) is None
    await stores.questions.answer(asked.id)
    assert await stores.questions.awaiting_text(1, 1, NOON) is None


async def test_the_latest_open_question_is_what_cancel_means(stores: Stores) -> None:
    first, second = await ask(stores), await ask(stores, "rename")
    latest = await stores.questions.latest_open(1, 1, NOON)
    assert latest is not None
    assert latest.id == second.id
    await stores.questions.answer(second.id)
    latest = await stores.questions.latest_open(1, 1, NOON)
    assert latest is not None
    assert latest.id == first.id


async def test_a_question_that_no_key_opens_is_as_good_as_gone(stores: Stores) -> None:
    asked = await ask(stores, awaits_text=True)
    other = QuestionStore(stores.database, Vault([Fernet.generate_key().decode()]))
    assert await other.find(asked.id, 1) is None
    assert await other.awaiting_text(1, 1, NOON) is None


async def test_pruning_drops_old_questions(stores: Stores) -> None:
    asked = await ask(stores)
    assert await stores.questions.prune(NOON + LIFETIME) == 0
    assert await stores.questions.prune(NOON + LIFETIME + timedelta(seconds=1)) == 1
    assert await stores.questions.find(asked.id, 1) is None


async def test_what_a_question_is_about_may_change(stores: Stores) -> None:
    await stores.person(1)
    question = await stores.questions.ask(1, 1, "list", {"chosen": []}, now=NOON, lifetime=timedelta(1))
    await stores.questions.change(question.id, 2, {"chosen": ["theirs"]})
    await stores.questions.change(question.id, 1, {"chosen": ["a"]})
    found = await stores.questions.find(question.id, 1)
    assert found is not None
    assert found.subject == {"chosen": ["a"]}


def test_what_an_answer_will_be_about_stays_out_of_logs() -> None:
    """It may be a password, or a URL that has one."""
    question = Question(
        id=1,
        person_id=42,
        chat_id=42,
        kind="copy_protected",
        subject={"password": "planted-secret"},
        answered=False,
        message_id=None,
        until=NOON,
    )
    assert "planted-secret" not in repr(question)
