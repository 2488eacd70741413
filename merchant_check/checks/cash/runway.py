"""Runway: for how many months does the money last?"""

from __future__ import annotations

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need
from merchant_check.checks.windows import STALE_MONTHS, common_span, values
from merchant_check.facts import Facts, Span, month_name, month_number
from merchant_check.report import Cap, Document, Measurement, Part, PartSpec, Quantity, Status, Threshold, Window

MEANS = (3, 6, 12)  # months over which burn is averaged; the worst counts


def measure(facts: Facts, lines: Lines) -> Measurement:
    """The balance at L ÷ monthly net burn, at the worst of its means over 3, 6 and 12 months."""
    ledger, span, windows = _windows(facts)
    if min(MEANS) not in windows:
        raise CannotTell(
            f"needs the net burn of {min(MEANS)} months in a row: their cash balances and the one before, no gap"
        )
    balance = _balance(facts, ledger, span.last)
    burns = {length: ledger.net_burn(months) / length for length, months in windows.items()}
    runways = {length: max(balance, 0.0) / burn for length, burn in burns.items() if burn > 0}
    if not runways:
        return ledger.measurement(
            parts=(Part("months", forced=Status.OK, missing="no cash is burned"),),
            window=Window(windows[max(windows)][0], span.last),
            summary="{balance} in the bank, and more came in than went out over {months}.",
            evidence={"balance": Quantity(balance, "money"), "months": Quantity(max(windows), "months")},
        )
    worst = min(runways, key=lambda length: (runways[length], length))
    return ledger.measurement(
        parts=(Part("months", runways[worst], caps=_seasonal(runways, lines["months"])),),
        window=Window(windows[worst][0], span.last),
        summary="{balance} in the bank; {burn} a month went out over the last {months}.",
        evidence={
            "balance": Quantity(balance, "money"),
            "burn": Quantity(burns[worst], "money"),
            "months": Quantity(worst, "months"),
            **{f"runway_{length}": Quantity(value, "months") for length, value in runways.items()},
        },
    )


def _windows(facts: Facts) -> tuple[Ledger, Span, dict[int, range]]:
    """The months of each mean that can be had, by its length."""
    ledger = Ledger(facts)
    span = common_span(facts, *ledger.inputs("burn"))
    every = {length: range(span.last - length + 1, span.last + 1) for length in MEANS}
    windows = {
        length: months for length, months in every.items() if months[0] >= span.first and ledger.can_burn(months)
    }
    return ledger, span, windows


def _balance(facts: Facts, ledger: Ledger, last: int) -> float:
    if "cash" in facts.spans:
        return values(facts, "cash_balance", [last], "cash")[0]
    amount, on = ledger.finance.cash_balance, ledger.finance.cash_balance_on
    if amount is None or on is None:
        raise CannotTell("no cash balance: set finance.cash_balance to its amount and date")
    if abs(month_number(on) - last) > STALE_MONTHS:
        raise CannotTell(f"finance.cash_balance is of {month_name(month_number(on))}: set a newer one")
    return amount


def _seasonal(runways: dict[int, float], lines: Threshold) -> tuple[Cap, ...]:
    """A short window alone (stock bought before the season) warns at most: the year must be critical, too."""
    year = runways.get(12)
    if year is not None and lines.beyond(year, lines.critical):
        return ()
    return (Cap(Status.WARNING, "over twelve months the money lasts longer, or is not known"),)


def _less_burn(gap: Gap) -> Need:
    """By which the money would last as long as the line at every one of the means."""
    ledger, span, windows = _windows(gap.facts)
    balance = max(_balance(gap.facts, ledger, span.last), 0.0)
    burns = [ledger.net_burn(months) / length for length, months in windows.items()]
    return Need(max(burns) - balance / gap.line, max(burns))


LEVERS = (
    Lever(
        *("months", "burn", "money"),
        text="{amount} a month less spent, or more earned",
        what="the burn",
        does="less net burn in each month",
        needed=_less_burn,
        less=True,
    ),
)


CHECK = Check(
    id="runway",
    subject="cash",
    parts=(PartSpec("months", "runway", "months", Threshold(12, 6, "higher")),),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Runway",
        question="How long does the money last?",
        formula="cash balance at L ÷ monthly net burn, at the worst of its means over 3, 6 and 12 months; net burn = "
        "−(change of the cash balance − financing); not burning is ok; a short window warns at most unless the "
        "12-month runway is critical, too",
        why="Raising money or cutting costs takes half a year; a shop that starts later runs dry on the way.",
        advice="Cut what does not sell or save by next month, and talk to the bank while there is still time.",
        ahead="spending is outrunning the cash",
        source="cases: Webvan 5.8 months computed, 6.2 lasted; Made.com 9.4 and 10.3, while the 12-month mean said 30",
        strength="-",
    ),
)
