"""Links of the service, as people paste them and as its answers hold them."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

# In the order of the service's own numbers (0 to 10); a link's domain is its owner's choice.
DOMAINS: Final = (
    "1fichier.com",
    "alterupload.com",
    "cjoint.net",
    "desfichiers.com",
    "dfichiers.com",
    "megadl.fr",
    "mesfichiers.org",
    "piecejointe.net",
    "pjointe.com",
    "tenvoi.com",
    "dl4free.com",
)

_DOMAIN: Final = "|".join(re.escape(domain) for domain in DOMAINS)
_START: Final = r"(?<![\w.@/-])(?:https?://)?(?:www\.)?"
# An id ends where its alphabet ends; more letters than 20 are no id, and `_` or `-` would be part of another word.
_ID_END: Final = r"(?![\w-])"
_FILE: Final = re.compile(
    rf"{_START}(?P<domain>{_DOMAIN})/\?(?P<id>[a-z0-9]{{5,20}}){_ID_END}", re.IGNORECASE
)
# Storage nodes (a-4.1fichier.com) have a hyphen, and the service's own hosts (api, www) have fewer than five letters.
_LEGACY: Final = re.compile(
    r"(?<![\w.@/-])https?://(?P<id>[a-z0-9]{5,20})\.1fichier\.com/?(?![\w/?.-])", re.IGNORECASE
)
_FOLDER: Final = re.compile(
    rf"{_START}(?:{_DOMAIN})/(?:[a-z]{{2}}/)?dir/(?P<id>[a-z0-9]{{8}}){_ID_END}", re.IGNORECASE
)
_REMOVE: Final = re.compile(
    rf"{_START}(?:{_DOMAIN})/remove/(?P<id>[a-z0-9]+)/(?P<code>[\w-]+)", re.IGNORECASE
)
_REMOVE_PATH: Final = re.compile(r"/remove/[a-z0-9]+/[\w-]+$", re.IGNORECASE)
_DIRECT: Final = re.compile(r"https?://[a-z0-9]+-[a-z0-9]+\.1fichier\.com/[a-z0-9]+", re.IGNORECASE)


class LinkKind(StrEnum):
    FILE = "file"
    FOLDER = "folder"
    REMOVE = "remove"
    """Opening it deletes a file: a secret, never to be shown."""
    DIRECT = "direct"
    """Temporary and personal; says nothing about which file it leads to."""


@dataclass(frozen=True, slots=True)
class Link:
    """A file's download link, which is also its only identifier.

    Attributes:
        id: 5 to 20 lower-case letters and digits. Two links with one id are equal.
        url: the bare link under the domain it was given with: some files answer only there.
    """

    id: str
    url: str = field(compare=False)

    def __str__(self) -> str:
        return self.url


class RemoveLink:
    """The link that deletes a file uploaded without an account. Does not show itself."""

    __slots__ = ("_url",)

    def __init__(self, url: str) -> None:
        if not _REMOVE_PATH.search(url):
            raise ValueError("Not a remove link.")
        self._url = url

    def reveal(self) -> str:
        return self._url

    @property
    def path(self) -> str:
        """`/remove/<id>/<code>`; as secret as the whole."""
        found = _REMOVE_PATH.search(self._url)
        if found is None:
            raise AssertionError("checked at the start")
        return found.group()

    def __repr__(self) -> str:
        return "RemoveLink('**********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoveLink) and other._url == self._url

    def __hash__(self) -> int:
        return hash(self._url)


def parse_link(text: str) -> Link | None:
    """The link that the text as a whole is, with or without scheme and trailing parameters; else None."""
    stripped = text.strip()
    for pattern in (_FILE, _LEGACY):
        found = pattern.match(stripped)
        if found and not re.search(r"\s", stripped) and stripped[found.end() :][:1] in {"", "&", "#"}:
            return _link(found)
    return None


def find_links(text: str) -> list[Link]:
    """Every file link in a text, in order, each id once."""
    found = [match for pattern in (_FILE, _LEGACY) for match in pattern.finditer(text)]
    found.sort(key=lambda match: match.start())
    return list(dict.fromkeys(_link(match) for match in found))


def link_kind(text: str) -> LinkKind | None:
    """What a pasted address of the service is; None for any other text."""
    stripped = text.strip()
    if parse_link(stripped):
        return LinkKind.FILE
    kinds = ((_FOLDER, LinkKind.FOLDER), (_REMOVE, LinkKind.REMOVE), (_DIRECT, LinkKind.DIRECT))
    return next((kind for pattern, kind in kinds if pattern.match(stripped)), None)


def _link(found: re.Match[str]) -> Link:
    link_id = found["id"].lower()
    domain = found.groupdict().get("domain", DOMAINS[0]).lower()
    return Link(id=link_id, url=f"https://{domain}/?{link_id}")
