"""Where in the lists something stands: what buttons carry, so that one comes back to the page one came from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from handlers.buttons import Press, number_on
from transfers import ROOT

# Folder, page, list, order.
_FIELDS: Final = 4


class Order(StrEnum):
    NEWEST = "d"
    NAME = "n"
    LARGEST = "s"


@dataclass(frozen=True)
class Place:
    """A page of a folder, or of what is looked for or chosen in it.

    `list_id` is a question's id: that row holds the words looked for and the files that are chosen. 0: neither.
    """

    folder_id: int = ROOT
    page: int = 0
    list_id: int = 0
    order: Order = Order.NEWEST

    @classmethod
    def on(cls, press: Press, position: int = 0) -> "Place | None":
        """The place that stands on a button from an argument on; None where there is none."""
        return cls.of(press.arguments[position:])

    @classmethod
    def of(cls, values: Sequence[str | int]) -> "Place | None":
        """As `values` wrote it. What an older button lacks, or no button holds, is as in a first look."""
        if not values:
            return None
        texts = [*map(str, values), *[""] * _FIELDS]
        folder_id, page, list_id = (number_on(text) for text in texts[: _FIELDS - 1])
        order = next((each for each in Order if each == texts[_FIELDS - 1]), Order.NEWEST)
        return cls(folder_id, page, list_id, order)

    @property
    def values(self) -> tuple[str | int, ...]:
        """For a button, or a question's subject."""
        return (self.folder_id, self.page, self.list_id, self.order.value)

    def at(self, page: int) -> "Place":
        return replace(self, page=page)
