"""Burn share: how much of each sale's worth is lost on top of what comes in?"""

from __future__ import annotations

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell, Check, Lever, Lines, Need
from merchant_check.checks.rules import ESTIMATE_RULE, FINANCING_RULE, LARGE_ORDER_RULE, NET_REVENUE, TAX_RULE, YEAR
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
        summary="{burn} more went out than came in within twelve months, on sales of {revenue}."
        if burn > 0
        else "No cash was lost in twelve months, on sales of {revenue}.",
        evidence={"burn": Quantity(burn, "money"), "revenue": Quantity(revenue, "money")},
    )


LEVERS = (
    Lever(
        *("share", "burn", "money"),
        text="{amount} a month less spent",
        what="the loss of cash",
        does="less cash lost in each of the latest 12 months",
        needed=lambda gap: Need((gap["burn"] - gap.line * gap["revenue"]) / 12, gap["burn"] / 12),
        less=True,
    ),
)


CHECK = Check(
    id="burn-share",
    subject="cash",
    parts=(PartSpec("share", "cash lost ÷ sales", "share", Threshold(0.25, 0.50, "lower")),),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Burn share",
        question="How much cash is lost on what is sold?",
        meaning="Where more cash goes out than comes in, the figure is how much is lost on each 100 of sales. Below 0% "
        "cash is gained.",
        why="A shop that loses money on what it sells does not become healthy by selling more.",
        advice="Raise prices or drop what is sold below its full cost before winning more customers.",
        ahead="spending is outrunning sales",
        window=YEAR,
        traps=(
            "A year in which a warehouse or much stock was bought looks worse than the trade itself.",
            "What the owner takes out counts as lost; loans and capital paid in do not count as gained.",
        ),
        evidence=(LARGE_ORDER_RULE, FINANCING_RULE, ESTIMATE_RULE, TAX_RULE),
        source="back-test on known companies: warned of 7 of 11 in trouble (median 3.8 months "
        "ahead) and of 2 of 5 healthy (docs/backtest.md)",
        strength="-",
        formula="net burn of Y ÷ net revenue of Y",
        recompute="value = the sum of facts.months[].net_burn ÷ the sum of net revenue, both from window.from to "
        f"window.to. {NET_REVENUE}",
        example="ad-burn",
    ),
)
