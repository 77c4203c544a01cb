"""How calls end, told to whoever keeps figures: the endpoint and the kind of answer, never what was in it."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from onefichier.errors import OneFichierError

Observe: TypeAlias = Callable[[str, str], None]
"""Takes the endpoint, and "ok" or the name of the error."""

OK: Final = "ok"


def unobserved(_endpoint: str, _answer: str) -> None:
    """For whoever keeps no figures."""


@contextlib.contextmanager
def observed(observe: Observe, endpoint: str) -> Iterator[None]:
    """Around a call that is sent, whatever becomes of it."""
    try:
        yield
    except OneFichierError as error:
        observe(endpoint, type(error).__name__)
        raise
    observe(endpoint, OK)
