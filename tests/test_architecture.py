"""The structure, read from the imports: who may know whom, and what a module may be called."""

import ast
import functools
import importlib
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What each package may import of ours; nothing may import bot.
MAY_IMPORT = {
    "bot": {"handlers", "transfers", "onefichier", "storage"},
    "handlers": {"transfers", "onefichier", "storage"},
    "transfers": {"onefichier", "storage"},
    "onefichier": set[str](),
    "storage": set[str](),
    "emulators": set[str](),
}
WITH_A_FRONT = ("handlers", "transfers", "onefichier", "storage")

# Where a library may be imported: packages, or single files.
BORDERS = {
    "telegram": ("bot/", "handlers/", "transfers/sources.py"),
    "telegram.ext": ("bot/", "handlers/"),
    "aiosqlite": ("storage/",),
    "sqlite3": ("storage/",),
    "cryptography": ("storage/",),
    "pydantic_settings": ("bot/settings.py",),
    "httpx": (
        "bot/",
        "onefichier/",
        "transfers/body.py",
        "transfers/sources.py",
        "transfers/telegram_documents.py",
        "emulators/",
    ),
    "httpcore": ("transfers/body.py",),
    "sniffio": ("bot/running.py",),
    "starlette": ("bot/", "emulators/"),
    "uvicorn": ("bot/", "emulators/"),
    "prometheus_client": ("bot/",),
}

NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "core"}
LONGEST_FILE = 400


@dataclass(frozen=True)
class Import:
    """One imported name: ``from a.b import c`` is module ``a.b``, name ``c``; ``import a.b`` has no name."""

    file: Path
    line: int
    module: str
    name: str | None = None

    @property
    def target(self) -> str:
        return self.module.partition(".")[0]

    @property
    def full_name(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module

    def __str__(self) -> str:
        return f"{self.file.as_posix()}:{self.line} imports {self.full_name}"


def modules(package: str) -> list[Path]:
    return sorted(path.relative_to(ROOT) for path in (ROOT / package).rglob("*.py"))


def all_modules() -> list[Path]:
    return [path for package in MAY_IMPORT for path in modules(package)]


@functools.cache
def imports_in(file: Path) -> tuple[Import, ...]:
    return tuple(_imports_in(file))


def _imports_in(file: Path) -> Iterator[Import]:
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"), filename=str(file))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            inside = file.parent.parts[: len(file.parent.parts) - node.level + 1] if node.level else ()
            module = ".".join((*inside, *([node.module] if node.module else [])))
            for alias in node.names:
                yield Import(file, node.lineno, module, alias.name)


def across_packages() -> Iterator[Import]:
    """Imports of ours by another package of ours."""
    for file in all_modules():
        for found in imports_in(file):
            if found.target in MAY_IMPORT and found.target != file.parts[0]:
                yield found


def test_packages_import_only_what_stands_to_their_right() -> None:
    wrong = [str(found) for found in across_packages() if found.target not in MAY_IMPORT[found.file.parts[0]]]
    assert not wrong


def test_the_application_imports_neither_tests_nor_benchmarks() -> None:
    wrong = [
        str(found)
        for file in all_modules()
        for found in imports_in(file)
        if found.target in {"tests", "benchmarks"}
    ]
    assert not wrong


@pytest.mark.parametrize("library", BORDERS)
def test_a_library_stays_behind_its_border(library: str) -> None:
    def concerns(found: Import) -> bool:
        return f"{found.full_name}.".startswith(f"{library}.")

    wrong = [
        str(found)
        for file in all_modules()
        for found in imports_in(file)
        if concerns(found) and not file.as_posix().startswith(BORDERS[library])
    ]
    assert not wrong


def test_packages_are_imported_from_their_front() -> None:
    wrong = [
        str(found)
        for found in across_packages()
        if "." in found.module or (found.name or "").startswith("_") or found.name == "*"
    ]
    assert not wrong


@pytest.mark.parametrize("package", WITH_A_FRONT)
def test_a_front_names_what_it_offers(package: str) -> None:
    front = importlib.import_module(package)
    offered: list[str] = front.__all__
    assert len(set(offered)) == len(offered)
    assert [name for name in offered if name.startswith("_") or not hasattr(front, name)] == []


def test_what_is_imported_from_a_front_is_offered_there() -> None:
    offered = {package: set(importlib.import_module(package).__all__) for package in WITH_A_FRONT}
    wrong = [
        str(found)
        for found in across_packages()
        if found.name is not None and found.name not in offered.get(found.target, set())
    ]
    assert not wrong


def test_every_package_is_in_the_packaging_list() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {
        ".".join(file.parent.parts)
        for file in all_modules()
        if file.name == "__init__.py" and file.parts[0] != "emulators"
    }
    assert set(listed["tool"]["setuptools"]["packages"]) == packages


def test_no_module_has_a_name_that_says_nothing() -> None:
    everything = [*all_modules(), *modules("tests"), *modules("benchmarks")]
    wrong = [path.as_posix() for path in everything if NAMES_THAT_SAY_NOTHING & {*path.parts[:-1], path.stem}]
    assert not wrong


def test_no_file_is_too_long() -> None:
    files = {*all_modules(), *modules("tests")}
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in files}
    assert {str(path): length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_folder_of_tests_is_a_package() -> None:
    """Else ``import handlers`` may find ``tests/handlers``."""
    folders = {path.parent for path in modules("tests")}
    assert [folder for folder in folders if not (ROOT / folder / "__init__.py").is_file()] == []


# Run in a new process with an empty environment: imports each module named on its standard input, and
# prints what happened besides.
WITNESS = """
import importlib, logging, os, signal, sys, threading

happened, watching = [], True
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
EVENTS = {"sqlite3.connect", "subprocess.Popen", "os.system", "os.mkdir", "os.putenv", "socket.bind",
          "socket.connect", "socket.getaddrinfo", "socket.__new__"}

def witness(event, arguments):
    if watching and (event in EVENTS or (event == "open" and arguments[2] & WRITING)):
        happened.append(f"{event} {arguments}")

names = sys.stdin.read().split()
signals = {number: signal.getsignal(number) for number in signal.valid_signals()}
sys.addaudithook(witness)
for name in names:
    importlib.import_module(name)
watching = False
if logging.getLogger().handlers:
    happened.append("logging was configured")
if threading.active_count() > 1:
    happened.append("a thread was started")
if signals != {number: signal.getsignal(number) for number in signal.valid_signals()}:
    happened.append("a signal handler was set")
print("\\n".join(happened), end="")
"""


def test_importing_has_no_effects(tmp_path: Path) -> None:
    names = [
        ".".join(path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts)
        for path in all_modules()
    ]
    witness = subprocess.run(
        [sys.executable, "-B", "-c", WITNESS],
        input="\n".join(names),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert witness.stderr == ""
    assert witness.stdout == ""
    assert list(tmp_path.iterdir()) == []
