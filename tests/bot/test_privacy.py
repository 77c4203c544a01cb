"""What the process keeps to itself."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from bot.privacy import keep_private

pytestmark = pytest.mark.process

PROJECT = Path(__file__).parents[2]

DUMPS = """
import ctypes, resource
from bot.privacy import keep_private
keep_private()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
ENVIRONMENT = """
import subprocess, sys
from bot.privacy import take_secrets_out_of_the_environment
from bot.settings import load_settings
settings = load_settings()
take_secrets_out_of_the_environment()
print(subprocess.run(["env"], capture_output=True, text=True, check=True).stdout)
"""
CRASH = """
import os, sys
from bot.privacy import keep_private
if sys.argv[1] == "private":
    keep_private()
os.abort()
"""


def run(program: str, directory: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={"PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin", **variables},
        cwd=directory,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_no_core_is_dumped_and_nobody_else_reads_memory(tmp_path: Path) -> None:
    assert run(DUMPS, tmp_path).stdout == "(0, 0) 0\n"


def test_a_crash_leaves_no_core_file(tmp_path: Path) -> None:
    assert run(CRASH, tmp_path, "private").returncode < 0
    assert list(tmp_path.iterdir()) == []


def test_a_child_inherits_no_secret(tmp_path: Path) -> None:
    token = "123456789:" + "planted" * 5
    ended = run(
        ENVIRONMENT,
        tmp_path,
        BOT_TOKEN=token,
        BOT_SECRET_KEYS="planted",
        BOT_WEBHOOK_SECRET="planted",
        BOT_ADMINS="5",
    )
    assert "BOT_ADMINS=5" in ended.stdout
    assert "planted" not in ended.stdout


def test_a_system_without_prctl_has_at_least_no_core_file() -> None:
    class Other:
        pass

    def load(_: None) -> ctypes.CDLL:
        return Other()  # type: ignore[return-value]  # a library without prctl

    keep_private(load)
