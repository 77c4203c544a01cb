"""Unix seconds as aware times."""

from datetime import UTC, datetime


def aware(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
