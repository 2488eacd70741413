"""What the customer checks share: when customer figures may be trusted, and how young shops are spared."""

from __future__ import annotations

from collections.abc import Sequence

from merchant_check.checks.check import CannotTell, NotGiven
from merchant_check.facts import Facts, months_before
from merchant_check.report import Cap, Status

MOST_GUESTS = 0.20  # share of orders without a customer above which customer figures mean nothing
MONTHS_WITHOUT_NEW = 3  # no new customer for so long, while orders go on: a sample of customers, not a shop
YOUNG_MONTHS = 12
FULL_LEAD_IN, SOME_LEAD_IN = 12, 6  # complete months before a window: enough to know old customers; a lower bound


def require_customers(facts: Facts, *windows: Sequence[int]) -> None:
    """Raise where customer figures over one of these windows can't be had or would mislead."""
    if not facts.has_customers:
        raise NotGiven("the orders have no customer column: add one, such as email or customer_id")
    for months in windows:
        _require_customers(facts, months)


def _require_customers(facts: Facts, months: Sequence[int]) -> None:
    rows = [facts.month(month) for month in months]
    orders = sum(row.orders for row in rows)
    guests = sum(row.orders_without_customer for row in rows)
    if guests > MOST_GUESTS * orders:
        raise CannotTell(
            f"orders without a customer: {guests:,} of {orders:,}, too many to tell who came back; "
            "export them with e-mail or customer id"
        )
    if orders and sum(row.net_revenue for row in rows) <= 0:
        raise CannotTell("net revenue is not above 0 in these months: at least as much was refunded as was sold")
    refuse_sample(facts, months)


def refuse_sample(facts: Facts, months: Sequence[int]) -> None:
    """Raise where the file holds a sample of customers growing older instead of a shop."""
    latest = [row for row in map(facts.month, months[-MONTHS_WITHOUT_NEW:]) if row.orders]
    if len(latest) == MONTHS_WITHOUT_NEW and not any(row.new_customers for row in latest):
        raise CannotTell("not one new customer in three months: this looks like a sample of customers, not all orders")


def spare_young_shop(facts: Facts) -> tuple[Cap, ...]:
    """A shop that opened less than a year ago can't be critical here: its customers had little time to return."""
    opened = facts.shop.opened
    if opened is None or opened <= months_before(facts.as_of, YOUNG_MONTHS):
        return ()
    return (Cap(Status.WARNING, "only a warning, as the shop is younger than 12 months"),)


def lead_in(facts: Facts, first: int) -> int:
    """Complete months before `first`; as good as endless where the file goes back to the opening."""
    return FULL_LEAD_IN if facts.history_complete else first - facts.spans["orders"].first
