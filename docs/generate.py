"""Write what is generated: config.example.yaml, the card's picture, the back-test, the tables and outputs in README.md.

`python docs/generate.py` renews them; `python docs/generate.py --check` only says what is out of date (CI).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # this checkout's package, whichever is installed

from benchmarks.backtest.document import document
from merchant_check import cli
from merchant_check.checks import CHECKS
from merchant_check.checks.verdict import SUBJECTS
from merchant_check.commands.report import demo_report
from merchant_check.config.file import example
from merchant_check.read.formats import formats
from merchant_check.read.recognise import ROLES
from merchant_check.render.explain import lines_text
from merchant_check.render.terminal import to_svg
from merchant_check.report import PartSpec

TODAY = "1794700800"  # 15 November 2026: outputs must not change with the day they are made on
PICTURE_STORY, PICTURE_WIDTH = "over-hired", 100
MARK = re.compile(r"(<!-- generated: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def check_table() -> str:
    """The eighteen checks with their questions and default lines."""
    rows = ["| check | asks | default lines (general shop) |", "| --- | --- | --- |"]
    for subject, (title, _) in SUBJECTS.items():
        rows.append(f"| **{title}** | | |")
        rows += [
            f"| `{check.id}` | {check.document.question} | {'; '.join(map(_line, check.parts))} |"
            for check in CHECKS
            if check.subject == subject
        ]
    return "\n".join(rows)


def _line(part: PartSpec) -> str:
    return f"{part.title}: {lines_text(part.threshold('general'), part.unit)}"


def column_tables() -> str:
    """For each role, which columns are read and by which names they are known."""
    found = []
    for role in ROLES:
        shapes = formats()[role]["shapes"]
        found += [
            f"**{role.capitalize()}**: "
            + ", or ".join(f"{name} ({', '.join(fields)})" for name, fields in shapes.items())
        ]
        found += ["", "| field | known as |", "| --- | --- |"]
        found += [f"| `{name}` | {', '.join(names)} |" for name, names in formats()[role]["fields"].items() if names]
        found += [""]
    return "\n".join(found).rstrip()


def export_list() -> str:
    """The known exports of each role, and those that can't serve."""
    exports = [(export.get("name", name), export) for name, export in formats()["exports"].items()]
    found = []
    for role in ROLES:
        names = dict.fromkeys(name for name, export in exports if export["role"] == role and "refuse" not in export)
        found.append(f"- **{role.capitalize()}**: {', '.join(names)}.")
    refused = ", ".join(name for name, export in exports if "refuse" in export)
    return "\n".join([*found, f"- Recognised, and refused with what to pass instead: {refused}."])


def output(*arguments: str) -> Callable[[], str]:
    """What the command prints at 80 columns, as a fenced block."""
    return lambda: f"```text\n$ merchant-check {' '.join(arguments)}\n{run(*arguments)}```"


def run(*arguments: str) -> str:
    stdout = TextIOWrapper(BytesIO(), "utf-8")
    with redirect_stdout(stdout):
        cli.run(arguments)
    stdout.flush()
    return stdout.buffer.getvalue().decode()


BLOCKS: dict[str, Callable[[], str]] = {
    "checks": check_table,
    "columns": column_tables,
    "exports": export_list,
    "inspect": output("inspect", "sample_data/steady/orders.csv"),
    "explain": output("explain", "growth-pace"),
    "steady": output("demo", "steady"),
    "help": output("--help"),
}


def generated() -> dict[Path, str]:
    """Every generated file with the text it should have."""
    readme = ROOT / "README.md"
    return {
        ROOT / "config.example.yaml": example(),
        ROOT / "docs" / "backtest.md": document(),
        ROOT / "docs" / "card.svg": to_svg(demo_report(PICTURE_STORY), PICTURE_WIDTH),
        readme: MARK.sub(lambda found: f"{found[1]}{BLOCKS[found[2]]()}\n{found[3]}", readme.read_text("utf-8")),
    }


def main() -> None:
    """Renew the files, or with --check name the stale ones and exit 1."""
    os.environ.update(SOURCE_DATE_EPOCH=TODAY, COLUMNS="80", LC_ALL="C.UTF-8", NO_COLOR="1")
    stale = [path for path, text in generated().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        if stale:
            sys.exit(f"out of date: {', '.join(path.name for path in stale)}; run python docs/generate.py")
        return
    for path, text in generated().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
