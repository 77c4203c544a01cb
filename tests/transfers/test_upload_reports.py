"""The report that ends an upload may wait, be unreadable or gone: the file is found all the same, and nobody else's is taken for it."""

from typing import Any

import pytest

from emulators.botapi import VirtualFile, checksum
from emulators.onefichier import REPORT, UPLOAD
from storage import Account, FactKind, Reason, TransferState
from tests.transfers.endings import SIZE, sent, uploaded
from tests.transfers.process import SETTLE_SECONDS
from tests.transfers.world import World


class TestTheReport:
    async def test_is_waited_for(self, world: World, account: Account) -> None:
        world.fichier.uploads.please_wait_seconds = 120
        world.fichier.uploads.empty_links_times = 2
        world.run_uploads()

        [row] = await world.ended(await world.send())

        assert row.state is TransferState.DONE
        assert sent(world) == 1
        assert 120 <= world.clock.elapsed < SETTLE_SECONDS

    async def test_that_waits_for_ever_means_that_1fichier_has_the_file(
        self, world: World, account: Account
    ) -> None:
        world.fichier.uploads.please_wait_seconds = 1e6
        row = await uploaded(world, kind="cut", acts=True)

        assert (row.state, row.reason) == (TransferState.UNKNOWN, Reason.NEVER_SEEN)
        assert sent(world) == 1

    async def test_that_cannot_be_read_is_asked_for_again(self, world: World, account: Account) -> None:
        world.fichier.faults.add(REPORT, "status", status=503, times=3)
        world.fichier.faults.add(REPORT, "wrong_types", times=1)
        world.fichier.faults.add(REPORT, "cut", times=1, acts=True)
        world.run_uploads()

        [row] = await world.ended(await world.send())

        assert row.state is TransferState.DONE
        assert len(world.account.files) == 1

    @pytest.mark.parametrize("lost", [False, True], ids=["302 seen", "302 lost"])
    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "status", "status": 503},
            {"kind": "cut"},
            {"kind": "wrong_types"},
            {"kind": "ko"},
            {"kind": "ip_locked"},
        ],
        ids=lambda fault: fault["kind"],
    )
    async def test_that_cannot_be_had_for_longer_than_a_file_is_looked_for_is_asked_for_until_it_can(
        self, world: World, account: Account, fault: dict[str, Any], lost: bool
    ) -> None:
        # Storing begins with the first call that is answered: until then there is nothing to be seen in any folder.
        until = world.clock.now().timestamp() + 3 * SETTLE_SECONDS
        world.fichier.faults.add(REPORT, until=until, **fault)
        if lost:
            world.fichier.faults.add(UPLOAD, "cut", acts=True)
        world.run_uploads()

        [row] = await world.ended(await world.send(VirtualFile(SIZE)))

        assert row.state is TransferState.DONE
        assert sent(world) == 1
        assert [file.url for file in world.account.files.values()] == [row.link]

    async def test_that_can_never_be_had_ends_when_it_would_have_been_deleted(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(REPORT, "status", status=503, times=None)
        world.run_uploads()

        [row] = await world.ended(await world.send(VirtualFile(SIZE)))

        assert (row.state, row.reason) == (TransferState.UNKNOWN, Reason.NEVER_SEEN)
        assert 7200 <= world.clock.elapsed < 7200 + 2 * SETTLE_SECONDS
        assert sent(world) == 1
        assert len(world.calls(REPORT)) < 150

    @pytest.mark.parametrize("status", [401, 403, 404, 410])
    async def test_that_is_refused_is_not_asked_for_again_and_again(
        self, world: World, account: Account, status: int
    ) -> None:
        world.fichier.faults.add(REPORT, "html", status=status, times=None)
        world.run_uploads()

        await world.ended(await world.send(VirtualFile(SIZE)))

        at = [call.at for call in world.calls(REPORT)]
        assert sum(each < at[0] + 60 for each in at) <= 3
        assert len(at) <= 20
        assert not world.fichier.limit_breaches

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "html", "status": 403},
            {"kind": "ko", "status": 403, "text": "Resource not allowed #631"},
            {"kind": "status", "status": 500},
        ],
        ids=["a page in front", "refused", "in trouble"],
    )
    async def test_that_is_gone_leaves_a_folder_to_be_looked_at_now_and_then_only(
        self, world: World, account: Account, fault: dict[str, Any]
    ) -> None:
        world.fichier.faults.add(REPORT, "cut", acts=True)
        world.fichier.faults.add(REPORT, "status", status=404, times=None)
        world.fichier.faults.add("file/ls.cgi", until=world.clock.now().timestamp() + 3600, **fault)

        row = await uploaded(world, kind="cut", acts=True)

        assert row.state is TransferState.DONE
        assert sent(world) == 1
        assert len(world.calls("file/ls.cgi")) < 15

    async def test_that_is_gone_and_a_pause_before_the_folder_can_be_looked_at_is_told(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(REPORT, "cut", acts=True)
        world.fichier.faults.add(REPORT, "status", status=404, times=None)
        world.fichier.faults.add("file/ls.cgi", "ip_locked")

        row = await uploaded(world, kind="cut", acts=True)

        assert row.state is TransferState.DONE
        assert len(await world.facts(FactKind.PAUSED)) == 1
        assert len(world.calls("file/ls.cgi")) == 2

    @pytest.mark.parametrize("folder", ["target", "root"])
    async def test_that_is_gone_leaves_the_file_to_be_found_in_its_folder(
        self, world: World, account: Account, folder: str
    ) -> None:
        target = world.account.add_folder("Films")
        await world.database.execute("UPDATE account SET folder_id = :id", {"id": target.id})
        if folder == "root":
            del world.account.folders[target.id]
        world.account.add_file("a.bin", b"y" * SIZE, stored_at=world.clock.now().timestamp() - 3600)
        world.fichier.listing_lag = 120
        world.fichier.faults.add(REPORT, "cut", acts=True)
        world.fichier.faults.add(REPORT, "status", status=404, times=None)

        row = await uploaded(world, kind="cut", acts=True)

        assert row.state is TransferState.DONE
        landed = target.id if folder == "target" else 0
        assert row.link in {file.url for file in world.account.files_in(landed) if file.size == SIZE}
        assert sent(world) == 1

    async def test_that_is_gone_is_no_reason_to_send_again_while_listings_cannot_be_read(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(REPORT, "cut", acts=True)
        world.fichier.faults.add(REPORT, "status", status=404, times=None)
        # The emulated service makes an empty text of the list, and leaves the count in it wrong as well.
        until = world.clock.now().timestamp() + 2 * SETTLE_SECONDS
        world.fichier.faults.add("file/ls.cgi", "wrong_types", until=until)

        row = await uploaded(world, kind="cut", acts=True)

        assert row.state is TransferState.DONE
        assert sent(world) == 1
        assert [file.url for file in world.account.files.values()] == [row.link]

    async def test_that_is_gone_after_a_302_and_a_file_that_is_nowhere_is_told_as_unknown(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(REPORT, "status", status=404, times=None)
        world.run_uploads()

        [row] = await world.ended(await world.send())

        assert (row.state, row.reason) == (TransferState.UNKNOWN, Reason.NEVER_SEEN)
        assert sent(world) == 1
        assert SETTLE_SECONDS <= world.clock.elapsed < 2 * SETTLE_SECONDS
        assert len(await world.facts(FactKind.BATCH_ENDED)) == 1


class TestTwins:
    """Two files of one name and one size at the same time."""

    async def test_get_the_links_of_their_own_by_their_reports(self, world: World, account: Account) -> None:
        world.fichier.faults.add(UPLOAD, "cut", times=2, acts=True)
        world.run_uploads()
        one = await world.send(VirtualFile(SIZE, seed=1), "twin.bin")
        other = await world.send(VirtualFile(SIZE, seed=2), "twin.bin")

        rows = await world.ended(one, other)

        by_link = {file.url: file.sha256 for file in world.account.files.values()}
        assert [by_link[row.link or ""] for row in rows] == [
            checksum(VirtualFile(SIZE, seed=1)), checksum(VirtualFile(SIZE, seed=2)),
        ]  # fmt: skip
        assert sent(world) == 2

    async def test_are_not_mixed_up_when_only_the_folder_shows_them(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(UPLOAD, "cut", times=2, acts=True)
        world.fichier.faults.add(REPORT, "cut", times=2, acts=True)
        world.fichier.faults.add(REPORT, "status", status=404, times=None)
        world.run_uploads()
        twins = [await world.send(VirtualFile(SIZE, seed=seed), "twin.bin") for seed in (1, 2)]

        rows = await world.ended(*twins)

        assert {row.state for row in rows} <= {TransferState.UNKNOWN, TransferState.DONE}
        by_link = {file.url: file.sha256 for file in world.account.files.values()}
        for seed, row in zip((1, 2), rows, strict=True):
            if row.link:
                assert by_link[row.link] == checksum(VirtualFile(SIZE, seed=seed))
        assert sent(world) == 2

    async def test_of_which_one_has_its_link_leave_the_other_to_be_found(
        self, world: World, account: Account
    ) -> None:
        world.run_uploads()
        [first] = await world.ended(await world.send(VirtualFile(SIZE, seed=1), "twin.bin"))
        world.fichier.faults.add(UPLOAD, "cut", acts=True)
        world.fichier.faults.add(REPORT, "cut", acts=True)
        world.fichier.faults.add(REPORT, "status", status=404, times=None)

        [second] = await world.ended(await world.send(VirtualFile(SIZE, seed=2), "twin.bin", again=True))

        assert second.state is TransferState.DONE
        assert second.link not in {None, first.link}
