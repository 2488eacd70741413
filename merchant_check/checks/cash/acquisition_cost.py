"""Acquisition cost: what does a new customer cost, and how soon is that earned back?"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need, attempt
from merchant_check.checks.customers.buyers import FULL_LEAD_IN, SOME_LEAD_IN, lead_in, require_customers
from merchant_check.checks.rules import CHANCE_RULE, GUESTS_RULE, QUARTERS, SAMPLE_RULE, SEASON_RULE, TAX_RULE
from merchant_check.checks.windows import FEWEST_CASES, quarters, total, years
from merchant_check.facts import OLDEST_AGE, Facts
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Says, Status, Threshold, exceeds
from merchant_check.stats import ratio_interval

OLD_LOOK_NEW = "the file starts less than a year before the months compared, so some old customers count as new"


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Marketing per new customer, Q against Q'; and the months until a customer's gross profit has paid for it."""
    ledger = Ledger(facts)
    inputs = ledger.inputs("orders")
    quarter = quarters(facts, *inputs)
    require_customers(facts, quarter.before, quarter.now)
    spent, spent_before = (ledger.marketing(months) for months in (quarter.now, quarter.before))
    new, new_before = (total(facts, "new_customers", months, "orders") for months in (quarter.now, quarter.before))
    if min(new, new_before) < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} new customers in a quarter ({new:.0f} and {new_before:.0f})")
    cost, cost_before = spent / new, spent_before / new_before
    if not cost_before:
        raise CannotTell("no marketing was spent in the quarter it is compared with")
    change = ratio_interval(cost / cost_before, new, new_before)
    payback = attempt("payback", lambda: _payback(facts, ledger, inputs, cost))
    part = Part("change", change.value, change.low, change.high, change=True)
    # a year ago more old customers look new, so the cost seems to have risen: only that it has not can be believed
    line = lines["change"].warning
    if lead_in(facts, quarter.before[0]) < FULL_LEAD_IN and line is not None and exceeds(change.value, line):
        part = Part("change", missing=OLD_LOOK_NEW)
    unsure = lead_in(facts, quarter.before[0]) < SOME_LEAD_IN
    return ledger.measurement(
        parts=(part, payback),
        window=quarter.window,
        summary=f"{{cost}} of marketing for each new customer, {{cost_before}} {quarter.words}.",
        evidence={
            "cost": Quantity(cost, "money"),
            "cost_before": Quantity(cost_before, "money"),
            "new_customers": Quantity(new, "customers"),
            "new_customers_before": Quantity(new_before, "customers"),
        },
        weak=(*quarter.weak, *((OLD_LOOK_NEW,) if unsure else ())),
    )


def _payback(facts: Facts, ledger: Ledger, inputs: tuple[str, ...], cost: float) -> Part:
    """The first age in months at which the cumulated gross profit of a customer won in Y' reaches today's cost."""
    for age, earned in enumerate(_earned(facts, ledger, inputs)):
        if earned >= cost:
            return Part("payback", float(age))
    return Part("payback", forced=Status.CRITICAL, missing=f"not earned back within {OLDEST_AGE} months")


def _earned(facts: Facts, ledger: Ledger, inputs: tuple[str, ...]) -> list[float]:
    """The gross profit that a customer won in Y' has brought in, cumulated, by age in months."""
    months = years(facts, *inputs)
    if lead_in(facts, months.before[0]) < SOME_LEAD_IN:
        raise CannotTell("needs 30 complete months to know how soon a new customer pays back, or merchant.opened")
    cohorts = [row for row in facts.cohorts if row.first_month in months.before and row.age <= OLDEST_AGE]
    customers = sum(row.customers for row in cohorts if row.age == 0)
    if customers < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} customers were won in the year before ({customers})")
    revenue = ledger.revenue(months.now)
    margin = ledger.gross_profit(months.now) / revenue if revenue > 0 else 0.0
    by_age = (sum(row.net_revenue for row in cohorts if row.age == age) for age in range(OLDEST_AGE + 1))
    return list(accumulate(margin * ledger.without_tax(revenue) / customers for revenue in by_age))


