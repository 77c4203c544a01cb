"""The calls of `file/`: everything about files that are stored already."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from emulators.onefichier.accounts import Acl, EmulatedAccount, StoredFile, new_file
from emulators.onefichier.content import Received
from emulators.onefichier.endpoints.call import ApiCall
from emulators.onefichier.limits import ALL_FILES
from emulators.onefichier.uploads import PASSWORD_CHARACTERS
from emulators.onefichier.wire import (
    JsonObject,
    RefusalError,
    demanded_name,
    flag,
    integer,
    link_id,
    local_bound,
    local_date,
    not_allowed,
    not_found,
)

LISTING_LIMIT: Final = 5_000
SCAN_BYTES_LIMIT: Final = 5 * 10**9


def described(file: StoredFile) -> JsonObject:
    """A file as listings show it: without its folder, and with `acl` as 0 or 1."""
    return {
        "url": file.url,
        "filename": file.name,
        "size": file.size,
        "date": local_date(file.stored_at),
        "checksum": file.whirlpool,
        "content-type": file.content_type,
        "pass": int(bool(file.password)),
        "acl": int(bool(file.acl)),
        "cdn": file.cdn,
    }


def info(call: ApiCall) -> JsonObject:
    owner, file = call.named_file()
    document = described(file) | {
        "description": file.description,
        "no_ssl": file.no_ssl,
        "inline": file.inline,
        "acl": asdict(file.acl),
    }
    if owner is call.account:
        document |= {"folder_id": file.folder_id, "path": call.account.path_of(file.folder_id)}
    if call.service.file_info_status:
        document["status"] = "OK"
    return document


def ls(call: ApiCall) -> JsonObject:
    wanted = integer(call.body.get("folder_id") or 0)
    folder_id = None if wanted == ALL_FILES else call.folder_id()
    call.service.limits.listing(call.account.email, wanted)
    files = call.service.listed(call.account, folder_id)
    if call.body.get("sent_after"):
        after = local_bound(call.body["sent_after"])
        files = [file for file in files if local_date(file.stored_at) >= after]
    if call.body.get("sent_before"):
        before = local_bound(call.body["sent_before"])
        files = [file for file in files if local_date(file.stored_at) <= before]
    items = [described(file) for file in files[:LISTING_LIMIT]]
    return {"status": "OK", "count": len(items), "items": items}


def remove(call: ApiCall) -> JsonObject:
    wanted = call.body.get("files")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(item, dict) for item in wanted):
        raise RefusalError("No file #306")
    removed = []
    foreign = False
    for item in wanted:
        found = call.service.find_file(link_id(item.get("url")))
        if found is None:
            continue
        owner, file = found
        if owner is call.account or (owner is None and item.get("code") == file.remove_code):
            call.service.remove_file(owner, file)
            removed.append(file.url)
        else:
            foreign = True
    if not removed:
        raise not_allowed() if foreign else not_found()
    return {"status": "OK", "removed": len(removed), "urls": removed}


def move(call: ApiCall) -> JsonObject:
    if "destination_folder_id" not in call.body:
        raise RefusalError("No destination folder #307")
    files = call.own_files(call.urls())
    destination = call.folder_id("destination_folder_id")
    name = _single_name(call.body.get("rename"), len(files))
    if name is not None and name == files[0].name:
        raise RefusalError("No file has been renamed #312", 200)
    moving = [file for file in files if file.folder_id != destination]
    if not moving:
        raise RefusalError("No file has been moved #313", 200)
    for file in moving:
        file.folder_id = destination
        file.name = name or file.name
    answer: JsonObject = {"status": "OK", "moved": len(moving), "urls": [file.url for file in moving]}
    return answer if name is None else answer | {"filename": name}


def rename(call: ApiCall) -> JsonObject:
    renamed = []
    for item in call.urls():
        if not isinstance(item, dict):
            raise RefusalError("Invalid parameter #308")
        file, name = call.own_file(item.get("url")), demanded_name(item.get("filename"))
        # A name taken in the folder is refused like an unchanged one.
        if any(other.name == name for other in call.account.files_in(file.folder_id)):
            continue
        renamed.append({"url": file.url, "old_filename": file.name, "new_filename": name})
        file.name = name
    if not renamed:
        raise RefusalError("No file has been renamed #312", 200)
    return {"status": "OK", "renamed": len(renamed), "urls": renamed}


def copy(call: ApiCall) -> JsonObject:
    sources: list[tuple[EmulatedAccount | None, StoredFile]] = []
    for url in call.urls():
        found = call.service.find_file(link_id(url))
        if found is None:
            raise not_found()
        call.check_access(*found)
        sources.append(found)
    folder_id = call.folder_id()
    name = _single_name(call.body.get("rename"), len(sources))
    urls = []
    for _, source in sources:
        content = Received(source.content, source.size, source.sha256, source.whirlpool)
        twin = new_file(
            call.service.mint,
            name or source.name,
            content,
            listed_at=call.service.now() + call.service.listing_lag,
        )
        twin.folder_id = folder_id
        call.account.files[twin.id] = twin
        urls.append({"from_url": source.url, "to_url": twin.url})
    answer: JsonObject = {"status": "OK", "copied": len(urls), "urls": urls}
    return answer if name is None else answer | {"filename": name}


def chattr(call: ApiCall) -> JsonObject:
    files = call.own_files(call.urls())
    changes = _changes(call.body)
    if "name" in changes and len(files) > 1:
        raise RefusalError("Only one file can be renamed #309")
    updated = [file for file in files if any(getattr(file, name) != value for name, value in changes.items())]
    for file in updated:
        for name, value in changes.items():
            setattr(file, name, value)
    if not updated:
        raise RefusalError("No changes requested #310", 200)
    return {"status": "OK", "updated": len(updated), "urls": [file.url for file in updated]}


def scan(call: ApiCall) -> JsonObject:
    file = call.own_file(call.body.get("url"))
    if file.size > SCAN_BYTES_LIMIT:
        raise RefusalError("File too large to be scanned #311")
    if file.infected:
        call.service.remove_file(call.account, file)
        raise RefusalError("Eicar-Test-Signature found, the file has been removed", 200)
    return {"status": "OK", "message": "No virus found"}


def _single_name(rename: object, count: int) -> str | None:
    if rename in {None, ""}:
        return None
    if count != 1:
        raise RefusalError("Only one file can be renamed #309")
    return demanded_name(rename)


def password(value: object) -> str:
    """A new password, or "" to remove it.

    Raises:
        RefusalError: It is too short.
    """
    if not isinstance(value, str) or 0 < len(value) < PASSWORD_CHARACTERS:
        raise RefusalError(f"Password too short, {PASSWORD_CHARACTERS} characters minimum #314")
    return value


def _acl(value: object) -> Acl:
    if not isinstance(value, dict):
        return Acl()
    lists = {name: value.get(name) or [] for name in ("ip", "country", "email")}
    if not all(isinstance(entries, list) for entries in lists.values()):
        raise RefusalError("Invalid acl #315")
    return Acl(**lists, premium=flag(value.get("premium")))


_ATTRIBUTES: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "filename": ("name", demanded_name),
    "description": ("description", str),
    "pass": ("password", password),
    "no_ssl": ("no_ssl", flag),
    "inline": ("inline", flag),
    "cdn": ("cdn", flag),
    "acl": ("acl", _acl),
}


def _changes(body: JsonObject) -> JsonObject:
    return {name: read(body[field]) for field, (name, read) in _ATTRIBUTES.items() if field in body}
