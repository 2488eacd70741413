"""What a check asks, how it is computed and where its lines come from, as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from merchant_check.checks.check import Check
from merchant_check.render import outlook, words
from merchant_check.report import PartSpec, Threshold

STRENGTHS = {
    "A": "A, official or peer-reviewed",
    "B": "B, a named practitioner",
    "C": "C, a vendor or aggregator",
    "-": "our convention",
}
MORE = "What room to grow assumes: merchant-check explain room-to-grow\n"
WORDS_USED = (
    "Words: L is the latest month complete in every input the check uses; Q the three months ending with L; Q' the "
    "same months a year earlier (three months earlier where there is less than 15 months of data); Y the twelve "
    "months ending with L; Y' the twelve before."
)


def check_text(check: Check, in_force: Mapping[str, Threshold], category: str, width: int) -> str:
    """The whole document of one check, with the default lines and those in force."""
    document = check.document
    parts = [line for part in check.parts for line in _lines_of(part, in_force[part.id], category)]
    sections = [
        ("Question", [document.question]),
        ("Formula", [document.formula]),
        ("Lines", parts),
        ("Source", [f"{document.source} (strength: {STRENGTHS[document.strength]})"]),
        ("Why it matters", [document.why]),
        ("What to do", [document.advice]),
        ("What turns it", [f"{part.title}: {_levers_of(check, part)}." for part in check.parts]),
        ("", [WORDS_USED]),
    ]
    text = [f"{document.title} ({check.id}, {check.subject})"]
    for title, paragraphs in sections:
        text += ["", *([title] if title else [])]
        for paragraph in paragraphs:
            text += _wrapped(paragraph, width)
    return "\n".join(text) + "\n"


def _levers_of(check: Check, part: PartSpec) -> str:
    """ "more people in each month of Q; or fewer orders in each month of Q" """
    return "; or ".join(lever.does for lever in check.levers if lever.part == part.id)


def room_text(question: str, assumptions: Sequence[str], width: int) -> str:
    """What room to grow assumes."""
    text = [f"{outlook.ROOM} (room-to-grow)", "", "Question", *_wrapped(question, width), "", "How it is worked out"]
    for paragraph in assumptions:
        text += [*_wrapped(paragraph, width), ""]
    return "\n".join([*text, *_wrapped(WORDS_USED, width)]) + "\n"


def _wrapped(paragraph: str, width: int) -> list[str]:
    return wrap(paragraph, width, initial_indent="  ", subsequent_indent="  ")


def list_text(checks: Sequence[Check], subjects: Mapping[str, tuple[str, str]]) -> str:
    """All checks by subject, a line each."""
    widest = max(len(check.id) for check in checks)
    text = []
    for subject, (title, question) in subjects.items():
        text += [f"{title}: {question}"]
        text += [f"  {check.id:<{widest}}  {check.document.question}" for check in checks if check.subject == subject]
        text += [""]
    return "\n".join(text) + "\nMore on one of them: merchant-check explain CHECK\n" + MORE


def _lines_of(part: PartSpec, in_force: Threshold, category: str) -> Iterator[str]:
    default = part.threshold(category)
    yield f"{part.title}: {lines_text(in_force, part.unit)}"
    if in_force != default:
        yield f"  (the default is {lines_text(default, part.unit)})"
    if not isinstance(part.lines, Threshold):
        presets = "; ".join(f"{name} {lines_text(lines, part.unit)}" for name, lines in part.lines.items())
        yield f"  by merchant.category: {presets}"


def lines_text(lines: Threshold, unit: str) -> str:
    """ "warning above +25%, critical above +50%"."""
    side = "above" if lines.better == "lower" else "below"
    found = [
        f"{name} {side} {words.amount(value, unit)}"
        for name, value in (("warning", lines.warning), ("critical", lines.critical))
        if value is not None
    ]
    return ", ".join(found) or "judged by the rule in the formula"
