"""The links of several files in the form that the person wants: in a message, to be copied, or as a text file."""

from collections.abc import Sequence
from typing import Final

from telegram import InlineKeyboardButton, Update

from handlers.buttons import Action, button, copy_button
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.presses import not_yours, too_old
from handlers.reasons import not_fetched_in_brief, not_uploaded_in_brief
from handlers.splitting import visible
from handlers.texts import Html, Texts
from storage import Batch, BatchKind, LinkFormat, RemoteState, TransferState

Named = tuple[str, str]
"""A file's name and its link."""

FILE_NAME: Final = "links.txt"


def listed(t: Texts, files: Sequence[Named], form: LinkFormat) -> list[Html]:
    """One or two lines for each file."""
    if form is LinkFormat.PLAIN:
        return [t("{link}", link=link) for _, link in files]
    return [t("<b>{name}</b>\n{link}", name=t.name(name), link=link) for name, link in files]


def as_text(files: Sequence[Named], form: LinkFormat, remarks: Sequence[Html] = ()) -> bytes:
    """The content of a text file, names in full. Remarks, such as what failed, stand behind a `#` at its end."""
    if form is LinkFormat.PLAIN:
        lines = [link for _, link in files]
    else:
        # A line break in a name would make two of it.
        lines = [line for name, link in files for line in (" ".join(name.split()), link, "")]
    lines += [f"# {' '.join(visible(each).split())}" for each in remarks]
    return "".join(f"{line}\n" for line in lines).encode()


def copy_all(
    t: Texts, files: Sequence[Named], batch_id: int, *, untold: bool = False
) -> InlineKeyboardButton | None:
    """Copies the links alone, which is what other programs take; a text file where Telegram cannot copy so much.

    `untold`: the message does not say of each what became of it, so that the text file has to.
    """
    copied = None if untold else copy_button(t.plain("Copy all"), "\n".join(link for _, link in files))
    if copied is None and (files or untold):
        return button(t.plain("Links as file"), Action.LINKS_FILE, batch_id)
    return copied


def one_for_all(t: Texts, batch_id: int, files: int) -> InlineKeyboardButton | None:
    """Puts them into a folder whose link shows them all."""
    return button(t.plain("One link for all"), Action.SHARE_BATCH, batch_id) if files > 1 else None


async def send_links_file(update: Update, context: Context) -> str | None:
    """Send the links of a batch as a text file."""
    services, message = context.services, message_of(update)
    batch = await services.batches.find(context.press.number())
    if batch is None:
        return too_old(context)
    if batch.person_id != context.person.id:
        return not_yours(context)
    files, failed = await _outcomes(context, batch)
    if not files and not failed:
        return context.t.plain("Already done.")
    content = as_text(files, context.person.preferences.links, failed)
    await services.chats.send_document(message.chat.id, content, name=FILE_NAME, reply_to=message.message_id)
    return None


async def _outcomes(context: Context, batch: Batch) -> tuple[list[Named], list[Html]]:
    """The links of a batch, and why others have none."""
    services, t = context.services, context.t
    if batch.kind is BatchKind.REMOTE:
        remotes = [each for each in await services.remotes_store.of_batch(batch.id) if each.told]
        failed_links = [each for each in remotes if each.state in {RemoteState.FAILED, RemoteState.UNKNOWN}]
        links = [(each.stored_name or each.shown_url, each.link) for each in remotes]
        failed = [not_fetched_in_brief(t, each) for each in failed_links]
    else:
        transfers = [each for each in await services.transfers.of_batch(batch.id) if not each.refused]
        ended = {TransferState.FAILED, TransferState.UNKNOWN}
        links = [(each.stored_name or each.name, each.link) for each in transfers]
        failed = [not_uploaded_in_brief(t, each) for each in transfers if each.state in ended]
    return [(name, link) for name, link in links if link], failed


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.LINKS_FILE: send_links_file}
