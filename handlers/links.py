"""Links of 1fichier and other addresses in what people send, hidden ones included."""

from collections.abc import Iterator

from telegram import Message, MessageEntity

from handlers.topics import replied_to
from onefichier import Link, find_links, parse_link


def links_in(*messages: Message | None) -> list[Link]:
    """Every 1fichier file link of the messages, in order, each once."""
    return find_links("\n".join(text for message in messages if message for text in _texts(message)))


def addresses_in(message: Message) -> str:
    """What Telegram recognised as addresses, one a line, with those behind words."""
    kinds: list[str | None] = [MessageEntity.URL, MessageEntity.TEXT_LINK]
    entities = {**message.parse_entities(kinds), **message.parse_caption_entities(kinds)}
    return "\n".join(entity.url or shown for entity, shown in entities.items())


def link_of(link_id: str) -> Link | None:
    """The link with that id, which is what buttons carry; None for what cannot be an id."""
    return parse_link(f"https://1fichier.com/?{link_id}")


def words_after_command(message: Message) -> str:
    """What stands behind `/command`, line breaks kept."""
    _, _, rest = (message.text or "").partition(" ")
    first_line, newline, others = (message.text or "").partition("\n")
    # A line break may end the command as well as a space.
    return others if newline and " " not in first_line else rest


def link_and_words(message: Message) -> tuple[Link | None, str]:
    """The link that a command is about, and what else it says: the link stands first, or in the message replied to.

    None when there is no link there, or several in the message replied to.
    """
    said = words_after_command(message).strip()
    first, *others = said.split(maxsplit=1) or [""]
    if found := find_links(first):
        return found[0], others[0] if others else ""
    replied = links_in(replied_to(message))
    return (replied[0] if len(replied) == 1 else None), said


def _texts(message: Message) -> Iterator[str]:
    yield message.text or message.caption or ""
    yield addresses_in(message)
