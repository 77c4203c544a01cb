"""What holds for every test."""

import pytest


@pytest.fixture(autouse=True)
def pauses_as_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the process sets it: python-telegram-bot warns where it is left open how `retry_after` is given."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
