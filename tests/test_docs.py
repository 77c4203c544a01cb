"""The documents say what the code does."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from bot.command_line import parser
from bot.settings import Settings, load_settings
from emulators.page.control import Control
from emulators.page.demo import demo
from emulators.page.spool import Spool
from emulators.page.weather import WeatherChange
from handlers import COMMANDS
from storage import Vault

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LARGEST_PICTURE = 150_000
REQUIRED = {"BOT_TOKEN": "123456789:AAF-abcdefghijklmnopqrstuvwxyz012345"}


def document(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def table(text: str, first_heading: str) -> list[list[str]]:
    """The cells of the first table whose first column is headed so, without the heading."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {first_heading} |"):
            break
    next(lines)
    rows: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def settings_from(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load_settings()


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in setting_names():
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)


def setting_names() -> list[str]:
    return [f"BOT_{field.upper()}" for field in Settings.model_fields]


def test_the_readme_lists_every_command() -> None:
    def row(name: str, arguments: str, summary: str) -> list[str]:
        return [f"`/{f'{name} {arguments}'.strip()}`", summary]

    expected = [row(command.name, command.arguments, str(command.summary)) for command in COMMANDS]
    assert sorted(table(document("README.md"), "Command")) == sorted(expected)


def test_the_readme_lists_every_setting() -> None:
    listed = [row[0].strip("`") for row in table(document("README.md"), "Setting")]
    assert sorted(listed) == sorted(setting_names())


def test_the_defaults_in_the_readme_are_those_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {name.strip("`"): default for name, default, _ in table(document("README.md"), "Setting")}
    values = {name: default.strip("`") for name, default in given.items() if default.startswith("`")}
    defaults = settings_from(monkeypatch, REQUIRED)
    assert settings_from(monkeypatch, values) == defaults


def test_the_example_of_settings_names_every_setting_with_its_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = re.findall(r"^(?:# )?(BOT_[A-Z_]+)=(.*)$", document(".env.example"), flags=re.MULTILINE)
    assert sorted(name for name, _ in lines) == sorted(setting_names())
    defaults = settings_from(monkeypatch, REQUIRED)
    assert settings_from(monkeypatch, {name: value for name, value in lines if value}) == defaults


def test_who_may_use_the_bot_stands_first_in_the_example_of_settings() -> None:
    active = re.findall(r"^(BOT_[A-Z_]+)=", document(".env.example"), flags=re.MULTILINE)
    assert active == ["BOT_ALLOWED_USERS", "BOT_TOKEN"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_settings_named_in_a_document_exist(path: Path) -> None:
    named = set(re.findall(r"\bBOT_[A-Z_]*[A-Z]\b", path.read_text("utf-8")))
    assert {name.removesuffix("_FILE") for name in named} <= set(setting_names())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_within_the_documents_lead_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    targets = re.findall(r'\]\(([^)#]+)(?:#[^)]*)?\)|src="([^"]+)"', text)
    local = [target for pair in targets for target in pair if target and "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_named_in_a_document_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", document("Makefile"), flags=re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", path.read_text("utf-8"), flags=re.MULTILINE)) <= targets


def test_every_dependency_is_named_with_its_reason() -> None:
    text = document("CONTRIBUTING.md")
    rows = [*table(text, "Package"), *table(text, "To develop")]
    named = [name for names, reason in rows for name in names.split(", ") if reason]
    required = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    assert sorted(named) == sorted(re.split(r"[\[<>=]", requirement)[0] for requirement in required)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_has_hashes_and_no_addresses(lock: str) -> None:
    text = document(lock)
    pinned = re.findall(r"^[a-z0-9.-]+==\S+(.*)$", text, flags=re.MULTILINE)
    assert pinned
    assert set(pinned) == {" \\"}
    assert "://" not in text
    assert not re.findall(r"^ *--(?!hash=sha256:)", text, flags=re.MULTILINE)


def test_the_lock_for_developing_includes_the_one_for_running() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9.-]+==\S+", document(name), flags=re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


async def test_the_control_interface_of_the_demo_is_described_request_by_request(tmp_path: Path) -> None:
    async with demo(directory=tmp_path) as shown:
        routes = Control(shown, Spool(tmp_path)).routes()
    served = {
        f"{method} /control{route.path.replace(':int', '')}"
        for route in routes
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert {row[0].strip("`") for row in table(document("docs/demo.md"), "Request")} == served


def test_the_switches_of_the_demo_are_described() -> None:
    (text,) = [row[1] for row in table(document("docs/demo.md"), "Request") if "/weather" in row[0]]
    assert {name for name in re.findall(r"`([a-z_]+)`", text) if name != "null"} == set(
        WeatherChange.model_fields
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_readme_shows_the_page_in_both_schemes_at_no_great_cost(scheme: str) -> None:
    name = f"docs/demo-{scheme}.webp"
    assert f'="{name}"' in document("README.md")
    picture = (ROOT / name).read_bytes()
    assert (picture[:4], picture[8:12]) == (b"RIFF", b"WEBP")
    assert len(picture) < LARGEST_PICTURE


def sources(*packages: str) -> str:
    """The text of their modules, with sentences that were broken over lines put together again."""
    text = "\n".join(
        path.read_text("utf-8") for name in packages for path in sorted((ROOT / name).rglob("*.py"))
    )
    return re.sub(r'"\s*\n\s*f?"', "", text)


@pytest.mark.parametrize("heading", ["Message", "They see"])
def test_a_message_that_is_explained_is_one_that_is_said(heading: str) -> None:
    said = sources("bot", "storage", "handlers")
    rows = []
    text = document("docs/troubleshooting.md")
    while f"| {heading} |" in text:
        rows += table(text, heading)
        text = text.partition(f"| {heading} |")[2]
    assert len(rows) > 5
    fragments = [part.strip('`" ') for row in rows for part in row[0].split("…")]
    names = {"BOT_", "BOT_TOKEN is missing", "are both set: keep one of them", "is wrong"}
    unknown = [part for part in fragments if part and part not in names and part not in said]
    assert unknown == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_the_command_line_named_in_a_document_exist(path: Path) -> None:
    (commands,) = (each.choices for each in parser()._subparsers._group_actions)  # type: ignore[union-attr]  # argparse has no front for it
    named = re.findall(
        r"(?:python -m bot|`bot|run --rm --no-deps bot) ([a-z][a-z-]*)",
        path.read_text("utf-8"),
        flags=re.MULTILINE,
    )
    assert set(named) <= set(commands or ())


def test_the_key_that_a_document_makes_is_one() -> None:
    (command,) = re.findall(r"`(head -c 32 [^`]+)`", document("docs/operating.md"))
    made = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True).stdout
    Vault([made.strip()])
