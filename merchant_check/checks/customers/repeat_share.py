"""Repeat share: what part of the orders comes from customers who have bought before?"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need, attempt
from merchant_check.checks.customers.buyers import (
    FULL_LEAD_IN,
    SOME_LEAD_IN,
    lead_in,
    require_customers,
    spare_young_shop,
)
from merchant_check.checks.rules import FEW_CASES_RULE, GUESTS_RULE, INTERVAL_RULE, SAMPLE_RULE, YOUNG_RULE
from merchant_check.checks.windows import FEWEST_CASES, common_span, complete_months, more_months, refuse_gap
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
            f"the file has {complete_months(known)} before the months judged, so old customers look new: "
            f"export {more_months(_months_short(len(span)))} before the first, or set merchant.opened"
        )
    caps = list(spare_young_shop(facts))
    if known < FULL_LEAD_IN:
        caps.append(
            Cap(
                Status.WARNING,
                f"the true share may be higher: export {more_months(_months_short(len(span)))} to be sure",
            )
        )
    return Measurement(
        parts=(
            Part(
                "share",
                interval.value,
                interval.low,
                min(1.0, interval.high + unseen),
                caps=tuple(caps),
                unsure="the true share may be higher: customers from before the file's start look new in it"
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
        return f"the true share may be higher: the file has {complete_months(known)} before the months judged"
    return f"the true share may be higher: up to {unseen:.0%} of the orders may come from customers of earlier years"


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


def _more_repeat_orders(share: Callable[[Gap], float]) -> Callable[[Gap], Need]:
    """Repeat orders a month, on top of the others, by which they reach the share."""

    def needed(gap: Gap) -> Need:
        months, goal = gap["months"], share(gap)
        return Need((goal * gap["orders"] - gap["repeat_orders"]) / (1 - goal) / months, gap["repeat_orders"] / months)

    return needed


def _repeat_lever(part: str, share: Callable[[Gap], float]) -> Lever:
    return Lever(
        *(part, "repeat-orders", "orders"),
        text="{amount} a month more from customers who have bought before",
        what="the repeat orders",
        does="more repeat orders in each of the months judged",
        needed=_more_repeat_orders(share),
    )


LEVERS = (
    _repeat_lever("share", lambda gap: gap.line),
    _repeat_lever("change", lambda gap: gap["repeat_orders"] / gap["orders"] - gap.value + gap.line),
)


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
    levers=LEVERS,
    document=Document(
        title="Repeat share",
        question="What part of the orders comes from customers who have bought before?",
        meaning="A repeat order is one whose customer had ordered on an earlier day. The figure is the part of repeat "
        "orders among all orders with a known customer.",
        why="A returning customer costs no advertising; without them every sale has to be bought again.",
        advice="Write to those who bought once: a reminder when the goods run out, a reason to look in again.",
        ahead="too few customers come back",
        window="The latest 12 complete months, or half of the complete months where there are fewer than 24 (at least "
        "3): the months before show who is an old customer.",
        traps=(
            "Where the export starts late, old customers look new: the figure is then a lower bound.",
            "A high share can hide that new customers have stopped coming: active-customers looks at that.",
            "Many new customers at once lower the share, even if nobody is less loyal.",
            "A customer with two e-mail addresses counts as two.",
        ),
        evidence=(
            "Fewer than 12 complete months before the window: a lower bound, a warning at most. Fewer than 6, and it "
            "does not reach the warning line: unknown. Not so where the file reaches back to merchant.opened.",
            "Customers from before the file's start look new when they come back: the range reaches up by as many as "
            "those who were away for long let expect, and the figure is then a lower bound.",
            "Fewer than 30 orders with a customer: unknown.",
            GUESTS_RULE,
            SAMPLE_RULE,
            YOUNG_RULE,
            INTERVAL_RULE,
            FEW_CASES_RULE,
        ),
        source="returning customers bring about ⅓ of revenue, about 60% in retention-led brands (vendors, C); "
        "eToys 34%, Made.com 44%, Amazon 46→78%; back-test on known companies: warned of 2 of 4 in trouble (median "
        "11.2 months ahead) and of 0 of 5 healthy (docs/backtest.md)",
        strength="C",
        formula="orders on a later day than the customer's first ÷ orders with a customer, over the latest "
        "min(12, half the complete months) months, at least 3; Wilson interval, clustered by customer, reaching up by "
        "what customers from before the file's start may add; the change in points on the same window a year before",
        recompute="value = the sum of facts.months[].repeat_orders ÷ the sum of (orders − orders_without_customer), "
        "from window.from to window.to; part change = value − the same over the months a year earlier. The interval "
        "needs the orders of each customer, which the JSON leaves out: Wilson's, at the sample size n ÷ design "
        "effect, and on top what customers from before the file's start may add.",
        example="ad-burn",
    ),
)
