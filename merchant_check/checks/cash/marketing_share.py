"""Marketing share: how much of the sales goes into advertising?"""

from __future__ import annotations

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell, Check, Lever, Lines, Need
from merchant_check.checks.rules import LARGE_ORDER_RULE, NET_REVENUE, TAX_RULE, YEAR
from merchant_check.checks.windows import year
from merchant_check.facts import Facts
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Threshold, Window


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Marketing ÷ net revenue over Y."""
    ledger = Ledger(facts)
    months = year(facts, *ledger.inputs("revenue"))
    marketing, revenue = ledger.marketing(months), ledger.revenue(months)
    if revenue <= 0:
        raise CannotTell("net revenue is not above 0 in twelve months")
    rest = revenue - ledger.largest_order(months)
    without = (Part("share", marketing / rest),) if rest > 0 else ()
    return ledger.measurement(
        parts=(Part("share", marketing / revenue, without_largest=without),),
        window=Window(months[0], months[-1]),
        summary="{marketing} of marketing for {revenue} of sales in twelve months.",
        evidence={"marketing": Quantity(marketing, "money"), "revenue": Quantity(revenue, "money")},
    )


LEVERS = (
    Lever(
        *("share", "marketing", "money"),
        text="{amount} less marketing a month",
        what="marketing",
        does="less marketing in each of the latest 12 months, for as many sales",
        needed=lambda gap: Need((gap["marketing"] - gap.line * gap["revenue"]) / 12, gap["marketing"] / 12),
        less=True,
    ),
)


CHECK = Check(
    id="marketing-share",
    subject="cash",
    parts=(PartSpec("share", "marketing of revenue", "share", Threshold(0.20, 0.30, "lower")),),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Marketing share",
        question="How much of the sales is spent on winning them?",
        meaning="The figure is how much of each 100 of sales went into marketing.",
        why="Sales that need that much advertising stop on the day the advertising stops.",
        advice="Stop the campaigns whose customers do not come back, and watch whether sales really fall.",
        ahead="advertising is outrunning sales",
        window=YEAR,
        traps=(
            "Discounts, free samples and commissions win customers as well, and are often booked elsewhere.",
            "A shop that has just opened has to advertise before it can sell.",
        ),
        evidence=(LARGE_ORDER_RULE, "Without a marketing column: an estimate from the config.", TAX_RULE),
        source="direct-to-consumer shops spend 10-30%, median 15-20% (vendors, C); back-test on known companies: "
        "warned of 5 of 5 in trouble (median 6.5 months ahead) and of 0 of 1 healthy (docs/backtest.md)",
        strength="C",
        formula="marketing of Y ÷ net revenue of Y",
        recompute="value = the sum of facts.months[].marketing (finance.monthly_marketing where it is null) ÷ the sum "
        f"of net revenue, both from window.from to window.to. {NET_REVENUE}",
        example="ad-burn",
    ),
)
