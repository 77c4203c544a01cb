"""A day of people who come and go, send, ask, cancel, block and are refused: what a public bot sees."""

import contextlib
import random
from dataclasses import dataclass, field
from typing import Final

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount
from emulators.onefichier.remotes import Failed, Fetched
from emulators.user import Attachment, Group, Person
from tests.reliability.whole import WholeBot

REGULARS: Final = 10
HOUR: Final = 3_600.0
# From morning to night; then everybody sleeps.
WAKING_HOURS: Final = 16
# What somebody does when they take up their phone.
ACTIONS_OF_A_VISIT: Final = 4
MEGABYTE: Final = 2**20


@dataclass
class Crowd:
    bot: WholeBot
    dice: random.Random = field(default_factory=lambda: random.Random(11))
    people: list[Person] = field(default_factory=list)
    """Who uses the bot at present."""
    done: int = 0
    _leaving: list[Person] = field(default_factory=list)
    """Who was asked whether to erase everything."""
    _numbers: int = 0
    _group: Group | None = None

    async def arrive(self) -> None:
        for _ in range(REGULARS):
            self._newcomer()
        await self.bot.time.passes(30)
        self._group = Group(self.bot.api, -4_000, "Friends", self.people[:3], bot_is_admin=True)

    async def day(self, visits: int) -> None:
        """So many visits between morning and night, and the night."""
        moments = sorted(self.dice.uniform(0, WAKING_HOURS * HOUR) for _ in range(visits))
        now = 0.0
        for moment in moments:
            if moment > now:
                await self.bot.time.passes(moment - now, step=300)
                now = moment
            for _ in range(ACTIONS_OF_A_VISIT):
                self._act()
                await self.bot.time.passes(2, step=0.5)
            await self.bot.time.passes(40, step=2)
            now += 40 + 2 * ACTIONS_OF_A_VISIT
        await self.bot.time.passes(max(0.0, 24 * HOUR - now), step=600)

    def _act(self) -> None:
        self.done += 1
        weights = {
            self._file: 16,
            self._album: 8,
            self._bulk: 2,
            self._refused_files: 3,
            self._stranger: 1,
            self._in_the_group: 2,
            self._url: 6,
            self._asked_url: 3,
            self._list: 6,
            self._press_anything: 10,
            self._ask: 10,
            self._search: 4,
            self._inline: 3,
            self._delete: 4,
            self._cancel: 4,
            self._delete_a_message: 2,
            self._block: 3,
            self._unblock: 3,
            self._newcomer: 2,
            self._leave: 2,
            self._erase: 3,
            self._renew_key: 1,
            self._telegrams_mood: 4,
            self._fichiers_mood: 3,
        }
        action = self.dice.choices(list(weights), list(weights.values()))[0]
        # Somebody who has blocked the bot cannot write, and not everything has a button.
        with contextlib.suppress(PermissionError, LookupError, ValueError):
            action()

    def _somebody(self) -> Person:
        return self.dice.choice(self.people)

    def _word(self) -> str:
        self._numbers += 1
        return f"{self.dice.choice(('holiday', 'invoice', 'été', 'clip'))} {self._numbers}"

    def _account(self, person: Person) -> EmulatedAccount:
        return self.bot.accounts[person.id]

    def _file(self) -> None:
        kind = self.dice.choice(("document", "photo", "video", "voice"))
        name = f"{self._word()}.bin" if kind in {"document", "video"} else None
        self._somebody().send_file(kind, name=name, content=b"x" * self.dice.randint(1, 60_000))  # type: ignore[arg-type]  # a Kind

    def _album(self) -> None:
        count = self.dice.randint(2, 6)
        self._somebody().send_album(
            [Attachment(name=f"{self._word()}.jpg", content=b"x" * 2_000) for _ in range(count)]
        )

    def _bulk(self) -> None:
        person = self._somebody()
        for _ in range(12):
            person.send_file(name=f"{self._word()}.part", content=b"x" * 500)

    def _refused_files(self) -> None:
        person = self._somebody()
        person.send_file(name=f"{self._word()}.mkv", size=30 * MEGABYTE)
        person.send_file(name=f"{self._word()}.txt", size=0)

    def _stranger(self) -> None:
        """Somebody sends a file, is asked for a key, and never comes back."""
        self._numbers += 1
        self.bot.person(self._numbers).send_file(name="once.bin", content=b"x")

    def _in_the_group(self) -> None:
        if self._group is not None:
            member = self.people[0].in_group(self._group)
            member.send_file(name=f"{self._word()}.bin", content=b"x", caption="@onefichier_test_bot")

    def _some_url(self) -> str:
        url = f"https://example.org/{self._word().replace(' ', '-')}.iso"
        fails = self.dice.random() < 0.2
        self.bot.fichier.remote_results[url] = Failed("HTTP error 404") if fails else Fetched("got.iso")
        return url

    def _url(self) -> None:
        self._somebody().say("/remote " + " ".join(self._some_url() for _ in range(self.dice.randint(1, 3))))

    def _asked_url(self) -> None:
        self._somebody().say(self._some_url())

    def _list(self) -> None:
        self._somebody().say("/list")

    def _search(self) -> None:
        self._somebody().say(f"/list {self.dice.choice(('holiday', 'clip', 'nothing'))}")

    def _inline(self) -> None:
        self._somebody().inline_query(self.dice.choice(("holiday", "invoice")))

    def _ask(self) -> None:
        said = ("/quota", "/jobs", "/help", "/start", "/settings", "/nonsense", "hello", "/login")
        self._somebody().say(self.dice.choice(said))

    def _press_anything(self) -> None:
        message = self._newest_with_buttons(self._somebody())
        buttons = [each for row in message.buttons for each in row if each.kind == "callback"]
        person = next(each for each in self.people if each.chat is message.chat)
        person.press(self.dice.choice(buttons), message)

    def _newest_with_buttons(self, person: Person) -> SeenMessage:
        for message in reversed(person.chat.visible):
            if any(each.kind == "callback" for row in message.buttons for each in row):
                return message
        raise LookupError("nothing to press")

    def _delete(self) -> None:
        person = self._somebody()
        files = list(self._account(person).files.values())
        person.say(f"/delete {self.dice.choice(files).url}" if files else "/delete")

    def _cancel(self) -> None:
        person = self._somebody()
        if self.dice.random() < 0.5:
            person.say("/cancel")
        else:
            person.send_file(name=f"{self._word()}.bin", content=b"x")
            person.press("Cancel")

    def _delete_a_message(self) -> None:
        person = self._somebody()
        person.delete(self.dice.choice(person.chat.from_bot))

    def _block(self) -> None:
        self._somebody().block()

    def _unblock(self) -> None:
        for person in self.people:
            if person.chat.bot_status == "kicked":
                person.unblock()

    def _newcomer(self) -> None:
        self._numbers += 1
        person = self.bot.person(self._numbers)
        self.bot.say_key(person)
        self.people.append(person)

    def _leave(self) -> None:
        """Most who leave just block the bot; some have everything erased."""
        person = self.people[self.dice.randrange(REGULARS, len(self.people))]
        person.send_file(name=f"{self._word()}.bin", content=b"x")
        if self.dice.random() < 0.5:
            person.say("/logout")
            self._leaving.append(person)
        else:
            person.block()
            self.people.remove(person)

    def _erase(self) -> None:
        person = self._leaving.pop()
        person.press("Erase")
        self.people.remove(person)

    def _renew_key(self) -> None:
        person = self._somebody()
        self.bot.fichier.rotate_key(self._account(person))
        if self.dice.random() < 0.7:
            self.bot.say_key(person)

    def _telegrams_mood(self) -> None:
        faults, person = self.bot.api.faults, self._somebody()
        faults.clear()
        match self.dice.randrange(5):
            case 0:
                faults.add(status=429, retry_after=self.dice.randint(3, 90), chat_id=person.id, times=3)
            case 1:
                until = self.bot.now + 60
                faults.add(status=429, retry_after=10, probability=0.5, times=None, until=until)
            case 2:
                faults.add(status=502, probability=0.3, times=20)
            case 3:
                faults.add(drop="after", probability=0.2, times=5)
            case _:
                faults.add_download(cut_after=10, times=2)

    def _fichiers_mood(self) -> None:
        faults, account = self.bot.fichier.faults, self._account(self._somebody())
        faults.clear()
        endpoint = self.dice.choice(
            ("file/ls.cgi", "upload/get_upload_server.cgi", "remote/ls.cgi", "end.pl")
        )
        kind = self.dice.choice(("flood", "status", "cut", "empty"))
        faults.add(endpoint, kind, times=self.dice.randint(1, 3), account=account.email)

    def everybody_rests(self) -> None:
        """The weather clears, and nobody does anything any more."""
        self.bot.api.faults.clear()
        self.bot.fichier.faults.clear()
