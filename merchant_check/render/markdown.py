"""The report card as Markdown, for issues, wikis and chats: whatever stands in a name stays plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from merchant_check.facts import month_name
from merchant_check.render import outlook, words
from merchant_check.render.since import moved_most, opening, turn, turns
from merchant_check.render.trouble import IN_ALL, figured, figures, in_trouble, nothing_to_do
from merchant_check.report import Finding, GradedPart, Report, Since, Status, SubjectReport

COLUMNS = ("Status", "Check", "Figure", "Line", "In words")
RULER = ("---", "---", "--:", "--:", "---")
EXPLAIN = "More on a check and its line: `merchant-check explain CHECK`"

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})  # few know a backslash before these
_MARKUP = re.compile(r"[\\`*_\[\]|#~$]")
_LINKS = re.compile(r"@|#(?=\d)|:(?=//)|www(?=\.)", re.IGNORECASE)  # what sites make links of, backslash or not
_INVISIBLE = "&#8203;"  # a space of no width, which breaks the link


def render(report: Report) -> str:
    """The card as GitHub-flavoured Markdown."""
    currency = report.facts.shop.currency
    blocks = [
        *_head(report),
        *(block for subject in report.subjects for block in _subject(subject, currency)),
        "## What to do",
        "\n".join(_to_do(report)),
        *_room(report),
        *(_since(report, report.since) if report.since else ()),
        "## Data",
        "\n".join(_data(report)),
        EXPLAIN,
    ]
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Text that reads as it is written: no markup, no HTML, no link, no further line."""
    marked = _MARKUP.sub(r"\\\g<0>", words.clean(text).translate(_ENTITIES))
    return _LINKS.sub(rf"\g<0>{_INVISIBLE}", marked)


def _head(report: Report) -> Iterator[str]:
    month = report.complete_to
    until = "no complete month" if month is None else f"complete to {month_name(month)}"
    grades = [_graded("Grade", report.grade), *(_graded(each.title, each.grade) for each in report.subjects)]
    yield f"# {escape(report.facts.shop.name or 'Your shop')}"
    yield f"**{escape(report.verdict.capitalize())}.** {escape(report.headline)}"
    yield " · ".join([*grades, until])


def _graded(title: str, grade: str) -> str:
    return f"{escape(title)} **{escape(grade)}**"


# --- subjects


def _subject(subject: SubjectReport, currency: str | None) -> Iterator[str]:
    yield f"## {escape(subject.title)}: {escape(subject.grade)}"
    yield escape(subject.question)
    rows = [COLUMNS, RULER, *map(_cells, _rows(subject.findings, currency))]
    yield "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(row: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(escape, row))


def _rows(findings: Sequence[Finding], currency: str | None) -> Iterator[tuple[str, ...]]:
    for finding in findings:
        if finding.status is not Status.SKIPPED:
            yield from _finding(finding, currency)
    for skipped in words.skipped_by_reason(findings).values():
        titles = words.listed([finding.title for finding in skipped])
        yield _status(Status.SKIPPED), titles, "", "", words.unjudged(skipped[0])


def _finding(finding: Finding, currency: str | None) -> Iterator[tuple[str, ...]]:
    """The finding's row, and one for each other part that is not ok."""
    shown = figured(finding) or finding.first
    reason = _reason(finding, shown) if shown and shown is not finding.first else ""
    said = " ".join(filter(None, (_sentence(finding, currency), reason)))
    yield _row(finding.status, finding, shown, currency, said)
    for part in words.parts_to_tell(finding):
        if part is not shown:
            yield _row(part.status, finding, part, currency, _reason(finding, part))


def _status(status: Status) -> str:
    return f"{words.SIGNS[status]} {status}"


def _row(status: Status, finding: Finding, part: GradedPart | None, currency: str | None, said: str) -> tuple[str, ...]:
    name = finding.title if part is finding.first or not part else f"{finding.title}: {part.title}"
    figure = line = ""
    if part and part.value is not None:
        figure, line = words.figure(part, currency), words.line(part.threshold, part.unit, part.status, currency)
    return _status(status), name, figure, line, said


def _reason(finding: Finding, part: GradedPart) -> str:
    """Why the part stands as it does, unless the finding's own sentence says so."""
    return "" if part.reason in finding.weak_because else words.as_sentence(part.reason)


def _sentence(finding: Finding, currency: str | None) -> str:
    if not finding.status.judged:
        return words.unjudged(finding)
    said = words.summary(finding, currency) or words.as_sentence(finding.reason)
    return " ".join(filter(None, (said, words.caveat(finding), outlook.trend(finding))))


# --- what to do, what has changed, and what it rests on


def _to_do(report: Report) -> Iterator[str]:
    found = in_trouble(report)
    if not found:
        yield nothing_to_do(report)
    for finding in found:
        figure = escape(figures(finding, report.facts.shop.currency))
        sign = words.SIGNS[finding.status]
        yield f"- {sign} **{escape(finding.title)}** {figure}. {escape(finding.says.why)}"
        yield f"  - {escape(finding.says.advice)}"
        if turning := outlook.turning(finding, report.facts.shop.currency):
            yield f"  - {escape(turning)}"


def _room(report: Report) -> Iterator[str]:
    if report.room:
        yield f"## {outlook.ROOM}"
        yield f"{outlook.WITHIN.capitalize()}:"
        lines = outlook.rooms(report.room, report.facts.shop.currency)
        yield "\n".join(f"- **{escape(lever)}**: {escape(said)}" for lever, said in lines)


def _since(report: Report, since: Since) -> Iterator[str]:
    currency = report.facts.shop.currency
    yield "## Since the last run"
    yield escape(opening(report, since))
    changed = [
        f"- {words.SIGNS[change.after]} **{escape(change.title)}** {escape(turn(change, currency))}"
        for change in turns(since)
    ]
    yield from filter(None, ("\n".join(changed), escape(moved_most(since, currency))))


def _data(report: Report) -> Iterator[str]:
    for source in report.inputs:
        yield from _facts(source.role, words.input_facts(source))
    yield from _facts(IN_ALL, words.grounds(report))


def _facts(of: str, sentences: Sequence[str]) -> Iterator[str]:
    first, *rest = map(escape, sentences)
    yield f"- **{escape(of)}**: {first}"
    yield from (f"  - {sentence}" for sentence in rest)
