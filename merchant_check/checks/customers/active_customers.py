"""Active customers: is the number of people who buy shrinking, or what each of them orders?"""

from __future__ import annotations

from merchant_check.checks.check import CannotTell, Check, Lines, attempt
from merchant_check.checks.customers.buyers import FULL_LEAD_IN, lead_in, require_customers, spare_young_shop
from merchant_check.checks.windows import FEWEST_CASES, quarters, total, years
from merchant_check.facts import Facts
from merchant_check.report import Cap, Document, Measurement, Part, PartSpec, Quantity, Says, Status, Threshold
from merchant_check.stats import ratio_interval

GROWN = 0.10  # growth of buyers above which fewer orders each are the price of new customers


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Buyers of Y against Y', and orders per buyer likewise."""
    months = years(facts, "orders")
    require_customers(facts, months.before, months.now)
    now, before = (facts.year_to.get(window[-1]) for window in (months.now, months.before))
    if now is None or before is None:
        raise CannotTell("needs 24 complete months")
    if min(now.buyers, before.buyers) < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} buyers in a year ({now.buyers} and {before.buyers})")
    buyers = ratio_interval(now.buyers / before.buyers, now.buyers, before.buyers)
    each, each_before = now.orders_with_customer / now.buyers, before.orders_with_customer / before.buyers
    orders = ratio_interval(each / each_before, now.orders_with_customer, before.orders_with_customer)
    young = spare_young_shop(facts)
    many_new = (Cap(Status.WARNING, "the number of buyers grew by 10% or more"),) if buyers.value >= GROWN else ()
    return Measurement(
        parts=(
            Part("buyers", buyers.value, buyers.low, buyers.high, change=True, caps=young),
            Part("orders-per-buyer", orders.value, orders.low, orders.high, change=True, caps=(*young, *many_new)),
            attempt("new-customers", lambda: _new_customers(facts)),
        ),
        window=months.window,
        summary="{buyers} bought in the last twelve months, {buyers_before} in the twelve before; {each} each, "
        "was {each_before}.",
        evidence={
            "buyers": Quantity(now.buyers, "customers"),
            "buyers_before": Quantity(before.buyers, "count"),
            "each": Quantity(each, "orders"),
            "each_before": Quantity(each_before, "count"),
        },
    )


def _new_customers(facts: Facts) -> Part:
    """New customers of Q against the same quarter a year earlier: the year's buyers show months later that new ones
    stay away (docs/validation.md)."""
    quarter = quarters(facts, "orders")
    if not quarter.season_removed or lead_in(facts, quarter.before[0]) < FULL_LEAD_IN:
        raise CannotTell("needs 27 complete months to tell new customers from old a year ago, or merchant.opened")
    require_customers(facts, quarter.before, quarter.now)
    new, new_before = (total(facts, "new_customers", months, "orders") for months in (quarter.now, quarter.before))
    if min(new, new_before) < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} new customers in a quarter ({new:.0f} and {new_before:.0f})")
    change = ratio_interval(new / new_before, new, new_before)
    return Part("new-customers", change.value, change.low, change.high, change=True)


CHECK = Check(
    id="active-customers",
    subject="customers",
    parts=(
        PartSpec("buyers", "buyers in a year", "change", Threshold(-0.03, -0.05, "higher")),
        PartSpec(
            "orders-per-buyer",
            "orders per buyer",
            "change",
            Threshold(-0.03, -0.05, "higher"),
            Says(
                "customers order less often",
                "Where each customer orders less often, sales hold only while new ones make up for it.",
                "Find out what customers used to order and no longer do, and remind them in time.",
            ),
        ),
        PartSpec(
            "new-customers",
            "new customers of a quarter",
            "change",
            Threshold(-0.20, None, "higher"),
            Says(
                "new customers stay away",
                "Old customers are lost every year; where fewer new ones come, the base shrinks behind a good repeat "
                "share.",
                "Check where new customers used to come from, and what changed there in the last months.",
            ),
        ),
    ),
    measure=measure,
    document=Document(
        title="Active customers",
        question="Do as many people buy as a year ago, and as often?",
        formula="distinct customers who ordered in Y ÷ those of Y' − 1; orders per buyer likewise (critical only while "
        "buyers grew by less than 10%); new customers of Q against the same quarter a year earlier",
        why="A rising share of repeat orders can hide that new customers have stopped coming.",
        advice="Check where new customers used to come from, and win back those who ordered a year ago.",
        ahead="the customer base is shrinking",
        source="cases: Blue Apron, Wayfair 2021 (its repeat share rose because new customers vanished)",
        strength="-",
    ),
)
