"""What the tests of jobs have in common."""

from collections.abc import Sequence

from emulators.onefichier import EmulatedAccount, ForgottenContent, StoredFile
from onefichier import Link
from storage import Account, Job, JobState, StoredFolder
from tests.transfers.world import World
from transfers import NamedLink

CHAT, MESSAGE = 42, 7


def tree(account: EmulatedAccount) -> dict[str, int]:
    """`outer` with 130 files, `inner` below it with 3, an empty folder below that; ids by name."""
    outer = account.add_folder("outer")
    inner = account.add_folder("inner", outer.id)
    empty = account.add_folder("empty", inner.id)
    for number in range(130):
        account.add_file(f"outer {number}", ForgottenContent(10), folder_id=outer.id)
    for number in range(3):
        account.add_file(f"inner {number}", ForgottenContent(1_000), folder_id=inner.id)
    account.add_file("elsewhere", ForgottenContent(1))
    return {"outer": outer.id, "inner": inner.id, "empty": empty.id}


def folder(folder_id: int, name: str = "outer") -> StoredFolder:
    return StoredFolder(folder_id, 0, name, None, complete=True)


def named(files: Sequence[StoredFile]) -> list[NamedLink]:
    return [NamedLink(Link(file.id, file.url), file.name, file.size) for file in files]


def run(world: World) -> None:
    world.process.run(world.process.jobs.run)


async def current(world: World, job: Job) -> Job:
    found = await world.process.jobs.find(job.id)
    assert found is not None
    return found


async def reaches(world: World, job: Job, *states: JobState) -> Job:
    async def there() -> bool:
        return (await current(world, job)).state in states

    await world.until(there)
    return await current(world, job)


async def ended(world: World, job: Job) -> Job:
    return await reaches(world, job, JobState.DONE, JobState.FAILED, JobState.CANCELLED)


async def begin_deletion(world: World, account: Account, folder_id: int) -> Job:
    return await world.process.jobs.delete_folder(
        account, folder(folder_id), chat_id=CHAT, message_id=MESSAGE
    )


async def confirmed(world: World, account: Account, folder_id: int) -> Job:
    job = await reaches(world, await begin_deletion(world, account, folder_id), JobState.ASKING)
    assert await world.process.jobs.confirm(job)
    return job


async def begin_moving(world: World, account: Account, files: Sequence[StoredFile], folder_id: int) -> Job:
    return await world.process.jobs.move_files(
        account, named(files), folder(folder_id), chat_id=CHAT, message_id=MESSAGE
    )
