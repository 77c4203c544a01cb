"""One file renamed, moved, given a password: the card is the new truth, and nothing is listed for it."""

from datetime import timedelta

import pytest

from emulators.onefichier import StoredFile
from onefichier import Limited, Link, Refused, Unclear, parse_link
from storage import Account
from tests.transfers.world import World
from transfers import (
    FileChanges,
    FileGone,
    FolderGone,
    NameProblem,
    NameRefused,
    NotYours,
    PasswordTooShort,
)

RENAME, MOVE, CHANGE, INFO = "file/rename.cgi", "file/mv.cgi", "file/chattr.cgi", "file/info.cgi"


def link(file: StoredFile) -> Link:
    found = parse_link(file.url)
    assert found is not None
    return found


@pytest.fixture
def changes(world: World) -> FileChanges:
    return world.process.file_changes


async def names(world: World, account: Account, folder_id: int = 0) -> list[str]:
    return [file.name for file in await world.listings.files(account.id, folder_id)]


async def list_folder(world: World, account: Account, folder_id: int = 0) -> None:
    await world.result(world.files.folder(account, folder_id))


class TestRenaming:
    async def test_is_one_call_and_changes_what_is_known(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        file = world.account.add_file("old.mkv")
        await list_folder(world, account)
        before = len(world.fichier.calls)

        card = await world.result(changes.rename(account, link(file), "Né w.mkv"))

        assert (card.name, file.name) == ("Né w.mkv", "Né w.mkv")
        assert len(world.fichier.calls) == before + 1
        assert await names(world, account) == ["Né w.mkv"]
        found = await world.process.search.find(account, "ne")
        assert [each.name for each in found.files] == ["Né w.mkv"]

    @pytest.mark.parametrize(
        ("wanted", "name"),
        [
            ("Holiday", "Holiday.mkv"),
            ("Holiday.mp4", "Holiday.mp4"),
            ("Dr. Who", "Dr. Who.mkv"),
            ("  two \n lines ", "two lines.mkv"),
        ],
    )
    async def test_keeps_the_extension_where_none_is_given(
        self, world: World, account: Account, changes: FileChanges, wanted: str, name: str
    ) -> None:
        file = world.account.add_file("old.mkv")
        card = await world.result(changes.rename(account, link(file), wanted))
        assert (card.name, file.name) == (name, name)

    async def test_writes_look_alikes_for_what_1fichier_refuses(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        file = world.account.add_file("old.txt")
        card = await world.result(changes.rename(account, link(file), "a<b>/c.txt"))
        assert (card.name, file.name) == ("a＜b＞／c.txt", "a＜b＞／c.txt")

    @pytest.mark.parametrize(
        ("wanted", "problem"),
        [
            ("   ", NameProblem.EMPTY),
            ("n" * 251, NameProblem.TOO_LONG),
            ("n" * 247, NameProblem.TOO_LONG),
            ("é" * 126, NameProblem.TOO_LONG),
        ],
        ids=["empty", "251 characters", "with its extension", "252 bytes and its extension"],
    )
    async def test_refuses_names_that_cannot_be_without_asking(
        self, world: World, account: Account, changes: FileChanges, wanted: str, problem: NameProblem
    ) -> None:
        file = world.account.add_file("old.txt")
        with pytest.raises(NameRefused) as refused:
            await world.result(changes.rename(account, link(file), wanted))
        assert refused.value.problem is problem
        assert world.calls(RENAME) == []

    async def test_says_that_a_name_is_taken(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        file = world.account.add_file("old.txt")
        world.account.add_file("new.txt")
        with pytest.raises(NameRefused) as refused:
            await world.result(changes.rename(account, link(file), "new.txt"))
        assert refused.value.problem is NameProblem.TAKEN
        assert file.name == "old.txt"

    async def test_to_the_name_it_has_asks_nobody(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        file = world.account.add_file("same.txt")
        await world.result(changes.rename(account, link(file), "same.txt"))
        assert world.calls(RENAME) == []

    async def test_whose_answer_was_lost_is_done_when_it_is_asked_for_again(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        file = world.account.add_file("old.txt")
        world.fichier.faults.add(RENAME, "cut", acts=True)
        with pytest.raises(Unclear):
            await world.result(changes.rename(account, link(file), "new.txt"))
        assert file.name == "new.txt"
        assert (await world.result(changes.rename(account, link(file), "new.txt"))).name == "new.txt"
        assert await names(world, account) == ["new.txt"]

    async def test_of_a_file_deleted_elsewhere_takes_it_off_the_lists(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        file = world.account.add_file("old.txt")
        await list_folder(world, account)
        world.account.files.clear()
        with pytest.raises(FileGone) as gone:
            await world.result(changes.rename(account, link(file), "new.txt"))
        assert gone.value.name == "old.txt"
        assert await names(world, account) == []
        assert (await world.process.search.find(account, "old")).files == []

    async def test_of_somebody_elses_file_is_not_tried(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        theirs = world.fichier.add_account().add_file("theirs.txt")
        with pytest.raises(NotYours):
            await world.result(changes.rename(account, link(theirs), "mine.txt"))
        assert world.calls(RENAME) == []


class TestMoving:
    async def test_is_one_call_and_changes_what_is_known(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        folder = world.account.add_folder("Videos")
        file = world.account.add_file("a.mkv")
        await list_folder(world, account)
        before = len(world.fichier.calls)

        card = await world.result(changes.move(account, link(file), folder.id))

        assert (card.folder_id, card.folder_path, file.folder_id) == (folder.id, "Videos", folder.id)
        assert len(world.fichier.calls) == before + 1
        assert await names(world, account) == []
        assert await names(world, account, folder.id) == ["a.mkv"]

    async def test_to_where_it_is_asks_nobody(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        file = world.account.add_file("a.mkv")
        await world.result(changes.move(account, link(file), 0))
        assert world.calls(MOVE) == []

    async def test_whose_answer_was_lost_is_done_when_it_is_asked_for_again(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        folder = world.account.add_folder("Videos")
        file = world.account.add_file("a.mkv")
        world.fichier.faults.add(MOVE, "cut", acts=True)
        with pytest.raises(Unclear):
            await world.result(changes.move(account, link(file), folder.id))
        card = await world.result(changes.move(account, link(file), folder.id))
        assert (card.folder_id, file.folder_id) == (folder.id, folder.id)

    async def test_into_a_folder_deleted_elsewhere_says_so_and_forgets_it(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        folder = world.account.add_folder("Videos")
        file = world.account.add_file("a.mkv")
        await list_folder(world, account)
        world.account.folders.clear()
        with pytest.raises(FolderGone):
            await world.result(changes.move(account, link(file), folder.id))
        assert await world.listings.folder(account.id, folder.id) is None
        assert await names(world, account) == ["a.mkv"]

    async def test_of_a_file_deleted_elsewhere_says_so(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        folder = world.account.add_folder("Videos")
        file = world.account.add_file("a.mkv")
        await list_folder(world, account)
        world.account.files.clear()
        with pytest.raises(FileGone):
            await world.result(changes.move(account, link(file), folder.id))

    async def test_that_is_refused_leaves_everything_as_it_was(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        folder = world.account.add_folder("Videos")
        file = world.account.add_file("a.mkv")
        await list_folder(world, account)
        world.fichier.faults.add(MOVE, "ko", text="Not on a Sunday")
        with pytest.raises(Refused):
            await world.result(changes.move(account, link(file), folder.id))
        assert await names(world, account) == ["a.mkv"]

    async def test_during_a_pause_is_not_tried_by_other_calls_either(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        folder = world.account.add_folder("Videos")
        file = world.account.add_file("a.mkv")
        await list_folder(world, account)
        world.fichier.faults.add(MOVE, "flood")
        before = len(world.fichier.calls)
        with pytest.raises(Limited):
            await world.result(changes.move(account, link(file), folder.id))
        assert len(world.fichier.calls) == before + 1


class TestAPassword:
    async def test_is_set_and_removed(self, world: World, account: Account, changes: FileChanges) -> None:
        file = world.account.add_file("a.txt")
        card = await world.result(changes.set_password(account, link(file), "secret"))
        assert (card.has_password, file.password) == (True, "secret")
        (known,) = await world.listings.files(account.id, 0)
        assert known.has_password
        card = await world.result(changes.set_password(account, link(file), ""))
        assert (card.has_password, file.password) == (False, "")

    async def test_that_is_set_again_is_no_error(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        file = world.account.add_file("a.txt", password="secret")
        assert (await world.result(changes.set_password(account, link(file), "secret"))).has_password

    async def test_needs_six_characters(self, world: World, account: Account, changes: FileChanges) -> None:
        file = world.account.add_file("a.txt")
        with pytest.raises(PasswordTooShort):
            await world.result(changes.set_password(account, link(file), "five5"))
        assert world.calls(CHANGE) == []

    async def test_stands_nowhere_in_the_database(
        self, world: World, account: Account, changes: FileChanges
    ) -> None:
        file = world.account.add_file("a.txt")
        await world.result(changes.set_password(account, link(file), "planted-password"))
        directory = world.database.path.parent
        assert b"planted-password" not in b"".join(
            path.read_bytes() for path in directory.iterdir() if path.is_file()
        )


async def test_a_change_is_believed_over_a_listing_that_lags(
    world: World, account: Account, changes: FileChanges
) -> None:
    folder = world.account.add_folder("Videos")
    file = world.account.add_file("old.txt")
    await world.result(changes.rename(account, link(file), "new.txt"))
    await world.result(changes.move(account, link(file), folder.id))
    file.name, file.folder_id = "old.txt", 0
    await world.clock.advance(timedelta(minutes=2).total_seconds())
    await list_folder(world, account)
    assert await names(world, account) == []
    assert await names(world, account, folder.id) == ["new.txt"]
