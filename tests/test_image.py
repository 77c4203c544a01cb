"""The Dockerfile's instructions, carried out in a clean directory and a virtual environment of their own.

What needs root or an engine is left out: users are not made, owners not set, and the interpreter is this one.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from onefichier import whirlpool_is_available
from tests.test_dockerfile import ROOT, STAGES, Stage

pytestmark = pytest.mark.process

# Paths of the image that instructions name; here they lie below the directory of the replay.
PLACES = ("/opt/venv", "/app", "/build", "/data", "/keys", "/var/lib/telegram-bot-api")
IGNORED = tuple(
    line.removeprefix("**/")
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    if line.startswith("**/")
)
# Stand-ins for what needs root.
STUBS = {
    "groupadd": "#!/bin/sh\n",
    "useradd": "#!/bin/sh\n",
    "install": '#!/bin/sh\nfor each; do shift; case $each in --owner=*|--group=*) ;; *) set -- "$@" "$each";; esac; done\n'
    'exec /usr/bin/install "$@"\n',
    "python": f'#!/bin/sh\nexec {shlex.quote(os.path.realpath(sys.executable))} "$@"\n',
}


class Replay:
    """One directory for the environment that all stages share, and one for each stage's own files."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.bin = directory / "stubs"
        self.bin.mkdir()
        for name, text in STUBS.items():
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)

    def place(self, stage: str, path: str) -> Path:
        """Where a path of the image lies."""
        return self.directory / ("shared" if path.startswith("/opt/venv") else stage) / path.lstrip("/")

    def run(self, stage: Stage) -> None:
        workdir = "/"
        for word, value in stage.instructions:
            if word == "WORKDIR":
                workdir = value
            elif word == "COPY":
                self._copy(stage.name, value, workdir)
            elif word == "RUN" and ("whirlpool" not in value or whirlpool_is_available()):
                self.command(stage.name, workdir, ["sh", "-ec", value])

    def command(self, stage: str, workdir: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        here = self.place(stage, workdir)
        here.mkdir(parents=True, exist_ok=True)
        places = re.compile("|".join(rf"(?<![\w.]){re.escape(place)}(?![\w])" for place in PLACES))
        said = [places.sub(lambda found: str(self.place(stage, found[0])), each) for each in command]
        kept = {name: os.environ[name] for name in os.environ if name.startswith(("PIP_", "SSL_", "HOME"))}
        path = f"{self.place(stage, '/opt/venv/bin')}:{self.bin}:/usr/bin:/bin"
        done = subprocess.run(
            said, cwd=here, env=kept | {"PATH": path}, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{said}\n{done.stdout}\n{done.stderr}"
        return done

    def _copy(self, stage: str, value: str, workdir: str) -> None:
        words = shlex.split(value)
        origin = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else None
        *sources, target = words
        if target == "/opt/venv":
            # All stages share it here.
            return
        for source in sources:
            found = self.place(origin, source) if origin else ROOT / source
            destination = self.place(stage, workdir) / target
            if found.is_dir():
                ignored = shutil.ignore_patterns(*(() if origin else IGNORED))
                shutil.copytree(found, destination, ignore=ignored)
            else:
                destination.mkdir(parents=True, exist_ok=True)
                shutil.copy(found, destination)


def test_the_instructions_make_a_bot_that_starts(tmp_path: Path) -> None:
    replay = Replay(tmp_path)
    for name in ("interpreter", "dependencies", "texts", "application", "bot"):
        if name == "bot":
            replay.place("bot", "/").mkdir(parents=True)
            shutil.copytree(replay.place("application", "/app"), replay.place("bot", "/app"))
        replay.run(STAGES[name])

    app = replay.place("bot", "/app")
    assert sorted(path.name for path in app.iterdir()) == [
        "bot",
        "handlers",
        "onefichier",
        "storage",
        "transfers",
    ]
    for catalogue in (ROOT / "handlers" / "locales").glob("*/LC_MESSAGES/*.po"):
        assert (app / catalogue.relative_to(ROOT).with_suffix(".mo")).is_file()
    assert not [path for path in app.rglob("*") if fnmatch(path.name, ".env*")]
    assert replay.place("application", "/data").stat().st_mode & 0o777 == 0o700

    (entry,) = STAGES["bot"].arguments("ENTRYPOINT")
    command = [each.strip('"') for each in entry.strip("[]").split(", ")]
    assert "rotate-keys" in replay.command("bot", "/app", [*command, "--help"]).stdout
    # Nothing of this machine's environment was used.
    used = replay.command(
        "bot", "/app", ["python", "-c", "import aiosqlite; print(aiosqlite.__file__)"]
    ).stdout
    assert used.startswith(str(replay.place("bot", "/opt/venv")))
