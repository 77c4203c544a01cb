"""The calls of `remote/`: asking for URLs to be fetched, and what became of them."""

from emulators.onefichier.endpoints.call import ApiCall
from emulators.onefichier.wire import JsonObject, integer, local_date, not_found


def request(call: ApiCall) -> JsonObject:
    task = call.service.remotes.request(call.account, call.body, call.folder_id())
    return {
        "status": "OK",
        "id": task.id,
        "date": local_date(task.requested_at),
        "urls": task.urls,
        "headers": call.body.get("headers") or {},
    }


def ls(call: ApiCall) -> JsonObject:
    remotes = call.service.remotes
    return {"status": "OK", "data": [remotes.described(task) for task in remotes.of(call.account)]}


def info(call: ApiCall) -> JsonObject:
    """One task; like the real one, the answer has no `status`."""
    remotes = call.service.remotes
    task = remotes.tasks.get(integer(call.body.get("id")))
    if task is None or task.account is not call.account or task.vanished:
        raise not_found()
    return remotes.described(task, details=True)
