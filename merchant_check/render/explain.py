"""What a check asks, how far it can be trusted and how it is computed: for the terminal and docs/checks.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    "Exactly at a line is still good. Unknown: not judged, and never counted as good. Weak evidence: a warning at "
    "most. A lower bound: the true figure is at least that.",
    "A check is unknown where a file that it uses ends more than two months before the orders; also where it uses the "
    "orders and a month that it judges has none, unless merchant.closed lists that month.",
    "L is the latest month complete in every input the check uses; Q the three months ending with L; Q' the same "
    "months a year earlier (the three before Q where there are fewer than 15 complete months); Y the twelve months "
    "ending with L; Y' the twelve before. window, value, low and high are those of the finding in the JSON report.",
)


@dataclass(frozen=True)
class Section:
    """One part of what is told about a check: paragraphs, points of a list, or lines to stand as they are."""

    title: str
    paragraphs: Sequence[str] = ()
    points: Sequence[str] = ()
    verbatim: str = ""


def sections(check: Check, in_force: Mapping[str, Threshold], category: str, example: str) -> list[Section]:
    """All that is told about a check: first what the owner needs, last what the analyst does."""
    document = check.document
    return [
        Section(document.question, [f"{document.meaning} {document.why}"]),
        Section("What to do", [document.advice]),
        Section(f"For example, from: merchant-check demo {document.example}", verbatim=example),
        Section(
            "Lines", points=[line for part in check.parts for line in _lines_of(part, in_force[part.id], category)]
        ),
        Section("What turns it", points=[_turns(check, part) for part in check.parts]),
        Section("Months judged", [document.window]),
        Section("What the figure does not see", points=document.traps),
        Section("How sure it is", points=document.evidence),
        Section("Source", [f"{_sentence(document.source)} Strength: {STRENGTHS[document.strength]}."]),
        Section("For the analyst", [f"Formula: {document.formula}.", f"From the JSON report: {document.recompute}"]),
    ]


def check_text(check: Check, in_force: Mapping[str, Threshold], category: str, example: str, width: int) -> str:
    """The whole document of one check, with the default lines, those in force and an example from a sample shop."""
    text = [f"{check.document.title} ({check.id}, {check.subject})"]
    *for_owners, for_analysts = sections(check, in_force, category, example)
    for section in [*for_owners, Section("Words", WORDS_USED), for_analysts]:
        text += ["", section.title, *_body(section, width)]
    return "\n".join(text) + "\n"


def _body(section: Section, width: int) -> Iterator[str]:
    for paragraph in section.paragraphs:
        yield from wrap(paragraph, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    for point in section.points:
        yield from wrap(point, width, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False)
    yield from (f" {line}" for line in section.verbatim.splitlines())


def _turns(check: Check, part: PartSpec) -> str:
    """ "orders per person: more people in each of the latest 3 months; or fewer orders in each of them" """
    return f"{part.title}: {'; or '.join(lever.does for lever in check.levers if lever.part == part.id)}"


def room_text(question: str, assumptions: Sequence[str], width: int) -> str:
    """What room to grow assumes."""
    text = [f"{outlook.ROOM} (room-to-grow)"]
    for section in (Section("Question", [question]), Section("How it is worked out", points=assumptions)):
        text += ["", section.title, *_body(section, width)]
    return "\n".join(text) + "\n"


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
    standard = "" if in_force == default else f" (the default is {lines_text(default, part.unit)})"
    yield f"{part.title}: {lines_text(in_force, part.unit)}{standard}"
    if not isinstance(part.lines, Threshold):
        presets = "; ".join(f"{name} {lines_text(lines, part.unit)}" for name, lines in part.lines.items())
        yield f"by merchant.category: {presets}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def lines_text(lines: Threshold, unit: str) -> str:
    """ "warning above +25%, critical above +50%"."""
    side = "above" if lines.better == "lower" else "below"
    found = [
        f"{name} {side} {words.amount(value, unit)}"
        for name, value in (("warning", lines.warning), ("critical", lines.critical))
        if value is not None
    ]
    return ", ".join(found) or "judged by the rule in the formula"
