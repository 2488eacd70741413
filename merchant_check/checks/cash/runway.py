"""Runway: for how many months does the money last?"""

from __future__ import annotations

from collections.abc import Mapping

from merchant_check.checks.cash.ledger import NO_LOSS, Ledger
from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need
from merchant_check.checks.rules import ESTIMATE_RULE, FINANCING_RULE
from merchant_check.checks.windows import STALE_MONTHS, common_span, values
from merchant_check.facts import Facts, Span, month_name, month_number
from merchant_check.report import Cap, Document, Measurement, Part, PartSpec, Quantity, Status, Threshold, Window

MEANS = (3, 6, 12)  # months over which burn is averaged; the worst counts


def measure(facts: Facts, lines: Lines) -> Measurement:
    """The balance at L ÷ monthly net burn, at the worst of its means over 3, 6 and 12 months."""
    ledger, span, windows = _windows(facts)
    if min(MEANS) not in windows:
        raise CannotTell(
            f"needs {min(MEANS)} months in a row in which the cash gained or lost is known: add what is missing of the "
            "cash balances or the orders"
        )
    balance = _balance(facts, ledger, span.last)
    burns = {length: ledger.net_burn(months) / length for length, months in windows.items()}
    runways = {length: max(balance, 0.0) / burn for length, burn in burns.items() if burn > 0}
    if not runways:
        return ledger.measurement(
            parts=(worst_of(runways, lines["months"]),),
            window=Window(windows[max(windows)][0], span.last),
            summary="{balance} in the bank, and at least as much came in as went out over {months}.",
            evidence={"balance": Quantity(balance, "money"), "months": Quantity(max(windows), "months")},
        )
    worst = _worst(runways)
    return ledger.measurement(
        parts=(worst_of(runways, lines["months"]),),
        window=Window(windows[worst][0], span.last),
        summary="{balance} in the bank; {burn} a month more went out than came in over the last {months}.",
        evidence={
            "balance": Quantity(balance, "money"),
            "burn": Quantity(burns[worst], "money"),
            "months": Quantity(worst, "months"),
            **{f"runway_{length}": Quantity(value, "months") for length, value in runways.items()},
        },
    )


def worst_of(runways: Mapping[int, float], lines: Threshold) -> Part:
    """The figure that is judged, of the runways by the months their burn is averaged over; none: nothing is burned."""
    if not runways:
        return Part("months", forced=Status.OK, missing=NO_LOSS)
    return Part("months", runways[_worst(runways)], caps=_seasonal(runways, lines))


def _worst(runways: Mapping[int, float]) -> int:
    return min(runways, key=lambda length: (runways[length], length))


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


def _seasonal(runways: Mapping[int, float], lines: Threshold) -> tuple[Cap, ...]:
    """A short window alone (stock bought before the season) warns at most: the year must be critical, too."""
    year = runways.get(12)
    if year is not None and lines.beyond(year, lines.critical):
        return ()
    return (Cap(Status.WARNING, "only a warning: over twelve months the money lasts longer, or that is not known"),)


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
        what="the loss of cash",
        does="less cash lost in each month",
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
        meaning="The figure is how many months the money in the bank lasts if every month loses as much as the last "
        "ones did.",
        why="Raising money or cutting costs takes half a year; a shop that starts later runs dry on the way.",
        advice="Cut what does not sell or save by next month, and talk to the bank while there is still time.",
        ahead="spending is outrunning the cash",
        window="The latest 3, 6 and 12 complete months, where their balances are known; the one in which most was lost "
        "each month counts.",
        traps=(
            "Stock bought ahead of the season empties the account for a few months and comes back with the sales.",
            "Bills not yet paid and taxes not yet due do not show in the balance.",
            "A credit line that could still be used is not counted.",
        ),
        evidence=(
            "Where the twelve months alone are not critical, or not known: a warning at most.",
            "Fewer than 3 months with known balances: unknown.",
            FINANCING_RULE,
            ESTIMATE_RULE,
        ),
        source="Webvan: 5.8 months computed, 6.2 lasted; Made.com: 9.4 and 10.3, while the "
        "12-month mean said 30; back-test on known companies: warned of 4 of 5 in trouble (median 4.2 months ahead) "
        "and of 1 of 4 healthy (docs/backtest.md)",
        strength="-",
        formula="cash balance at L ÷ monthly net burn, at the worst of its means over 3, 6 and 12 months; net burn = "
        "−(change of the cash balance − financing); not burning is ok; a short window warns at most unless the "
        "12-month runway is critical, too",
        recompute="value = facts.months[].cash_balance of the month window.to ÷ the mean of facts.months[].net_burn "
        "from window.from to window.to, the window of evidence.months months that gives the least; null where no mean "
        "is above 0. net_burn = cash_balance of the month before − cash_balance + financing.",
        example="ad-burn",
    ),
)
