from collections.abc import AsyncIterator

import pytest

from tests.clock import FakeClock
from tests.onefichier.service import Bench, make_bench


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(auto=True)


@pytest.fixture
async def bench(clock: FakeClock) -> AsyncIterator[Bench]:
    async for bench in make_bench(clock):
        yield bench
