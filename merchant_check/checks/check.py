"""What a check is, and the one place where measurements are graded into findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import ceil, inf, isfinite
from typing import NamedTuple

from merchant_check.facts import MINOR, SERIES_MONTHS, Facts
from merchant_check.report import (
    Cap,
    Document,
    Finding,
    GradedPart,
    Measurement,
    Part,
    PartSpec,
    Quantity,
    Status,
    Step,
    Threshold,
    worst,
)
from merchant_check.stats import theil_sen

ONE_LARGE_ORDER = "one large order decides it"
WITHIN_CHANCE = "within chance: such a change can happen by itself"
TOO_FEW = "too few cases to be sure: the true figure may still be good"
UNSURE = "too close to its line to tell from chance"
ONE_PERSON = "a single person or location decides it"
PREVIOUS_MONTHS = 3  # a finding shows the same figure as judged three months earlier
TREND_MONTHS = 6  # month-ends that a trend is drawn through
WITHIN_ROUNDING = 1e-9  # what a float may be off
FURTHEST = 12  # months ahead beyond which a trend tells nothing

Lines = Mapping[str, Threshold]
"""The thresholds in force, by part id."""


class CannotTell(Exception):
    """Raised by a check that can't give its figure; the text says what is missing, for the owner to read."""

    status = Status.UNKNOWN


class NotGiven(CannotTell):
    """The input a check needs was not given at all; the text says how to supply it."""

    status = Status.SKIPPED


@dataclass(frozen=True)
class Gap:
    """A figure that is not ok, with all that its levers are worked out from; gap["name"] is a number of evidence."""

    facts: Facts
    part: GradedPart
    evidence: Mapping[str, Quantity]

    @property
    def value(self) -> float:
        return self.part.value or 0.0

    @property
    def line(self) -> float:
        """The line to come back to: exactly at it is ok."""
        return self.part.threshold.good or 0.0

    def __getitem__(self, name: str) -> float:
        return self.evidence[name].value


class Need(NamedTuple):
    """How much of a lever turns a figure, and how much of it there is today."""

    amount: float
    of: float


@dataclass(frozen=True)
class Lever:
    """Something an owner can change to turn a part: `needed` is the check's own formula, solved for it.

    `does` says to which months the change applies, as `explain` prints it; `text` is a template over {amount}, and
    `what` the noun of which there has to be more, or less.
    """

    part: str
    id: str
    unit: str
    text: str
    what: str
    does: str
    needed: Callable[[Gap], Need]
    less: bool = False


@dataclass(frozen=True)
class Check:
    """One check: `measure` takes the facts and the lines in force and never grades; `levers` would turn it."""

    id: str
    subject: str
    document: Document
    parts: tuple[PartSpec, ...]
    measure: Callable[[Facts, Lines], Measurement]
    levers: tuple[Lever, ...] = ()

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


def run_without_series(checks: Sequence[Check], facts: Facts, settings: Mapping[str, Settings]) -> tuple[Finding, ...]:
    """The same findings without the figures of earlier months: a dozen times as quick."""
    return tuple(_finding(check, facts, settings.get(check.id, Settings()), None) for check in checks)


def _finding(check: Check, facts: Facts, settings: Settings, until: Callable[[int], Facts] | None) -> Finding:
    def unjudged(status: Status, reason: str) -> Finding:
        return Finding(check.id, check.subject, check.document, status, reason=reason)

    if not settings.enabled:
        return unjudged(Status.SKIPPED, settings.reason or "switched off")
    lines = {**check.lines(facts.shop.category), **settings.lines}
    try:
        measurement = check.measure(facts, lines)
        series = _series(check, measurement, lines, until) if until else ()
        return _graded(check, facts, measurement, lines, series)
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
    check: Check,
    facts: Facts,
    measurement: Measurement,
    lines: Lines,
    series: tuple[tuple[int, float | None], ...],
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
        to_ok=tuple(_to_ok(check, facts, parts, measurement.evidence)),
        months_to_next_line=_months_to_next_line(measurement.parts[0], parts[0], weak, series),
    )


