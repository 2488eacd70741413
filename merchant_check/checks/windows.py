"""The windows that checks judge (L, Q, Y and those before them), and sums over them; each says why it can't be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from merchant_check.checks.check import CannotTell, NotGiven
from merchant_check.facts import Facts, Span, month_name
from merchant_check.report import Window

SEASON_MONTHS = 15  # a quarter and the same quarter a year earlier
STALE_MONTHS = 2  # an input may end this many months before the orders
WEAK_SEASON = "fewer than 15 months of data, so the season is still in it"
FEWEST_CASES = 30  # fewer cases than this tell nothing

HOW_TO_GIVE = {
    "staffing": "no staffing file: add a sheet with the columns month, headcount, or a roster with start and end dates",
    "cash": "no cash file: add a sheet with the columns month, cash_balance, or a finance: block in the config",
}


@dataclass(frozen=True)
class Comparison:
    """Two windows of months, the later first; `words` says how far apart they lie."""

    now: range
    before: range
    season_removed: bool = True

    @property
    def weak(self) -> tuple[str, ...]:
        return () if self.season_removed else (WEAK_SEASON,)

    @property
    def words(self) -> str:
        return "a year earlier" if self.season_removed else "three months earlier"

    @property
    def window(self) -> Window:
        return Window(self.now[0], self.now[-1], self.before[0], self.before[-1])


def common_span(facts: Facts, *inputs: str) -> Span:
    """The months complete in every one of the inputs; raises where one is missing, empty or ends too early."""
    for role in inputs:
        if role not in facts.spans:
            raise NotGiven(HOW_TO_GIVE[role])
    spans = {role: facts.spans[role] for role in inputs}
    for role, span in spans.items():
        if not span:
            raise CannotTell(f"{facts.sources[role]} holds no complete month yet")
        if facts.spans["orders"].last - span.last > STALE_MONTHS:
            raise CannotTell(f"{facts.sources[role]} ends in {month_name(span.last)}: add the months since")
    common = Span(max(span.first for span in spans.values()), min(span.last for span in spans.values()))
    if not common:
        raise CannotTell(f"{' and '.join(facts.sources[role] for role in inputs)} have no complete month in common")
    return common


def quarters(facts: Facts, *inputs: str) -> Comparison:
    """Q and Q': the latest three months, against the same months a year earlier, else against the three before."""
    span = common_span(facts, *inputs)
    removed = len(span) >= SEASON_MONTHS
    found = Comparison(_ending(span.last, 3), _ending(span.last - (12 if removed else 3), 3), removed)
    _require(facts, span, found.before[0], inputs)
    return found


def year(facts: Facts, *inputs: str) -> range:
    """Y: the twelve months ending with L."""
    span = common_span(facts, *inputs)
    found = _ending(span.last, 12)
    _require(facts, span, found[0], inputs)
    return found


def years(facts: Facts, *inputs: str) -> Comparison:
    """Y and Y': the latest twelve months and the twelve before."""
    span = common_span(facts, *inputs)
    found = Comparison(_ending(span.last, 12), _ending(span.last - 12, 12))
    _require(facts, span, found.before[0], inputs)
    return found


def year_earlier(facts: Facts, *inputs: str) -> tuple[int, int]:
    """L and the month a year before it."""
    span = common_span(facts, *inputs)
    _require(facts, span, span.last - 12, inputs)
    return span.last, span.last - 12


def total(facts: Facts, field: str, months: Sequence[int], role: str) -> float:
    """The sum of a monthly field; raises naming the first month that lacks it, or the column to add."""
    return sum(values(facts, field, months, role))


def mean(facts: Facts, field: str, months: Sequence[int], role: str) -> float:
    return total(facts, field, months, role) / len(months)


def values(facts: Facts, field: str, months: Sequence[int], role: str) -> list[float]:
    """A monthly field over the months; raises naming the first month that lacks it, or the column to add."""
    found = [getattr(facts.month(month), field) for month in months]
    if any(value is None for value in found):
        if not given(facts, field):
            raise NotGiven(f"no {field.replace('_', ' ')} given: {how_to_add(facts, field, role)}")
        month = months[found.index(None)]
        raise CannotTell(f"no {field.replace('_', ' ')} for {month_name(month)}: add it to the {role} file")
    return found


def how_to_add(facts: Facts, field: str, role: str) -> str:
    """What the owner can do to give a field: a roster has other columns than a sheet."""
    if role == "staffing" and facts.team_source in ("roster", "survivors"):
        if field == "locations":
            return "add the column location to the roster, or locations to the cash file"
        return (
            f"a roster can't tell it; add the column {field} to the cash file"
            if field == "payroll"
            else (f"a roster can't tell it; use a monthly sheet with the column {field}")
        )
    return f"add the column {field} to the {role} file"


def largest_order(facts: Facts, months: Sequence[int]) -> int:
    """The largest single order of these months."""
    return max(facts.month(month).largest_order for month in months)


def given(facts: Facts, field: str) -> bool:
    """The field is known for at least one month."""
    return any(getattr(row, field) is not None for row in facts.months)


def team_inputs(facts: Facts, *fields: str) -> tuple[str, ...]:
    """The inputs that these team figures come from: staffing, and the cash sheet where it gives one of them."""
    return ("staffing", "cash") if facts.from_cash.intersection(fields) else ("staffing",)


def complete_months(count: int) -> str:
    """ "no complete month", "1 complete month", "5 complete months"."""
    return f"{count or 'no'} complete month{'' if count < 2 else 's'}"


def more_months(count: int) -> str:
    """ "1 more month", "5 more months"."""
    return f"{count} more month{'' if count == 1 else 's'}"


def _ending(last: int, months: int) -> range:
    return range(last - months + 1, last + 1)


def _require(facts: Facts, span: Span, first: int, inputs: Sequence[str]) -> None:
    """The window starts within the span and holds no gap in the orders."""
    if first < span.first:
        raise CannotTell(f"needs {span.last - first + 1} complete months, has {len(span)}")
    if "orders" in inputs:
        refuse_gap(facts, range(first, span.last + 1))


def refuse_gap(facts: Facts, months: Sequence[int]) -> None:
    """Raise where a month without any order lies in the window: figures over it would be wrong."""
    gaps = sorted(facts.gaps.intersection(months))
    if gaps:
        raise CannotTell(
            f"no orders in {month_name(gaps[0])}: add the missing export, or list the month under merchant.closed"
        )
