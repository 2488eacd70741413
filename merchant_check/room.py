"""Room to grow: the largest step that turns no check, when the facts are projected with it and judged again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from merchant_check.checks import CHECKS
from merchant_check.checks.check import CannotTell, Settings, rounding_step, run_without_series
from merchant_check.checks.customers.buyers import require_customers
from merchant_check.checks.windows import FEWEST_CASES, total, values
from merchant_check.facts import MINOR, Facts
from merchant_check.projection import Projection, Step, quarter
from merchant_check.report import Finding, GradedPart, Headroom, Quantity, exceeds

QUESTION = "How much more can the shop take on in the next three months before a check turns?"
ASSUMPTIONS = (
    "The facts are carried on for the three months after the latest month that is complete in every file; once as "
    "they are and once with a step more, and the very same checks judge both. The room is the largest step with "
    "which no check comes out worse than without it.",
    "Sales, orders, customers, gross profit and marketing are those of the same month a year earlier, times their "
    "growth in the latest three months. Stock grows as it did over the last year. Customers come back as often as "
    "today.",
    "The team and the locations stay as they are, but for the step. Pay a head is that of the latest three months; "
    "bonus and training are those of a year earlier. All other costs are the mean of the latest three months or of "
    "the latest twelve, whichever is higher. No money is raised or repaid.",
    "Hires: all of them start in the first of the three months, and cost today's pay a head.",
    "Marketing: so much more in each of the three months. It wins customers at what one costs today, and each of "
    "them orders once, for the worth of an average order. In truth each further customer costs more than the last.",
    "Locations: all of them open in the first month. What they cost is not in the files, so cash does not count here; "
    "the team stays as it is.",
    "A step is tried up to as much again as there is today. Where a figure is beyond its critical line today, or would "
    "be without a step, and each step makes it worse, there is no room, be the evidence weak or not. Checks that could "
    "not be judged, or are switched off, stop nothing.",
)

STRIDES = 12  # steps tried on the way up, before the room is told to the unit


@dataclass(frozen=True)
class _Lever:
    """`size`: how much of it there is today, in whole units; raises where that is not known. `needs`: the check
    without which nothing could be said; `nothing`: why not where there is none of it today."""

    id: str
    unit: str
    needs: str
    size: Callable[[Facts, int], float]
    nothing: str
    step: Callable[[int], Step]


def room_to_grow(facts: Facts, settings: Mapping[str, Settings], findings: Iterable[Finding]) -> tuple[Headroom, ...]:
    """For hires, monthly marketing and locations each, how much more the shop can carry; `findings` are today's."""
    today = {finding.id: finding for finding in findings}
    return tuple(_headroom(lever, facts, settings, today) for lever in LEVERS)


def _headroom(lever: _Lever, facts: Facts, settings: Mapping[str, Settings], today: Mapping[str, Finding]) -> Headroom:
    try:
        _require_judged(today[lever.needs])
        return _search(lever, Projection(facts), settings, today)
    except CannotTell as why:
        return Headroom(lever.id, reason=str(why))
    except Exception as error:  # a bug here must not cost the owner the report
        return Headroom(lever.id, reason=f"this failed ({type(error).__name__}: {error}); please report it")


def _require_judged(finding: Finding) -> None:
    if not finding.status.judged:
        raise CannotTell(f"{finding.title} is not judged: {finding.reason}")


