"""Findings become subject grades, the card's grade and a verdict in words; nothing is ever averaged."""

from __future__ import annotations

from collections.abc import Sequence

from merchant_check.checks.freshness import stale
from merchant_check.facts import Facts
from merchant_check.report import Finding, Input, Report, Status, SubjectReport, worst

SUBJECTS = {
    "team": ("Team", "Does the team keep pace with the growth, and the growth with the team?"),
    "customers": ("Customers", "Do customers come back, or is growth bought from strangers?"),
    "cash": ("Cash", "Does the expansion pay for itself before the money is gone?"),
}
NO_GRADE = "–"
IN_STEP = "Growth, team, customers and cash are in step."
EXPANDING = ("headcount", "locations", "inventory", "marketing")  # what grows in a shop that over-expands


def report(facts: Facts, inputs: Sequence[Input], findings: Sequence[Finding]) -> Report:
    """Grade the subjects and the card; `findings` are those of all checks, in report order.

    An input that is too old is a warning of its own, told before anything else: it says nothing of the shop, so the
    grades stay, but silence must not pass for health.
    """
    subjects = tuple(_subject(name, [finding for finding in findings if finding.subject == name]) for name in SUBJECTS)
    judged = worst([subject.status for subject in subjects])
    too_old = list(stale(inputs))
    status = worst([judged, Status.WARNING]) if too_old and judged.judged else judged
    graded = [subject.grade for subject in subjects if subject.grade != NO_GRADE]
    verdict = _verdict(subjects, facts)
    headline = _headline(findings, judged)
    return Report(
        facts=facts,
        inputs=tuple(inputs),
        subjects=subjects,
        status=status,
        grade=max(graded, default=NO_GRADE),
        verdict="watch" if too_old and verdict == "in step" else verdict,
        headline=" ".join([*too_old, headline]),
        complete_to=facts.spans["orders"].last if facts.spans["orders"] else None,
    )


def _subject(name: str, findings: Sequence[Finding]) -> SubjectReport:
    title, question = SUBJECTS[name]
    status = worst([finding.status for finding in findings])
    return SubjectReport(name, title, question, status, _grade(findings), tuple(findings))


def _grade(findings: Sequence[Finding]) -> str:
    """A all ok, B one warning, C more, D one critical, F more; no better than B without the headline check, the
    first of the subject."""
    judged = [finding for finding in findings if finding.status.judged]
    if not judged:
        return NO_GRADE
    criticals = sum(finding.status is Status.CRITICAL for finding in judged)
    warnings = sum(finding.status is Status.WARNING for finding in judged)
    if criticals:
        return "D" if criticals == 1 else "F"
    if warnings:
        return "B" if warnings == 1 else "C"
    return "A" if findings[0].status.judged else "B"


def _verdict(subjects: Sequence[SubjectReport], facts: Facts) -> str:
    """One word for the whole: in step, watch, act, over-expanding, shrinking; or not judged."""
    critical = sum(subject.status is Status.CRITICAL for subject in subjects)
    if critical >= 2:
        return "over-expanding" if any(_grew(facts, field) for field in EXPANDING) else "shrinking"
    if critical:
        return "act"
    status = worst([subject.status for subject in subjects])
    return {Status.WARNING: "watch", Status.OK: "in step"}.get(status, "not judged")


def _grew(facts: Facts, field: str) -> bool:
    """The field was higher in the latest month that has it than a year before (or at the earliest known since)."""
    known = {row.month: getattr(row, field) for row in facts.months if getattr(row, field) is not None}
    if not known:
        return False
    last = max(known)
    earlier = [month for month in known if last - 12 <= month < last]
    return bool(earlier) and known[last] > known[min(earlier)]


def _judged_subjects(findings: Sequence[Finding]) -> set[str]:
    return {finding.subject for finding in findings if finding.status.judged}


def _headline(findings: Sequence[Finding], status: Status) -> str:
    """What runs ahead of what: of the worst findings, the first of each subject."""
    if not status.judged:
        return "Nothing could be judged."
    if status is Status.OK:
        open_ones = [title.lower() for name, (title, _) in SUBJECTS.items() if name not in _judged_subjects(findings)]
        verb = "were" if len(open_ones) > 1 else "was"
        return f"Nothing judged is out of step; {' and '.join(open_ones)} {verb} not judged." if open_ones else IN_STEP
    found: dict[str, str] = {}
    for finding in findings:
        if finding.status is status and finding.says.ahead not in found.values():
            found.setdefault(finding.subject, finding.says.ahead)
    words = list(found.values())
    text = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return f"{text[0].upper()}{text[1:]}."
