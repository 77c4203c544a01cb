"""What 1fichier could answer: its true answers with something wrong, JSON of any shape, and bytes that are no JSON."""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any, Final

from tests.reliability.updates import mutilated

LINK: Final = "https://1fichier.com/?k3x9w0a1b2c3d4e5f6g7"
_FILE: Final = {"url": LINK, "filename": "film.mkv", "size": 734_003_200, "date": "2026-03-01 18:22:07",
                "checksum": "ab", "content-type": "video/x-matroska", "pass": 0, "acl": 0, "cdn": 0}  # fmt: skip
_TASK: Final = {"id": 4711, "request_date": "2026-03-01 18:22:07", "execution_date": "2026-03-01 18:25:31"}

TRUE: Final[dict[str, dict[str, Any]]] = {
    "file/info.cgi": _FILE | {"folder_id": 0, "path": "Films/2026", "description": "", "acl": {"ip": [], "premium": 0}},
    "file/ls.cgi": {"status": "OK", "count": 2, "items": [_FILE, _FILE | {"url": f"{LINK[:-1]}8", "size": "5"}]},
    "file/rm.cgi": {"status": "OK", "removed": 1, "urls": [LINK]},
    "folder/ls.cgi": {"status": "OK", "folder_id": 0, "name": "Root", "size": None, "files": 0,
                      "sub_folders": [{"id": 12, "name": "Films", "create_date": "2026-01-01 10:00:00", "pass": 0}]},
    "user/info.cgi": {"status": "OK", "email": "a@example.org", "offer": "1", "subscription_end": "2027-01-31 12:00:00",
                      "cdn": "12.5", "hot_storage": 5, "cold_storage": "7", "allowed_cold_storage": 2 * 10**12,
                      "available_storage": -5, "available_cold_storage": 0, "extended_quota": 1,
                      "extended_quota_end": "2030-01-01 00:00:00", "overquota": 0, "upload_forbidden": "NO",
                      "stats_date": "2026-03-01 04:00:00"},
    "upload/get_upload_server.cgi": {"url": "up2.1fichier.com", "id": "9kGjlUU2CV"},
    "remote/request.cgi": {"status": "OK", "id": 4711, "urls": ["https://example.org/a"], "headers": {}},
    "remote/ls.cgi": {"status": "OK", "data": [_TASK, _TASK | {"id": 4712, "execution_date": "1970-01-01 01:00:00"}]},
    "remote/info.cgi": _TASK | {"links": ["https://example.org/a"], "result": [
        {"status": "OK", "url": "https://example.org/a", "download_link": LINK, "message": "1 s"}]},
    "end.pl": {"incoming": 0, "links": [
        {"download": LINK, "filename": "b.txt", "remove": "", "size": "6", "whirlpool": "ab"}]},
}  # fmt: skip
STATUSES: Final = (*[200] * 8, 201, 204, 302, 400, 401, 403, 404, 410, 418, 429, 500, 503)
# What stands where a text is expected and may be read as more than one.
WORDS: Final = (
    "OK", "KO", "Flood detected: IP Locked #374", "IP Locked", "Not authenticated #247", "No such user #93", "NaN",
    "Infinity", "-1", "1e400", "9" * 400, "0001-01-01 00:00:00", "9999-12-31 23:59:59", "2026-02-30 00:00:00",
    "0000-00-00 00:00:00", "2026-10-25 02:30:00", "1969-12-31 23:59:59", "2026-03-01T18:22:07-14:00", LINK, "127.0.0.1:9",
    "https://1fichier.com/remove/abcde/fghij", "</b>", "{name}", "x" * 5_000,
)  # fmt: skip


_KEYS: Final = ("status", "message", "url", "id", "items", "data", "links", "count")
_DEEPEST: Final = 3


def answer(endpoint: str, random: Random) -> tuple[int, bytes]:
    """A status and a body."""
    return random.choice(STATUSES), spoiled(json.dumps(TRUE[endpoint]).encode(), random)


def spoiled(body: bytes, random: Random) -> bytes:
    """A true answer's bytes with something wrong, or others altogether."""
    kind = random.random()
    if kind < 0.1:
        return random.randbytes(random.choice((0, 1, 100, 3_000)))
    if kind < 0.2:
        return body[: random.randrange(len(body) + 1)]
    if kind < 0.3:
        return json.dumps(_anything(random, 0)).encode()
    document = _read(body)
    if isinstance(document, dict):
        document = mutilated(document, random)
    return json.dumps(document).encode()


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def reworded(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document with one value in it a text that may be taken for more than that: every value, every such text."""
    for path in list(_paths(document)):
        for word in WORDS:
            changed = copy.deepcopy(document)
            place: Any = changed
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = word
            yield changed


def _paths(value: Any) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (key,)
        yield from ((key, *rest) for rest in _paths(inner))


def _anything(random: Random, depth: int) -> Any:
    shape = random.choice(("leaf", "leaf", "list", "object")) if depth < _DEEPEST else "leaf"
    if shape == "list":
        return [_anything(random, depth + 1) for _ in range(random.randrange(3))]
    if shape == "object":
        return {key: _anything(random, depth + 1) for key in random.sample(_KEYS, 3)}
    return random.choice((*WORDS, None, True, False, 0, -1, 2**63, 10**40, 1.5, 1e308, ""))
