"""The ordinary way of a file: queue, relay, link; and sources that do not keep their word."""

import itertools
from datetime import timedelta

import pytest

from emulators.botapi import DownloadFault, VirtualFile, checksum
from emulators.onefichier import whirlpool
from storage import Account, FactKind, Reason, TransferState
from tests.transfers.process import TOKEN, Options
from tests.transfers.world import ADA, World

BOB, EVE = 43, 44
DAY = timedelta(hours=24).total_seconds()


class TestAFileThatArrives:
    @pytest.mark.parametrize(
        "size", [1, 65_536, 65_537, 300_000, 2_000_000], ids=["1B", "64KiB", "64KiB+1", "300kB", "2MB"]
    )
    async def test_is_the_same_byte_by_byte_and_its_link_is_recorded(
        self, world: World, account: Account, size: int
    ) -> None:
        content = VirtualFile(size, seed=7)
        world.run_uploads()

        [row] = await world.ended(await world.send(content, "Été 2026.bin"))

        [file] = world.account.files.values()
        assert row.state is TransferState.DONE
        assert (row.link, row.stored_name, row.stored_size) == (file.url, "Été 2026.bin", size)
        assert file.sha256 == checksum(content)
        digest = whirlpool()
        for piece in content.pieces():
            digest.update(piece)
        assert file.whirlpool == digest.hexdigest()

    async def test_is_told_once_and_known_to_the_listing_before_1fichier_lists_it(
        self, world: World, account: Account
    ) -> None:
        world.fichier.listing_lag = 300
        world.run_uploads()

        await world.ended(await world.send(name="new.bin"))
        view = await world.result(world.files.folder(account, 0))

        assert len(await world.facts(FactKind.BATCH_ENDED)) == 1
        assert [file.name for file in view.files] == ["new.bin"]

    async def test_is_accepted_once_however_often_its_message_is_handled(
        self, world: World, account: Account
    ) -> None:
        file = await world.file()
        first = await world.uploads.accept(ADA, file, sent_at=world.clock.now())
        world.run_uploads()
        await world.ended(first.transfer)

        again = await world.uploads.accept(ADA, file, sent_at=world.clock.now())
        await world.passes(60)

        assert (first.new, again.new) == (True, False)
        assert again.transfer.id == first.transfer.id
        assert len(world.account.files) == 1

    async def test_goes_into_the_root_when_its_folder_is_gone(self, world: World, account: Account) -> None:
        await world.database.execute("UPDATE account SET folder_id = 7654321, folder_name = 'Gone'")
        world.run_uploads()

        [row] = await world.ended(await world.send())

        assert row.state is TransferState.DONE
        assert [file.folder_id for file in world.account.files.values()] == [0]

    async def test_shows_its_progress_while_it_is_on_its_way(self, world: World, account: Account) -> None:
        world.telegram.faults.add_download(stall_after=600_000)
        world.run_uploads()
        transfer = await world.send(VirtualFile(1_000_000))
        assert world.uploads.progress(transfer.id) is None

        def is_halfway() -> bool:
            progress = world.uploads.progress(transfer.id)
            return progress is not None and progress.sent > 500_000

        await world.until(is_halfway)
        progress = world.uploads.progress(transfer.id)
        assert progress is not None
        assert progress.total == 1_000_000
        assert transfer.batch_id in world.process.wakeups.changed


