"""Acquisition cost: what does a new customer cost, and how soon is that earned back?"""

from __future__ import annotations

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell, Check, Lines, attempt
from merchant_check.checks.customers.buyers import FULL_LEAD_IN, SOME_LEAD_IN, lead_in, require_customers
from merchant_check.checks.windows import FEWEST_CASES, quarters, total, years
from merchant_check.facts import Facts
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Says, Status, Threshold, exceeds
from merchant_check.stats import ratio_interval

OLDEST_AGE = 12  # months within which the cost must be earned back
OLD_LOOK_NEW = "the file starts less than a year earlier, so some old customers are counted as new"


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
    months = years(facts, *inputs)
    if lead_in(facts, months.before[0]) < SOME_LEAD_IN:
        raise CannotTell("needs 30 complete months to know how soon a new customer pays back, or merchant.opened")
    cohorts = [row for row in facts.cohorts if row.first_month in months.before and row.age <= OLDEST_AGE]
    customers = sum(row.customers for row in cohorts if row.age == 0)
    if customers < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} customers were won in the year before ({customers})")
    revenue = ledger.revenue(months.now)
    margin = ledger.gross_profit(months.now) / revenue if revenue > 0 else 0.0
    earned = 0.0
    for age in range(OLDEST_AGE + 1):
        earned += margin * ledger.without_tax(sum(row.net_revenue for row in cohorts if row.age == age)) / customers
        if earned >= cost:
            return Part("payback", float(age))
    return Part("payback", forced=Status.CRITICAL, missing=f"not earned back within {OLDEST_AGE} months")


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
    document=Document(
        title="Acquisition cost",
        question="What does a new customer cost, and when is that earned back?",
        formula="(marketing ÷ new customers in Q) ÷ (the same in Q') − 1; payback: the first age in months at which "
        "the cumulated gross profit per customer of those won in Y' reaches today's cost (critical when not by 12)",
        why="When each new customer costs more than the last, growth eats the money it should bring.",
        advice="Spend where new customers still pay for themselves within half a year; stop the rest.",
        ahead="the cost of new customers is outrunning what they bring",
        source="eToys $33 → $72 (cases); bands from vendors (C)",
        strength="C",
    ),
)
