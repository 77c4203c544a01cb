"""Who and what is there when the demo begins: two people with accounts, a group with both, a channel to forward from."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emulators.botapi import BotApi, Chat, VirtualFile
from emulators.botapi.attachments import Attachment
from emulators.channel import Channel
from emulators.onefichier import EmulatedAccount, OneFichier, RepeatedContent
from emulators.onefichier.accounts import ROOT
from emulators.onefichier.content import Received
from emulators.user import Group, Participant, Person

SAMPLE_FILES: Final = Path(__file__).parent.parent / "samples"

_DAY: Final = 24 * 3600
_PHOTO: Final = Attachment(
    "photo", name="evening at sea.jpg", content=SAMPLE_FILES / "evening at sea.jpg", mime_type="image/jpeg"
)
_LIST: Final = Attachment(
    name="packing list.txt", content=SAMPLE_FILES / "packing list.txt", mime_type="text/plain"
)
_TIDES: Final = Attachment(
    name="tides, août.csv", content=SAMPLE_FILES / "tides, août.csv", mime_type="text/csv"
)
_FILM: Final = Attachment(
    "video", name="harbour timelapse.mp4", content=VirtualFile(40_000_000, seed=40), mime_type="video/mp4"
)

# What stands in the accounts, as (name, bytes, age in days); the large ones repeat one block and take no room.
_ROOT_OF_ADA: Final = (
    ("boarding pass.pdf", 184_220, 2),
    ("playlist.m3u8", 4_812, 9),
    ("voice memo 14.ogg", 1_240_551, 11),
)
_VIDEOS_OF_ADA: Final = (
    ("Holiday 2026.mp4", 1_412_884_301, 1),
    ("Wedding, part 1.mkv", 8_204_118_772, 3),
    ("Wedding, part 2.mkv", 7_911_340_090, 3),
    ("ferry crossing.mov", 642_118_443, 20),
    ("kite.mp4", 88_410_227, 34),
    ("lighthouse at night.mp4", 310_002_918, 41),
    ("market.mp4", 220_481_003, 55),
    ("rain on the pier.mp4", 97_332_645, 58),
    ("school play.mp4", 1_733_920_084, 120),
    ("snow.mp4", 140_993_127, 201),
)
_BACKUPS_OF_ADA: Final = (("home server.img", 182_400_000_000, 190), ("photos 2024.tar", 98_550_000_000, 330))
_ROOT_OF_BO: Final = (("recipes.zip", 22_718_004, 5), ("thesis, final (3).pdf", 3_914_226, 16))


@dataclass(frozen=True)
class Sample:
    """Files to send for whoever has none at hand."""

    name: str
    what: str
    attachments: tuple[Attachment, ...]


SAMPLES: Final = (
    Sample("photo", "A photo", (_PHOTO,)),
    Sample("document", "A document", (_LIST,)),
    Sample(
        "album", "Three files as an album", (_LIST, _TIDES, Attachment(name="notes, part 2.md", size=9_400))
    ),
    Sample("film", "A film of 40 MB", (_FILM,)),
)


@dataclass(frozen=True)
class Resident:
    person: Person
    account: EmulatedAccount


class Scene:
    def __init__(self, api: BotApi, onefichier: OneFichier, *, site: str) -> None:
        """`site` is the address of the sample site."""
        ada = Resident(
            Person(api, user_id=11_111_111, first_name="Ada", username="ada"),
            onefichier.add_account(email="ada@example.org"),
        )
        bo = Resident(
            Person(api, user_id=22_222_222, first_name="Bo", username="bo"),
            onefichier.add_account(email="bo@example.org", offer=0),
        )
        self.residents = {resident.person.id: resident for resident in (ada, bo)}
        self.group = Group(api, -1_000_000_000_033, "Ada & Bo", [ada.person, bo.person])
        self.channel = _channel(api, site)
        _furnish(ada.account, onefichier.now())
        _store(bo.account, ROOT, _ROOT_OF_BO, onefichier.now())

    @property
    def chats(self) -> dict[int, Chat]:
        """All that anybody sees, by id."""
        private = [resident.person.chat for resident in self.residents.values()]
        return {chat.id: chat for chat in (*private, self.group.chat, self.channel.chat)}

    def chats_of(self, person_id: int) -> list[Chat]:
        """What one person sees, in the order of their list."""
        return [self.resident(person_id).person.chat, self.group.chat, self.channel.chat]

    def resident(self, person_id: int) -> Resident:
        """Raises LookupError when nobody has this id."""
        if person_id not in self.residents:
            raise LookupError(f"nobody here has the id {person_id}")
        return self.residents[person_id]

    def chat(self, person_id: int, chat_id: int) -> Chat:
        """Raises LookupError when the person has no such chat."""
        for chat in self.chats_of(person_id):
            if chat.id == chat_id:
                return chat
        raise LookupError(f"they have no chat {chat_id}")

    def participant(self, person_id: int, chat_id: int) -> Participant:
        """Return a person in a chat they may write to.

        Raises:
            LookupError: the person has no such chat.
            PermissionError: it is a channel, which is only read.
        """
        chat, person = self.chat(person_id, chat_id), self.resident(person_id).person
        if chat is self.channel.chat:
            raise PermissionError("a channel is read and forwarded from, not written to")
        return person if chat is person.chat else person.in_group(self.group)


def _channel(api: BotApi, site: str) -> Channel:
    channel = Channel(api, -1_000_000_000_077, "Sea notes")
    now = api.now()
    channel.post("Readings of this week, and the sea as it was on Tuesday evening.", at=now - 3 * _DAY)
    channel.post(
        Attachment("photo", name=_PHOTO.name, content=_PHOTO.content, caption="Tuesday, 21:40"),
        at=now - 3 * _DAY + 60,
    )
    channel.post(_TIDES, at=now - 2 * _DAY)
    channel.post(
        Attachment(
            "audio", name="foghorn.mp3", content=VirtualFile(2_100_000, seed=7), caption="Harbour, 05:12"
        ),
        at=now - _DAY,
    )
    channel.post(f"The poem that was read on board: {site}/files/dover-beach.txt", at=now - 5 * 3600)
    return channel


def _furnish(account: EmulatedAccount, now: float) -> None:
    _store(account, ROOT, _ROOT_OF_ADA, now)
    _store(account, account.add_folder("Videos").id, _VIDEOS_OF_ADA, now)
    backups = account.add_folder("Backups").id
    _store(account, backups, _BACKUPS_OF_ADA, now)
    account.add_folder("Letters", backups)
    # Nobody has asked for them for more than 60 days.
    account.cold_storage = sum(size for _, size, _ in _BACKUPS_OF_ADA)


def _store(
    account: EmulatedAccount, folder_id: int, files: Iterable[tuple[str, int, int]], now: float
) -> None:
    for name, size, days in files:
        block = random.Random(name).randbytes(65_521)
        # Checksums of so many bytes would take minutes, and nobody asks for them.
        arrived = Received(RepeatedContent(block, size), size, sha256="", whirlpool="")
        account.add_file(name, arrived, folder_id=folder_id, stored_at=now - days * _DAY)
