"""Folders made, renamed, moved, shared and removed, by what is known and as few calls as there can be."""

import pytest

from onefichier import Refused, Unclear, Waiting
from storage import Account, StoredFolder
from tests.transfers.world import World
from transfers import FolderGone, Folders, IntoItself, NameProblem, NameRefused, NotEmpty

MAKE, MOVE, REMOVE, LIST = "folder/mkdir.cgi", "folder/mv.cgi", "folder/rm.cgi", "folder/ls.cgi"


@pytest.fixture
def folders(world: World) -> Folders:
    return world.process.folders


async def known(world: World, account: Account, folder_id: int) -> StoredFolder | None:
    return await world.listings.folder(account.id, folder_id)


async def upload_folder(world: World, account: Account) -> tuple[int, str]:
    current = await world.current(account)
    return current.folder_id, current.folder_name


async def list_folder(world: World, account: Account, folder_id: int = 0) -> None:
    await world.result(world.files.folder(account, folder_id))


class TestMaking:
    async def test_is_one_call_and_it_is_there(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        await list_folder(world, account)
        before = len(world.fichier.calls)
        folder, new = await world.result(folders.make(account, 0, " Vidéos  2026 "))
        assert (folder.name, folder.parent_id, new) == ("Vidéos 2026", 0, True)
        assert world.account.folders[folder.folder_id].name == "Vidéos 2026"
        assert len(world.fichier.calls) == before + 1
        view = await world.result(world.files.folder(account, 0))
        assert [sub.name for sub in view.sub_folders] == ["Vidéos 2026"]

    async def test_where_there_is_one_of_that_name_finds_it(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        there = world.account.add_folder("Videos")
        folder, new = await world.result(folders.make(account, 0, "Videos"))
        assert (folder.folder_id, new) == (there.id, False)
        assert len(world.account.folders) == 1

    @pytest.mark.parametrize(
        ("name", "problem"), [("  ", NameProblem.EMPTY), ("n" * 251, NameProblem.TOO_LONG)]
    )
    async def test_with_a_name_that_cannot_be_asks_nobody(
        self, world: World, account: Account, folders: Folders, name: str, problem: NameProblem
    ) -> None:
        with pytest.raises(NameRefused) as refused:
            await world.result(folders.make(account, 0, name))
        assert refused.value.problem is problem
        assert world.calls(MAKE) == []

    async def test_in_a_folder_deleted_elsewhere_says_so(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        with pytest.raises(FolderGone):
            await world.result(folders.make(account, 7654321, "Videos"))

    async def test_that_is_refused_for_another_reason_is_told_in_its_words(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        world.fichier.faults.add(MAKE, "ko", text="Too many folders")
        with pytest.raises(Refused, match="Too many folders"):
            await world.result(folders.make(account, 0, "Videos"))


class TestRenaming:
    async def test_is_one_call_and_new_files_still_go_there(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        folder = world.account.add_folder("Videos")
        await list_folder(world, account)
        await world.people.use_folder(account.id, folder.id, "Videos")
        before = len(world.fichier.calls)
        renamed = await world.result(folders.rename(account, folder.id, "Films/2026"))
        assert (renamed.name, folder.name) == ("Films／2026", "Films／2026")
        assert len(world.fichier.calls) == before + 1
        assert await known(world, account, folder.id) == renamed
        assert await upload_folder(world, account) == (folder.id, "Films／2026")

    async def test_to_a_name_that_is_taken_is_refused(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        folder = world.account.add_folder("Videos")
        world.account.add_folder("Films")
        await list_folder(world, account)
        with pytest.raises(NameRefused) as refused:
            await world.result(folders.rename(account, folder.id, "Films"))
        assert refused.value.problem is NameProblem.TAKEN

    async def test_to_the_name_it_has_asks_nobody(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        folder = world.account.add_folder("Videos")
        await list_folder(world, account)
        await world.result(folders.rename(account, folder.id, "Videos"))
        assert world.calls(MOVE) == []

    async def test_whose_answer_was_lost_is_done_when_it_is_asked_for_again(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        folder = world.account.add_folder("Videos")
        await list_folder(world, account)
        world.fichier.faults.add(MOVE, "cut", acts=True)
        with pytest.raises(Unclear):
            await world.result(folders.rename(account, folder.id, "Films"))
        assert (await world.result(folders.rename(account, folder.id, "Films"))).name == "Films"

    async def test_of_a_folder_deleted_elsewhere_says_so_and_new_files_go_to_the_main_folder(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        folder = world.account.add_folder("Videos")
        await list_folder(world, account)
        await world.people.use_folder(account.id, folder.id, "Videos")
        world.account.folders.clear()
        with pytest.raises(FolderGone):
            await world.result(folders.rename(account, folder.id, "Films"))
        assert await known(world, account, folder.id) is None
        assert await upload_folder(world, account) == (0, "")


class TestMoving:
    async def test_is_one_call_and_changes_what_is_known(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        old, new = world.account.add_folder("2025"), world.account.add_folder("Archive")
        await list_folder(world, account)
        before = len(world.fichier.calls)
        moved = await world.result(folders.move(account, old.id, new.id))
        assert (moved.parent_id, old.parent_id) == (new.id, new.id)
        assert len(world.fichier.calls) == before + 1
        view = await world.result(world.files.folder(account, 0))
        assert [sub.name for sub in view.sub_folders] == ["Archive"]

    @pytest.mark.parametrize("depth", [0, 1, 2])
    async def test_into_itself_or_below_is_refused_without_asking(
        self, world: World, account: Account, folders: Folders, depth: int
    ) -> None:
        chain = [world.account.add_folder("0")]
        for level in range(1, 3):
            chain.append(world.account.add_folder(str(level), chain[-1].id))
        for folder_id in (0, chain[0].id, chain[1].id):
            await list_folder(world, account, folder_id)
        with pytest.raises(IntoItself):
            await world.result(folders.move(account, chain[0].id, chain[depth].id))
        assert world.calls(MOVE) == []

    async def test_into_a_loop_that_only_1fichier_knows_of_is_refused_in_its_words(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        outer = world.account.add_folder("outer")
        await list_folder(world, account)
        inner = world.account.add_folder("inner", outer.id)
        with pytest.raises(Refused, match="into itself"):
            await world.result(folders.move(account, outer.id, inner.id))

    async def test_a_loop_in_what_is_known_holds_nobody(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        for folder_id, parent_id in ((1, 2), (2, 1)):
            await world.listings.note_folder(
                account.id, StoredFolder(folder_id, parent_id, str(folder_id), None, complete=True)
            )
        with pytest.raises(FolderGone):
            await world.result(folders.move(account, 3, 1))

    async def test_to_where_one_of_that_name_is_is_refused(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        archive = world.account.add_folder("Archive")
        world.account.add_folder("2025", archive.id)
        folder = world.account.add_folder("2025")
        await list_folder(world, account)
        with pytest.raises(NameRefused):
            await world.result(folders.move(account, folder.id, archive.id))

    async def test_to_where_it_is_asks_nobody(self, world: World, account: Account, folders: Folders) -> None:
        folder = world.account.add_folder("Videos")
        await list_folder(world, account)
        await world.result(folders.move(account, folder.id, 0))
        assert world.calls(MOVE) == []

    async def test_into_a_folder_deleted_elsewhere_keeps_the_one_to_be_moved(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        folder, gone = world.account.add_folder("Videos"), world.account.add_folder("Archive")
        await list_folder(world, account)
        del world.account.folders[gone.id]
        with pytest.raises(FolderGone):
            await world.result(folders.move(account, folder.id, gone.id))
        assert await known(world, account, gone.id) is None
        assert await known(world, account, folder.id) is not None


class TestSharing:
    async def test_gives_an_address_that_is_remembered_and_takes_it_away(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        folder = world.account.add_folder("Videos")
        await list_folder(world, account)
        shared = await world.result(folders.share(account, folder.id, public=True))
        assert shared.shared_url == folder.shared_url
        assert shared.shared_url.startswith("https://1fichier.com/dir/")
        view = await world.result(world.files.folder(account, folder.id))
        assert view.folder.shared_url == shared.shared_url
        stopped = await world.result(folders.share(account, folder.id, public=False))
        assert (stopped.shared_url, folder.shared_url) == ("", "")

    async def test_elsewhere_is_seen_when_the_folder_is_listed(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        folder = world.account.add_folder("Videos")
        folder.shared_url = "https://1fichier.com/dir/AbCdEfGh"
        contents = await world.result(folders.look_into(account, folder.id))
        assert contents.folder.shared_url == "https://1fichier.com/dir/AbCdEfGh"
        assert contents.empty


class TestRemoving:
    async def test_an_empty_folder_is_gone(self, world: World, account: Account, folders: Folders) -> None:
        folder = world.account.add_folder("Videos")
        await list_folder(world, account)
        await world.people.use_folder(account.id, folder.id, "Videos")
        assert await world.result(folders.remove_empty(account, folder.id))
        assert world.account.folders == {}
        assert await known(world, account, folder.id) is None
        assert await upload_folder(world, account) == (0, "")

    @pytest.mark.parametrize("inside", ["file", "folder"])
    async def test_one_that_is_not_empty_stays(
        self, world: World, account: Account, folders: Folders, inside: str
    ) -> None:
        folder = world.account.add_folder("Videos")
        if inside == "file":
            world.account.add_file("a.txt", folder_id=folder.id)
        else:
            world.account.add_folder("2025", folder.id)
        with pytest.raises(NotEmpty):
            await world.result(folders.remove_empty(account, folder.id))
        contents = await world.result(folders.look_into(account, folder.id))
        assert (contents.files, contents.folders) == ((1, 0) if inside == "file" else (0, 1))
        assert folder.id in world.account.folders

    async def test_one_that_is_gone_already_is_gone(
        self, world: World, account: Account, folders: Folders
    ) -> None:
        folder = world.account.add_folder("Videos")
        await list_folder(world, account)
        world.account.folders.clear()
        assert not await world.result(folders.remove_empty(account, folder.id))
        assert await known(world, account, folder.id) is None


async def test_during_a_pause_nothing_is_changed(world: World, account: Account, folders: Folders) -> None:
    folder = world.account.add_folder("Videos")
    await list_folder(world, account)
    world.fichier.faults.add(LIST, "flood")
    with pytest.raises(Exception, match="Flood"):
        await world.result(folders.look_into(account, folder.id))
    before = len(world.fichier.calls)
    for attempt in (
        folders.rename(account, folder.id, "Films"),
        folders.share(account, folder.id, public=True),
        folders.remove_empty(account, folder.id),
    ):
        with pytest.raises(Waiting):
            await world.result(attempt)
    assert len(world.fichier.calls) == before
    assert await known(world, account, folder.id) is not None


async def test_a_key_of_another_account_does_not_keep_the_folder_for_new_files(
    world: World, account: Account
) -> None:
    folder = world.account.add_folder("Videos")
    await world.people.use_folder(account.id, folder.id, "Videos")
    key = world.account.key
    assert key is not None
    await world.result(world.process.accounts.log_in(account.person_id, key))
    assert await upload_folder(world, account) == (folder.id, "Videos")
    other = world.fichier.add_account()
    assert other.key is not None
    await world.result(world.process.accounts.log_in(account.person_id, other.key))
    assert await upload_folder(world, account) == (0, "")
