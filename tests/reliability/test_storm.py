"""Telegram refuses half of all calls for a minute, while people go on sending."""

import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from emulators.botapi import SeenMessage
from emulators.onefichier.remotes import Fetched
from emulators.user import Attachment, Person
from tests.reliability.conftest import Figures
from tests.reliability.whole import WholeBot, whole_bot

PEOPLE = 30
PHASE_SECONDS = 60
BUCKET_SECONDS = 10
# Of all calls, and how long Telegram then wants a rest.
SHARES = ((0.2, 3), (0.2, 8), (0.22, 20))


@pytest.fixture
async def bot(fast_path: Path) -> AsyncIterator[WholeBot]:
    async with whole_bot(
        fast_path, onefichier_min_interval_seconds=0.4, onefichier_address_interval_seconds=0.15
    ) as bot:
        yield bot


@dataclass
class Crowd:
    """People who send files, albums and URLs, and ask things, each of which can be told from all others."""

    bot: WholeBot
    people: list[Person]
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    files: dict[int, list[str]] = field(default_factory=dict)
    urls: dict[int, list[str]] = field(default_factory=dict)
    questions: dict[int, list[str]] = field(default_factory=dict)
    _number: int = 0

    def act(self) -> None:
        """Somebody does something."""
        person = self.dice.choice(self.people)
        match self.dice.choices(("file", "album", "url", "question"), (5, 2, 2, 3))[0]:
            case "file":
                person.send_file(name=self._name(person), size=self.dice.randint(100, 50_000))
            case "album":
                person.send_album(
                    [
                        Attachment(name=self._name(person), size=self.dice.randint(100, 50_000))
                        for _ in range(self.dice.randint(2, 5))
                    ]
                )
            case "url":
                word = self._word()
                url = f"https://example.org/{word}.iso"
                self.bot.fichier.remote_results[url] = Fetched(f"{word}.iso")
                self.urls.setdefault(person.id, []).append(url)
                person.say(f"/remote {url}")
            case _:
                # The answer repeats the word.
                word = self._word()
                self.questions.setdefault(person.id, []).append(word)
                person.say(f"/remote {word}")

    def _word(self) -> str:
        self._number += 1
        return f"w{self._number:05}"

    def _name(self, person: Person) -> str:
        name = f"{self._word()}.bin"
        self.files.setdefault(person.id, []).append(name)
        return name

    def told(self, person: Person) -> list[SeenMessage]:
        """Results: what rang."""
        return [message for message in person.chat.notifications if not message.deleted]

    def is_told_all(self) -> bool:
        return all(
            sum(name in message.text for message in self.told(person)) > 0
            for person in self.people
            for name in (
                *self.files.get(person.id, ()),
                *(url.rpartition("/")[2] for url in self.urls.get(person.id, ())),
            )
        ) and all(
            any(f"link: {word}" in message.text for message in person.chat.from_bot)
            for person in self.people
            for word in self.questions.get(person.id, ())
        )


async def test_a_minute_of_refusals_loses_nothing_doubles_nothing_and_lowers_the_calls(
    bot: WholeBot, figures: Figures, soak: bool
) -> None:
    """Half of all calls are refused (429) for a minute."""
    crowd = Crowd(bot, await bot.people(PEOPLE))
    await bot.time.passes(30)
    begun = bot.now
    for second in range(3 * PHASE_SECONDS):
        if second == PHASE_SECONDS:
            for share, rest in SHARES:
                bot.api.faults.add(
                    status=429,
                    retry_after=rest,
                    probability=share,
                    times=None,
                    until=begun + 2 * PHASE_SECONDS,
                )
        for _ in range(2 if soak else 1):
            crowd.act()
        await bot.time.passes(1, step=0.05)
    await bot.time.until(crowd.is_told_all, step=0.1)
    finished = bot.now
    await bot.time.passes(60, step=0.1)

    calls = [call for call in bot.calls(since=begun) if call.at < finished]
    buckets: Counter[int] = Counter()
    refused: Counter[int] = Counter()
    for call in calls:
        bucket = int((call.at - begun) // BUCKET_SECONDS)
        buckets[bucket] += 1
        refused[bucket] += call.status == 429
    phases = [_phase(bucket * BUCKET_SECONDS) for bucket in range(max(buckets) + 1)]
    figures.table(
        ("seconds", "phase", "calls", "refused"),
        [
            (f"{bucket * BUCKET_SECONDS}", phase, buckets[bucket], refused[bucket])
            for bucket, phase in enumerate(phases)
        ],
    )
    files = [name for names in crowd.files.values() for name in names]
    urls = [url for urls in crowd.urls.values() for url in urls]
    questions = [word for words in crowd.questions.values() for word in words]
    stored = [file.name for account in bot.fichier.accounts for file in account.files.values()]
    links = [file.url for account in bot.fichier.accounts for file in account.files.values()]
    rung = [message.text for person in crowd.people for message in crowd.told(person)]
    told_twice = [link for link in links if sum(link in text for text in rung) != 1]
    figures.note(
        f"{len(files)} files and {len(urls)} URLs: {len(set(stored))} stored, {len(told_twice)} not told exactly once;"
        f" {len(questions)} questions; all told {finished - begun - 2 * PHASE_SECONDS:.0f} s after the storm's end"
    )
    before, during = (
        sum(buckets[bucket] for bucket, phase in enumerate(phases) if phase == wanted)
        for wanted in ("before", "storm")
    )

    assert sorted(stored) == sorted([*files, *(url.rpartition("/")[2] for url in urls)])
    assert told_twice == []
    for person in crowd.people:
        answers = [word for message in person.chat.from_bot if (word := _echoed(message.text))]
        assert answers == crowd.questions.get(person.id, []), "each once, and in the order of the chat"
        assert await _order_kept(bot, crowd, person)
        left = [message for message in person.chat.visible if message.from_bot and "⏳" in message.text]
        assert not left, "no status message is left behind"
    assert not await bot.rows("SELECT 1 FROM inbox WHERE state <> 'handled'")
    assert during < before / 2
    # The first ten seconds are needed to notice.
    assert all(
        buckets[bucket] <= 25 for bucket, phase in enumerate(phases) if phase == "storm" and bucket > 6
    )


async def _order_kept(bot: WholeBot, crowd: Crowd, person: Person) -> bool:
    """Whether no result was told after one that was noted and due later."""
    noted = await bot.rows(
        "SELECT batch.reply_to, max(outbox.created_at, CASE batch.kind WHEN 'upload' THEN batch.joined_at + 2 ELSE 0 END)"
        " AS due FROM outbox JOIN batch ON batch.id = outbox.subject"
        " WHERE outbox.kind = 'batch_ended' AND outbox.chat_id = :chat ORDER BY outbox.id",
        {"chat": person.id},
    )
    place = {row["reply_to"]: (number, row["due"]) for number, row in enumerate(noted)}
    told = [place[message.reply_to.id] for message in crowd.told(person) if message.reply_to]
    assert len(told) == len(noted)
    return not any(
        later[0] < earlier[0] and later[1] <= earlier[1] for earlier, later in itertools.combinations(told, 2)
    )


def _phase(second: int) -> str:
    if second < PHASE_SECONDS:
        return "before"
    return "storm" if second < 2 * PHASE_SECONDS else "after"


def _echoed(text: str) -> str | None:
    """The word of a question that is no link."""
    _, found, word = text.partition("That isn’t a link: ")
    return word if found else None
