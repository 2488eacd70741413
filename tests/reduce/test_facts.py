"""The facts hold against a second, plain computation (tests/oracle.py) on whatever small shop hypothesis invents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from merchant_check.facts import HORIZONS, Facts, Span, month_label, repeat_window_length
from merchant_check.stats import ClusteredShare
from tests import oracle

from .shops import Invented, exact, oracles, published, reviewed, select, shops, year_of_days


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(shop=shops())
def test_facts_equal_the_oracles_and_add_up(tmp_path: Path, shop: Invented) -> None:
    orders = oracles(tmp_path, shop)
    expected = oracle.facts(orders)
    report = reviewed(tmp_path, shop.csv(), as_of=shop.as_of, opened=shop.opened, today=shop.today)
    found = published(report)

    assert str(report.facts.as_of) == expected["as_of"]
    assert exact(found["totals"]) == exact(expected["totals"])
    assert select(found["months"], expected["months"]) == exact(expected["months"])
    assert exact(found["cohorts"]) == exact([row for row in expected["cohorts"] if row["age"] <= 12])
    assert_days(found, expected)
    assert_adds_up(found)
    assert_second_orders(found, expected, orders, "all")
    span = report.facts.spans["orders"]
    assert ([month_label(span.first), month_label(span.last)] if span else None) == expected["complete"]
    assert_repeat_windows(report.facts, span, orders)
    if not any(refund.day < orders.days[0] for refund in orders.refunds):  # else too high: see test_found.py
        assert exact(found["years"]) == exact(expected["years"][-24:])
    if len(year_of_days(orders)) >= 10:
        assert_second_orders(found, expected, orders, "peak")
        assert_second_orders(found, expected, orders, "other")


def assert_days(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every calendar day from the first order to as_of is there; those without an order or refund hold zeros."""
    known = {row["day"]: exact(row) for row in expected["days"]}
    days = [row["day"] for row in found["days"]]
    assert (days[0], days[-1]) == (expected["totals"]["first_day"], expected["as_of"])
    assert {day for day in known if day >= days[0]} <= set(days)
    for row in found["days"]:
        nothing = {"day": row["day"], "orders": 0, "net_revenue": 0, "new_customers": 0}
        assert exact(row) == known.get(row["day"], exact(nothing))


def assert_adds_up(found: dict[str, Any]) -> None:
    totals, months, days = found["totals"], found["months"], found["days"]

    def sums(rows: list[dict[str, Any]], *fields: str) -> list[Any]:
        return [sum(exact(row[field]) for row in rows) for field in fields]

    fields = ("orders", "revenue", "repeat_orders")
    assert sums(months, *fields) == [exact(totals[field]) for field in fields]
    assert sums(months, "new_customers") == sums(days, "new_customers") == [totals["customers"]]
    assert sums(days, "orders") == [totals["orders"]]
    born = [row for row in found["cohorts"] if row["age"] == 0]
    assert sums(born, "customers") == [totals["customers"]]
    assert totals["orders"] - totals["orders_with_customer"] == sum(row["orders_without_customer"] for row in months)
    for row in months:
        assert row["new_customers"] + row["returning_customers"] == row["active_customers"]
        assert exact(row["revenue"]) - exact(row["refunds"]) == exact(row["net_revenue"])
        assert row["active_customers"] <= row["orders"] - row["orders_without_customer"]
        assert 0 <= row["repeat_orders"] <= row["orders"] - row["orders_without_customer"]


def assert_second_orders(found: dict[str, Any], expected: dict[str, Any], orders: oracle.Orders, group: str) -> None:
    """The rows with events are the oracle's; each horizon has a row, so that those followed so long are known."""
    rows = [row for row in found["second_order"] if row["group"] == group]
    assert [row for row in rows if row["events"]] == [row for row in expected["second_order"] if row["group"] == group]
    assert [row["gap"] for row in rows] == sorted({row["gap"] for row in rows})
    times = oracle.waiting_times(orders, group)
    at_risk = {row["gap"]: row["at_risk"] for row in rows}
    if rows:
        assert {gap: at_risk[gap] for gap in HORIZONS} == {gap: oracle.at_risk_at(times, gap) for gap in HORIZONS}


def assert_repeat_windows(facts: Facts, span: Span, orders: oracle.Orders) -> None:
    """The window of each of the last twelve month-ends, and the newest one's a year earlier, where they fit in."""
    wanted = {(to, repeat_window_length(to - span.first + 1)) for to in range(span.last - 11, span.last + 1)}
    wanted |= {(span.last - 12, repeat_window_length(len(span)))}
    found = {(row.to, row.months): row for row in facts.repeat_windows}
    assert len(found) == len(facts.repeat_windows)
    for to, months in wanted:
        n, repeats, variance = oracle.repeat_window(orders, month_label(to), months)
        row = found.pop((to, months), None)
        if to - months + 1 < span.first:
            assert row is None
        elif n:
            assert row is not None
            share = ClusteredShare(row.repeat_orders, row.orders_with_customer, row.sum_rr, row.sum_rn, row.sum_nn)
            assert (share.n, share.r) == (n, repeats)
            assert share.variance == pytest.approx(variance, abs=1e-12)
    assert not found
