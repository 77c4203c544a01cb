"""The emulated methods by name. What is in the specification but not here is answered with 501 and noted."""

from emulators.botapi.methods import chats, editing, polling, profile, queries, sending
from emulators.botapi.methods.registry import Described, Handler

__all__ = ["METHODS", "Described", "Handler"]

METHODS: dict[str, Handler] = {
    **polling.METHODS,
    **sending.METHODS,
    **editing.METHODS,
    **queries.METHODS,
    **chats.METHODS,
    **profile.METHODS,
}
