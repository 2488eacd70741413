"""Active customers: is the number of people who buy shrinking, or what each of them orders?"""

from __future__ import annotations

from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need, attempt
from merchant_check.checks.customers.buyers import FULL_LEAD_IN, lead_in, require_customers, spare_young_shop
from merchant_check.checks.rules import CHANCE_RULE, GUESTS_RULE, QUARTERS, SAMPLE_RULE, YEARS, YOUNG_RULE
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
    return Measurement(
        parts=(
            Part("buyers", buyers.value, buyers.low, buyers.high, change=True, caps=young),
            Part(
                "orders-per-buyer",
                orders.value,
                orders.low,
                orders.high,
                change=True,
                caps=(*young, *many_new(buyers.value)),
            ),
            attempt("new-customers", lambda: _new_customers(facts)),
        ),
        window=months.window,
        summary="{buyers} bought in the last twelve months, {buyers_before} in the twelve before; {each} each, "
        "before that {each_before}.",
        evidence={
            "buyers": Quantity(now.buyers, "customers"),
            "buyers_before": Quantity(before.buyers, "count"),
            "each": Quantity(each, "orders"),
            "each_before": Quantity(each_before, "count"),
        },
    )


def many_new(growth: float) -> tuple[Cap, ...]:
    """Where the number of buyers grew so much, fewer orders each warn at most."""
    return (Cap(Status.WARNING, "only a warning, as buyers grew by 10% or more"),) if growth >= GROWN else ()


def _new_customers(facts: Facts) -> Part:
    """New customers of Q against the same quarter a year earlier: the year's buyers show months later that new ones
    stay away (docs/validation.md)."""
    new, new_before = _won(facts)
    if min(new, new_before) < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} new customers in a quarter ({new:.0f} and {new_before:.0f})")
    change = ratio_interval(new / new_before, new, new_before)
    return Part("new-customers", change.value, change.low, change.high, change=True)


def _won(facts: Facts) -> tuple[float, float]:
    quarter = quarters(facts, "orders")
    if not quarter.season_removed or lead_in(facts, quarter.before[0]) < FULL_LEAD_IN:
        raise CannotTell("needs 27 complete months to tell new customers from old a year ago, or merchant.opened")
    require_customers(facts, quarter.before, quarter.now)
    new, before = (total(facts, "new_customers", months, "orders") for months in (quarter.now, quarter.before))
    return new, before


def _more_won(gap: Gap) -> Need:
    new, before = _won(gap.facts)
    return Need(((1 + gap.line) * before - new) / 3, new / 3)


LEVERS = (
    Lever(
        *("buyers", "buyers", "customers"),
        text="{amount} more buying within twelve months",
        what="the buyers",
        does="more buyers in the latest 12 months",
        needed=lambda gap: Need((1 + gap.line) * gap["buyers_before"] - gap["buyers"], gap["buyers"]),
    ),
    Lever(
        *("orders-per-buyer", "orders", "orders"),
        text="{amount} a month more from as many buyers",
        what="the orders",
        does="more orders in each of the latest 12 months from as many buyers",
        needed=lambda gap: Need(
            ((1 + gap.line) * gap["each_before"] - gap["each"]) * gap["buyers"] / 12, gap["each"] * gap["buyers"] / 12
        ),
    ),
    Lever(
        *("new-customers", "new-customers", "customers"),
        text="{amount} a month more who buy for the first time",
        what="the new customers",
        does="more new customers in each of the latest 3 months",
        needed=_more_won,
    ),
)


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
    levers=LEVERS,
    document=Document(
        title="Active customers",
        question="Do as many people buy as a year ago, and as often?",
        meaning="The figure is how much the number of people who bought within twelve months has changed in a year. A "
        "second one is how much the orders of each of them have changed; a third, how many more or fewer new customers "
        "the latest quarter brought.",
        why="A rising share of repeat orders can hide that new customers have stopped coming.",
        advice="Check where new customers used to come from, and win back those who ordered a year ago.",
        ahead="the customer base is shrinking",
        window=f"{YEARS} New customers: {QUARTERS[0].lower()}{QUARTERS[1:]}",
        traps=(
            "More buyers from a sale or a campaign are no loyal customers yet: second-order looks at that.",
            "Each buyer counts the same, whatever they spend.",
            "When checkout starts or stops to ask for an e-mail, the count jumps with no change in the shop.",
        ),
        evidence=(
            "Fewer than 24 complete months, or fewer than 30 buyers in either year: unknown.",
            "New customers are compared only with 27 complete months, or where the file reaches back to "
            "merchant.opened, and 30 of them in either quarter; fewer of them are no more than a warning.",
            "Fewer orders per buyer are no more than a warning while buyers grew by 10% or more.",
            GUESTS_RULE,
            SAMPLE_RULE,
            YOUNG_RULE,
            CHANCE_RULE,
        ),
        source="Wayfair 2021: buyers −12.5% at a repeat share of 76.3%; back-test on known "
        "companies: warned of 4 of 6 in trouble (median 5.9 months ahead) and of 1 of 6 healthy (docs/backtest.md)",
        strength="-",
        formula="distinct customers who ordered in Y ÷ those of Y' − 1; orders per buyer likewise (critical only while "
        "buyers grew by less than 10%); new customers of Q ÷ those of Q' − 1",
        recompute="a = facts.years[].buyers of the year whose to is window.to, b = those of window.compared_with.to. "
        "value = a ÷ b − 1; low and high = (a ÷ b) × exp(∓1.96 × √(1/a + 1/b)) − 1. Part orders-per-buyer: the same "
        "with facts.years[].orders_with_customer ÷ buyers, a and b being orders_with_customer. "
        "Part new-customers: the same with a, b = the sums of facts.months[].new_customers over the three months to "
        "window.to and a year earlier.",
        example="steady",
    ),
)
