"""Retained revenue: of last year's sales to known customers, how much did the same customers buy this year?"""

from __future__ import annotations

from dataclasses import replace

from merchant_check.checks.check import CannotTell, Check, Lever, Lines, Need
from merchant_check.checks.customers.buyers import require_customers, spare_young_shop
from merchant_check.checks.rules import (
    FEW_CASES_RULE,
    GUESTS_RULE,
    INTERVAL_RULE,
    LARGE_ORDER_RULE,
    SAMPLE_RULE,
    YEARS,
    YOUNG_RULE,
)
from merchant_check.checks.windows import FEWEST_CASES, largest_order, years
from merchant_check.facts import Facts
from merchant_check.report import Cap, Document, Measurement, Part, PartSpec, Quantity, Threshold
from merchant_check.stats import ratio_interval


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Net revenue in Y from customers who bought in Y' ÷ net revenue of Y' with a customer."""
    months = years(facts, "orders")
    require_customers(facts, months.before, months.now)
    now, before = (facts.year_to.get(window[-1]) for window in (months.now, months.before))
    if now is None or before is None or now.retained_revenue is None:
        raise CannotTell("needs 24 complete months")
    if before.net_revenue_with_customer <= 0:
        raise CannotTell("no net revenue from known customers in the year before")
    kept, base = now.retained_revenue, before.net_revenue_with_customer
    largest, largest_before = (largest_order(facts, window) for window in (months.now, months.before))
    young = spare_young_shop(facts)
    without = (
        _part((kept - largest) / base, before.buyers, young),
        _part(kept / max(base - largest_before, 1), before.buyers, young),
    )
    return Measurement(
        parts=(replace(_part(kept / base, before.buyers, young), without_largest=without),),
        window=months.window,
        summary="The customers of the year before bought for {base} then, and for {kept} in the last twelve months.",
        weak=(f"fewer than {FEWEST_CASES} customers in the year before",) if before.buyers < FEWEST_CASES else (),
        evidence={"base": Quantity(base, "money"), "kept": Quantity(kept, "money")},
    )


def _part(share: float, buyers: int, caps: tuple[Cap, ...]) -> Part:
    """The share with its interval, as the ratio of two counts of customers: those who came again, and all."""
    if share <= 0 or not buyers:
        return Part("share", share, caps=caps)
    chance = ratio_interval(share, buyers * min(1.0, share), buyers)
    return Part("share", share, 1 + chance.low, 1 + chance.high, caps=caps)


def _lines(warning: float, critical: float) -> Threshold:
    return Threshold(warning, critical, "higher")


LEVERS = (
    Lever(
        *("share", "retained-revenue", "money"),
        text="{amount} more net revenue a month from last year's customers",
        what="what they buy",
        does="more net revenue in each of the latest 12 months from customers of the year before",
        needed=lambda gap: Need((gap.line * gap["base"] - gap["kept"]) / 12, max(gap["kept"], 0) / 12),
    ),
)


CHECK = Check(
    id="retained-revenue",
    subject="customers",
    parts=(
        PartSpec(
            "share",
            "revenue kept",
            "share",
            {
                "general": _lines(0.50, 0.30),
                "consumables": _lines(0.60, 0.40),
                "fashion": _lines(0.45, 0.25),
                "durables": _lines(0.20, 0.10),
            },
        ),
    ),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Retained revenue",
        question="How much do last year's customers still buy?",
        meaning="The figure compares what the customers of the year before spent in the last twelve months with what "
        "they spent then. At 50%, half of it is still there.",
        why="What last year's customers no longer spend has to be found anew, before the shop can grow at all.",
        advice="Look at who stopped buying and what they had bought: range, price or service may have changed.",
        ahead="customers are lost faster than they are won",
        window=YEARS,
        traps=(
            "A few large customers can carry the figure while most have left.",
            "Higher prices raise it with no customer more loyal.",
            "Goods that are bought once in many years keep it low: set merchant.category to what you sell.",
        ),
        evidence=(
            "Fewer than 24 complete months: unknown.",
            "Fewer than 30 customers in the year before: weak evidence.",
            GUESTS_RULE,
            SAMPLE_RULE,
            YOUNG_RULE,
            LARGE_ORDER_RULE,
            INTERVAL_RULE,
            FEW_CASES_RULE,
        ),
        source="our convention",
        strength="-",
        formula="net revenue in Y from customers who bought in Y' ÷ net revenue of Y' with a customer",
        recompute="value = facts.years[].retained_revenue of the year whose to is window.to ÷ "
        "facts.years[].net_revenue_with_customer of the year whose to is window.compared_with.to. low and high = "
        "value × exp(∓1.96 × √(1/a + 1/b)), with b = facts.years[].buyers of that year and a = b × value, but b at "
        "most.",
        example="ad-burn",
    ),
)
