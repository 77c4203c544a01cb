"""The account's offer, quota and use, within the limits of user/info."""

import pytest

from onefichier import KeyRefused, Offer, Waiting
from storage import Account, FactKind
from tests.transfers.world import ADA, World

USER_INFO = "user/info.cgi"
BOB = 43


class TestAccountInfo:
    async def test_is_asked_for_once_in_five_minutes(self, world: World, account: Account) -> None:
        first = await world.result(world.files.account_info(account))
        again = await world.result(world.files.account_info(account))
        assert first.info.offer is Offer.PREMIUM
        assert again.as_of == first.as_of
        assert len(world.calls(USER_INFO)) == 1

        await world.clock.advance(301)
        later = await world.result(world.files.account_info(account))
        assert later.as_of > first.as_of
        assert not world.fichier.limit_breaches

    async def test_waits_for_the_addresss_turn_and_answers_by_itself(
        self, world: World, account: Account
    ) -> None:
        bob = await world.log_in(BOB, world.fichier.add_account())
        await world.result(world.files.account_info(account))

        with pytest.raises(Waiting) as waiting:
            await world.result(world.files.account_info(bob))
        for _ in range(2):
            await world.files.tell_account_info_later(bob, BOB, waiting.value.until)

        [fact] = await world.facts(FactKind.ACCOUNT_INFO)
        assert (fact.person_id, fact.chat_id) == (BOB, BOB)
        assert await world.outbox.due(world.clock.now(), 10) == []
        await world.clock.advance(61)
        assert [due.id for due in await world.outbox.due(world.clock.now(), 10)] == [fact.id]
        assert (await world.result(world.files.account_info(bob))).info.offer is Offer.PREMIUM

    async def test_that_is_old_is_better_than_none(self, world: World, account: Account) -> None:
        first = await world.result(world.files.account_info(account))
        await world.clock.advance(400)
        world.fichier.faults.add(USER_INFO, "flood")

        assert (await world.result(world.files.account_info(account))).as_of == first.as_of

    async def test_keeps_no_address(self, world: World, account: Account) -> None:
        await world.result(world.files.account_info(account))

        [row] = await world.database.fetch_all("SELECT info FROM account")
        assert world.account.email not in row["info"]

    async def test_is_nobodys_after_a_logout(self, world: World, account: Account) -> None:
        await world.result(world.files.account_info(account))
        await world.process.accounts.log_out(ADA)

        with pytest.raises(KeyRefused):
            await world.result(world.files.account_info(account))
