"""A chat printed in a terminal as it happens: messages, edits, deletions, presses."""

from typing import TextIO

from emulators.botapi import Chat, SeenMessage

_INDENT = "          "


class Screen:
    """Follows one chat; `follow` runs until cancelled."""

    def __init__(self, chat: Chat, person: str, out: TextIO) -> None:
        self._chat = chat
        self._person = person
        self._out = out
        self._shown: dict[int, str] = {}
        self._gone: set[int] = set()

    async def follow(self) -> None:
        while True:
            count = self._chat.changes.count
            self.refresh()
            await self._chat.changes.after(count)

    def refresh(self) -> None:
        """Print what has changed since the last time."""
        for message in self._chat.messages:
            face = _face(message)
            if message.deleted and message.id not in self._gone:
                self._gone.add(message.id)
                if message.id in self._shown:
                    self.note(f"(message {message.id} is deleted)")
            elif not message.deleted and self._shown.get(message.id) != face:
                mark = "*" if message.id in self._shown else " "
                self._shown[message.id] = face
                writer = "bot" if message.from_bot else self._person
                bell = " ♪" if message.from_bot and not message.silent and mark == " " else ""
                self._print(f"{mark}{message.id:>3} {writer:>4}{bell} {face}")

    def note(self, text: str) -> None:
        self._print(f"{_INDENT}{text}")

    def _print(self, text: str) -> None:
        first, *rest = text.splitlines() or [""]
        print(first, *(f"{_INDENT}{line}" for line in rest), sep="\n", file=self._out, flush=True)


def _face(message: SeenMessage) -> str:
    lines = [message.text] if message.text else []
    lines += [f"[{name}]" for kind in ("document", "photo", "video") if (name := _attached(message, kind))]
    lines += [" ".join(f"[{button.text}]" for button in row) for row in message.buttons]
    return "\n".join(lines)


def _attached(message: SeenMessage, kind: str) -> str:
    value = message.payload.get(kind)
    if not value:
        return ""
    return str(value.get("file_name", kind)) if isinstance(value, dict) else kind