def _to_ok(check: Check, facts: Facts, parts: Sequence[GradedPart], evidence: Mapping[str, Quantity]) -> Iterator[Step]:
    """The levers of each part that is not ok, with the least of them that brings its point value back."""
    for part in parts:
        if part.status.severity > 0:
            for lever in check.levers:
                if lever.part == part.id:
                    yield _step(lever, Gap(facts, part, evidence))


def _step(lever: Lever, gap: Gap) -> Step:
    try:
        need = lever.needed(gap)
    except ZeroDivisionError:  # no amount of it reaches the line
        need = Need(inf, 0.0)
    if not isfinite(need.amount) or need.amount > need.of + WITHIN_ROUNDING:
        return Step(lever.part, lever.id, None, _out_of_reach(lever))
    amount = _whole(need.amount, lever.unit)
    if lever.less:  # rounding up must not ask for more than all there is
        amount = min(amount, _whole(need.of, lever.unit, exactly=True))
    return Step(lever.part, lever.id, Quantity(amount, lever.unit), lever.text)


def _out_of_reach(lever: Lever) -> str:
    return (
        f"stopping all {lever.what} would not be enough"
        if lever.less
        else f"even twice {lever.what} would not be enough"
    )


def _whole(amount: float, unit: str, *, exactly: bool = False) -> float:
    """The amount in whole units, rounded up so that it does turn the figure: 7, 185, 1,250, 12,500."""
    size = MINOR if unit == "money" else 1
    units = max(1, ceil(amount / size - WITHIN_ROUNDING))
    step = 1 if exactly else rounding_step(units)
    return -(-units // step) * step * size


def rounding_step(units: int) -> int:
    """Steps in which people think of an amount of this size: two digits and a half."""
    return max(1, int(10 ** (len(str(units)) - 2)) // 2)


def _months_to_next_line(
    part: Part, graded: GradedPart, weak: Sequence[str], series: Sequence[tuple[int, float | None]]
) -> float | None:
    """When the figure crosses its next line if it goes on as in the last months; None where it does not, or not soon.

    Nothing is foretold of a line that could not be crossed: the critical one on weak evidence, or any under a rule
    that keeps the figure ok; nor of a change within chance.
    """
    values = [value for _, value in series[-TREND_MONTHS:] if value is not None]
    kept_ok = _within_chance(part) or any(cap.at_most is Status.OK for cap in part.caps)
    if len(values) < TREND_MONTHS or kept_ok:
        return None
    threshold, now = graded.threshold, values[-1]
    beyond = threshold.beyond(now, threshold.warning)
    if beyond and (weak or graded.status is Status.OK):
        return None
    line, pace = (threshold.critical if beyond else threshold.warning), theil_sen(values)
    adverse = pace > 0 if threshold.better == "lower" else pace < 0
    if line is None or not adverse or threshold.beyond(now, line):
        return None
    months = (line - now) / pace
    return months if months <= FURTHEST else None


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


def _within_chance(part: Part) -> bool:
    return part.change and part.low is not None and part.high is not None and part.low <= 0 <= part.high


def _interval_caps(part: Part, threshold: Threshold) -> list[Cap]:
    """A change within chance is ok, and so is a share whose line lies within half its interval: the point value alone
    warns too many healthy shops (docs/validation.md). Critical needs the whole interval beyond the warning line."""
    if part.low is None or part.high is None:
        return []
    if _within_chance(part):
        return [Cap(Status.OK, WITHIN_CHANCE)]
    near_end = part.low if threshold.better == "lower" else part.high
    half_way = ((part.value or 0.0) + near_end) / 2
    if not part.change and not threshold.beyond(half_way, threshold.warning):
        return [Cap(Status.OK, part.unsure or UNSURE)]
    if threshold.beyond(near_end, threshold.warning):
        return []
    return [Cap(Status.WARNING, TOO_FEW)]
