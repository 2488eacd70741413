"""Burn multiple: what does each unit of new gross profit cost in cash?"""

from __future__ import annotations

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import Check, Lines
from merchant_check.checks.windows import years
from merchant_check.facts import Facts
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Status, Threshold


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Net burn of Y ÷ the growth of gross profit, Y against Y'."""
    ledger = Ledger(facts)
    months = years(facts, *ledger.inputs("burn"))
    burn = ledger.net_burn(months.now)
    profit, profit_before = (ledger.gross_profit(window) for window in (months.now, months.before))
    gain = profit - profit_before
    if burn <= 0:
        part = Part("multiple", forced=Status.OK, missing="no cash is burned")
        summary = "No cash was burned in twelve months; gross profit {now}, was {before}."
    elif gain <= 0:
        part = Part("multiple", forced=Status.CRITICAL, missing="cash is burned while gross profit falls")
        summary = "{burn} burned in twelve months, while gross profit fell from {before} to {now}."
    else:
        part = Part("multiple", burn / gain)
        summary = "{burn} burned in twelve months to raise gross profit by {gain}."
    return Measurement(
        parts=(part,),
        window=months.window,
        summary=summary,
        evidence={
            "burn": Quantity(burn, "money"),
            "gain": Quantity(gain, "money"),
            "now": Quantity(profit, "money"),
            "before": Quantity(profit_before, "money"),
        },
        weak=tuple(ledger.weak),
        estimated=tuple(ledger.estimated),
        notes=tuple(ledger.notes),
    )


CHECK = Check(
    id="burn-multiple",
    subject="cash",
    parts=(PartSpec("multiple", "burn ÷ new gross profit", "multiple", Threshold(1.5, 3.0, "lower")),),
    measure=measure,
    document=Document(
        title="Burn multiple",
        question="Does the money spent buy growth that pays?",
        formula="net burn of Y ÷ (gross profit of Y − gross profit of Y'); critical when burning while gross profit "
        "falls",
        why="Growth that costs several times the profit it adds can only go on while someone else pays for it.",
        advice="Find the spending that brought no gross profit and stop that first.",
        ahead="spending is outrunning profit",
        source="Sacks's bands for software firms (B); carried over to gross profit: our convention",
        strength="B",
    ),
)
