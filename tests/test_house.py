"""The house rules: who may import whom, every check registered and documented, heavy imports only where needed."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from merchant_check.checks import CHECKS
from merchant_check.checks.check import Check
from merchant_check.read.formats import formats
from merchant_check.read.recognise import ROLES

PACKAGE = Path(__file__).parents[1] / "merchant_check"

# room: (rooms it may import, third-party packages)
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "facts": (set(), set()),
    "stats": (set(), set()),
    "errors": (set(), set()),
    "watch": (set(), set()),
    "screen": ({"errors"}, set()),
    "output": ({"errors"}, set()),
    "report": ({"facts", "stats", "errors"}, set()),
    "read": ({"report", "errors", "facts", "watch"}, {"polars", "yaml"}),
    "reduce": ({"read", "report", "facts", "stats", "errors"}, {"polars"}),
    "checks": ({"facts", "report", "stats", "errors"}, set()),
    "history": ({"report", "errors"}, set()),
    "config": ({"checks", "facts", "report", "errors"}, {"yaml"}),
    "render": ({"report", "history", "facts", "stats", "errors", "checks"}, {"rich", "jinja2"}),
    "inspection": ({"read", "review", "facts", "report", "errors"}, {"polars"}),
    "projection": ({"checks", "facts"}, set()),
    "room": ({"projection", "checks", "facts", "report"}, set()),
    "review": ({"read", "reduce", "checks", "room", "facts", "report", "errors", "watch"}, set()),
    "commands": (
        {"review", "room", "inspection", "facts", "read", "checks", "config", "history", "render", "report", "errors"}
        | {"screen", "output", "watch"},
        {"rich"},
    ),
    "cli": ({"commands", "render", "errors", "screen"}, {"typer"}),
}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in ("__init__", "__main__"):
            yield parts[0], path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(("room", "path"), list(modules()), ids=lambda value: str(value).removeprefix(str(PACKAGE)))
def test_a_room_imports_only_the_rooms_below_it(room: str, path: Path) -> None:
    rooms, packages = ROOMS[room]
    for name in imported(path):
        first, *rest = name.split(".")
        if first == "merchant_check":
            assert rest[0] in {*rooms, room, "__version__"}, f"{path.name} imports {name}"
        else:
            assert first in packages or first in sys.stdlib_module_names or first == "__future__", name


def test_only_the_command_line_knows_clock_terminal_and_exit() -> None:
    for room, path in modules():
        if room in ("cli", "commands", "screen"):
            continue
        text = path.read_text("utf-8")
        assert not re.search(r"date\.today|datetime\.now|isatty|sys\.exit|(?<![.\w])print\(", text), path


def test_every_file_in_checks_is_registered_under_its_name() -> None:
    shared = {"__init__", "check", "windows", "verdict", "people", "buyers", "ledger", "freshness", "waivers", "rules"}
    files = {path.stem for path in (PACKAGE / "checks").rglob("*.py")} - shared
    assert files == {check.id.replace("-", "_") for check in CHECKS}
    for check in CHECKS:
        assert (PACKAGE / "checks" / check.subject / f"{check.id.replace('-', '_')}.py").exists()


def test_there_are_eighteen_checks_in_report_order() -> None:
    assert len(CHECKS) == 18
    subjects = [check.subject for check in CHECKS]
    assert subjects == sorted(subjects, key=["team", "customers", "cash"].index)
    headlines = [
        next(check.id for check in CHECKS if check.subject == subject) for subject in ("team", "customers", "cash")
    ]
    assert headlines == ["growth-pace", "repeat-share", "runway"]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_is_documented(check: Check) -> None:
    document = check.document
    for name in (field.name for field in fields(document)):
        told = getattr(document, name)
        assert told, name
        assert all(text.strip() == text != "" for text in ([told] if isinstance(told, str) else told)), name
    assert document.question.endswith("?")
    assert document.strength in {"A", "B", "C", "-"}
    whole = (document.meaning, document.why, document.advice, document.window, *document.traps, *document.evidence)
    assert all(text.endswith(".") and text[0].isupper() for text in whole)
    assert document.recompute.endswith(".")


def test_summaries_use_no_formatting_of_their_own() -> None:
    for room, path in modules():
        if room == "checks":
            specs = re.findall(r"\{[a-z_.]+:[^}]*[fd%]\}", path.read_text("utf-8"))
            assert all(spec.endswith((".0f}", ".0%}")) for spec in specs), (path, specs)


def test_header_names_are_listed_once_a_role() -> None:
    for role in ROLES:
        for shape, needed in formats()[role]["shapes"].items():
            names = [name for field in needed for name in formats()[role]["fields"][field]]
            assert len(names) == len(set(names)), shape


def test_ids_are_nouns_in_kebab_case() -> None:
    for check in CHECKS:
        assert set(check.id) <= {*string.ascii_lowercase, "-"}


def test_help_imports_nothing_heavy() -> None:
    # typer itself brings pydantic to every command line that has options
    code = (
        "import sys, merchant_check.cli as cli; cli.run(['report', '--help']); "
        "print(sorted({'polars', 'yaml', 'rich'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "--fail-on" in done.stdout
