"""What is shown of an account and deleted from it, within the limits of the service."""

from datetime import timedelta

import pytest

from emulators.onefichier import StoredFile
from onefichier import (
    KeyRefused,
    Link,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    OneFichierError,
    Unclear,
    Waiting,
    parse_link,
)
from storage import Account, FactKind
from tests.transfers.world import World
from transfers import FileProblem

LIST, INFO, REMOVE = "file/ls.cgi", "file/info.cgi", "file/rm.cgi"
BOB = 43


def link(file: StoredFile) -> Link:
    found = parse_link(file.url)
    assert found is not None
    return found


def nowhere(number: int = 0) -> Link:
    found = parse_link(f"https://1fichier.com/?nowhere{number:013}")
    assert found is not None
    return found


def foreign(world: World, name: str = "theirs.bin") -> StoredFile:
    return world.fichier.add_account().add_file(name)


class TestAFolder:
    async def test_shows_sub_folders_by_name_and_files_newest_first(
        self, world: World, account: Account
    ) -> None:
        now = world.clock.now().timestamp()
        for name in ("b", "A", "c"):
            world.account.add_folder(name)
        world.account.add_file("old.bin", stored_at=now - 3600)
        world.account.add_file("new.bin", b"x" * 7, stored_at=now - 60, password="secret")

        view = await world.result(world.files.folder(account, 0))

        assert [sub.name for sub in view.sub_folders] == ["A", "b", "c"]
        assert [(file.name, file.size, file.has_password) for file in view.files] == [
            ("new.bin", 7, True), ("old.bin", 7, False),
        ]  # fmt: skip
        assert view.limited_until is None
        assert world.clock.now() - view.as_of < timedelta(seconds=5)

    async def test_is_listed_once_in_30_seconds(self, world: World, account: Account) -> None:
        for _ in range(5):
            await world.result(world.files.folder(account, 0))
        assert len(world.calls(LIST)) == 1

        await world.clock.advance(31)
        await world.result(world.files.folder(account, 0))
        assert len(world.calls(LIST)) == 2
        assert not world.fichier.limit_breaches

    async def test_knows_its_place(self, world: World, account: Account) -> None:
        outer = world.account.add_folder("Films")
        inner = world.account.add_folder("2026", outer.id)
        file = world.account.add_file("a.mkv", folder_id=inner.id)
        await world.result(world.files.folder(account, 0))
        await world.result(world.files.folder(account, outer.id))
        view = await world.result(world.files.folder(account, inner.id))

        assert (view.folder.name, view.folder.parent_id) == ("2026", outer.id)
        card = await world.result(world.files.card(account, link(file)))
        assert card.folder_path == "Films/2026"

    @pytest.mark.parametrize(
        "fault",
        [{"kind": "flood"}, {"kind": "status", "status": 503, "times": 9}, {"kind": "html"}],
        ids=["flood", "away", "a page"],
    )
    async def test_is_shown_as_it_was_known_when_it_cannot_be_listed(
        self, world: World, account: Account, fault: dict[str, object]
    ) -> None:
        world.account.add_file("known.bin")
        first = await world.result(world.files.folder(account, 0))
        await world.clock.advance(60)
        world.account.add_file("unknown.bin")
        world.fichier.faults.add(LIST, **fault)  # type: ignore[arg-type]  # a table of cases

        view = await world.result(world.files.folder(account, 0))

        assert [file.name for file in view.files] == ["known.bin"]
        assert view.as_of == first.as_of
        assert (view.limited_until is not None) is (fault["kind"] == "flood")

    async def test_that_is_not_known_is_not_made_up_during_a_pause(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(LIST, "flood")
        with pytest.raises(OneFichierError):
            await world.result(world.files.folder(account, 0))

        with pytest.raises(Waiting):
            await world.result(world.files.folder(account, 0))
        assert len(world.fichier.calls) == 1

    async def test_that_is_gone_is_said_to_be_gone(self, world: World, account: Account) -> None:
        with pytest.raises(NotFound):
            await world.result(world.files.folder(account, 7654321))

    async def test_with_a_refused_key_parks_the_account(self, world: World, account: Account) -> None:
        world.fichier.revoke_key(world.account)

        for _ in range(3):
            with pytest.raises(NotAuthenticated):
                await world.result(world.files.folder(account, 0))

        assert len(world.fichier.calls) == 1
        assert len(await world.facts(FactKind.KEY_REFUSED)) == 1

    async def test_believes_our_own_changes_over_a_listing_that_lags(
        self, world: World, account: Account
    ) -> None:
        world.fichier.listing_lag = world.fichier.stale_seconds = 300
        kept = world.account.add_file("kept.bin")
        gone = world.account.add_file("gone.bin")
        await world.result(world.files.folder(account, 0))
        world.run_uploads()
        await world.ended(await world.send(name="new.bin"))
        await world.result(world.files.delete(account, [link(gone)]))

        for _ in range(3):
            await world.clock.advance(60)
            view = await world.result(world.files.folder(account, 0))
            assert [file.name for file in view.files] == ["new.bin", kept.name]


class TestACard:
    async def test_of_a_listed_file_costs_no_call(self, world: World, account: Account) -> None:
        file = world.account.add_file("a.bin", b"12345", password="secret")
        await world.result(world.files.folder(account, 0))
        count = len(world.fichier.calls)

        card = await world.result(world.files.card(account, link(file)))

        assert (card.name, card.size, card.folder_id, card.folder_path) == ("a.bin", 5, 0, "")
        assert (card.own, card.has_password) == (True, True)
        assert len(world.fichier.calls) == count

    async def test_of_an_own_file_in_a_folder_never_listed_names_the_folder(
        self, world: World, account: Account
    ) -> None:
        folder = world.account.add_folder("Films")
        file = world.account.add_file("a.bin", folder_id=folder.id)

        card = await world.result(world.files.card(account, link(file)))
        again = await world.result(world.files.card(account, link(file)))

        assert (card.own, card.folder_path) == (True, "Films")
        assert (again.folder_id, again.folder_path) == (folder.id, "Films")
        assert len(world.calls(INFO)) == 1

    async def test_of_somebody_elses_file_says_so(self, world: World, account: Account) -> None:
        card = await world.result(world.files.card(account, link(foreign(world))))

        assert (card.name, card.own, card.folder_path) == ("theirs.bin", False, None)

    async def test_of_a_missing_file_is_not_found(self, world: World, account: Account) -> None:
        with pytest.raises(NotFound):
            await world.result(world.files.card(account, nowhere()))

    async def test_needs_an_account(self, world: World) -> None:
        with pytest.raises(NotAllowed):
            await world.files.card(None, nowhere())


class TestNames:
    async def test_come_from_our_own_records_first(self, world: World, account: Account) -> None:
        world.run_uploads()
        [row] = await world.ended(await world.send(name="mine.bin"))
        await world.database.execute("DELETE FROM file")
        count = len(world.fichier.calls)
        mine = parse_link(row.link or "")
        assert mine is not None

        [named] = await world.result(world.files.names(account, [mine]))

        assert (named.name, named.size, named.problem) == ("mine.bin", 7, None)
        assert len(world.fichier.calls) == count

    async def test_come_from_one_listing_for_several(self, world: World, account: Account) -> None:
        files = [world.account.add_file(f"{number}.bin") for number in range(20)]

        names = await world.result(world.files.names(account, [link(file) for file in files]))

        assert [named.name for named in names] == [file.name for file in files]
        assert len(world.calls(LIST)) == 1
        assert not world.calls(INFO)

    async def test_are_asked_for_five_times_at_most(self, world: World, account: Account) -> None:
        folder = world.account.add_folder("Elsewhere")
        files = [world.account.add_file(f"{number}.bin", folder_id=folder.id) for number in range(8)]

        names = await world.result(world.files.names(account, [link(file) for file in files]))

        assert [named.name for named in names[:5]] == [file.name for file in files[:5]]
        assert {named.problem for named in names[5:]} == {FileProblem.UNKNOWN}
        assert len(world.calls(INFO)) == 5

    async def test_say_whose_file_is_whose(self, world: World, account: Account) -> None:
        private = foreign(world, "private.bin")
        private.acl.premium, private.acl.email = 1, ["somebody@example.org"]

        missing, theirs, hidden = await world.result(
            world.files.names(account, [nowhere(), link(foreign(world)), link(private)])
        )

        assert missing.problem is FileProblem.NOT_FOUND
        assert (theirs.problem, theirs.name) == (FileProblem.NOT_YOURS, "theirs.bin")
        assert (hidden.problem, hidden.name) == (FileProblem.NOT_YOURS, None)

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "flood"},
            {"kind": "ko", "status": 403, "text": "Owner locked #649"},
            {"kind": "status", "status": 404},
        ],
        ids=["flood", "owner locked", "a page"],
    )
    async def test_that_cannot_be_had_are_unknown(
        self, world: World, account: Account, fault: dict[str, object]
    ) -> None:
        world.fichier.faults.add("*", **fault, times=None)  # type: ignore[arg-type]  # a table of cases

        names = await world.result(world.files.names(account, [nowhere(1), nowhere(2)]))

        assert {named.problem for named in names} == {FileProblem.UNKNOWN}

    @pytest.mark.parametrize("count", [1, 3])
    async def test_are_not_asked_for_with_a_refused_key(
        self, world: World, account: Account, count: int
    ) -> None:
        world.fichier.revoke_key(world.account)

        with pytest.raises(KeyRefused):
            await world.result(world.files.names(account, [nowhere(number) for number in range(count)]))

        assert len(world.fichier.calls) == 1


