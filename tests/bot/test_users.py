"""`users` and `stats`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import stats, users
from bot.errors import BotError
from bot.settings import Settings
from storage import AccessStore, LimitRows, LocalFileStore, ProcessStore, Switch, TransferStore
from tests.bot.process import TOKEN
from tests.bot.state import NOW, add_people, in_state, settings_for


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = settings_for(
        tmp_path / "data", admins="9", allowed_users="5,8", telegram_files_dir=tmp_path / "files"
    )
    in_state(settings, lambda state: add_people(state, 5, 6))
    return settings


def listed(settings: Settings, capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """The cells of each line, by number."""
    capsys.readouterr()
    users.run(settings, "list", None)
    return {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()[1:]}


def test_everybody_is_listed_with_numbers_and_counts_only(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = listed(settings, capsys)
    assert lines["5"] == ["allowed", "yes", "0", "0", "0", "bytes"]
    assert lines["6"][:2] == ["stranger", "yes"]
    assert lines["8"][:2] == ["allowed", "-"]
    assert lines["9"][:2] == ["admin", "-"]
    assert "planted" not in str(lines)


def test_who_is_banned_is_listed_so_and_their_work_is_stopped(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    users.run(settings, "ban", 6)
    assert "1 uploads and 0 links were stopped" in capsys.readouterr().out
    assert listed(settings, capsys)["6"][0] == "banned"
    active = in_state(settings, lambda state: TransferStore(state.database, state.vault).active_of(6))
    assert active == []
    users.run(settings, "allow", 6)
    assert listed(settings, capsys)["6"][0] == "guest"


def test_an_admin_by_setting_cannot_be_banned(settings: Settings) -> None:
    with pytest.raises(BotError, match="BOT_ADMINS"):
        users.run(settings, "ban", 9)


def test_who_is_removed_leaves_no_trace_but_their_ban(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    users.run(settings, "ban", 6)
    users.run(settings, "remove", 6)
    assert "they stay banned" in capsys.readouterr().out
    users.run(settings, "remove", 5)
    assert "Everything known about 5 is erased." in capsys.readouterr().out
    assert listed(settings, capsys) == {
        "6": ["banned", "-", "-", "-", "-"],
        "8": ["allowed", "-", "-", "-", "-"],
        "5": ["allowed", "-", "-", "-", "-"],
        "9": ["admin", "-", "-", "-", "-"],
    }
    for path in settings.data_dir.glob("bot.db*"):
        assert b"planted-name" not in path.read_bytes()


def test_their_files_on_a_local_servers_disk_go_too(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "files" / TOKEN / "documents" / "file_0.bin"
    file.parent.mkdir(parents=True)
    file.touch()
    in_state(settings, lambda state: LocalFileStore(state.database).note(1, "documents/file_0.bin"))
    in_state(settings, lambda state: TransferStore(state.database, state.vault).cancel(1, 5, NOW))
    users.run(settings, "remove", 5)
    assert not file.exists()


def test_the_figures_are_told_line_by_line(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    users.run(settings, "ban", 6)
    in_state(settings, lambda state: ProcessStore(state.database).turn(Switch.MAINTENANCE, NOW, on=True))
    capsys.readouterr()
    stats.run(settings)
    said = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    figures = {name: value.strip() for name, value in said.items()}
    assert figures["bot"] == "not running, in maintenance"
    assert figures["people"] == "2, 2 with a key, 0 of them refused"
    assert figures["uploads under way"] == "1 queued"
    assert figures["uploads ended"] == "1 cancelled"
    assert figures["links ended"] == "none"
    assert figures["database"].endswith("kB")


def test_pauses_are_told_with_their_end(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    in_state(settings, lambda state: LimitRows(state.database).save("address", "*", until))
    stats.run(settings)
    assert "everything until" in capsys.readouterr().out


def test_an_unused_number_is_no_error(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    users.run(settings, "allow", 404)
    users.run(settings, "remove", 404)
    assert "Everything known about 404 is erased" in capsys.readouterr().out
    assert in_state(settings, lambda state: AccessStore(state.database, state.vault).role(404)) is None
