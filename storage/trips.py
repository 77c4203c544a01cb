"""Trips to another thread that many share."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class SharedTrips(Generic[Asked, Answer]):
    """What is asked while a trip is under way goes together in the next one.

    With a trip for each, threads change places several times for every question, which costs more than most answers do.
    """

    def __init__(self, go: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]]) -> None:
        """`go` gives an answer for each in its place; an exception there is raised to who asked. What `go` raises, all of them get."""
        self._go = go
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._under_way: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._go_while_somebody_waits())
        return await answer

    async def finish(self) -> None:
        """Return when nothing is under way any more."""
        if self._under_way is not None:
            await asyncio.wait({self._under_way})

    async def _go_while_somebody_waits(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            answers: Sequence[Answer | Exception]
            try:
                answers = await self._go([asked for asked, _ in together])
            except Exception as error:  # noqa: BLE001  # it is theirs who wait
                answers = [error] * len(together)
            for (_, waiting), answer in zip(together, answers, strict=True):
                if waiting.done():
                    continue
                if isinstance(answer, Exception):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)
