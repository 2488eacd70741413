"""Burn multiple: what does each unit of new gross profit cost in cash?"""

from __future__ import annotations

from dataclasses import replace

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import Check, Lines
from merchant_check.checks.windows import given, total, years
from merchant_check.facts import Facts
from merchant_check.report import Cap, Document, Measurement, Part, PartSpec, Quantity, Status, Threshold
from merchant_check.stats import money_interval

HARDLY = 0.02  # of the year's revenue: a smaller burn is a year's chance, no way of growing


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Net burn of Y ÷ the growth of gross profit, Y against Y'."""
    ledger = Ledger(facts)
    months = years(facts, *ledger.inputs("burn", "profit"))
    burn = ledger.net_burn(months.now)
    profit, profit_before = (ledger.gross_profit(window) for window in (months.now, months.before))
    gain = profit - profit_before
    orders, orders_before = (total(facts, "orders", window, "orders") for window in (months.now, months.before))
    caps: tuple[Cap, ...] = ()
    if burn <= HARDLY * ledger.revenue(months.now):
        caps = (Cap(Status.OK, f"no more than {HARDLY:.0%} of revenue was burned"),)
    elif profit_before > 0 and profit > 0 and min(orders, orders_before) > 0:
        chance = money_interval(profit / profit_before, orders, orders_before)
        if chance.low <= 0 <= chance.high:
            caps = (Cap(Status.WARNING, "gross profit changed within chance"),)
    without: tuple[Part, ...] = ()
    if not given(facts, "gross_profit"):  # then it follows the revenue, and with it the largest order
        margin, margin_before = (
            ledger.largest_order(window) * amount / max(ledger.revenue(window), 1)
            for window, amount in ((months.now, profit), (months.before, profit_before))
        )
        without = (_part(burn, gain - margin), _part(burn, gain + margin_before))
    return ledger.measurement(
        parts=(replace(_part(burn, gain), without_largest=without, caps=caps),),
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
        return Part("multiple", forced=Status.OK, missing="no cash is burned")
    if gain <= 0:
        return Part("multiple", forced=Status.CRITICAL, missing="cash is burned while gross profit does not grow")
    return Part("multiple", burn / gain)


def _summary(burn: float, gain: float) -> str:
    if burn <= 0:
        return "No cash was burned in twelve months; gross profit {now}, was {before}."
    if gain < 0:
        return "{burn} burned in twelve months, while gross profit fell from {before} to {now}."
    if gain == 0:
        return "{burn} burned in twelve months, while gross profit stayed at {now}."
    return "{burn} burned in twelve months to raise gross profit by {gain}."


CHECK = Check(
    id="burn-multiple",
    subject="cash",
    parts=(PartSpec("multiple", "burn ÷ new gross profit", "multiple", Threshold(1.5, 3.0, "lower")),),
    measure=measure,
    document=Document(
        title="Burn multiple",
        question="Does the money spent buy growth that pays?",
        formula="net burn of Y ÷ (gross profit of Y − gross profit of Y'); critical when burning while gross profit "
        "does not grow",
        why="Growth that costs several times the profit it adds can only go on while someone else pays for it.",
        advice="Find the spending that brought no gross profit and stop that first.",
        ahead="spending is outrunning profit",
        source="Sacks's bands for software firms (B); carried over to gross profit: our convention",
        strength="B",
    ),
)
