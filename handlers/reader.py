"""Whom something is told that happened by itself."""

from dataclasses import dataclass
from typing import Self

from handlers.texts import Texts, texts_for
from storage import Person, Preferences, Sounds


@dataclass(frozen=True)
class Reader:
    t: Texts
    preferences: Preferences

    @classmethod
    def of(cls, person: Person | None) -> Self:
        if person is None:
            return cls(texts_for(None), Preferences())
        return cls(texts_for(person.language), person.preferences)

    @property
    def rings(self) -> bool:
        """Whether they want to hear that something has come which they wait for."""
        return self.preferences.sounds is not Sounds.NEVER
