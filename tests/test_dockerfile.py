"""What can be known of the image without building it."""

import re
import shlex
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import pytest

from emulators.page.command import PORT

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Stage:
    parent: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def arguments(self, instruction: str) -> list[str]:
        return [value for word, value in self.instructions if word == instruction]


def read_stages() -> dict[str, Stage]:
    """Stages by name, in the order of the file."""
    without_comments = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    stages: dict[str, Stage] = {}
    for line in without_comments.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        word, _, value = line.strip().partition(" ")
        if word == "FROM":
            parent, _, name = value.partition(" AS ")
            stages[name] = Stage(parent, name)
        else:
            list(stages.values())[-1].instructions.append((word, value.strip()))
    return stages


STAGES = read_stages()


def lineage(name: str) -> list[Stage]:
    """The stage and all it is built upon, the stage itself first."""
    line = [STAGES[name]]
    while line[-1].parent in STAGES:
        line.append(STAGES[line[-1].parent])
    return line


def copied_from_the_tree(name: str) -> list[str]:
    sources: list[str] = []
    for stage in STAGES.values() if name == "*" else lineage(name):
        for value in stage.arguments("COPY"):
            words = shlex.split(value)
            if not words[0].startswith("--from="):
                sources += words[:-1]
    return sources


@pytest.mark.parametrize("source", sorted(set(copied_from_the_tree("*"))))
def test_everything_copied_exists_and_is_not_ignored(source: str) -> None:
    assert (ROOT / source).exists()
    kept = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if line and not line.startswith("#") and fnmatch(source, line.removeprefix("!")):
            kept = line.startswith("!")
    assert kept


def test_copies_between_stages_come_from_earlier_stages() -> None:
    known: set[str] = set()
    for stage in STAGES.values():
        origins = re.findall(r"--from=(\S+)", " ".join(stage.arguments("COPY")))
        assert set(origins) <= known
        known.add(stage.name)


def test_the_bot_is_the_last_stage_and_the_demo_one_of_its_own() -> None:
    assert list(STAGES)[-1] == "bot"
    assert "demo" not in [stage.name for stage in lineage("bot")]


def test_only_the_demo_listens_on_more_than_its_own_machine() -> None:
    assert STAGES["demo"].arguments("CMD") == ['["python", "-m", "emulators", "--host", "0.0.0.0"]']
    assert STAGES["demo"].arguments("EXPOSE") == [str(PORT)]
    others = [value for name, stage in STAGES.items() if name != "demo" for _, value in stage.instructions]
    assert not [value for value in others if "0.0.0.0" in value]


@pytest.mark.parametrize("name", ["bot", "demo"])
def test_nothing_runs_as_root(name: str) -> None:
    user = STAGES[name].arguments("USER")[-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_the_image_of_the_bot_holds_neither_emulators_nor_tests() -> None:
    assert not {"emulators", "tests", "benchmarks", ".", ".env"} & set(copied_from_the_tree("bot"))


def test_dependencies_are_installed_with_their_hashes_before_the_sources_come() -> None:
    instructions = STAGES["dependencies"].instructions
    assert copied_from_the_tree("dependencies") == ["requirements.lock"]
    assert any(
        "--require-hashes -r requirements.lock" in value for word, value in instructions if word == "RUN"
    )


def test_libraries_are_compiled_as_they_are_run() -> None:
    """At the other level each start would compile all of them, for nobody may write to them there."""
    (environment,) = STAGES["interpreter"].arguments("ENV")
    assert "PYTHONOPTIMIZE=2" in environment.split()
    assert STAGES["interpreter"] in lineage("bot")
    assert STAGES["interpreter"] in lineage("dependencies")


def test_the_bot_tells_its_health_and_keeps_its_data_in_a_volume() -> None:
    bot = STAGES["bot"]
    assert bot.arguments("HEALTHCHECK")[0].endswith('CMD ["python", "-m", "bot", "health"]')
    assert bot.arguments("ENV") == ["BOT_DATA_DIR=/data"]
    assert bot.arguments("VOLUME") == ['["/data"]']
