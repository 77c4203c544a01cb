"""Remote uploads: remote/*. The service has no way to cancel one."""

from collections.abc import Sequence

from onefichier.calls import Calls, given
from onefichier.errors import BadAnswer
from onefichier.funnel import Call, read_model
from onefichier.models import RemoteTask
from onefichier.schedule import Priority


class RemoteCalls(Calls):
    async def request_remote(
        self,
        urls: Sequence[str],
        folder_id: int = 0,
        *,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> RemoteTask:
        """Have URLs fetched, as one task. Raises AlreadyRequested when one is being fetched."""
        call = Call(
            "remote/request.cgi",
            given(urls=list(urls), folder_id=folder_id),
            expects=("id",),
            effect=True,
        )
        return read_model(RemoteTask, {"urls": list(urls), **await self._call(call, priority, wait)}, call)

    async def list_remote(
        self, *, priority: Priority = Priority.INTERACTIVE, wait: float | None = None
    ) -> list[RemoteTask]:
        """All tasks that the service remembers, without their URLs and results."""
        call = Call("remote/ls.cgi", {}, expects=("data",))
        data = (await self._call(call, priority, wait)).get("data", [])
        # What is no list does not say that there are no tasks: one that seems lost would be requested again.
        if not isinstance(data, list):
            raise BadAnswer("unexpected data", endpoint=call.endpoint)
        return [read_model(RemoteTask, task, call) for task in data]

    async def remote_info(
        self, task_id: int, *, priority: Priority = Priority.INTERACTIVE, wait: float | None = None
    ) -> RemoteTask:
        """One task, with its URLs and, once it is executed, one result for each."""
        call = Call("remote/info.cgi", {"id": task_id}, expects=("id", "links", "result", "request_date"))
        return read_model(RemoteTask, {"id": task_id, **await self._call(call, priority, wait)}, call)
