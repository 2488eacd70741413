"""Write what is generated: config.example.yaml, checks.md, backtest.md, the card's picture, the blocks of README.md.

`python docs/generate.py` renews them; `python docs/generate.py --check` only says what is out of date (CI).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from io import BytesIO, TextIOWrapper
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # this checkout's package, whichever is installed

from benchmarks.backtest.document import document
from merchant_check import cli
from merchant_check.checks import CHECKS
from merchant_check.checks.check import Check
from merchant_check.checks.verdict import SUBJECTS
from merchant_check.commands.report import demo_report
from merchant_check.config.file import example
from merchant_check.read.formats import formats
from merchant_check.read.recognise import ROLES
from merchant_check.render.explain import WORDS_USED, lines_text, sections
from merchant_check.render.terminal import one_finding, to_svg
from merchant_check.report import PartSpec

TODAY = "1794700800"  # 15 November 2026: outputs must not change with the day they are made on
PICTURE_STORY, PICTURE_WIDTH = "over-hired", 100
EXAMPLE_WIDTH = 80
CHECKS_INTRO = """# The eighteen checks

What each check asks, what its figure means, when it warns, what it does not see, how sure it is and how to compute it
again. `merchant-check explain CHECK` tells the same, with the lines that a config sets. `docs/generate.py` writes this
page from the checks themselves; the examples are from the report cards of the sample shops.
"""
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


def check_pages() -> str:
    """docs/checks.md: everything about every check, as `explain` tells it, with the contents in front."""
    found = [CHECKS_INTRO, *(f"- {text}" for text in WORDS_USED), ""]
    for subject, (title, question) in SUBJECTS.items():
        checks = [check for check in CHECKS if check.subject == subject]
        links = ", ".join(f"[{check.document.title}](#{check.id})" for check in checks)
        found += [f"**{title}** ({question}): {links}.", ""]
    for subject, (title, question) in SUBJECTS.items():
        found += [f"## {title}", "", question, ""]
        found += [_page(check) for check in CHECKS if check.subject == subject]
    return "\n".join(found).rstrip() + "\n"


def _page(check: Check) -> str:
    found = [f'<a id="{check.id}"></a>', "", f"### {check.document.title} (`{check.id}`)", ""]
    for section in sections(check, check.lines("general"), "general", example_of(check)):
        found += [f"**{section.title}**", ""]
        found += [text for paragraph in section.paragraphs for text in (_escaped(paragraph), "")]
        found += [*(f"- {_escaped(point)}" for point in section.points), *([""] if section.points else [])]
        found += ["```text", section.verbatim.rstrip(), "```", ""] if section.verbatim else []
    return "\n".join(found)


story = cache(demo_report)  # many checks show the same one


def example_of(check: Check) -> str:
    return one_finding(story(check.document.example), check.id, EXAMPLE_WIDTH)


def _escaped(text: str) -> str:
    """Names of the JSON report and the config as code, Markdown's own signs in a formula as signs."""
    pieces = re.split(r"(\b(?:facts|window|evidence|finance|merchant)(?:\.\w+|\[\])+)", text)
    return "".join(
        f"`{each}`" if index % 2 else re.sub(r"([*_<>|])", r"\\\1", each) for index, each in enumerate(pieces)
    )


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
    "steady": output("demo", "steady"),
    "help": output("--help"),
}


def generated() -> dict[Path, str]:
    """Every generated file with the text it should have."""
    readme = ROOT / "README.md"
    return {
        ROOT / "config.example.yaml": example(),
        ROOT / "docs" / "backtest.md": document(),
        ROOT / "docs" / "checks.md": check_pages(),
        ROOT / "docs" / "card.svg": to_svg(story(PICTURE_STORY), PICTURE_WIDTH),
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
