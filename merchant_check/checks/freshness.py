"""How old each input is: an export job that died must not pass for a shop in good health."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from merchant_check.facts import Facts, month_name
from merchant_check.report import Freshness, Input, Status

MONTHS_BEHIND = 2  # a staffing or cash file may end so many months before the orders' last complete month


def aged(inputs: Sequence[Input], facts: Facts, stale_after: float | None) -> tuple[Input, ...]:
    """The inputs with their freshness. Of the files of one role only the newest tells: older ones are its past.

    Orders are stale when the newest is more than `stale_after` days before today; None: at no age.
    """
    newest: dict[str, date] = {}
    for source in inputs:
        if source.last:
            newest[source.role] = max(source.last, newest.get(source.role, source.last))
    return tuple(_with_freshness(source, newest.get(source.role), facts, stale_after) for source in inputs)


def _with_freshness(source: Input, newest: date | None, facts: Facts, stale_after: float | None) -> Input:
    if not source.last:
        return source
    days = (facts.today - source.last).days
    reason = ""
    if source.last == newest:
        reason = _orders(days, stale_after) if source.role == "orders" else _behind(source, facts)
    return replace(source, freshness=Freshness(days, Status.WARNING if reason else Status.OK, reason))


def _orders(days: int, stale_after: float | None) -> str:
    if stale_after is None or days <= stale_after:
        return ""
    return f"The newest order is {days} {'day' if days == 1 else 'days'} old: has the export stopped?"


def _behind(source: Input, facts: Facts) -> str:
    """Why a staffing or cash file is too old; empty where it is not, or where a span has no complete month."""
    own, orders = facts.spans.get(source.role), facts.spans["orders"]
    if not own or not orders or orders.last - own.last <= MONTHS_BEHIND:
        return ""
    return (
        f"The {source.role} file ends in {month_name(own.last)}, {orders.last - own.last} months before the orders: "
        "export it again."
    )


def stale(inputs: Sequence[Input]) -> Iterator[str]:
    """What is to be said of inputs that are too old, each sentence once."""
    yield from dict.fromkeys(
        source.freshness.reason for source in inputs if source.freshness and source.freshness.reason
    )
