"""Ten people with accounts of their own, what they send, and what has to come of it."""

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from emulators.botapi import BotApi, BytesContent, SeenMessage, VirtualFile, checksum
from emulators.onefichier import EmulatedAccount, Failed, Fetched, OneFichier
from emulators.user import Attachment, Person

NAMES = ("Ada", "Bo", "Cem", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jun")
# Around the last piece of an upload, around the pieces of a download, and ordinary ones.
SIZES = (1, 17, 4_000, 65_535, 65_536, 65_537, 90_000, 262_144, 300_000, 700_000, 1_500_000, 4_000_000)
# Small files are the more frequent ones.
WEIGHTS = (2, 2, 4, 1, 1, 1, 4, 2, 4, 3, 2, 1)
LINK = re.compile(r"https://1fichier\.com/\?[a-z0-9]+")
# Nothing listens there: what becomes of these addresses is told to the emulator.
ELSEWHERE = "http://127.0.0.1:9"
UNAVAILABLE = "HTTP error 404"


@dataclass(frozen=True)
class SentFile:
    name: str
    checksum: str


@dataclass(frozen=True)
class AskedUrl:
    """`file` is None when its server does not hand it out."""

    shown: str
    file: SentFile | None


@dataclass(eq=False)
class Member:
    person: Person
    account: EmulatedAccount
    files: list[SentFile] = field(default_factory=list)
    urls: list[AskedUrl] = field(default_factory=list)
    questions: dict[str, SeenMessage] = field(default_factory=dict)
    """The last message that asks for an answer with such words."""

    @property
    def name(self) -> str:
        return str(self.person.user["first_name"])

    @property
    def due(self) -> Counter[SentFile]:
        """What their account has to hold in the end."""
        return Counter([*self.files, *(each.file for each in self.urls if each.file is not None)])

    @property
    def stored(self) -> Counter[SentFile]:
        return Counter(SentFile(file.name, file.sha256) for file in self.account.files.values())

    @property
    def results(self) -> list[SeenMessage]:
        """What rings and replies."""
        return [each for each in self.person.chat.notifications if each.reply_to is not None]

    @property
    def statuses(self) -> list[SeenMessage]:
        """The status messages that stand in the chat."""
        return [each for each in self.person.chat.visible if each.from_bot and each.text.startswith("⏳")]

    @property
    def links(self) -> dict[str, str]:
        """The links they were told, each with the line before it, which names the file."""
        lines = [line for result in self.results for line in result.text.splitlines()]
        return {line: before for before, line in itertools.pairwise(lines) if LINK.fullmatch(line)}

    async def set_up(self, setting: str, option: str, *, timeout: float) -> None:
        """Say /settings and choose there, before anything else is under way."""
        chat = self.person.chat
        asked = self.person.say("/settings")
        message = await chat.wait_for("Settings", timeout=timeout, after=asked)
        self.person.press(setting, message)
        await chat.wait_until(lambda _: message.has_button(option), timeout=timeout)
        self.person.press(option, message)
        await chat.wait_until(lambda _: f"{setting}: {option}" in message.text, timeout=timeout)

    def untold(self) -> Iterator[str]:
        """Whatever they were not told of."""
        links = self.links
        for file in self.account.files.values():
            if file.name not in links.get(file.url, ""):
                yield f"{self.name} was not told the link of {file.name}"
        told = "\n".join(result.text for result in self.results)
        for url in self.urls:
            if url.file is None and url.shown not in told:
                yield f"{self.name} was not told that {url.shown} could not be fetched"
        for answer, question in self.questions.items():
            if not self.person.chat.matching(answer, after=question):
                yield f"{self.name} was not answered {answer!r} to {question.text!r}"


class Crowd:
    """Says things at random; what is said is the same for the same seed."""

    def __init__(self, api: BotApi, onefichier: OneFichier, chance: random.Random) -> None:
        self._onefichier = onefichier
        self._chance = chance
        self._numbers = itertools.count(1)
        # Whatever is limited for one person is asked by the next one.
        self._in_turn = itertools.cycle(range(len(NAMES)))
        self.members = [
            Member(
                Person(api, user_id=11_000_000 + number, first_name=name),
                onefichier.add_account(email=f"{name.lower()}@example.org"),
            )
            for number, name in enumerate(NAMES)
        ]

    @property
    def files(self) -> int:
        return sum(len(member.files) for member in self.members)

    @property
    def urls(self) -> int:
        return sum(len(member.urls) for member in self.members)

    @property
    def missing(self) -> int:
        """Files that are not stored yet."""
        return sum((member.due - member.stored).total() for member in self.members)

    def send_until(self, missing: int) -> None:
        """Have people send files until so many are under way or waiting."""
        while self.missing < missing:
            self.send()

    def send(self) -> None:
        """One file, an album, several in a row, or twins: two files of one name and size."""
        member = self._chance.choice(self.members)
        form = self._chance.choices(("one", "album", "row", "twins"), (6, 3, 2, 1))[0]
        if form == "one":
            self._send_file(member, self._size())
            return
        count = 2 if form == "twins" else self._chance.randint(2, 4)
        sizes = [self._size()] * count if form == "twins" else [self._size() for _ in range(count)]
        name = f"twin {next(self._numbers)}.bin" if form == "twins" else None
        items = [self._attachment(member, size, name) for size in sizes]
        if form == "album":
            member.person.send_album(items)
        else:
            for item in items:
                member.person.forward(item)

    def send_file(self, size: int) -> None:
        """Somebody sends one file of that size."""
        self._send_file(self._chance.choice(self.members), size)

    def ask_remote(self) -> None:
        member = self._chance.choice(self.members)
        asked = [self._url(member) for _ in range(self._chance.choice((1, 1, 2, 3)))]
        member.person.say(f"/remote {' '.join(asked)}")

    def log_in(self) -> None:
        member = self.members[next(self._in_turn)]
        self._ask(member, f"/login {member.account.key}", "Your key works")

    def ask_quota(self) -> None:
        self._ask(self.members[next(self._in_turn)], "/quota", "used of")

    def ask_list(self) -> None:
        """The answer is a question of limits."""
        self.members[next(self._in_turn)].person.say("/list")

    @staticmethod
    def _ask(member: Member, question: str, answer: str) -> None:
        member.questions[answer] = member.person.say(question)

    def _size(self) -> int:
        return self._chance.choices(SIZES, WEIGHTS)[0]

    def _send_file(self, member: Member, size: int) -> None:
        item = self._attachment(member, size)
        member.person.send_file(name=item.name, content=item.content)

    def _attachment(self, member: Member, size: int, name: str | None = None) -> Attachment:
        number = next(self._numbers)
        name = name or f"file {number}.bin"
        content = VirtualFile(size, seed=number)
        member.files.append(SentFile(name, checksum(content)))
        return Attachment(name=name, content=content)

    def _url(self, member: Member) -> str:
        number = next(self._numbers)
        url = f"{ELSEWHERE}/remote-{number}.iso"
        file = None
        if self._chance.random() < 0.2:
            self._onefichier.remote_results[url] = Failed(UNAVAILABLE)
        else:
            content = random.Random(number).randbytes(self._chance.choice((1, 5_000, 200_000)))
            file = SentFile(f"remote-{number}.iso", checksum(BytesContent(content)))
            self._onefichier.remote_results[url] = Fetched(file.name, content)
        member.urls.append(AskedUrl(url.removeprefix("http://"), file))
        return url
