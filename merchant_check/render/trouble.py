"""What is to be told of the findings in trouble, and what where there is none: shared by all renderers."""

from __future__ import annotations

from merchant_check.render import words
from merchant_check.report import Finding, GradedPart, Report, Status

TROUBLE = (Status.WARNING, Status.CRITICAL)
IN_ALL = "in all"
ALL_GOOD = "Nothing: every check that could be judged is good."
NONE_JUDGED = "No check could be judged; the checks say what is missing."


def nothing_to_do(report: Report) -> str:
    """What stands under "What to do" where no finding is in trouble."""
    return ALL_GOOD if report.status.judged else NONE_JUDGED


def in_trouble(report: Report) -> list[Finding]:
    """The findings to act on, the worst first."""
    found = [finding for finding in report.findings if finding.status in TROUBLE]
    return sorted(found, key=lambda finding: finding.status.severity, reverse=True)


def figured(finding: Finding) -> GradedPart | None:
    """The part whose figure and line stand for the finding: in trouble the deciding one, else the first; None where
    there is no figure to show."""
    parts = (finding.deciding, finding.first) if finding.status in TROUBLE else (finding.first,)
    return next((part for part in parts if part and part.value is not None), None)


def figures(finding: Finding, currency: str | None) -> str:
    """The figures in trouble with their lines; the first part's goes without its name, which is the finding's."""
    named = [
        f"{'' if part is finding.first else f'{part.title}: '}{_figure_and_line(part, currency)}"
        for part in finding.parts
        if part.status in TROUBLE
    ]
    return ", ".join(named)


def _figure_and_line(part: GradedPart, currency: str | None) -> str:
    if part.value is None:
        return part.reason
    line = words.line(part.threshold, part.unit, part.status, currency)
    return words.figure(part, currency) + (f" ({line})" if line else "")
