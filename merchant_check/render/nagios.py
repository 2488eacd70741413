"""The report as a monitoring plugin says it: state, text and performance data in one line, advice in those below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from merchant_check.facts import MINOR
from merchant_check.render import outlook, words
from merchant_check.render.trouble import TROUBLE, figures, in_trouble
from merchant_check.report import Finding, GradedPart, Report, Status, Threshold

STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")  # by exit code
COUNTED = (Status.CRITICAL, Status.WARNING, Status.UNKNOWN, Status.OK)
PASSED_OVER = ", passed over by fail_on or waived"
NO_LINES = Threshold(None, None, "higher")
DECIMALS = 4  # more is noise, and differs from machine to machine

_PERCENT = 100
_SCALES = {"share": _PERCENT, "change": _PERCENT, "points": _PERCENT, "money": 1 / MINOR}


def render(report: Report, *, exit_code: int) -> str:
    """The output for an exit code; its first line is valid by the Monitoring Plugins guidelines, sections 2.5 and 2.6:
    https://www.monitoring-plugins.org/doc/guidelines.html"""
    first = f"MERCHANT {STATES[exit_code]} - {_text(_state(report, exit_code))}"
    measured = " ".join(_measured(report))
    return "\n".join([f"{first} | {measured}" if measured else first, *map(_text, _details(report))]) + "\n"


def _text(text: str) -> str:
    """Text that can't be taken for performance data."""
    return words.clean(text).replace("|", "¦")


def _state(report: Report, exit_code: int) -> str:
    name = report.facts.shop.name
    numbers = Counter(finding.status for finding in report.findings)
    counts = words.listed([f"{numbers[status]} {status}" for status in COUNTED if numbers[status]])
    passed_over = PASSED_OVER if exit_code == 0 and report.status in TROUBLE else ""
    said = f"{report.verdict.capitalize()}. {report.headline} Grade {report.grade}: {counts}{passed_over}"
    return f"{name}: {said}" if name else said


def _details(report: Report) -> Iterator[str]:
    """What to do about each finding in trouble; where none is, what is missing for those that could not be judged."""
    found = in_trouble(report)
    for finding in found:
        currency = report.facts.shop.currency
        said = " ".join(filter(None, (finding.says.advice, outlook.turning(finding, currency))))
        yield f"[{finding.status.upper()}] {finding.title}: {figures(finding, currency)}. {said}"
    if not found:
        unknown = [finding for finding in report.findings if finding.status is Status.UNKNOWN]
        yield from (f"[UNKNOWN] {finding.title}: {words.unjudged(finding)}" for finding in unknown)


# --- performance data


def _measured(report: Report) -> Iterator[str]:
    for finding in report.findings:
        for part in finding.parts:
            if part.value is not None and part.status.judged:
                yield datum(_label(finding, part), part.value, part.unit, part.threshold)
    for headroom in report.room:
        if headroom.value:
            yield datum(f"room.{headroom.lever}", headroom.value.value, headroom.value.unit, NO_LINES)


def _label(finding: Finding, part: GradedPart) -> str:
    return finding.id if part is finding.first else f"{finding.id}.{part.id}"


def datum(label: str, value: float, unit: str, lines: Threshold) -> str:
    """'label'=value[unit];warn;crit, without the semicolons of lines that are not there."""
    sign = "%" if _SCALES.get(unit) == _PERCENT else ""
    ranges = [_range(line, unit, lines.better) for line in (lines.warning, lines.critical)]
    return f"'{label}'={_decimal(value, unit)}{sign};{';'.join(ranges)}".rstrip(";")


def _range(line: float | None, unit: str, better: str) -> str:
    """The values that are good, both ends included: "~:25" alerts above 25, "30:" below 30."""
    if line is None:
        return ""
    return f"~:{_decimal(line, unit)}" if better == "lower" else f"{_decimal(line, unit)}:"


def _decimal(value: float, unit: str) -> str:
    """A plain decimal; no minus on a zero."""
    return f"{value * _SCALES.get(unit, 1):z.{DECIMALS}f}".rstrip("0").rstrip(".")
