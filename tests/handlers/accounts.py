"""Several accounts of one person, and what is done with them."""

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount
from storage import Account
from tests.handlers.flow import everything_running
from tests.handlers.world import World


async def accounts_of(world: World) -> list[Account]:
    return await world.services.account_rows.of(world.person.id)


async def in_use(world: World) -> Account:
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    return account


async def page(world: World, *presses: str) -> SeenMessage:
    """The page of accounts, or what is found behind buttons there."""
    message = await world.tell("/settings")
    for words in ("Accounts", *presses):
        await world.press(words, message)
    return message


async def two(world: World) -> tuple[EmulatedAccount, EmulatedAccount]:
    """Two accounts, of which the second is in use."""
    first, second = await world.log_in(), world.fichier.add_account()
    assert second.key is not None
    await world.services.accounts.log_in(world.person.id, second.key, another=True)
    return first, second


async def sent(world: World, name: str = "a.txt") -> SeenMessage:
    """The result of a file."""
    message = world.person.send_file(name=name, size=10)
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅", after=message)
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳", after=message))
    return result
