"""Burn share: how much of each sale's worth is lost on top of what comes in?"""

from __future__ import annotations

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell, Check, Lever, Lines, Need
from merchant_check.checks.windows import year
from merchant_check.facts import Facts
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Threshold, Window


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Net burn of Y ÷ net revenue of Y."""
    ledger = Ledger(facts)
    months = year(facts, *ledger.inputs("burn", "revenue"))
    burn, revenue = ledger.net_burn(months), ledger.revenue(months)
    if revenue <= 0:
        raise CannotTell("net revenue is not above 0 in twelve months")
    rest = revenue - ledger.largest_order(months)
    without = (Part("share", burn / rest),) if rest > 0 else ()
    return ledger.measurement(
        parts=(Part("share", burn / revenue, without_largest=without),),
        window=Window(months[0], months[-1]),
        summary="{burn} burned on {revenue} of sales in twelve months."
        if burn > 0
        else "No cash was burned in twelve months, on {revenue} of sales.",
        evidence={"burn": Quantity(burn, "money"), "revenue": Quantity(revenue, "money")},
    )


LEVERS = (
    Lever(
        *("share", "burn", "money"),
        text="{amount} a month less spent",
        what="the burn",
        does="less net burn in each month of Y",
        needed=lambda gap: Need((gap["burn"] - gap.line * gap["revenue"]) / 12, gap["burn"] / 12),
        less=True,
    ),
)


CHECK = Check(
    id="burn-share",
    subject="cash",
    parts=(PartSpec("share", "burn of revenue", "share", Threshold(0.25, 0.50, "lower")),),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Burn share",
        question="How much cash is lost on what is sold?",
        formula="net burn of Y ÷ net revenue of Y",
        why="A shop that loses money on what it sells does not become healthy by selling more.",
        advice="Raise prices or drop what is sold below its full cost before winning more customers.",
        ahead="spending is outrunning sales",
        source="cases: the 50% line caught 6 of 11 troubled and 0 of 5 healthy companies, the 25% line 7 and 2",
        strength="-",
    ),
)
