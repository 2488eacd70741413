"""Over-hiring: has the team grown while each person brings in less?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from math import sqrt

from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need, grade
from merchant_check.checks.rules import (
    CHANCE_RULE,
    FEW_ORDERS,
    HEADCOUNT_TRAPS,
    LARGE_ORDER_RULE,
    ONE_PERSON_RULE,
    QUARTERS,
    SEASON_RULE,
    SMALL_TEAM_RULE,
    SURVIVORS_RULE,
)
from merchant_check.checks.team.people import average_headcount, if_countable, weak_team
from merchant_check.checks.windows import (
    FEWEST_CASES,
    Comparison,
    common_span,
    largest_order,
    quarters,
    refuse_gap,
    total,
)
from merchant_check.facts import Facts
from merchant_check.report import Cap, Document, Measurement, Part, PartSpec, Quantity, Status, Threshold, exceeds
from merchant_check.stats import ratio_interval

GROWN = 0.10  # headcount growth a year up to which the team has hardly grown
DOUBLING = 0.50  # headcount growth a year above which the warning line is already critical


@dataclass(frozen=True)
class _Change:
    """Net revenue and headcount, now against before; over two years as a yearly rate (square-rooted)."""

    months: Comparison
    years: int
    revenue: float
    revenue_before: float
    orders: float
    orders_before: float
    heads: float
    heads_before: float

    @property
    def growth(self) -> float:
        """Of headcount, a year."""
        return self._yearly(self.heads / self.heads_before) - 1

    @property
    def hardly_grown(self) -> float:
        """The largest team that counts as hardly grown."""
        return self.heads_before * (1 + GROWN) ** self.years

    def kept(self, line: float) -> float:
        """The net revenue per head that would be just at the line."""
        return self.revenue_before / self.heads_before * (1 + line) ** self.years

    def part(self, lines: Threshold, less: float = 0, less_before: float = 0) -> Part:
        """The change of net revenue per head, without so much of the revenue of either window."""
        revenue, before = max(self.revenue - less, 0.0), max(self.revenue_before - less_before, 1.0)
        ratio = (revenue / self.heads) / (before / self.heads_before)
        spread = ratio_interval(ratio, self.orders, self.orders_before)
        low, high = (self._yearly(1 + bound) - 1 for bound in (spread.low, spread.high))
        part = Part("per-head", self._yearly(ratio) - 1, low, high, change=True)
        one_fewer = self._yearly((revenue / max(self.heads - 1, 1)) / (before / self.heads_before)) - 1
        part = replace(part, with_one_person=if_countable(self.heads, Part("per-head", one_fewer)))
        return under_growth(part, self.growth, lines)

    def _yearly(self, factor: float) -> float:
        return sqrt(factor) if self.years == 2 else factor


def under_growth(part: Part, growth: float, lines: Threshold) -> Part:
    """The part, to be judged as the growth of headcount in a year has it."""
    # where the team has grown by more than half, the warning line is the critical one
    critical = lines.warning if exceeds(growth, DOUBLING) else lines.critical
    grown = exceeds(growth, GROWN)
    return replace(
        part,
        threshold=Threshold(lines.warning, critical, lines.better),
        caps=() if grown else (Cap(Status.OK, f"headcount grew by no more than {GROWN:.0%} a year"),),
    )


def measure(facts: Facts, lines: Lines) -> Measurement:
    """The change of net revenue per head where headcount grew, over one year and over two; the worse counts."""
    quarter = quarters(facts, "orders", "staffing")
    worst = max(_changes(facts), key=lambda change: _badness(change, lines["per-head"]))
    largest, largest_before = (largest_order(facts, window) for window in (worst.months.now, worst.months.before))
    without = (worst.part(lines["per-head"], largest), worst.part(lines["per-head"], 0, largest_before))
    span = (
        "a year, over two years" if worst.years == 2 else "in a year" if quarter.season_removed else "in three months"
    )
    return Measurement(
        parts=(replace(worst.part(lines["per-head"]), without_largest=without),),
        window=worst.months.window,
        summary=f"Headcount {{growth}} {span}; each person brings in {{sales}} a month, before that {{sales_before}}.",
        evidence={
            "growth": Quantity(worst.growth, "change"),
            "sales": Quantity(worst.revenue / worst.heads / 3, "money"),
            "sales_before": Quantity(worst.revenue_before / worst.heads_before / 3, "money"),
            "headcount": Quantity(worst.heads, "people"),
            "headcount_before": Quantity(worst.heads_before, "people"),
        },
        weak=(*quarter.weak, *weak_team(facts, min(worst.heads, worst.heads_before), growth=True)),
    )


def _changes(facts: Facts) -> list[_Change]:
    """Over one year, and over two where the data goes back so far."""
    quarter = quarters(facts, "orders", "staffing")
    changes = [_change(facts, quarter, 1)]
    two_years = Comparison(quarter.now, range(quarter.now[0] - 24, quarter.now[-1] - 23))
    if two_years.before[0] >= common_span(facts, "orders", "staffing").first:
        with suppress(CannotTell):  # the year alone can be judged
            changes.append(_change(facts, two_years, 2))
    return changes


def _change(facts: Facts, months: Comparison, years: int) -> _Change:
    refuse_gap(facts, (*months.now, *months.before))
    revenue, revenue_before = (total(facts, "net_revenue", window, "orders") for window in (months.now, months.before))
    orders, orders_before = (total(facts, "orders", window, "orders") for window in (months.now, months.before))
    if min(orders, orders_before) < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} orders in a quarter ({orders:.0f} and {orders_before:.0f})")
    if min(revenue, revenue_before) <= 0:
        raise CannotTell("net revenue is not above 0 in a quarter")
    heads, heads_before = (average_headcount(facts, window) for window in (months.now, months.before))
    return _Change(months, years, revenue, revenue_before, orders, orders_before, heads, heads_before)


def _badness(change: _Change, lines: Threshold) -> tuple[int, float]:
    """Orders the two spans: by how they are graded, then by how much less each person brings in."""
    part = change.part(lines)
    grown = exceeds(change.growth, GROWN)
    return grade(part, CHECK.parts[0], lines, ()).status.severity if grown else -1, -(part.value or 0.0)


def _more_sales(gap: Gap) -> Need:
    """Net revenue a month by which neither span would be beyond the line."""
    lines = gap.part.threshold
    return max(
        Need((change.kept(gap.line) * change.heads - change.revenue) / 3, change.revenue / 3)
        for change in _changes(gap.facts)
        if _badness(change, lines)[0] > 0
    )


def _fewer_people(gap: Gap) -> Need:
    """As few as bring in the same each, but no fewer than a team that has hardly grown."""
    lines = gap.part.threshold
    return max(
        Need(change.heads - max(change.revenue / change.kept(gap.line), change.hardly_grown), change.heads)
        for change in _changes(gap.facts)
        if _badness(change, lines)[0] > 0
    )


LEVERS = (
    Lever(
        *("per-head", "net-revenue", "money"),
        text="{amount} more net revenue a month",
        what="the net revenue",
        does="more net revenue in each of the latest 3 months",
        needed=_more_sales,
    ),
    Lever(
        *("per-head", "people", "people"),
        text="{amount} fewer on the team",
        what="people",
        does="fewer people in each of the latest 3 months",
        needed=_fewer_people,
        less=True,
    ),
)


CHECK = Check(
    id="over-hiring",
    subject="team",
    parts=(PartSpec("per-head", "net revenue per person", "change", Threshold(-0.10, -0.25, "higher")),),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Over-hiring",
        question="Has the team grown while each person brings in less?",
        meaning="The figure is how much the net revenue (sales less refunds) per person has changed in a year. It is "
        "held against its lines only where the team has grown by more than 10%.",
        why="Pay is due every month, whether or not the sales that the people were hired for come in.",
        advice="Stop hiring until net revenue per person is back where it was; fill gaps from within first.",
        ahead="hiring is outrunning sales",
        window=f"{QUARTERS} Where the data reaches back far enough, also against two years earlier; the worse counts.",
        traps=(
            *HEADCOUNT_TRAPS,
            "A team hired ahead of a season looks too large until the season's sales come in.",
            "Lower prices lower the figure as much as too many people do.",
        ),
        evidence=(
            FEW_ORDERS,
            SEASON_RULE,
            SMALL_TEAM_RULE,
            ONE_PERSON_RULE,
            SURVIVORS_RULE,
            CHANCE_RULE,
            LARGE_ORDER_RULE,
            "Where the team has grown by more than 50% a year, the warning line is the critical one.",
        ),
        source="back-test on known companies: warned of 0 of 3 in trouble and of 1 of 2 healthy (docs/backtest.md)",
        strength="-",
        formula="(net revenue per head in Q ÷ the same in Q') − 1, judged where headcount grew by more than 10%; also "
        "over two years, as a yearly rate; the worse counts. Where headcount grew by more than 50%, the warning line "
        "is critical.",
        recompute="a, n, h = the sums of facts.months[].orders and net_revenue and the mean of headcount from "
        "window.from to window.to; b, m, k = the same over window.compared_with. r = (n ÷ h) ÷ (m ÷ k). value = r − 1; "
        "low and high = r × exp(∓1.96 × √(1/a + 1/b)) − 1. Where compared_with lies two years back: the square root of "
        "each before − 1 is taken.",
        example="over-hired",
    ),
)
