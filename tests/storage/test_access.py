from datetime import timedelta

import pytest

from storage import AccessStore, Entry, Role
from tests.storage.conftest import NOON, Stores, after

WEEK = timedelta(days=7)


@pytest.fixture
def access(stores: Stores) -> AccessStore:
    return AccessStore(stores.database, stores.vault)


async def code_of(access: AccessStore, uses: int = 1, asked_by: str = "press 1") -> str:
    invitation = await access.invite(asked_by=asked_by, uses=uses, lifetime=WEEK, now=NOON)
    assert invitation.code is not None
    return invitation.code


async def test_nothing_is_noted_about_a_stranger(access: AccessStore) -> None:
    assert await access.role(5) is None


async def test_a_role_is_kept_and_the_last_one_stands(access: AccessStore) -> None:
    await access.set_role(5, Role.GUEST, NOON)
    await access.set_role(5, Role.BANNED, after(1))
    await access.set_role(6, Role.ADMIN, NOON)
    assert await access.role(5) is Role.BANNED
    assert await access.admins() == {6}
    assert [(each.person_id, each.role) for each in await access.admissions()] == [
        (5, Role.BANNED),
        (6, Role.ADMIN),
    ]


async def test_who_is_forgotten_is_a_stranger_again(access: AccessStore) -> None:
    await access.set_role(5, Role.BANNED, NOON)
    assert await access.forget(5)
    assert not await access.forget(5)
    assert await access.role(5) is None


async def test_an_invitation_lets_in_as_many_as_it_says(access: AccessStore) -> None:
    code = await code_of(access, uses=2)
    assert [await access.enter(code, number, NOON) for number in (5, 6, 7)] == [
        Entry.LET_IN,
        Entry.LET_IN,
        Entry.INVALID,
    ]
    assert [await access.role(number) for number in (5, 6, 7)] == [Role.GUEST, Role.GUEST, None]


async def test_an_invitation_opened_again_by_its_guest_is_not_used_up_further(access: AccessStore) -> None:
    code = await code_of(access, uses=2)
    assert [await access.enter(code, 5, NOON) for _ in range(3)] == [Entry.LET_IN] * 3
    assert [each.uses_left for each in await access.invitations(NOON)] == [1]


async def test_the_last_use_opened_again_after_a_crash_says_the_same(access: AccessStore) -> None:
    code = await code_of(access)
    assert await access.enter(code, 5, NOON) is Entry.LET_IN
    assert await access.enter(code, 5, NOON) is Entry.LET_IN


async def test_who_is_in_already_takes_nobodys_place(access: AccessStore) -> None:
    await access.set_role(5, Role.ADMIN, NOON)
    code = await code_of(access)
    assert await access.enter(code, 5, NOON) is Entry.LET_IN
    assert await access.role(5) is Role.ADMIN
    assert [each.uses_left for each in await access.invitations(NOON)] == [1]


async def test_an_invitation_ends_with_its_time_and_when_it_is_revoked(access: AccessStore) -> None:
    old = await code_of(access, asked_by="a")
    assert await access.enter(old, 5, NOON + WEEK) is Entry.INVALID
    revoked = await access.invite(asked_by="b", uses=5, lifetime=WEEK, now=NOON)
    assert await access.enter(revoked.code or "", 6, NOON) is Entry.LET_IN
    assert await access.revoke(revoked.id)
    assert not await access.revoke(revoked.id)
    assert await access.enter(revoked.code or "", 7, NOON) is Entry.INVALID
    assert await access.role(6) is Role.GUEST


async def test_a_banned_person_is_let_in_by_no_link(access: AccessStore) -> None:
    await access.set_role(5, Role.BANNED, NOON)
    assert await access.enter(await code_of(access), 5, NOON) is Entry.INVALID
    claim = await access.offer_claim(lifetime=WEEK, now=NOON)
    assert await access.enter(claim, 5, NOON) is Entry.INVALID
    assert await access.role(5) is Role.BANNED


async def test_a_press_handled_twice_makes_one_invitation(access: AccessStore) -> None:
    first = await access.invite(asked_by="press 1", uses=1, lifetime=WEEK, now=NOON)
    again = await access.invite(asked_by="press 1", uses=1, lifetime=WEEK, now=after(5))
    assert again == first
    assert await access.invitations(NOON) == [first]
    assert first.code is not None
    assert first.code not in repr(first)


async def test_the_code_stands_nowhere_in_clear(access: AccessStore, stores: Stores) -> None:
    code = await code_of(access)
    claim = await access.offer_claim(lifetime=WEEK, now=NOON)
    rows = await stores.database.fetch_all("SELECT * FROM invitation")
    assert code not in str([tuple(row) for row in rows])
    assert claim not in str([tuple(row) for row in rows])


async def test_a_claim_makes_its_first_opener_an_admin_and_nobody_else(access: AccessStore) -> None:
    await access.set_role(6, Role.GUEST, NOON)
    claim = await access.offer_claim(lifetime=WEEK, now=NOON)
    assert await access.enter(claim, 6, NOON) is Entry.CLAIMED
    assert await access.enter(claim, 5, NOON) is Entry.INVALID
    assert await access.enter(claim, 6, NOON) is Entry.CLAIMED
    assert await access.admins() == {6}


async def test_a_new_claim_makes_the_older_ones_invalid(access: AccessStore) -> None:
    old = await access.offer_claim(lifetime=WEEK, now=NOON)
    new = await access.offer_claim(lifetime=WEEK, now=NOON)
    assert await access.enter(old, 5, NOON) is Entry.INVALID
    await access.withdraw_claims()
    assert await access.enter(new, 5, NOON) is Entry.INVALID


async def test_a_claim_is_no_invitation_to_be_listed_or_revoked(access: AccessStore) -> None:
    await access.offer_claim(lifetime=WEEK, now=NOON)
    assert await access.invitations(NOON) == []
    assert not await access.revoke(1)


async def test_an_unknown_code_lets_nobody_in(access: AccessStore) -> None:
    assert await access.enter("guessed", 5, NOON) is Entry.INVALID


async def test_invitations_whose_time_is_over_are_pruned_and_their_guests_stay(access: AccessStore) -> None:
    code = await code_of(access, uses=2)
    await access.enter(code, 5, NOON)
    assert await access.prune(NOON) == 0
    assert await access.prune(NOON + WEEK + timedelta(seconds=1)) == 1
    assert await access.role(5) is Role.GUEST
