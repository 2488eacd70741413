"""Marketing share: how much of the sales goes into advertising?"""

from __future__ import annotations

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell, Check, Lever, Lines, Need
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
        does="less marketing in each month of Y for as many sales",
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
        formula="marketing of Y ÷ net revenue of Y",
        why="Sales that need that much advertising stop on the day the advertising stops.",
        advice="Stop the campaigns whose customers do not come back, and watch whether sales really fall.",
        ahead="advertising is outrunning sales",
        source="direct-to-consumer shops spend 10-30%, median 15-20% (vendors, C); cases: the earliest warning, "
        "6-22 months ahead",
        strength="C",
    ),
)
