"""Erasing everything."""

from datetime import timedelta

from emulators.user import Group
from storage import IncomingFile
from tests.handlers.world import World

QUESTION = "❓ Erase your key and everything I know about you?"


async def keep_file(world: World) -> None:
    file = IncomingFile(world.person.id, 500, "f", "u", "document", "a", "a.bin", 5)
    await world.services.uploads.accept(world.person.id, file, sent_at=world.clock.now())


async def test_it_asks_first_and_names_what_will_stop(world: World) -> None:
    await world.log_in()
    question = await world.tell("/logout")
    assert question.text == f"{QUESTION}\nYour files on 1fichier stay where they are."
    assert question.button("Erase").style == "danger"
    await keep_file(world)
    question = await world.tell("/logout")
    assert "1 running upload will stop. Your files on 1fichier stay where they are." in question.text


async def test_erase_leaves_nothing_of_the_person(world: World) -> None:
    await world.log_in()
    await keep_file(world)
    question = await world.tell("/logout")
    assert await world.press("Erase") == ""
    assert question.text == (
        "✅ Erased: your key, your list of uploads and your settings.\n"
        "The key itself still exists at 1fichier; you can cancel it there. /login starts again."
    )
    assert question.buttons == []
    for table in ("person", "account", "transfer", "batch", "question", "outbox"):
        assert await world.database.fetch_all(f"SELECT * FROM {table}") == [], table


async def test_who_cannot_be_told_below_the_question_is_told_above_it(world: World) -> None:
    """The question went with all else, so no second try could tell it."""
    await world.log_in()
    await world.tell("/logout")
    world.api.faults.add(method="editMessageText", status=429, retry_after=600)
    assert await world.press("Erase") == "✅ Erased: your key, your list of uploads and your settings."
    assert await world.services.people.find(world.person.id) is None


async def test_keep_keeps_it(world: World) -> None:
    await world.log_in()
    question = await world.tell("/logout")
    await world.press("Keep")
    assert question.text == "Nothing erased. Your key is still here."
    assert await world.services.people.account_in_use(world.person.id) is not None


async def test_a_second_press_is_harmless(world: World) -> None:
    await world.log_in()
    question = await world.tell("/logout")
    keep = question.button("Keep")
    erase = question.button("Erase")
    await world.press("Keep")
    press = world.person.press(erase, question)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "Already done."
    press = world.person.press(keep, question)
    await world.handle()
    assert await world.services.people.account_in_use(world.person.id) is not None


async def test_a_press_after_everything_was_erased_is_harmless(world: World) -> None:
    await world.log_in()
    question = await world.tell("/logout")
    erase = question.button("Erase")
    await world.press("Erase")
    press = world.person.press(erase, question)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "That’s too old. Send the command again."


async def test_the_question_is_too_old_after_a_day(world: World) -> None:
    await world.log_in()
    await world.tell("/logout")
    await world.clock.advance(timedelta(days=1).total_seconds())
    assert await world.press("Erase") == "That’s too old. Send the command again."
    assert await world.services.people.account_in_use(world.person.id) is not None


async def test_nobody_else_can_press_it(world: World) -> None:
    await world.log_in()
    eve = world.somebody()
    group = Group(world.api, -500, "Friends", [world.person, eve])
    world.person.in_group(group).say("/logout@onefichier_test_bot")
    await world.handle()
    press = eve.in_group(group).press("Erase")
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "This button isn’t yours."
    assert await world.services.people.account_in_use(world.person.id) is not None


async def test_cancel_answers_it_with_no(world: World) -> None:
    await world.log_in()
    question = await world.tell("/logout")
    assert (await world.tell("/cancel")).text == "Cancelled."
    assert question.text == "Nothing erased. Your key is still here."
    assert question.buttons == []


async def test_cancel_answers_it_although_it_was_deleted(world: World) -> None:
    await world.log_in()
    world.person.delete(await world.tell("/logout"))
    assert (await world.tell("/cancel")).text == "Cancelled."
    assert (await world.tell("/cancel")).text == "Nothing to cancel. /jobs shows what is running."