class TestASourceThatDoesNotKeepItsWord:
    @pytest.mark.parametrize(
        "announced",
        [None, 10, 5_000],
        ids=["no size in the message", "longer than said", "shorter than said"],
    )
    async def test_is_uploaded_whole_whatever_the_message_said(
        self, world: World, account: Account, announced: int | None
    ) -> None:
        content = VirtualFile(1_000)
        world.run_uploads()

        [row] = await world.ended(await world.send(content, announced=announced))

        assert (row.state, row.stored_size) == (TransferState.DONE, 1_000)
        assert next(iter(world.account.files.values())).sha256 == checksum(content)

    @pytest.mark.parametrize(
        ("fault", "reason"),
        [
            (DownloadFault(cut_after=70_000, times=None), Reason.TELEGRAM_UNREACHABLE),
            (DownloadFault(stall_after=70_000, times=None), Reason.STALLED),
            (DownloadFault(content_length=250_000, times=None), Reason.SIZE_DIFFERS),
            (DownloadFault(content_length=150_000, times=None), Reason.SIZE_DIFFERS),
        ],
        ids=["breaks off", "stalls", "Content-Length too large", "Content-Length too small"],
    )
    async def test_never_becomes_a_file_and_is_tried_three_times(
        self, world: World, account: Account, options: Options, fault: DownloadFault, reason: Reason
    ) -> None:
        options.stall_seconds = 0.1
        await world.restart()
        world.telegram.faults.downloads.append(fault)
        world.run_uploads()

        [row] = await world.ended(await world.send(VirtualFile(200_000)))

        assert (row.state, row.reason) == (TransferState.FAILED, reason)
        assert fault.hits == 3
        assert not world.account.files
        assert not world.calls("end.pl")

    async def test_is_uploaded_at_the_second_try_when_only_one_download_breaks(
        self, world: World, account: Account
    ) -> None:
        world.telegram.faults.add_download(cut_after=70_000)
        world.run_uploads()

        [row] = await world.ended(await world.send(VirtualFile(200_000)))

        assert row.state is TransferState.DONE
        assert len(world.account.files) == 1

    async def test_of_no_bytes_is_refused_at_once(self, world: World, account: Account) -> None:
        transfer = await world.send(b"")

        assert (transfer.state, transfer.reason, transfer.refused) == (
            TransferState.FAILED, Reason.EMPTY, True,
        )  # fmt: skip

    async def test_of_no_bytes_that_claimed_some_is_refused_when_it_is_opened(
        self, world: World, account: Account
    ) -> None:
        world.run_uploads()

        [row] = await world.ended(await world.send(b"", announced=10))

        assert (row.state, row.reason) == (TransferState.FAILED, Reason.EMPTY)
        assert not world.calls("upload.cgi")

    async def test_above_the_clouds_cap_is_refused_at_once(self, world: World, account: Account) -> None:
        transfer = await world.send(VirtualFile(20 * 2**20 + 1))

        assert (transfer.state, transfer.reason) == (TransferState.FAILED, Reason.TOO_BIG)

    async def test_above_the_clouds_cap_without_saying_so_is_refused_by_telegram(
        self, world: World, account: Account
    ) -> None:
        world.run_uploads()

        [row] = await world.ended(await world.send(VirtualFile(20 * 2**20 + 1), announced=None))

        assert (row.state, row.reason) == (TransferState.FAILED, Reason.TOO_BIG)


