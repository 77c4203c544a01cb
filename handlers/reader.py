"""Whom something is told that happened by itself."""

from dataclasses import dataclass
from typing import Self

from handlers.texts import Texts, texts_for
from storage import Person, Preferences, Sounds


def texts_of(person: Person | None) -> Texts:
    """In the language and the time zone that they have chosen, or that go with what Telegram says of them."""
    if person is None:
        return texts_for(None)
    return texts_for(person.language, person.preferences.time_zone)


@dataclass(frozen=True)
class Reader:
    t: Texts
    preferences: Preferences

    @classmethod
    def of(cls, person: Person | None) -> Self:
        return cls(texts_of(person), person.preferences if person else Preferences())

    @property
    def rings(self) -> bool:
        """Whether they want to hear that something has come which they wait for."""
        return self.preferences.sounds is not Sounds.NEVER
