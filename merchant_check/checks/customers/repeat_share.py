"""Repeat share: what part of the orders comes from customers who have bought before?"""

from __future__ import annotations

from itertools import count

from merchant_check.checks.check import CannotTell, Check, Lines, attempt
from merchant_check.checks.customers.buyers import (
    FULL_LEAD_IN,
    SOME_LEAD_IN,
    lead_in,
    require_customers,
    spare_young_shop,
)
from merchant_check.checks.windows import FEWEST_CASES, common_span, refuse_gap
from merchant_check.facts import Facts, repeat_window_length
from merchant_check.report import (
    Cap,
    Document,
    Measurement,
    Part,
    PartSpec,
    Quantity,
    Says,
    Status,
    Threshold,
    Window,
    exceeds,
)
from merchant_check.stats import Z95, ClusteredShare

HARDLY = 0.01  # of the orders: so few from before the file's start are not worth a word


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Repeat orders ÷ orders with a customer over the latest months, with an interval clustered by customer."""
    span = common_span(facts, "orders")
    length = repeat_window_length(len(span))
    if len(span) < length:
        raise CannotTell(f"needs {length} complete months, has {len(span)}")
    months = range(span.last - length + 1, span.last + 1)
    refuse_gap(facts, months)
    require_customers(facts, months)
    share = _share(facts, span.last, length)
    known = lead_in(facts, months[0])
    interval = share.interval()
    unseen = _unseen(facts, span.last, length, known)
    lower_bound = known < FULL_LEAD_IN or exceeds(unseen, HARDLY)
    if known < SOME_LEAD_IN and not share.share >= (lines["share"].warning or 0):
        raise CannotTell(
            f"only {known} complete months before the window, so old customers look new: "
            f"export {_months_short(len(span))} more months before the first, or set merchant.opened"
        )
    caps = list(spare_young_shop(facts))
    if known < FULL_LEAD_IN:
        caps.append(Cap(Status.WARNING, f"a lower bound: export {_months_short(len(span))} more months to be sure"))
    return Measurement(
        parts=(
            Part(
                "share",
                interval.value,
                interval.low,
                min(1.0, interval.high + unseen),
                caps=tuple(caps),
                unsure="a lower bound, and the customers from before the file's start may make up for it"
                if lower_bound
                else None,
            ),
            attempt("change", lambda: _change(facts, share, span.last, length)),
        ),
        window=Window(months[0], months[-1]),
        summary=f"{'At least ' if lower_bound else ''}{{repeat_orders}} of {{orders}} in {{months}} came from "
        "customers who had bought before.",
        evidence={
            "repeat_orders": Quantity(share.r, "count"),
            "orders": Quantity(share.n, "orders"),
            "months": Quantity(length, "months"),
        },
        notes=(_bound(known, unseen),) if lower_bound else (),
    )


def _bound(known: int, unseen: float) -> str:
    if known < FULL_LEAD_IN:
        return f"a lower bound: the file shows only {known} months before the window"
    return f"a lower bound: up to {unseen:.0%} of the orders may come from customers of before the file's start"


def _unseen(facts: Facts, to: int, months: int, known: int) -> float:
    """The share of orders that may come from customers of before the file's start, who look new in it.

    Guessed from those who were away for the farther half of the file and came back: beyond its start there are up to
    twice as many, with a lead-in under a year up to four times (the bounds that 95 % of simulated shops keep,
    docs/validation.md).
    """
    if facts.history_complete:
        return 0.0
    row = next(row for row in facts.repeat_windows if (row.to, row.months) == (to, months))
    return (2 if known >= FULL_LEAD_IN else 4) * row.far / row.orders_with_customer


def _months_short(complete: int) -> int:
    """How many more months make the lead-in full: the window takes half of them until it is a year long."""
    enough = next(months for months in count(complete) if months - repeat_window_length(months) >= FULL_LEAD_IN)
    return enough - complete


def _share(facts: Facts, to: int, months: int) -> ClusteredShare:
    row = next((row for row in facts.repeat_windows if (row.to, row.months) == (to, months)), None)
    if row is None:
        raise CannotTell(f"needs {months} complete months")
    if row.orders_with_customer < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} orders with a customer ({row.orders_with_customer})")
    return ClusteredShare(row.repeat_orders, row.orders_with_customer, row.sum_rr, row.sum_rn, row.sum_nn)


def _change(facts: Facts, now: ClusteredShare, to: int, months: int) -> Part:
    """The share in points on the same window a year before, where both windows know their old customers."""
    first = to - 12 - months + 1
    if first < facts.spans["orders"].first or lead_in(facts, first) < FULL_LEAD_IN:
        raise CannotTell("the file does not reach back far enough to compare with a year earlier")
    earlier = range(first, to - 11)
    refuse_gap(facts, earlier)
    require_customers(facts, earlier)
    before = _share(facts, to - 12, months)
    change = now.share - before.share
    half = Z95 * (now.variance + before.variance) ** 0.5
    return Part("change", change, change - half, change + half, change=True)


def _lines(warning: float, critical: float) -> Threshold:
    return Threshold(warning, critical, "higher")


CHECK = Check(
    id="repeat-share",
    subject="customers",
    parts=(
        PartSpec(
            "share",
            "repeat orders",
            "share",
            {
                "general": _lines(0.45, 0.30),
                "consumables": _lines(0.55, 0.40),
                "fashion": _lines(0.40, 0.25),
                "durables": _lines(0.25, 0.12),
            },
        ),
        PartSpec(
            "change",
            "change in a year",
            "points",
            Threshold(-0.05, None, "higher"),
            Says(
                "fewer orders come from returning customers",
                "A returning customer costs no advertising; what they no longer order has to be bought anew.",
                "Look at who stopped ordering in the last year, and what changed for them.",
            ),
        ),
    ),
    measure=measure,
    document=Document(
        title="Repeat share",
        question="What part of the orders comes from customers who have bought before?",
        formula="orders on a later day than the customer's first ÷ orders with a customer, over the latest "
        "min(12, half the complete months) months, at least 3; Wilson interval, clustered by customer, reaching up "
        "by what customers from before the file's start may add; the change in points on the same window a year before",
        why="A returning customer costs no advertising; without them every sale has to be bought again.",
        advice="Write to those who bought once: a reminder when the goods run out, a reason to look in again.",
        ahead="too few customers come back",
        source="returning customers bring about ⅓ of revenue, about 60% in retention-led brands (vendors, C); cases: "
        "eToys 40→34%, Made 44%, Amazon 46→78%",
        strength="C",
    ),
)
