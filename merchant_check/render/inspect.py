"""How files were understood, as plain text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any

from merchant_check.errors import UserError
from merchant_check.facts import month_label
from merchant_check.render import words
from merchant_check.render.json_v1 import SCHEMA_VERSION, document, input_json
from merchant_check.report import Inspection, Reading

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", None: "none"}
LABEL = 11  # columns for what a line is about
MANY = 12  # unused headers to name


def text(inspection: Inspection, width: int) -> str:
    """A block for each file, and what is missing for which check."""
    lines = [line for reading in inspection.readings for line in [*_file(reading, width), ""]]
    if inspection.problem:
        lines += ["Together the files can't be used", *_wrapped("", str(inspection.problem), width)]
    if inspection.unjudged:
        lines += ["What can't be judged, and why"]
        for reason, checks in _by_reason(inspection.unjudged.items()):
            lines += _wrapped("", f"{', '.join(checks)}: {reason}", width)
    elif not inspection.problem and not any(reading.problem for reading in inspection.readings):
        lines += ["Every check can be judged."]
    return "\n".join(lines).rstrip() + "\n"


def _by_reason(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for check, reason in pairs:
        found.setdefault(reason, []).append(check)
    return list(found.items())


def _file(reading: Reading, width: int) -> Iterator[str]:
    source = reading.input
    yield words.clean(source.path)
    for label, said in _facts(reading):
        yield from _wrapped(label, said, width)
    if source.columns:
        yield from _columns(reading, width)
    if reading.unused:
        shown = ", ".join(reading.unused[:MANY])
        more = f" and {len(reading.unused) - MANY} more" if len(reading.unused) > MANY else ""
        yield from _wrapped("not used", shown + more, width)
    if reading.problem:
        yield from _wrapped("PROBLEM", f"{reading.problem.message}; {reading.problem.remedy}", width)


def _facts(reading: Reading) -> Iterator[tuple[str, str]]:
    source = reading.input
    if source.encoding:
        separator = SEPARATORS.get(source.delimiter, repr(source.delimiter))
        yield "text", f"{source.encoding}, fields separated by {separator}, header in line {source.header_line}"
    if source.role:
        yield "role", f"{source.role}: {source.format}"
    for convention in source.conventions:
        yield "written", f"{convention.what.replace('_', ' ')}: {convention.how} (settled by {convention.by})"
    if source.role:
        aside = [words.set_aside(rows) for rows in source.left_out] or []
        rejected = [words.set_aside(rows) for rows in source.rejected]
        yield "rows", f"{source.rows_read:,} read" + ("" if reading.problem else f", {source.rows_used:,} used")
        if aside:
            yield "left out", "; ".join(aside)
        if rejected:
            yield "rejected", "; ".join(rejected)
    if source.first and source.last:
        missing = ", ".join(map(month_label, reading.gaps[:MANY]))
        gaps = f"; nothing in {missing}" if missing else ", no month missing" if reading.has_months else ""
        yield "days", f"{words.day(source.first)} to {words.day(source.last)}{gaps}"
    for note in source.notes:
        yield "note", note


def _columns(reading: Reading, width: int) -> Iterator[str]:
    """A line for each field: its name, its header and some of its cells."""
    columns = reading.input.columns
    names = max(len(name) for name in columns)
    headers = min(max(len(header) for header in columns.values()), 28)
    for at, (name, header) in enumerate(columns.items()):
        cells = " | ".join(reading.samples.get(name, ())) or "(empty)"
        label = "columns" if at == 0 else ""
        line = words.clean(f"  {label:<{LABEL}}{name:<{names}}  {header[:headers]:<{headers}}  {cells}")
        if name == "status":
            yield words.clean(f"  {label:<{LABEL}}{name:<{names}}  {header}")
            yield from _wrapped(" ", cells, width)
        else:
            yield line if len(line) <= width else f"{line[: width - 1]}…"


def _wrapped(label: str, said: str, width: int) -> list[str]:
    indent = " " * (LABEL + 2) if label else "  "
    first = f"  {label:<{LABEL}}" if label else "  "
    return wrap(words.clean(said), max(width, 50), initial_indent=first, subsequent_indent=indent)


def as_json(inspection: Inspection) -> str:
    """The same as JSON, with the input's keys as in a report."""
    not_judged = [{"check": check, "reason": words.clean(reason)} for check, reason in inspection.unjudged.items()]
    return document(
        {
            "schema_version": SCHEMA_VERSION,
            "files": [_reading_json(reading) for reading in inspection.readings],
            "not_judged": not_judged,
            "error": _problem(inspection.problem),
        }
    )


def _reading_json(reading: Reading) -> dict[str, Any]:
    return {
        **input_json(reading.input),
        "samples": {name: [words.clean(cell) for cell in cells] for name, cells in reading.samples.items()},
        "unused_columns": [words.clean(header) for header in reading.unused],
        "gaps": [month_label(month) for month in reading.gaps],
        "error": _problem(reading.problem),
    }


def _problem(problem: UserError | None) -> dict[str, Any] | None:
    if not problem:
        return None
    line = problem.where.line if problem.where else None
    return {"code": problem.code, "message": problem.message, "line": line, "remedy": problem.remedy}
