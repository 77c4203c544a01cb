"""What holds for every test."""

import pytest
from hypothesis import HealthCheck, settings

# How fast examples are made says something of the machine, and nothing of the code.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")

# Whoever asks for it drives the conversation or the transfers through both emulators, over loopback.
WORLD = "world"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if WORLD in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.emulated)


@pytest.fixture(autouse=True)
def pauses_as_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the process sets it: python-telegram-bot warns where it is left open how `retry_after` is given."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
