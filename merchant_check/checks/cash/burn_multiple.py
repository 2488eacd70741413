"""Burn multiple: what does each unit of new gross profit cost in cash?"""

from __future__ import annotations

from dataclasses import replace

from merchant_check.checks.cash.ledger import NO_LOSS, Ledger
from merchant_check.checks.check import Check, Lever, Lines, Need
from merchant_check.checks.rules import ESTIMATE_RULE, FINANCING_RULE, GROSS_PROFIT, LARGE_ORDER_RULE, TAX_RULE, YEARS
from merchant_check.checks.windows import given, years
from merchant_check.facts import Facts
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Status, Threshold


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Net burn of Y ÷ the growth of gross profit, Y against Y'."""
    ledger = Ledger(facts)
    months = years(facts, *ledger.inputs("burn", "profit"))
    burn = ledger.net_burn(months.now)
    profit, profit_before = (ledger.gross_profit(window) for window in (months.now, months.before))
    gain = profit - profit_before
    without: tuple[Part, ...] = ()
    if not given(facts, "gross_profit"):  # then it follows the revenue, and with it the largest order
        margin, margin_before = (
            ledger.largest_order(window) * amount / max(ledger.revenue(window), 1)
            for window, amount in ((months.now, profit), (months.before, profit_before))
        )
        without = (_part(burn, gain - margin), _part(burn, gain + margin_before))
    return ledger.measurement(
        parts=(replace(_part(burn, gain), without_largest=without),),
        window=months.window,
        summary=_summary(burn, gain),
        evidence={
            "burn": Quantity(burn, "money"),
            "gain": Quantity(gain, "money"),
            "now": Quantity(profit, "money"),
            "before": Quantity(profit_before, "money"),
        },
    )


def _part(burn: float, gain: float) -> Part:
    if burn <= 0:
        return Part("multiple", forced=Status.OK, missing=NO_LOSS)
    if gain <= 0:
        return Part(
            "multiple",
            forced=Status.CRITICAL,
            missing="more cash goes out than comes in, while gross profit does not grow",
        )
    return Part("multiple", burn / gain)


def _summary(burn: float, gain: float) -> str:
    if burn <= 0:
        return "No cash was lost in twelve months; gross profit {now}, before that {before}."
    if gain < 0:
        return "{burn} more went out than came in within twelve months, while gross profit fell from {before} to {now}."
    if gain == 0:
        return "{burn} more went out than came in within twelve months, while gross profit stayed at {now}."
    return "{burn} more went out than came in within twelve months; gross profit rose by {gain}."


LEVERS = (
    Lever(
        *("multiple", "burn", "money"),
        text="{amount} a month less spent",
        what="the loss of cash",
        does="less cash lost in each of the latest 12 months",
        needed=lambda gap: Need((gap["burn"] - gap.line * max(gap["gain"], 0.0)) / 12, gap["burn"] / 12),
        less=True,
    ),
)


CHECK = Check(
    id="burn-multiple",
    subject="cash",
    parts=(PartSpec("multiple", "cash lost ÷ gross profit gained", "multiple", Threshold(1.5, 3.0, "lower")),),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Burn multiple",
        question="Does the money spent buy growth that pays?",
        meaning="Gross profit is what is left of sales after the cost of the goods. The figure is how much cash is "
        "lost for each 1 by which it has grown in a year, loans and capital left aside.",
        why="Growth that costs several times the profit it adds can only go on while someone else pays for it.",
        advice="Find the spending that brought no gross profit and stop that first.",
        ahead="spending is outrunning profit",
        window=YEARS,
        traps=(
            "Money spent on what earns later (a warehouse, a new market) looks like loss now.",
            "Stock bought at the end of the twelve months is cash gone that has not yet sold.",
            "Where gross profit hardly grew, the figure becomes very large on a small change.",
        ),
        evidence=(
            "Fewer than 24 complete months: unknown.",
            LARGE_ORDER_RULE,
            FINANCING_RULE,
            ESTIMATE_RULE,
            TAX_RULE,
        ),
        source="Sacks's bands for software firms (B); carried over to gross profit: our convention",
        strength="B",
        formula="net burn of Y ÷ (gross profit of Y − gross profit of Y'); critical when burning while gross profit "
        "does not grow",
        recompute="value = the sum of facts.months[].net_burn from window.from to window.to ÷ (the gross profit of "
        f"these months − that of window.compared_with). {GROSS_PROFIT}",
        example="ad-burn",
    ),
)
