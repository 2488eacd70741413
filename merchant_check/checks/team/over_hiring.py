"""Over-hiring: has the team grown while each person brings in less?"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from merchant_check.checks.check import CannotTell, Check, Lines
from merchant_check.checks.team.people import average_headcount, weak_team
from merchant_check.checks.windows import FEWEST_CASES, Comparison, common_span, quarters, refuse_gap, total
from merchant_check.facts import Facts
from merchant_check.report import Cap, Document, Measurement, Part, PartSpec, Quantity, Status, Threshold, exceeds
from merchant_check.stats import Estimate, ratio_interval

GROWN = 0.10  # headcount growth a year up to which the team has hardly grown
DOUBLING = 0.50  # headcount growth a year above which the warning line is already critical


@dataclass(frozen=True)
class _Change:
    """Net revenue per head and headcount, now against before, a year's worth (two years: square-rooted)."""

    months: Comparison
    span: str
    per_head: Estimate
    growth: float
    without_largest: tuple[float, float]
    revenue: float
    heads: float
    heads_before: float
    revenue_before: float


def measure(facts: Facts, lines: Lines) -> Measurement:
    """The change of net revenue per head where headcount grew, over one year and over two; the worse counts."""
    quarter = quarters(facts, "orders", "staffing")
    changes = [_change(facts, quarter, "in a year" if quarter.season_removed else "in three months", 1)]
    two_years = Comparison(quarter.now, range(quarter.now[0] - 24, quarter.now[-1] - 23))
    span = common_span(facts, "orders", "staffing")
    if two_years.before[0] >= span.first and not facts.gaps.intersection(two_years.before):
        changes.append(_change(facts, two_years, "a year, over two years", 2))
    worst = max(changes, key=lambda change: _badness(change, lines["per-head"]))
    hardly = Cap(Status.OK, f"headcount grew by no more than {GROWN:.0%}")
    return Measurement(
        parts=(
            Part(
                "per-head",
                worst.per_head.value,
                worst.per_head.low,
                worst.per_head.high,
                change=True,
                threshold=_threshold(worst, lines["per-head"]),
                caps=() if exceeds(worst.growth, GROWN) else (hardly,),
                without_largest=worst.without_largest,
            ),
        ),
        window=worst.months.window,
        summary=f"Headcount {{growth}} {worst.span}; each person brings in {{sales}} a month, was {{sales_before}}.",
        evidence={
            "growth": Quantity(worst.growth, "change"),
            "sales": Quantity(worst.revenue / worst.heads / 3, "money"),
            "sales_before": Quantity(worst.revenue_before / worst.heads_before / 3, "money"),
            "headcount": Quantity(worst.heads, "people"),
            "headcount_before": Quantity(worst.heads_before, "people"),
        },
        weak=(*quarter.weak, *weak_team(facts, min(worst.heads, worst.heads_before), growth=True)),
    )


def _change(facts: Facts, months: Comparison, span: str, years: int) -> _Change:
    refuse_gap(facts, (*months.now, *months.before))
    revenue, revenue_before = (total(facts, "net_revenue", window, "orders") for window in (months.now, months.before))
    orders, orders_before = (total(facts, "orders", window, "orders") for window in (months.now, months.before))
    if min(orders, orders_before) < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} orders in a quarter ({orders:.0f} and {orders_before:.0f})")
    if min(revenue, revenue_before) <= 0:
        raise CannotTell("net revenue is not above 0 in a quarter")
    heads, heads_before = (average_headcount(facts, window) for window in (months.now, months.before))
    largest, largest_before = (
        max(facts.month(month).largest_order for month in window) for window in (months.now, months.before)
    )

    def yearly(now: float, before: float) -> float:
        ratio = (now / heads) / (before / heads_before)
        return sqrt(ratio) if years == 2 else ratio

    without = (
        yearly(max(revenue - largest, 0), revenue_before),
        yearly(revenue, max(revenue_before - largest_before, 1)),
    )
    growth = heads / heads_before
    return _Change(
        months,
        span,
        ratio_interval(yearly(revenue, revenue_before), orders, orders_before),
        (sqrt(growth) if years == 2 else growth) - 1,
        (without[0] - 1, without[1] - 1),
        revenue,
        heads,
        heads_before,
        revenue_before,
    )


def _badness(change: _Change, lines: Threshold) -> tuple[int, float]:
    """Orders the two spans: by level where the team has grown, then by how much less each person brings in."""
    level = _threshold(change, lines).judge(change.per_head.value).severity if exceeds(change.growth, GROWN) else -1
    return level, -change.per_head.value


def _threshold(change: _Change, lines: Threshold) -> Threshold:
    """Where the team has grown by more than half, the warning line is the critical one."""
    critical = lines.warning if exceeds(change.growth, DOUBLING) else lines.critical
    return Threshold(lines.warning, critical, lines.better)


CHECK = Check(
    id="over-hiring",
    subject="team",
    parts=(PartSpec("per-head", "net revenue per person", "change", Threshold(-0.10, -0.25, "higher")),),
    measure=measure,
    document=Document(
        title="Over-hiring",
        question="Has the team grown while each person brings in less?",
        formula="(net revenue per head in Q ÷ the same in Q') − 1, judged where headcount grew by more than 10%; also "
        "over two years, as a yearly rate; the worse counts. Where headcount grew by more than 50%, the warning line "
        "is critical.",
        why="Pay is due every month, whether or not the sales that the people were hired for come in.",
        advice="Stop hiring until net revenue per person is back where it was; fill gaps from within first.",
        ahead="hiring is outrunning sales",
        source="cases: Boo, Gaopeng, Wayfair 2019, Amazon 1999 (a near miss); lines: our convention",
        strength="-",
    ),
)
