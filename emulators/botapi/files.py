"""Files that were sent to the bot, and how the bot gets at their bytes."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from emulators.botapi.content import Content
from emulators.botapi.errors import bad_request

MAX_CLOUD_BYTES = 20 << 20
"""The server's check is `size > 20 << 20`: exactly 20 MiB passes."""

LINK_SECONDS = 3600

DIRECTORIES = {
    "document": "documents",
    "video": "videos",
    "audio": "music",
    "animation": "animations",
    "voice": "voice",
    "video_note": "video_notes",
    "photo": "photos",
    "live_photo": "photos",
    "sticker": "stickers",
}
EXTENSIONS = {
    "document": "bin",
    "video": "mp4",
    "audio": "mp3",
    "animation": "mp4",
    "voice": "oga",
    "video_note": "mp4",
    "photo": "jpg",
    "live_photo": "mp4",
    "sticker": "webp",
}


@dataclass(frozen=True)
class StoredFile:
    """A file on Telegram's servers. `announced_size` is what messages say: None is left out, and it may lie."""

    file_id: str
    file_unique_id: str
    kind: str
    content: Content
    announced_size: int | None
    path: str

    def describe(self) -> dict[str, Any]:
        """Return the fields that every file in a message has."""
        described: dict[str, Any] = {"file_id": self.file_id, "file_unique_id": self.file_unique_id}
        if self.announced_size is not None:
            described["file_size"] = self.announced_size
        return described


class Files:
    """All files of one bot, by id and by path."""

    def __init__(self, *, token: str, clock: Callable[[], float], local_dir: Path | None) -> None:
        self._token = token
        self._clock = clock
        self._numbers = itertools.count(1)
        self._links: dict[str, float] = {}
        self._arriving: dict[str, asyncio.Task[Path]] = {}
        self._by_path: dict[str, StoredFile] = {}
        self.local_dir = local_dir
        self.by_id: dict[str, StoredFile] = {}
        self.unavailable: set[str] = set()
        self._held: dict[str, asyncio.Event] = {}

    def add(
        self,
        kind: str,
        content: Content,
        *,
        name: str | None = None,
        announced_size: int | None = None,
        file_unique_id: str | None = None,
    ) -> StoredFile:
        number = next(self._numbers)
        extension = PurePosixPath(name or "").suffix.lstrip(".").lower()
        if not (extension.isascii() and extension.isalnum()):
            extension = EXTENSIONS[kind]
        stored = StoredFile(
            file_id=f"BQACAgIAAxkBAA{number:08d}-{kind}",
            file_unique_id=file_unique_id or f"AgAD{number:08d}",
            kind=kind,
            content=content,
            announced_size=announced_size,
            path=f"{DIRECTORIES[kind]}/file_{number}.{extension}",
        )
        self.by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def hold(self, file_id: str) -> asyncio.Event:
        """Let a local server take its time to fetch a file: until the event is set."""
        return self._held.setdefault(file_id, asyncio.Event())

    def expire_links(self) -> None:
        """Let every download link given so far end now."""
        self._links.clear()

    def linked(self, path: str) -> StoredFile | None:
        """Return the file a download link leads to; None once it has expired, and always in local mode."""
        if self.local_dir is not None or self._links.get(path, 0) <= self._clock():
            return None
        return self._by_path[path]

    async def get(self, file_id: str) -> dict[str, Any]:
        """Answer getFile; in local mode only when the whole file is on disk.

        Raises:
            ApiError: no such file, not available now, or above the cloud's cap.
        """
        if not file_id:
            raise bad_request("file_id not specified")
        stored = self.by_id.get(file_id)
        if stored is None:
            raise bad_request("invalid file_id")
        if file_id in self.unavailable:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        size = stored.content.size
        described = {"file_id": file_id, "file_unique_id": stored.file_unique_id, "file_size": size}
        if self.local_dir is not None:
            return described | {"file_path": str(await self._on_disk(stored, self.local_dir))}
        if max(size, stored.announced_size or 0) > MAX_CLOUD_BYTES:
            raise bad_request("file is too big")
        self._links[stored.path] = self._clock() + LINK_SECONDS
        return described | {"file_path": stored.path}

    async def _on_disk(self, stored: StoredFile, local_dir: Path) -> Path:
        """Write the file unless it is there; calls for one file share one writing, which outlives their end."""
        target = local_dir / self._token / stored.path
        arriving = self._arriving.get(stored.file_id)
        if arriving is None:
            arriving = asyncio.create_task(self._arrive(stored, target))
            self._arriving[stored.file_id] = arriving
            arriving.add_done_callback(lambda _: self._arriving.pop(stored.file_id, None))
        return await asyncio.shield(arriving)

    async def _arrive(self, stored: StoredFile, target: Path) -> Path:
        if (held := self._held.get(stored.file_id)) is not None:
            await held.wait()
        return await asyncio.to_thread(_write, stored.content, target)


def _write(content: Content, target: Path) -> Path:
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    temporary = target.parent.parent / "temp"
    temporary.mkdir(exist_ok=True, mode=0o750)
    unfinished = temporary / target.name
    with unfinished.open("wb") as file:
        for piece in content.pieces():
            file.write(piece)
    return unfinished.replace(target)