class TestTelegramInTrouble:
    async def test_a_file_that_telegram_does_not_hand_out_is_tried_three_times(
        self, world: World, account: Account
    ) -> None:
        world.run_uploads()
        transfer = await world.send()
        world.telegram.files.unavailable.add(transfer.file_id)

        [row] = await world.ended(transfer)

        assert (row.state, row.reason) == (TransferState.FAILED, Reason.TELEGRAM_REFUSES)
        assert len(world.telegram.calls("getFile")) == 3

    async def test_an_outage_of_minutes_costs_no_file(self, world: World, account: Account) -> None:
        now = world.clock.now().timestamp()
        world.telegram.faults.add(method="getFile", status=502, times=None, until=now + 1200)
        world.run_uploads()

        [row] = await world.ended(await world.send())

        assert row.state is TransferState.DONE
        assert len(world.telegram.calls("getFile")) < 20

    async def test_an_outage_of_a_day_is_told(self, world: World, account: Account) -> None:
        world.telegram.faults.add(method="getFile", status=502, times=None)
        world.run_uploads()
        transfer = await world.send()
        await world.passes(60)

        await world.clock.advance(DAY)
        [row] = await world.ended(transfer)

        assert (row.state, row.reason) == (TransferState.FAILED, Reason.TELEGRAM_UNREACHABLE)

    async def test_days_in_which_nothing_was_tried_are_no_outage(
        self, world: World, account: Account
    ) -> None:
        world.telegram.faults.add(method="getFile", status=502, times=2)
        world.run_uploads()
        transfer = await world.send()
        await world.until(lambda: len(world.telegram.calls("getFile")) == 1)
        await world.restart()
        await world.clock.advance(2 * DAY)
        world.run_uploads()

        [row] = await world.ended(transfer)

        assert row.state is TransferState.DONE
        assert len(world.telegram.calls("getFile")) == 3

    async def test_telegram_is_not_asked_before_the_time_it_named(
        self, world: World, account: Account
    ) -> None:
        world.telegram.faults.add(method="getFile", status=429, retry_after=90)
        world.run_uploads()

        await world.ended(await world.send())

        first, second = world.telegram.calls("getFile")
        assert second.at - first.at >= 90

    async def test_a_file_that_has_waited_long_is_put_off_by_telegram_no_longer_than_it_asks(
        self, world: World, account: Account
    ) -> None:
        world.telegram.faults.add(method="getFile", status=429, retry_after=20)
        transfer = await world.send()
        await world.clock.advance(3600)
        world.run_uploads()

        await world.ended(transfer)

        first, second = world.telegram.calls("getFile")
        assert 20 <= second.at - first.at < 25

    async def test_a_file_that_has_waited_long_is_tried_again_within_seconds(
        self, world: World, account: Account
    ) -> None:
        world.telegram.faults.add(method="getFile", status=502)
        transfer = await world.send()
        await world.clock.advance(3600)
        world.run_uploads()

        await world.ended(transfer)

        first, second = world.telegram.calls("getFile")
        assert second.at - first.at < 10

    async def test_an_outage_has_pauses_that_double_up_to_ten_minutes(
        self, world: World, account: Account
    ) -> None:
        world.telegram.faults.add(method="getFile", status=502, times=9)
        world.run_uploads()

        await world.ended(await world.send())

        at = [call.at for call in world.telegram.calls("getFile")]
        pauses = [round(later - earlier) for earlier, later in itertools.pairwise(at)]
        assert pauses == [5, 10, 20, 40, 80, 160, 320, 600, 600]

    async def test_the_times_it_named_do_not_lengthen_the_pauses_of_an_outage(
        self, world: World, account: Account
    ) -> None:
        world.telegram.faults.add(method="getFile", status=429, retry_after=90, times=8)
        world.telegram.faults.add(method="getFile", status=502)
        world.run_uploads()

        await world.ended(await world.send())

        *_, failed, last = world.telegram.calls("getFile")
        assert last.at - failed.at < 10

    async def test_a_file_that_has_waited_for_more_than_a_day_outlives_its_first_failure(
        self, world: World, account: Account
    ) -> None:
        world.telegram.faults.add(method="getFile", status=502)
        transfer = await world.send()
        await world.clock.advance(DAY + 60)
        world.run_uploads()

        [row] = await world.ended(transfer)

        assert row.state is TransferState.DONE

    async def test_no_error_names_the_bots_token(
        self, world: World, account: Account, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO", logger="transfers")
        world.telegram.faults.add_download(status=404)
        world.telegram.faults.add_download(cut_after=1)
        world.run_uploads()

        await world.ended(await world.send())

        assert "Transfer" in caplog.text
        assert TOKEN not in caplog.text


class TestTheQueue:
    @pytest.fixture
    def options(self) -> Options:
        return Options(at_once=3, at_once_per_person=2)

    async def running(self, world: World) -> dict[int, int]:
        rows = await world.database.fetch_all(
            "SELECT person_id, count(*) AS n FROM transfer WHERE state IN ('fetching', 'sending') GROUP BY 1"
        )
        return {row["person_id"]: row["n"] for row in rows}

    async def test_runs_no_more_at_once_than_allowed_for_a_person_and_in_all(
        self, world: World, account: Account
    ) -> None:
        world.telegram.faults.add_download(stall_after=1, times=None)
        await world.log_in(BOB)
        await world.log_in(EVE)
        for _ in range(5):
            await world.send()
        world.run_uploads()
        await world.passes(1)
        assert await self.running(world) == {ADA: 2}

        for person in (BOB, EVE):
            for _ in range(3):
                await world.send(person_id=person)
        await world.passes(1)
        assert await self.running(world) == {ADA: 2, BOB: 1}

    async def test_serves_people_in_turn(self, world: World, account: Account) -> None:
        emails = {}
        for person in (ADA, BOB, EVE):
            theirs = world.account if person == ADA else world.fichier.add_account()
            emails[theirs.email] = person
            await world.log_in(person, theirs)
        files = [await world.send() for _ in range(8)]
        files += [await world.send(person_id=person) for person in (BOB, EVE)]
        world.run_uploads()

        await world.ended(*files)

        order = [emails[call.account] for call in world.calls("upload.cgi") if call.account]
        assert set(order[:4]) == {ADA, BOB, EVE}

    async def test_tells_how_many_of_the_persons_files_come_first(
        self, world: World, account: Account
    ) -> None:
        files = [await world.send() for _ in range(3)]

        assert [await world.uploads.position(each) for each in files] == [0, 1, 2]


class TestFilesWithoutAKey:
    async def test_wait_and_start_with_the_login(self, world: World) -> None:
        world.run_uploads()
        files = [await world.send(name=f"{number}.bin") for number in range(3)]
        await world.passes(3600)
        assert {await world.state(each) for each in files} == {TransferState.QUEUED}
        assert world.account.key is not None

        logged_in = await world.result(world.process.accounts.log_in(ADA, world.account.key))
        rows = await world.ended(*files)

        assert logged_in.waiting == 3
        assert {row.state for row in rows} == {TransferState.DONE}
        assert sorted(file.name for file in world.account.files.values()) == ["0.bin", "1.bin", "2.bin"]

    async def test_end_after_a_day_with_a_reason_that_is_told(self, world: World) -> None:
        world.run_uploads()
        transfer = await world.send()
        await world.passes(1)

        await world.clock.advance(DAY - 120)
        await world.quiet()
        assert await world.state(transfer) is TransferState.QUEUED

        [row] = await world.ended(transfer)
        assert (row.state, row.reason) == (TransferState.FAILED, Reason.NO_KEY_IN_TIME)
        assert len(await world.facts(FactKind.BATCH_ENDED)) == 1
