"""What the tests of remote uploads have in common."""

from datetime import timedelta

from emulators.onefichier import Fetched
from tests.transfers.world import World

REQUEST, LS, INFO = "remote/request.cgi", "remote/ls.cgi", "remote/info.cgi"
DAY = timedelta(hours=24).total_seconds()
ASK_AGAIN_SECONDS = 60
BOB = 43


def url(number: int = 1) -> str:
    return f"https://example.org/{number}.iso"


def fetches(world: World, count: int = 1) -> list[str]:
    """URLs that the emulated service fetches without going anywhere."""
    urls = [url(number) for number in range(1, count + 1)]
    for each in urls:
        world.fichier.remote_results[each] = Fetched(each.rpartition("/")[2], b"x" * 10)
    return urls


def requested(world: World) -> list[str]:
    return [each for task in world.fichier.remotes.tasks.values() for each in task.urls]


def listed(world: World, times: int) -> bool:
    return len(world.calls(LS)) >= times


def has_taken(world: World, tasks: int) -> bool:
    return len(world.fichier.remotes.tasks) >= tasks


async def states(world: World) -> list[str]:
    rows = await world.database.fetch_all("SELECT state FROM remote_upload ORDER BY id")
    return [row["state"] for row in rows]
