"""The machine in words: what figures depend on, and nothing that tells whose it is."""

import os
import platform
import re
import ssl
from importlib.metadata import version
from pathlib import Path
from typing import Final

LIBRARIES: Final = ("python-telegram-bot", "httpx", "httpcore", "h11", "anyio", "aiosqlite", "cryptography")


def described() -> list[tuple[str, str]]:
    """What it is called, and what it is."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return [
        ("processor", f"{_processor()}, {cores} cores"),
        ("memory", _memory()),
        ("kernel", f"{platform.system()} {re.split('[-+]', platform.release())[0]} {platform.machine()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("OpenSSL", ssl.OPENSSL_VERSION),
        ("libraries", ", ".join(f"{name} {version(name)}" for name in LIBRARIES)),
    ]


def _processor() -> str:
    match = re.search(r"^model name\s*: (.+)$", _read("/proc/cpuinfo"), flags=re.MULTILINE)
    return match[1].strip() if match else platform.machine()


def _memory() -> str:
    match = re.search(r"^MemTotal:\s+(\d+) kB$", _read("/proc/meminfo"), flags=re.MULTILINE)
    return f"{int(match[1]) * 1024 / 1e9:.0f} GB" if match else "unknown"


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