def _cheaper(gap: Gap, cost: float) -> Need:
    """The marketing of a month by which as many new customers would cost so much each."""
    return Need((gap["cost"] - cost) * gap["new_customers"] / 3, gap["cost"] * gap["new_customers"] / 3)


def _earned_in_time(gap: Gap) -> Need:
    ledger = Ledger(gap.facts)
    earned = _earned(gap.facts, ledger, ledger.inputs("orders"))
    return _cheaper(gap, max(earned[: int(gap.line) + 1]))


def _marketing_lever(part: str, needed: Callable[[Gap], Need]) -> Lever:
    return Lever(
        *(part, "marketing", "money"),
        text="{amount} less marketing a month for as many new customers",
        what="marketing",
        does="less marketing in each of the latest 3 months, for as many new customers",
        needed=needed,
        less=True,
    )


LEVERS = (
    _marketing_lever("change", lambda gap: _cheaper(gap, gap["cost_before"] * (1 + gap.line))),
    _marketing_lever("payback", _earned_in_time),
)


CHECK = Check(
    id="acquisition-cost",
    subject="cash",
    parts=(
        PartSpec("change", "cost of a new customer", "change", Threshold(0.20, 0.50, "lower")),
        PartSpec(
            "payback",
            "months to earn it back",
            "months",
            Threshold(6, 12, "lower"),
            Says(
                "new customers cost more than they bring",
                "Until the orders of a customer have paid for winning them, growth takes cash.",
                "Spend where customers pay back soonest, and raise what a first order brings.",
            ),
        ),
    ),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Acquisition cost",
        question="What does a new customer cost, and when is that earned back?",
        meaning="All marketing is divided by the number of new customers. The figure is how much that cost has changed "
        "in a year; a second one is after how many months a customer's orders have paid for it.",
        why="When each new customer costs more than the last, growth eats the money it should bring.",
        advice="Spend where new customers still pay for themselves within half a year; stop the rest.",
        ahead="the cost of new customers is outrunning what they bring",
        window=QUARTERS,
        traps=(
            "Marketing to old customers is counted, too, so the true cost of a new one is lower.",
            "Customers who would have come by themselves are counted as won.",
            "Where the export starts late, old customers look new and the cost looks too low.",
        ),
        evidence=(
            "Fewer than 30 new customers in either quarter: unknown.",
            "Fewer than 12 complete months before the quarter it is compared with, so that old customers look new "
            "there: a rise beyond the warning line is unknown. Fewer than 6: weak evidence.",
            "The months to earn it back need 30 complete months, or merchant.opened.",
            SEASON_RULE,
            GUESTS_RULE,
            SAMPLE_RULE,
            CHANCE_RULE,
            TAX_RULE,
        ),
        source="eToys $33 → $72 in half a year (benchmarks/backtest/figures.csv); bands from vendors (C)",
        strength="C",
        formula="(marketing ÷ new customers in Q) ÷ (the same in Q') − 1; payback: the first age in months at which "
        "the cumulated gross profit per customer of those won in Y' reaches today's cost (critical when not by 12)",
        recompute="m, a = the sums of facts.months[].marketing and new_customers from window.from to window.to; n, b "
        "= the same over window.compared_with. value = (m ÷ a) ÷ (n ÷ b) − 1; low and high = (value + 1) × "
        "exp(∓1.96 × √(1/a + 1/b)) − 1. Part payback: take the facts.cohorts[] whose first_month lies in the 13th to "
        "24th month back from window.to; per age, net_revenue × gross margin of the last twelve months ÷ all customers "
        "of age 0; the first age whose running sum reaches m ÷ a.",
        example="ad-burn",
    ),
)
