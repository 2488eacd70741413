"""What a check is, and the one place where measurements are graded into findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from merchant_check.facts import SERIES_MONTHS, Facts
from merchant_check.report import (
    Cap,
    Document,
    Finding,
    GradedPart,
    Measurement,
    Part,
    PartSpec,
    Status,
    Threshold,
    worst,
)

ONE_LARGE_ORDER = "one large order decides it"
ONE_PERSON = "one person more or fewer decides it"
UNSURE = "the line lies within what chance explains"
PREVIOUS_MONTHS = 3  # a finding shows the same figure as judged three months earlier

Lines = Mapping[str, Threshold]
"""The thresholds in force, by part id."""


class CannotTell(Exception):
    """Raised by a check that can't give its figure; the text says what is missing, for the owner to read."""

    status = Status.UNKNOWN


class NotGiven(CannotTell):
    """The input a check needs was not given at all; the text says how to supply it."""

    status = Status.SKIPPED


@dataclass(frozen=True)
class Check:
    """One check: `measure` takes the facts and the lines in force and never grades."""

    id: str
    subject: str
    document: Document
    parts: tuple[PartSpec, ...]
    measure: Callable[[Facts, Lines], Measurement]

    def lines(self, category: str) -> dict[str, Threshold]:
        """The default thresholds for a shop of this category, by part id."""
        return {part.id: part.threshold(category) for part in self.parts}


@dataclass(frozen=True)
class Settings:
    """One check's settings as given by the user: switched on or off, and the lines that replace defaults."""

    enabled: bool = True
    reason: str = ""
    lines: Mapping[str, Threshold] = field(default_factory=dict)


def attempt(part: str, measure: Callable[[], Part]) -> Part:
    """A further figure of a check, or why it can't be had: it must not cost the figures that can."""
    try:
        return measure()
    except CannotTell as why:
        return Part(part, missing=str(why))


def run(checks: Sequence[Check], facts: Facts, settings: Mapping[str, Settings]) -> tuple[Finding, ...]:
    """Measure and grade every check; one check's crash is an unknown finding, never a lost report."""
    until = cache(facts.until)
    return tuple(_finding(check, facts, settings.get(check.id, Settings()), until) for check in checks)


def _finding(check: Check, facts: Facts, settings: Settings, until: Callable[[int], Facts]) -> Finding:
    def unjudged(status: Status, reason: str) -> Finding:
        return Finding(check.id, check.subject, check.document, status, reason=reason)

    if not settings.enabled:
        return unjudged(Status.SKIPPED, settings.reason or "switched off")
    lines = {**check.lines(facts.shop.category), **settings.lines}
    try:
        measurement = check.measure(facts, lines)
        return _graded(check, measurement, lines, _series(check, measurement, lines, until))
    except CannotTell as why:
        return unjudged(why.status, str(why))
    except Exception as error:  # a bug in one check must not cost the owner the other seventeen
        return unjudged(Status.UNKNOWN, f"this check failed ({type(error).__name__}: {error}); please report it")


def _series(
    check: Check, measurement: Measurement, lines: Lines, until: Callable[[int], Facts]
) -> tuple[tuple[int, float | None], ...]:
    """The first figure as judged at each of the last month-ends; None where it could not be."""

    def value(month: int) -> float | None:
        try:
            return check.measure(until(month), lines).parts[0].value
        except CannotTell:
            return None

    last = measurement.window.last
    earlier = tuple((month, value(month)) for month in range(last - SERIES_MONTHS + 1, last))
    return (*earlier, (last, measurement.parts[0].value))


def _graded(
    check: Check, measurement: Measurement, lines: Lines, series: tuple[tuple[int, float | None], ...]
) -> Finding:
    specs = {spec.id: spec for spec in check.parts}
    large = any(_one_order_decides(part, specs[part.id], lines[part.id]) for part in measurement.parts)
    reasons = (*measurement.estimated, *measurement.weak, *((ONE_LARGE_ORDER,) if large else ()))
    weak = tuple(dict.fromkeys(reasons))
    parts = tuple(grade(part, specs[part.id], lines[part.id], weak) for part in measurement.parts)
    status = _status(parts)
    return Finding(
        check.id,
        check.subject,
        check.document,
        status,
        parts=parts,
        window=measurement.window,
        evidence=measurement.evidence,
        quality="estimated" if measurement.estimated else "weak" if weak else "full",
        weak_because=weak,
        estimated=measurement.estimated,
        notes=measurement.notes,
        summary=measurement.summary,
        reason=next((part.reason for part in parts if part.status is status and part.reason), ""),
        previous=dict(series).get(measurement.window.last - PREVIOUS_MONTHS),
        series=series,
    )


def _one_order_decides(part: Part, spec: PartSpec, lines: Threshold) -> bool:
    """The status would be another one without the largest order of either window."""
    status = grade(part, spec, lines, ()).status
    return any(grade(other, spec, lines, ()).status is not status for other in part.without_largest)


def _status(parts: tuple[GradedPart, ...]) -> Status:
    """The worst part's; but an unknown first figure is never reported as ok."""
    status = worst([part.status for part in parts])
    return parts[0].status if status is Status.OK and not parts[0].status.judged else status


def grade(part: Part, spec: PartSpec, lines: Threshold, weak: Sequence[str]) -> GradedPart:
    """Grade one figure: its point value against the lines, then softened by whatever weakens the evidence."""
    threshold = part.threshold or lines
    status, reason = _point_status(part, threshold)
    softened = (*_interval_caps(part, threshold), *_one_person_caps(part, threshold), *part.caps)
    for cap in (*softened, *(Cap(Status.WARNING, why) for why in weak)):
        if status.severity > cap.at_most.severity:
            status, reason = cap.at_most, cap.because
    return GradedPart(
        part.id, spec.title, part.value, spec.unit, part.low, part.high, threshold, status, reason, spec.says
    )


def _one_person_caps(part: Part, threshold: Threshold) -> list[Cap]:
    """A team grows by whole people: what one person more or fewer would mend is no finding."""
    statuses = [_point_status(other, other.threshold or threshold)[0] for other in part.with_one_person]
    mended = [status for status in statuses if status.judged]
    return [Cap(min(mended, key=lambda status: status.severity), ONE_PERSON)] if mended else []


def _point_status(part: Part, threshold: Threshold) -> tuple[Status, str]:
    if part.forced:
        return part.forced, part.missing or ""
    if part.value is None:
        return Status.UNKNOWN, part.missing or "no figure"
    return threshold.judge(part.value), ""


def _interval_caps(part: Part, threshold: Threshold) -> list[Cap]:
    """A change within chance is ok, and so is a share whose line lies within half its interval (docs/validation.md:
    the point value alone would warn every twelfth healthy shop of 50 to 500 orders a year); critical needs the whole
    interval beyond the warning line."""
    if part.low is None or part.high is None:
        return []
    if part.change and part.low <= 0 <= part.high:
        return [Cap(Status.OK, "within chance")]
    near_end = part.low if threshold.better == "lower" else part.high
    half_way = ((part.value or 0.0) + near_end) / 2
    if not part.change and not threshold.beyond(half_way, threshold.warning):
        return [Cap(Status.OK, part.unsure or UNSURE)]
    if threshold.beyond(near_end, threshold.warning):
        return []
    return [Cap(Status.WARNING, "the 95% interval reaches the warning line")]
