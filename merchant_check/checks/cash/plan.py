"""Plan: are sales where the plan says, and was the plan ever within reach?"""

from __future__ import annotations

from dataclasses import replace
from math import inf

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need, NotGiven, attempt
from merchant_check.checks.rules import FEW_CASES_RULE, LARGE_ORDER_RULE, NET_REVENUE, TAX_RULE
from merchant_check.checks.windows import FEWEST_CASES, common_span, refuse_gap, total, values
from merchant_check.facts import Facts
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Says, Status, Threshold, Window
from merchant_check.stats import money_interval

REALISM_MONTHS = 36


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Actual ÷ planned net revenue from January to L; planned growth ÷ the best yearly growth ever achieved."""
    if not (facts.shop.plan_years or facts.shop.plan_months):
        raise NotGiven("no plan given: set plan: in the config, e.g. {2026: 1200000}")
    ledger = Ledger(facts)
    inputs = _inputs(facts, ledger)
    span = common_span(facts, *inputs)
    months = range(span.last // 12 * 12, span.last + 1)
    if months[0] < span.first:
        raise CannotTell("the data does not reach back to January of the plan's year")
    if "orders" in inputs:
        refuse_gap(facts, months)
    planned = sum(_planned(facts, months))
    if planned <= 0:
        raise CannotTell("the plan for these months is 0")
    actual = ledger.revenue(months)

    def attainment(sales: float) -> Part:
        low, high = _chance(facts, months, sales / planned) if "orders" in inputs else (None, None)
        return Part("attainment", sales / planned, low, high)

    evenly = facts.plan_spread.get(months[0] // 12) == "evenly"
    return ledger.measurement(
        parts=(
            replace(attainment(actual), without_largest=(attainment(actual - ledger.largest_order(months)),)),
            attempt("realism", lambda: _realism(facts, ledger, inputs)),
        ),
        window=Window(months[0], months[-1]),
        summary="Sales of {actual} since January; the plan was {planned}.",
        evidence={"actual": Quantity(actual, "money"), "planned": Quantity(planned, "money")},
        weak=("the year's plan is spread evenly over its months",) if evenly else (),
    )


def _inputs(facts: Facts, ledger: Ledger) -> tuple[str, ...]:
    return ("cash",) if "cash" in facts.spans and ledger.has_company_revenue else ("orders",)


def _chance(facts: Facts, months: range, attainment: float) -> tuple[float | None, float | None]:
    """The interval of what orders brought; the plan has chance in it only where last year's months spread it."""
    orders, earlier = (total(facts, "orders", [month - back for month in months], "orders") for back in (0, 12))
    if max(orders, earlier) < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} orders since January, this year and last ({orders:.0f})")
    if attainment <= 0:
        return None, None
    copied = facts.plan_spread.get(months[0] // 12) == "last year" and len(months) < 12
    spread = money_interval(attainment, max(1.0, orders), max(1.0, earlier) if copied else inf)
    return 1 + spread.low, 1 + spread.high


def _planned(facts: Facts, months: range) -> list[float]:
    if any(facts.month(month).planned_revenue is None for month in months):
        raise CannotTell(f"the plan does not cover {months[0] // 12} from January on")
    return values(facts, "planned_revenue", months, "config")


def _realism(facts: Facts, ledger: Ledger, inputs: tuple[str, ...]) -> Part:
    """Planned growth of the year ÷ the best growth that any twelve months have shown over the twelve before."""
    planned, base, best = _ambition(facts, ledger, inputs)
    growth = planned / base - 1
    return Part("realism", growth / best) if growth > 0 else Part("realism", 0.0, forced=Status.OK)


def _ambition(facts: Facts, ledger: Ledger, inputs: tuple[str, ...]) -> tuple[float, float, float]:
    """The year's plan, the revenue of the year before, and the best yearly growth so far."""
    span = common_span(facts, *inputs)
    year = span.last // 12
    if len(span) < REALISM_MONTHS:
        raise CannotTell(f"needs {REALISM_MONTHS} complete months to know the best growth so far, has {len(span)}")
    before = range((year - 1) * 12, year * 12)
    if "orders" in inputs:
        refuse_gap(facts, range(span.first, span.last + 1))
    planned = _year_plan(facts, year)
    if before[0] < span.first:
        raise CannotTell("the year before the plan is not complete in the data")
    base = ledger.revenue(before)
    best = max(_growth(ledger, to) for to in range(span.first + 23, span.last + 1))
    if best <= 0 or base <= 0:
        raise CannotTell("net revenue has never grown from one year to the next")
    return planned, base, best


def _year_plan(facts: Facts, year: int) -> float:
    """The plan of the whole year, of which the facts hold only the months so far."""
    months = [facts.shop.plan_months.get(month) for month in range(year * 12, year * 12 + 12)]
    given = [amount for amount in months if amount is not None]
    if len(given) == len(months):
        return sum(given)
    if year not in facts.shop.plan_years:
        raise CannotTell(f"the plan does not cover the whole of {year}")
    return facts.shop.plan_years[year]


def _growth(ledger: Ledger, to: int) -> float:
    before = ledger.revenue(range(to - 23, to - 11))
    return ledger.revenue(range(to - 11, to + 1)) / before - 1 if before > 0 else 0.0


def _realistic(gap: Gap) -> Need:
    """The plan of the year less what the best growth so far, times the line, would bring."""
    ledger = Ledger(gap.facts)
    planned, base, best = _ambition(gap.facts, ledger, _inputs(gap.facts, ledger))
    return Need(planned - base * (1 + gap.line * best), planned)


LEVERS = (
    Lever(
        *("attainment", "plan", "money"),
        text="a plan lower by {amount} for the months so far",
        what="a plan",
        does="less planned net revenue from January to the latest complete month",
        needed=lambda gap: Need(gap["planned"] - gap["actual"] / gap.line, gap["planned"]),
        less=True,
    ),
    Lever(
        *("realism", "plan", "money"),
        text="a plan lower by {amount} for the whole year",
        what="a plan",
        does="less planned net revenue for the year",
        needed=_realistic,
        less=True,
    ),
)


CHECK = Check(
    id="plan",
    subject="cash",
    parts=(
        PartSpec("attainment", "plan reached", "share", Threshold(0.85, 0.70, "higher")),
        PartSpec(
            "realism",
            "planned growth ÷ best growth so far",
            "multiple",
            Threshold(2.0, None, "lower"),
            Says(
                "the plan is outrunning anything reached so far",
                "People, stock and sites are bought for the planned sales; such growth has never come before.",
                "Make a second plan from the best growth so far, and spend by that one.",
            ),
        ),
    ),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Plan",
        question="Are sales where the plan says?",
        meaning="The figure is how much of the planned sales since January has come in. A second one compares the "
        "growth that the plan asks for with the best year so far.",
        why="People, stock and sites are bought for the planned sales; when those fail to come, the costs stay.",
        advice="Plan again from what was reached, and cut back what was ordered or hired for the old plan.",
        ahead="the plan is outrunning sales",
        window="January to the latest complete month of the plan's year; the best year is looked for in all of the "
        "data.",
        traps=(
            "A plan that was set low is reached easily: the figure says nothing about whether it was good enough.",
            "A yearly plan is spread over its months like last year's sales; a season that moves looks like a gap.",
        ),
        evidence=(
            "A yearly plan that had to be spread evenly over its months: weak evidence.",
            "The comparison with the best year needs 36 complete months.",
            f"Fewer than {FEWEST_CASES} orders since January, this year and last: unknown.",
            FEW_CASES_RULE,
            "Where the cash file has the sales, that range is not known: the figure alone decides.",
            LARGE_ORDER_RULE,
            TAX_RULE,
        ),
        source="Vancl reached 35% of its plan for 2011, Fab 80%; back-test on known companies: "
        "warned of 3 of 3 in trouble (median 0.7 months ahead) and of 0 of 2 healthy (docs/backtest.md)",
        strength="-",
        formula="net revenue ÷ planned net revenue from January to L (a yearly plan is spread by last year's monthly "
        "shares, else evenly); realism: planned growth ÷ the best yearly growth ever achieved, with 36 complete months",
        recompute="value = the sum of net revenue ÷ the sum of facts.months[].planned_revenue, both from "
        "window.from to window.to. low and high = value × exp(∓1.96 × √(2/a + 2/b)), a and b being the sums of "
        "facts.months[].orders over the same months and a year earlier; 2/b only where last year's sales spread the"
        " plan over fewer than 12 months; null where company_revenue is given. Part realism = (the plan of the "
        "whole year, from the config ÷ net revenue of the year before − 1) ÷ the largest growth of any twelve "
        "complete months over the twelve before them. "
        f"{NET_REVENUE}",
        example="over-hired",
    ),
)