class TestDeleting:
    async def test_says_of_each_how_it_went(self, world: World, account: Account) -> None:
        mine = world.account.add_file("mine.bin")
        await world.result(world.files.folder(account, 0))

        deleted, theirs, missing = await world.result(
            world.files.delete(account, [link(mine), link(foreign(world)), nowhere()])
        )

        assert (deleted.name, deleted.deleted, deleted.problem) == ("mine.bin", True, None)
        assert (theirs.deleted, theirs.problem) == (False, FileProblem.NOT_YOURS)
        assert (missing.deleted, missing.problem) == (False, FileProblem.NOT_FOUND)
        assert not world.account.files
        view = await world.result(world.files.folder(account, 0))
        assert not view.files

    async def test_twice_is_harmless(self, world: World, account: Account) -> None:
        file = world.account.add_file("a.bin")
        await world.result(world.files.folder(account, 0))
        world.fichier.faults.add(REMOVE, "cut", acts=True)
        with pytest.raises(Unclear):
            await world.result(world.files.delete(account, [link(file)]))
        assert not world.account.files

        [again] = await world.result(world.files.delete(account, [link(file)]))

        assert (again.name, again.deleted) == ("a.bin", True)

    async def test_of_an_uploaded_file_that_was_deleted_elsewhere_counts(
        self, world: World, account: Account
    ) -> None:
        world.run_uploads()
        [row] = await world.ended(await world.send())
        world.account.files.clear()
        mine = parse_link(row.link or "")
        assert mine is not None

        [result] = await world.result(world.files.delete(account, [mine]))

        assert result.deleted

    async def test_what_is_refused_is_quoted(self, world: World, account: Account) -> None:
        files = [world.account.add_file(f"{number}.bin") for number in range(7)]
        world.fichier.faults.add(REMOVE, "ko", status=403, text="Folder is locked #1")

        results = await world.result(world.files.delete(account, [link(file) for file in files]))

        assert {(result.deleted, result.problem) for result in results} == {(False, FileProblem.UNKNOWN)}
        assert {result.detail for result in results} == {"Folder is locked"}
        assert len(world.calls(INFO)) == 5

    async def test_more_than_one_call_takes(self, world: World, account: Account) -> None:
        files = [world.account.add_file(f"{number}.bin") for number in range(130)]

        results = await world.result(world.files.delete(account, [link(file) for file in files]))

        assert all(result.deleted for result in results)
        assert len(world.calls(REMOVE)) == 2

    async def test_with_a_refused_key_asks_once(self, world: World, account: Account) -> None:
        world.fichier.revoke_key(world.account)

        with pytest.raises(NotAuthenticated):
            await world.result(world.files.delete(account, [nowhere()]))

        assert len(world.fichier.calls) == 1
        assert (await world.current(account)).refused_at is not None

    async def test_with_a_key_refused_in_between_asks_no_further(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(INFO, "ko", status=401, text="Not authenticated #247", times=None)

        with pytest.raises(NotAuthenticated):
            await world.result(world.files.delete(account, [nowhere(1), nowhere(2)]))

        assert len(world.calls(INFO)) == 1

    async def test_leaves_open_what_could_not_be_asked(self, world: World, account: Account) -> None:
        world.fichier.faults.add(INFO, "flood")

        results = await world.result(world.files.delete(account, [nowhere(1), nowhere(2)]))

        assert {result.problem for result in results} == {FileProblem.UNKNOWN}
        assert len(world.calls(INFO)) == 1

    async def test_says_not_yours_of_what_may_not_be_looked_at(self, world: World, account: Account) -> None:
        private = foreign(world)
        private.password = "secret"

        [result] = await world.result(world.files.delete(account, [link(private)]))

        assert result.problem is FileProblem.NOT_YOURS
