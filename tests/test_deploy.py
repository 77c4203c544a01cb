"""What is put around the bot: Compose, the proxy, systemd, the workflow that publishes. As far as it can be known without an engine."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.running import STOP_SECONDS
from bot.settings import Settings
from emulators.process import BOT

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {f"BOT_{field.upper()}" for field in Settings.model_fields}
UNIT = ROOT / "deploy" / "onefichier-bot.service"


def read_yaml(name: str) -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe", pure=True).load(ROOT / name)
    return read


COMPOSE = read_yaml("compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def scripts(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))


@pytest.mark.process
@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ("vendor.compose-spec", "compose.yaml"),
        ("vendor.compose-spec", "compose.secrets.yaml"),
        ("vendor.github-workflows", ".github/workflows/ci.yml"),
        ("vendor.github-workflows", ".github/workflows/release.yml"),
    ],
)
def test_a_file_has_the_form_that_its_readers_want(schema: str, name: str) -> None:
    checked = subprocess.run(
        [scripts("check-jsonschema"), "--builtin-schema", schema, str(ROOT / name)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.process
def test_the_linter_of_dockerfiles_finds_nothing() -> None:
    linted = subprocess.run(
        [scripts("hadolint"), "--no-color", str(ROOT / "Dockerfile")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (linted.returncode, linted.stdout) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_shut_in(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= set(service)
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert service["restart"] == "unless-stopped"
    # Binding to a port below 1024 is all that any of them may do, and only the proxy.
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned(name: str) -> None:
    tag = SERVICES[name]["image"].rpartition(":")[2].rstrip("}")
    assert re.fullmatch(r"\d[\w.-]*|local", tag)


def test_the_bot_runs_with_a_token_alone_and_the_rest_is_asked_for() -> None:
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == ["bot"]
    assert SERVICES["bot"]["env_file"] == ".env"


def test_the_bot_is_killed_only_when_it_has_had_its_own_time_to_stop() -> None:
    assert seconds(SERVICES["bot"]["stop_grace_period"]) > STOP_SECONDS + 5


def test_bot_and_bot_api_server_share_a_directory_as_one_user() -> None:
    bot, server = SERVICES["bot"], SERVICES["telegram-bot-api"]
    assert bot["user"] == server["user"] == "10001:10001"
    shared = [volume for volume in server["volumes"] if volume in bot["volumes"]]
    assert shared == ["telegram-files:/var/lib/telegram-bot-api"]
    assert "--dir=/var/lib/telegram-bot-api" in server["command"]
    assert "/var/lib/telegram-bot-api" in bot["environment"]["BOT_TELEGRAM_FILES_DIR"]
    assert "--local" in server["command"]
    # What made the directory must have been the image with that user.
    assert "bot" in server["depends_on"]


def test_no_secret_stands_on_a_command_line() -> None:
    for service in SERVICES.values():
        said = str([service.get("command"), service.get("entrypoint"), service.get("healthcheck")])
        assert "TOKEN" not in said
        assert "HASH" not in said


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_the_proxy_forwards_the_webhooks_path_and_answers_the_rest_itself() -> None:
    text = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    assert re.findall(r"path (\S+)", text) == ["/telegram"]
    assert re.findall(r"method (\S+)", text) == ["POST"]
    assert re.findall(r"reverse_proxy (\S+)", text) == ["bot:8080"]
    assert text.index("respond 404") > text.index("reverse_proxy")
    assert SERVICES["bot"]["environment"]["BOT_WEBHOOK_URL"].endswith("/telegram}}")
    assert ":8080" in SERVICES["bot"]["environment"]["BOT_LISTEN"]


def test_every_volume_is_named_and_every_file_that_is_mounted_exists() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists()


def test_what_compose_gives_the_bot_are_settings() -> None:
    given = set(SERVICES["bot"]["environment"]) | set(
        read_yaml("compose.secrets.yaml")["services"]["bot"]["environment"]
    )
    names = {name.removesuffix("_FILE") if name not in SETTINGS else name for name in given}
    assert names - SETTINGS == {"TELEGRAM_API_HASH"}


def test_every_variable_that_compose_asks_for_is_in_the_example_of_settings() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text("utf-8"))) - {"IMAGE"}
    example = set(
        re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), flags=re.MULTILINE)
    )
    assert asked | {"COMPOSE_PROFILES"} <= example


def test_the_image_is_published_for_both_kinds_of_machine_when_a_version_is_tagged() -> None:
    workflow = read_yaml(".github/workflows/release.yml")
    assert workflow["on"] == {"push": {"tags": ["v*"]}}
    (job,) = workflow["jobs"].values()
    (build,) = [step for step in job["steps"] if "build-push-action" in step.get("uses", "")]
    assert build["with"]["platforms"] == "linux/amd64,linux/arm64"
    assert build["with"]["push"] is True
    # What is not tested is not published.
    assert [".ci/run" in str(step.get("run")) for step in job["steps"]].index(True) < job["steps"].index(
        build
    )
    assert workflow["permissions"] == {"contents": "read"}


def unit_values(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text("utf-8"), flags=re.MULTILINE)


def test_the_unit_runs_the_bot_with_settings_that_exist() -> None:
    assert unit_values("ExecStart")[0].endswith(f"python {' '.join(BOT)}")
    names = {each.partition("=")[0] for each in unit_values("Environment")}
    assert {name.removesuffix("_FILE") if name not in SETTINGS else name for name in names} <= SETTINGS
    assert int(unit_values("TimeoutStopSec")[0]) > STOP_SECONDS + 5
    # A setting that is wrong stays wrong.
    assert unit_values("RestartPreventExitStatus") == ["2"]


@pytest.mark.process
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_finds_the_unit_well_shut_in() -> None:
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(UNIT)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert judged.returncode == 0, judged.stdout[-300:]
