"""Secrets planted in a run, looked for afterwards in every file that it left, in every form that they may have taken."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus


@dataclass(frozen=True)
class Planted:
    name: str
    value: str

    def forms(self) -> Iterator[tuple[str, bytes]]:
        """(what it is, the bytes)."""
        raw = self.value.encode()
        yield "plain", raw
        yield "URL-encoded", quote(self.value, safe="").encode()
        yield "URL-encoded as a form", quote_plus(self.value).encode()
        yield "UTF-16", self.value.encode("utf-16-le")
        yield "hexadecimal", raw.hex().encode()
        for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
            for offset in range(3):
                yield (
                    f"base64, {offset} bytes into a group",
                    _within_base64(alphabet(b"\0" * offset + raw), offset),
                )

    def found_in(self, content: bytes) -> list[str]:
        return [
            form
            for form, wanted in self.forms()
            if wanted in content
            or (form == "hexadecimal" and re.search(re.escape(wanted), content, re.IGNORECASE))
        ]


def _within_base64(encoded: bytes, offset: int) -> bytes:
    """What of it is the same whatever stands before and behind."""
    first = {0: 0, 1: 2, 2: 3}[offset]
    whole = encoded.rstrip(b"=")
    last = len(whole) if len(whole) == len(encoded) else len(whole) - 1
    return whole[first:last]


def traces(directory: Path, secrets: list[Planted], *, besides: frozenset[Path] = frozenset()) -> list[str]:
    """Where any of them stands, in words."""
    found = []
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path not in besides:
            content = path.read_bytes()
            found += [
                f"{path.relative_to(directory)}: {secret.name} ({form})"
                for secret in secrets
                for form in secret.found_in(content)
            ]
    return found
