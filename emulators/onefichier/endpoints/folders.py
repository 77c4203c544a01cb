"""The calls of `folder/`: listing, making, moving, removing, sharing."""

from emulators.onefichier.accounts import ROOT, Folder
from emulators.onefichier.endpoints.call import ApiCall
from emulators.onefichier.endpoints.files import LISTING_LIMIT, described, password
from emulators.onefichier.wire import JsonObject, RefusalError, demanded_name, flag, local_date, not_found


def ls(call: ApiCall) -> JsonObject:
    folder_id = call.folder_id()
    files = call.service.listed(call.account, folder_id)
    document: JsonObject = {
        "status": "OK",
        "folder_id": folder_id,
        "sub_folders": [
            {
                "id": folder.id,
                "name": folder.name,
                "create_date": local_date(folder.created_at),
                "pass": int(bool(folder.password)),
            }
            for folder in call.account.folders_in(folder_id)
        ],
    }
    if folder_id == ROOT:
        # Seen in a real log: the root counts nothing, whatever it holds.
        document |= {"name": "Root", "size": None, "files": 0}
    else:
        folder = call.account.folders[folder_id]
        document |= {
            "name": folder.name,
            "size": sum(file.size for file in files),
            "files": len(files),
            "create_date": local_date(folder.created_at),
            "shared": folder.shared_url,
            "pass": int(bool(folder.password)),
            "shares": folder.shares,
        }
    if flag(call.body.get("files")):
        call.service.limits.listing(call.account.email, folder_id)
        document["items"] = [described(file) for file in files[:LISTING_LIMIT]]
    return document


def mkdir(call: ApiCall) -> JsonObject:
    parent_id = call.folder_id()
    name = demanded_name(call.body.get("name"))
    _refuse_taken(call, parent_id, name)
    folder = call.account.add_folder(name, parent_id)
    return {"status": "OK", "folder_id": folder.id, "name": name, "message": "Folder created"}


def move(call: ApiCall) -> JsonObject:
    folder = _own_folder(call)
    old_name = folder.name
    if call.body.get("rename"):  # makes the service ignore the destination
        name = demanded_name(call.body["rename"])
        _refuse_taken(call, folder.parent_id, name)
        folder.name = name
    else:
        destination = call.folder_id("destination_folder_id")
        if destination == folder.id or _is_below(call, destination, folder.id):
            raise RefusalError("A folder cannot be moved into itself #402")
        _refuse_taken(call, destination, folder.name)
        folder.parent_id = destination
    return {"status": "OK", "message": "Folder moved", "old_name": old_name, "new_name": folder.name}


def remove(call: ApiCall) -> JsonObject:
    folder = _own_folder(call)
    if any(call.account.files_in(folder.id)) or any(call.account.folders_in(folder.id)):
        raise RefusalError("Folder not empty #403")
    del call.account.folders[folder.id]
    return {"status": "OK", "message": "Folder removed"}


def share(call: ApiCall) -> JsonObject:
    folder = _own_folder(call)
    if "pass" in call.body:
        folder.password = password(call.body["pass"])
    if "shares" in call.body:
        shares = call.body["shares"] or []
        if not isinstance(shares, list) or not all(isinstance(entry, dict) for entry in shares):
            raise RefusalError("Invalid shares #404")
        folder.shares = [_share(entry) for entry in shares]
    if not flag(call.body.get("share")):
        folder.shared_url = ""
        return {"status": "OK", "message": "Folder not shared"}
    folder.shared_url = (
        folder.shared_url or f"https://1fichier.com/dir/{call.service.mint.public_folder_id()}"
    )
    return {"status": "OK", "url": folder.shared_url, "message": "Folder shared"}


def _share(entry: JsonObject) -> JsonObject:
    hide_links = flag(entry.get("hide_links"))
    writable = 0 if hide_links else flag(entry.get("rw"))
    return {"email": str(entry.get("email", "")), "rw": writable, "hide_links": hide_links}


def _own_folder(call: ApiCall) -> Folder:
    folder_id = call.folder_id()
    if folder_id == ROOT:
        raise not_found()
    return call.account.folders[folder_id]


def _refuse_taken(call: ApiCall, parent_id: int, name: str) -> None:
    if any(folder.name == name for folder in call.account.folders_in(parent_id)):
        raise RefusalError("Another folder with the same name #401")


def _is_below(call: ApiCall, folder_id: int, ancestor_id: int) -> bool:
    while folder_id != ROOT:
        folder_id = call.account.folders[folder_id].parent_id
        if folder_id == ancestor_id:
            return True
    return False
