import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from storage import AlreadyRunning, DatabaseUnusable, hold_data_directory, is_held


def test_a_second_instance_is_refused(tmp_path: Path) -> None:
    with (
        hold_data_directory(tmp_path),
        pytest.raises(AlreadyRunning, match="Another instance"),
        hold_data_directory(tmp_path),
    ):
        pass


def test_the_directory_is_free_after_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with hold_data_directory(tmp_path):
            assert is_held(tmp_path)
        assert not is_held(tmp_path)


def test_a_directory_that_never_was_is_not_held(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "nowhere")


def test_a_missing_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    directory = tmp_path / "some" / "data"
    with hold_data_directory(directory):
        assert directory.stat().st_mode & 0o077 == 0


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    in_its_place = tmp_path / "data"
    in_its_place.write_text("a file")
    with (
        pytest.raises(DatabaseUnusable, match=r"data cannot be written.*BOT_DATA_DIR"),
        hold_data_directory(in_its_place),
    ):
        pass


def test_a_health_check_at_the_wrong_moment_stops_no_start(tmp_path: Path) -> None:
    (tmp_path / "bot.lock").touch()
    descriptor = os.open(tmp_path / "bot.lock", os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    def let_go() -> None:
        time.sleep(0.03)
        os.close(descriptor)

    checker = threading.Thread(target=let_go)
    checker.start()
    with hold_data_directory(tmp_path):
        pass
    checker.join()
