"""Accounts added to the first one, and new keys for those that are there."""

from datetime import timedelta

from handlers.accounts import MOST_ACCOUNTS
from tests.handlers.accounts import accounts_of, in_use, page, sent, two
from tests.handlers.world import World

A_DAY = timedelta(days=1)


async def test_another_account_is_added_and_is_in_use_then(world: World) -> None:
    first, second = await world.log_in(), world.fichier.add_account()
    assert second.key is not None
    message = await page(world)
    assert message.html == "<b>Accounts</b>\n<b>Account 1</b> · in use"
    await world.press("Add an account", message)
    question = world.person.chat.last
    assert question.text.startswith("🔑 Send me the API key of the other account in your next message.")
    assert question.force_reply is not None
    said = world.person.say(second.key)
    await world.handle()
    assert said.deleted
    answer = world.person.chat.last
    assert answer.html.splitlines()[:2] == [
        "✅ Your key works. I’ve deleted your message.",
        "It is the key of <b>Account 2</b>.",
    ]
    assert "New files go to 📁 <b>Main folder</b> · <b>Account 2</b>" in answer.html
    result = await sent(world)
    assert result.text.splitlines()[-1] == "📁 Main folder · Account 2"
    assert (len(first.files), len(second.files)) == (0, 1)


async def test_login_renews_the_account_in_use_and_offers_another(world: World) -> None:
    emulated = await world.log_in()
    message = await world.tell("/login")
    assert message.text.startswith("🔑 Send me your new API key in your next message.")
    await world.tell(world.fichier.rotate_key(emulated))
    assert [each.number for each in await accounts_of(world)] == [1]
    other = world.fichier.add_account()
    await world.tell("/login")
    await world.press("Another account")
    await world.tell(other.key or "")
    assert [each.number for each in await accounts_of(world)] == [1, 2]


async def test_login_names_the_account_that_is_renewed(world: World) -> None:
    _, second = await two(world)
    message = await world.tell("/login")
    assert message.html.startswith("🔑 Send me the new API key of <b>Account 2</b> in your next message.")
    await world.tell(world.fichier.rotate_key(second))
    assert len(await accounts_of(world)) == 2
    assert world.services.people.key(await in_use(world)) == second.key


async def test_a_key_that_is_there_already_is_not_a_second_account(world: World) -> None:
    first, _ = await two(world)
    message = await page(world)
    await world.press("Add an account", message)
    await world.tell(first.key or "")
    assert "You had this account already: it is Account 1." in world.person.chat.last.text
    assert len(await accounts_of(world)) == 2
    assert (await in_use(world)).number == 1


async def test_a_wrong_key_adds_nothing(world: World) -> None:
    await two(world)
    await page(world, "Add an account")
    assert "doesn’t accept this key. I’ve kept nothing." in (await world.tell("wrong")).text
    assert len(await accounts_of(world)) == 2


async def test_the_key_handled_twice_adds_one_account(world: World) -> None:
    await world.log_in()
    other = world.fichier.add_account()
    await page(world, "Add an account")
    world.person.say(other.key or "")
    raw = dict(world.api.updates.pending[-1])
    await world.handle()
    await world.services.questions.ask(
        world.person.id,
        world.person.id,
        "api_key",
        {"another": True},
        now=world.clock.now(),
        lifetime=A_DAY,
        awaits_text=True,
    )
    world.api.updates.push("message", raw["message"])
    await world.handle()
    assert len(await accounts_of(world)) == 2


async def test_so_many_accounts_are_enough(world: World) -> None:
    await world.log_in()
    for number in range(MOST_ACCOUNTS - 1):
        await world.services.account_rows.add(world.person.id, f"key {number}", world.clock.now())
    message = await world.tell("/settings")
    await world.press("Accounts", message)
    assert not message.has_button("Add an account")
    await world.tell("/login")
    assert await world.press("Another account") == f"I keep {MOST_ACCOUNTS} accounts at most."


async def test_a_key_that_nobody_asked_for_is_deleted_and_not_kept(world: World) -> None:
    _, second = await two(world)
    before = [each.sealed_key for each in await accounts_of(world)]
    message = world.person.say(world.fichier.rotate_key(second))
    await world.handle()
    assert message.deleted
    assert world.person.chat.last.text == (
        "🔑 That looks like a key, and you have several accounts: I’ve kept nothing.\n"
        "Send /login for the account in use, or choose another one in /settings."
    )
    assert [each.sealed_key for each in await accounts_of(world)] == before