def _search(
    lever: _Lever, base: Projection, settings: Mapping[str, Settings], today: Mapping[str, Finding]
) -> Headroom:
    """The largest step that turns nothing: in strides up to the first that turns a check, then by halving."""

    def judged(units: int) -> tuple[Finding, ...]:
        return run_without_series(CHECKS, base.with_step(lever.step(units)), settings)

    limit = int(lever.size(base.facts, base.last))
    if limit < 1:
        raise CannotTell(lever.nothing)
    without, doubled = judged(0), judged(limit)
    _require_judged(next(finding for finding in without if finding.id == lever.needs))
    pairs = list(zip(without, doubled, strict=True))
    if already := [now for now, then in pairs if _is_critical(now, today[now.id]) and _gets_worse(now, then)]:
        return _room(lever, 0, limit, already, already=True)
    free, bound, turned = 0, limit, _turned(without, doubled)
    strides = sorted({limit * stride // STRIDES for stride in range(1, STRIDES)} - {0})
    for units in strides:  # what turns one check may mend another: a larger step is not always the worse one
        if found := _turned(without, judged(units)):
            bound, turned = units, found
            break
        free = units
    if not turned:
        return _room(lever, limit, limit, ())
    while bound - free > 1:
        middle = (free + bound) // 2
        if found := _turned(without, judged(middle)):
            bound, turned = middle, found
        else:
            free = middle
    return _room(lever, free, limit, turned)


def _turned(without: Sequence[Finding], after: Sequence[Finding]) -> list[Finding]:
    """The checks that come out worse, and not just because better evidence lets them."""
    return [
        then
        for now, then in zip(without, after, strict=True)
        if now.status.judged
        and _rank(then) > _rank(now)
        and any(_rank_of(worse) > _rank_of(part) and not _better(part, worse) for part, worse in _pairs(now, then))
    ]


def _pairs(now: Finding, then: Finding) -> Iterable[tuple[GradedPart, GradedPart]]:
    return zip(now.parts, then.parts, strict=False)


def _better(part: GradedPart, after: GradedPart) -> bool:
    return part.value is not None and after.value is not None and exceeds(-_rise(part, after), 0.0)


def _rise(part: GradedPart, after: GradedPart) -> float:
    """How much further on the bad side the figure lies; 0 where there is none."""
    if part.value is None or after.value is None:
        return 0.0
    return (after.value - part.value) * (1 if part.threshold.better == "lower" else -1)


def _rank(finding: Finding) -> tuple[int, int]:
    return finding.status.severity, _level(finding)


def _rank_of(part: GradedPart) -> tuple[int, int]:
    return part.status.severity, _level_of(part)


def _level(finding: Finding) -> int:
    return max(map(_level_of, finding.parts), default=0)


def _level_of(part: GradedPart) -> int:
    """0 ok, 1 warning, 2 beyond the critical line. Weak evidence does not alarm, but it makes no room either."""
    beyond = part.value is not None and part.threshold.beyond(part.value, part.threshold.critical)
    return 2 if beyond and part.status.severity > 0 else max(0, part.status.severity)


def _is_critical(without: Finding, today: Finding) -> bool:
    """In three months, even without a step; or today, and not over by then."""
    return max(_level(without), _level(today)) == 2 and _level(without) > 0


def _gets_worse(now: Finding, then: Finding) -> bool:
    """A part in trouble is further from its line with the step."""
    return any(
        exceeds(_further(now, then, part, after), 0.0)
        for part, after in _pairs(now, then)
        if part.status.severity > 0 and after.status.severity > 0
    )


def _further(now: Finding, then: Finding, part: GradedPart, after: GradedPart) -> float:
    """By how much; where the figure does not tell (an empty till is 0 months of runway, however much is burned), the
    change that would turn it does."""
    return _rise(part, after) or _to_go(then, part.id) - _to_go(now, part.id)


def _to_go(finding: Finding, part: str) -> float:
    return max((step.amount.value for step in finding.to_ok if step.part == part and step.amount), default=0.0)


def _room(lever: _Lever, units: int, limit: int, by: Sequence[Finding], *, already: bool = False) -> Headroom:
    size = MINOR if lever.unit == "money" else 1
    step = rounding_step(units)
    return Headroom(
        lever.id,
        value=Quantity(units // step * step * size, lever.unit),
        limit=Quantity(limit * size, lever.unit),
        bound_by=by[0].id if by else None,
        binding=tuple(finding.title for finding in by),
        already=already,
    )


# --- levers ----------------------------------------------------------------------------------------------------


def _team_paid(facts: Facts, last: int) -> float:
    """The team of today; the payroll must be known, as hires cost money."""
    total(facts, "payroll", quarter(last), "staffing")
    return values(facts, "headcount", [last], "staffing")[0]


def _marketing_spent(facts: Facts, last: int) -> float:
    """Marketing a month; enough new customers must be known to tell what one costs."""
    require_customers(facts, quarter(last))
    new = total(facts, "new_customers", quarter(last), "orders")
    if new < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} new customers in three months, so it is not known what one costs")
    return total(facts, "marketing", quarter(last), "cash") / 3 / MINOR


def _sites(facts: Facts, last: int) -> float:
    return values(facts, "locations", [last], "staffing")[0]


LEVERS = (
    _Lever("hires", "people", "runway", _team_paid, "nobody is on the team", lambda units: Step(hires=units)),
    _Lever(
        *("marketing", "money", "runway", _marketing_spent),
        nothing="no marketing was paid in the last three months, so it is not known what it wins",
        step=lambda units: Step(marketing=units * MINOR),
    ),
    _Lever(
        *("locations", "locations", "locations", _sites),
        nothing="there are no locations",
        step=lambda units: Step(locations=units),
    ),
)
