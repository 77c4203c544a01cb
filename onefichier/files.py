"""Calls on files: file/* and download/*."""

from collections.abc import Sequence
from datetime import datetime

from onefichier.calls import Calls, bare, changed_links, given
from onefichier.errors import BadAnswer, NothingChanged
from onefichier.funnel import Call, read_model
from onefichier.limits import FILE_LS
from onefichier.links import Link
from onefichier.models import (
    AccessRules,
    Changed,
    Copied,
    DownloadToken,
    FileInfo,
    Listing,
    Removed,
    Renamed,
)
from onefichier.names import safe_name
from onefichier.paris import window_end, window_start
from onefichier.schedule import Priority


class FileCalls(Calls):
    async def file_info(
        self,
        link: Link | str,
        *,
        password: str | None = None,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> FileInfo:
        """One file, of anybody. Often asked, it brings bans: a listing of the folder is the better question about several."""
        body = given(url=bare(link), **{"pass": password})
        call = Call("file/info.cgi", body, expects=("url", "filename"))
        return read_model(FileInfo, {"url": bare(link), **await self._call(call, priority, wait)}, call)

    async def list_files(
        self,
        folder_id: int = 0,
        *,
        sent_after: datetime | None = None,
        sent_before: datetime | None = None,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> Listing:
        """Files of one folder, in no order; -1 for all of the account. Limited to one listing of a folder in 30 s, of all in an hour.

        The window may include an hour too much at the end of summer time, and never too little.
        """
        body = given(
            folder_id=folder_id,
            sent_after=window_start(sent_after) if sent_after else None,
            sent_before=window_end(sent_before) if sent_before else None,
        )
        call = Call(FILE_LS, body, expects=("items", "count"), lists_folder=folder_id)
        answer = await self._call(call, priority, wait)
        return read_model(Listing, {"items": answer.get("items"), "count": answer.get("count")}, call)

    async def remove_files(
        self,
        links: Sequence[Link | str],
        *,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> Removed:
        """Only what is in the answer's `links` was removed."""
        call = Call(
            "file/rm.cgi",
            {"files": [{"url": bare(link)} for link in links]},
            expects=("removed", "urls"),
            effect=True,
        )
        changed = _changed(await self._call(call, priority, wait), call, "removed")
        return Removed(links=changed.links, count=changed.count)

    async def move_files(
        self,
        links: Sequence[Link | str],
        folder_id: int,
        *,
        name: str | None = None,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> Changed:
        """Into another folder; `name` only with one link, and only if it differs from the present one."""
        body = given(
            urls=[bare(link) for link in links],
            destination_folder_id=folder_id,
            rename=None if name is None else safe_name(name),
        )
        call = Call("file/mv.cgi", body, expects=("moved", "urls"), effect=True)
        return _changed(await self._call(call, priority, wait), call, "moved")

    async def rename_file(
        self,
        link: Link | str,
        name: str,
        *,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> Renamed:
        """Raises NothingChanged when it is called so already, or another file of the folder is."""
        renamed = {"url": bare(link), "filename": safe_name(name)}
        call = Call("file/rename.cgi", {"urls": [renamed]}, expects=("renamed", "urls"), effect=True)
        answer = await self._call(call, priority, wait)
        entries = answer.get("urls")
        entry = entries[0] if isinstance(entries, list) and entries else {}
        if not isinstance(entry, dict):
            raise BadAnswer("unexpected urls", endpoint=call.endpoint, maybe_done=True)
        return read_model(Renamed, {"url": bare(link), "new_filename": safe_name(name), **entry}, call)

    async def copy_files(
        self,
        links: Sequence[Link | str],
        folder_id: int = 0,
        *,
        name: str | None = None,
        password: str | None = None,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> tuple[Copied, ...]:
        """Of anybody's files, into this account; each copy gets a link of its own. `name` only with one link."""
        body = given(
            urls=[bare(link) for link in links],
            folder_id=folder_id,
            rename=None if name is None else safe_name(name),
            **{"pass": password},
        )
        call = Call("file/cp.cgi", body, expects=("copied", "urls"), effect=True)
        answer = await self._call(call, priority, wait)
        entries = answer.get("urls") or []
        if not isinstance(entries, list):
            raise BadAnswer("unexpected urls", endpoint=call.endpoint, maybe_done=True)
        return tuple(read_model(Copied, entry, call) for entry in entries)

    async def change_attributes(
        self,
        links: Sequence[Link | str],
        *,
        name: str | None = None,
        description: str | None = None,
        password: str | None = None,
        no_ssl: bool | None = None,
        inline: bool | None = None,
        cdn: bool | None = None,
        access_rules: AccessRules | None = None,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> Changed:
        """What is None stays. An empty password, description or set of rules removes it; passwords have 6 characters or more.

        A file that has the attributes already is no error: it is then missing in the answer's `links`.
        """
        body = given(
            urls=[bare(link) for link in links],
            filename=None if name is None else safe_name(name),
            description=description,
            no_ssl=no_ssl,
            inline=inline,
            cdn=cdn,
            acl=None if access_rules is None else _rules(access_rules),
            **{"pass": password},
        )
        call = Call("file/chattr.cgi", body, expects=("updated", "urls"), effect=True)
        try:
            return _changed(await self._call(call, priority, wait), call, "updated")
        except NothingChanged:
            return Changed(links=(), count=0)

    async def get_download_token(
        self,
        link: Link | str,
        *,
        password: str | None = None,
        inline: bool | None = None,
        cdn: bool | None = None,
        single: bool = True,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> str:
        """An address to download from: once, to be started within 5 minutes, and personal. Needs Premium, Access or CDN credits."""
        body = given(url=bare(link), inline=inline, cdn=cdn, single=single, **{"pass": password})
        # Each answer is a new token, but an unused one costs nothing.
        call = Call("download/get_token.cgi", body, expects=("url",))
        return read_model(DownloadToken, await self._call(call, priority, wait), call).url


def _changed(answer: dict[str, object], call: Call, counter: str) -> Changed:
    links = changed_links(answer, call)
    return read_model(
        Changed,
        {"links": links, "count": answer.get(counter) or len(links), "name": answer.get("filename")},
        call,
    )


def _rules(rules: AccessRules) -> dict[str, object]:
    return {
        "ip": list(rules.ip),
        "country": list(rules.country),
        "email": list(rules.email),
        "premium": int(rules.premium),
    }
