"""Burn multiple: what does each unit of new gross profit cost in cash?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from merchant_check.checks.cash.ledger import NO_LOSS, Ledger
from merchant_check.checks.check import Check, Gap, Lever, Lines, Need
from merchant_check.checks.rules import ESTIMATE_RULE, FINANCING_RULE, GROSS_PROFIT, LARGE_ORDER_RULE, TAX_RULE, YEARS
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
    orders = tuple(total(facts, "orders", window, "orders") for window in (months.now, months.before))
    hardly = burn <= _hardly(ledger, months.now)

    def judged(now: float, before: float) -> Part:
        caps = _HARDLY_BURNED if hardly else _by_chance(burn, lines["multiple"].warning, now, before, *orders)
        return replace(_part(burn, now - before), caps=caps)

    without: tuple[Part, ...] = ()
    if not given(facts, "gross_profit"):  # then it follows the revenue, and with it the largest order
        margin, margin_before = (
            ledger.largest_order(window) * amount / max(ledger.revenue(window), 1)
            for window, amount in ((months.now, profit), (months.before, profit_before))
        )
        without = (judged(profit - margin, profit_before), judged(profit, profit_before - margin_before))
    return ledger.measurement(
        parts=(replace(judged(profit, profit_before), without_largest=without),),
        window=months.window,
        summary=_summary(burn, gain),
        evidence={
            "burn": Quantity(burn, "money"),
            "gain": Quantity(gain, "money"),
            "now": Quantity(profit, "money"),
            "before": Quantity(profit_before, "money"),
        },
    )


def _hardly(ledger: Ledger, months: Sequence[int]) -> float:
    return HARDLY * ledger.revenue(months)


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


_HARDLY_BURNED = (Cap(Status.OK, f"no more was lost than {HARDLY:.0%} of the sales"),)


def _by_chance(
    burn: float, line: float | None, now: float, before: float, orders: float, orders_before: float
) -> tuple[Cap, ...]:
    """The gross profit that so many orders brought may have grown enough, but for chance."""
    if line is None or min(now, before, orders, orders_before) <= 0:
        return ()
    gain = money_interval(now / before, orders, orders_before).high * before
    return (
        (Cap(Status.WARNING, "only a warning: but for chance, gross profit may have grown enough"),)
        if gain * line >= burn
        else ()
    )


def _summary(burn: float, gain: float) -> str:
    if burn <= 0:
        return "No cash was lost in twelve months; gross profit {now}, before that {before}."
    if gain < 0:
        return "{burn} more went out than came in within twelve months, while gross profit fell from {before} to {now}."
    if gain == 0:
        return "{burn} more went out than came in within twelve months, while gross profit stayed at {now}."
    return "{burn} more went out than came in within twelve months; gross profit rose by {gain}."


def _less_burn(gap: Gap) -> Need:
    """By which the gain would be worth the burn, or hardly anything be burned."""
    ledger = Ledger(gap.facts)
    months = years(gap.facts, *ledger.inputs("burn", "profit"))
    allowed = max(gap.line * gap["gain"], _hardly(ledger, months.now), 0.0)
    return Need((gap["burn"] - allowed) / 12, gap["burn"] / 12)


LEVERS = (
    Lever(
        *("multiple", "burn", "money"),
        text="{amount} a month less spent",
        what="the loss of cash",
        does="less cash lost in each of the latest 12 months",
        needed=_less_burn,
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
            f"No more lost than {HARDLY:.0%} of the sales: ok, as that may be chance.",
            "Where gross profit may have grown enough but for chance, by the number of orders: a warning at most.",
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
