"""The same file over HTTP and from the disk of a local Bot API server."""

import logging
from pathlib import Path

import httpx
import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from emulators.botapi import VirtualFile, checksum
from emulators.botapi.content import BytesContent
from storage import Account, Reason, TransferState
from tests.transfers.process import TOKEN, Options
from tests.transfers.world import ADA, World
from transfers import CLOUD_FILE_LIMIT, TelegramFiles
from transfers.sources import (
    FileNotVisible,
    Source,
    SourceError,
    TelegramFileTooBig,
    TelegramRefuses,
    TelegramUnreachable,
)

LOCAL = "local server"
KINDS = ["cloud", LOCAL]
SIZE = 700_000


@pytest.fixture(params=["cloud"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def options(kind: str, tmp_path: Path) -> Options:
    if kind != LOCAL:
        return Options()
    directory = tmp_path / "telegram"
    directory.mkdir()
    return Options(local_dir=directory)


def stored(world: World, content: bytes | VirtualFile) -> str:
    given = BytesContent(content) if isinstance(content, bytes) else content
    return world.telegram.files.add("document", given, name="a.bin", announced_size=given.size).file_id


async def located(world: World, file_id: str) -> Source:
    return await world.process.telegram_files.locate(file_id, size=None)


def of_64_kib() -> int:
    return 64 * 1024


@pytest.mark.parametrize("kind", KINDS, indirect=True)
class TestBoth:
    @pytest.mark.parametrize("size", [0, 1, SIZE], ids=["empty", "1B", "700kB"])
    async def test_give_the_size_and_every_byte(self, world: World, size: int) -> None:
        content = VirtualFile(size, seed=3)
        source = await located(world, stored(world, content))

        async with source.open(of_64_kib) as stream:
            assert stream.size == size
            data = b"".join([piece async for piece in stream.pieces])

        assert checksum(BytesContent(data)) == checksum(content)

    async def test_can_be_left_in_the_middle(self, world: World) -> None:
        source = await located(world, stored(world, VirtualFile(SIZE)))

        async with source.open(of_64_kib) as stream:
            assert await anext(stream.pieces)

        await world.closed()

    async def test_say_no_in_words_without_the_token(self, world: World) -> None:
        with pytest.raises(TelegramRefuses) as raised:
            await located(world, "nothing")

        assert TOKEN not in str(raised.value) + repr(raised.value)

    @pytest.mark.parametrize("status", [500, 502], ids=["500", "502"])
    async def test_say_that_telegram_is_away(self, world: World, status: int) -> None:
        world.telegram.faults.add(method="getFile", status=status)

        with pytest.raises(TelegramUnreachable):
            await located(world, stored(world, b"x"))

    async def test_pass_on_how_long_to_wait(self, world: World) -> None:
        world.telegram.faults.add(method="getFile", status=429, retry_after=17)

        with pytest.raises(TelegramUnreachable) as raised:
            await located(world, stored(world, b"x"))

        assert raised.value.seconds == 17

    async def test_do_not_show_where_the_file_is(self, world: World) -> None:
        assert TOKEN not in repr(await located(world, stored(world, b"x")))

    async def test_give_pieces_of_the_size_asked_for(self, world: World) -> None:
        source = await located(world, stored(world, VirtualFile(1_000_000)))
        wanted = iter([100_000, 200_000, 300_000] + [400_000] * 100)
        asked = [next(wanted)]

        def size() -> int:
            return asked[-1]

        lengths = []
        async with source.open(size) as stream:
            async for piece in stream.pieces:
                lengths.append(len(piece))
                asked.append(next(wanted))

        assert sum(lengths) == 1_000_000
        # Over HTTP they are made of parts of up to 64 KiB.
        assert all(
            least <= length < least + 65_536 for length, least in zip(lengths[:-1], asked, strict=False)
        )


class TestTheCloud:
    async def test_hands_out_20_mib(self, world: World) -> None:
        assert world.uploads.size_limit == CLOUD_FILE_LIMIT
        source = await located(world, stored(world, VirtualFile(CLOUD_FILE_LIMIT)))
        async with source.open(of_64_kib) as stream:
            assert stream.size == CLOUD_FILE_LIMIT

        with pytest.raises(TelegramFileTooBig):
            await located(world, stored(world, VirtualFile(CLOUD_FILE_LIMIT + 1)))

    @pytest.mark.parametrize(
        ("status", "error"),
        [(404, TelegramRefuses), (401, TelegramRefuses), (502, TelegramUnreachable)],
        ids=["link expired", "unauthorized", "away"],
    )
    async def test_refuses_a_download(self, world: World, status: int, error: type[SourceError]) -> None:
        world.telegram.faults.add_download(status=status)
        source = await located(world, stored(world, b"x"))

        with pytest.raises(error) as raised:
            async with source.open(of_64_kib):
                pass

        assert TOKEN not in str(raised.value)

    async def test_out_of_reach_is_no_fault_of_the_file(self, world: World) -> None:
        async with httpx.AsyncClient() as http:
            files = TelegramFiles(world.process.bot, http, api_url="http://127.0.0.1:9")
            source = await files.locate(stored(world, b"x"), size=1)

            with pytest.raises(TelegramUnreachable) as raised:
                async with source.open(of_64_kib):
                    pass

        assert TOKEN not in str(raised.value)

    async def test_with_a_refused_token_is_told_without_it(self, world: World) -> None:
        async with httpx.AsyncClient() as http, HTTPXRequest() as request, HTTPXRequest() as updates:
            wrong = Bot(
                "1:wrong",
                base_url=f"{world.telegram_url}/bot",
                request=request,
                get_updates_request=updates,
            )
            files = TelegramFiles(wrong, http, api_url=world.telegram_url)
            with pytest.raises(TelegramRefuses, match="token") as raised:
                await files.locate("x", size=None)

        assert "1:wrong" not in str(raised.value)


@pytest.mark.parametrize("kind", [LOCAL], indirect=True)
class TestALocalServer:
    def path(self, world: World) -> Path:
        assert world.options.local_dir is not None
        [path] = [path for path in world.options.local_dir.rglob("file_*") if path.is_file()]
        return path

    async def test_has_no_cap_of_ours(self, world: World) -> None:
        assert world.uploads.size_limit is None

    async def test_deletes_a_file_when_its_upload_has_ended(self, world: World, account: Account) -> None:
        world.run_uploads()

        [row] = await world.ended(await world.send(VirtualFile(SIZE)))
        await world.quiet()

        assert row.state is TransferState.DONE
        assert world.options.local_dir is not None
        assert not [path for path in world.options.local_dir.rglob("file_*") if path.is_file()]

    async def test_keeps_it_when_told_so(self, world: World, account: Account, options: Options) -> None:
        options.delete_local_files = False
        await world.restart()
        world.run_uploads()

        await world.ended(await world.send(VirtualFile(SIZE)))
        await world.quiet()

        assert self.path(world).stat().st_size == SIZE

    async def test_keeps_it_while_another_upload_needs_it(self, world: World, account: Account) -> None:
        world.fichier.uploads.please_wait_seconds = 1e6
        file = await world.file(VirtualFile(SIZE))
        world.run_uploads()
        transfer = (await world.uploads.accept(ADA, file, sent_at=world.clock.now())).transfer
        await world.reaches(transfer, TransferState.CONFIRMING)

        assert self.path(world).exists()

    async def test_says_when_a_file_is_out_of_sight(
        self, world: World, account: Account, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        file_id = stored(world, b"x")
        await located(world, file_id)
        path = self.path(world)
        outside = tmp_path / "outside.bin"
        outside.write_bytes(b"secret")
        path.unlink()
        path.symlink_to(outside)

        with caplog.at_level(logging.ERROR), pytest.raises(FileNotVisible):
            await located(world, file_id)

        assert "BOT_TELEGRAM_FILES_DIR" in caplog.text
        assert TOKEN not in caplog.text

    async def test_tells_the_person_of_a_file_out_of_sight(
        self, world: World, account: Account, tmp_path: Path
    ) -> None:
        transfer = await world.send(b"x")
        await located(world, transfer.file_id)
        path = self.path(world)
        path.unlink()
        path.symlink_to(tmp_path / "bot.sqlite3")
        world.run_uploads()

        [row] = await world.ended(transfer)

        assert (row.state, row.reason) == (TransferState.FAILED, Reason.NOT_VISIBLE)
        assert not world.account.files

    async def test_whose_file_is_gone_or_cut_says_so(self, world: World) -> None:
        source = await located(world, stored(world, VirtualFile(SIZE)))
        path = self.path(world)
        with path.open("r+b") as file:
            file.truncate(10)
        with pytest.raises(SourceError, match="10 bytes"):
            async with source.open(of_64_kib):
                pass

        path.unlink()
        with pytest.raises(FileNotVisible):
            async with source.open(of_64_kib):
                pass

    async def test_that_keeps_a_file_from_being_deleted_is_logged(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        source = await located(world, stored(world, b"x"))
        path = self.path(world)
        path.unlink()
        path.mkdir()

        await world.process.telegram_files.delete(source.local_path or "")

        assert "could not be deleted" in caplog.text
        assert TOKEN not in caplog.text
