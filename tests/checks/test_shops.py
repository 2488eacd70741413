"""The factory itself: what it builds hangs together, and its calm shop is calm."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from merchant_check.checks import CHECKS
from merchant_check.facts import Facts, last_day, month_number
from merchant_check.report import Status

from .shops import OCTOBER, came_back, judge, lately, shop

SHOPS = {
    "calm": shop(),
    "half a month more": shop(as_of=date(2026, 11, 15)),
    "one month": shop(months=1),
    "growing": shop(orders=lambda month: 2000 + 30 * month, orders_without_customer=lately(5, 100, 7), refunds=1234),
    "by day": shop(sales=lambda day: 100.5 * day.day),
}


@pytest.mark.parametrize("facts", SHOPS.values(), ids=SHOPS)
def test_days_add_up_to_months(facts: Facts) -> None:
    for row in facts.months:
        days = [day for day in facts.days if month_number(day.day) == row.month]
        assert sum(day.orders for day in days) == row.orders
        assert sum(day.net_revenue for day in days) == row.net_revenue
        assert sum(day.new_customers for day in days) == row.new_customers
        assert max(day.largest_order for day in days) == row.largest_order


@pytest.mark.parametrize("facts", SHOPS.values(), ids=SHOPS)
def test_days_and_months_follow_each_other_to_as_of(facts: Facts) -> None:
    assert all((later.day - day.day).days == 1 for day, later in pairwise(facts.days))
    assert all(later.month == row.month + 1 for row, later in pairwise(facts.months))
    assert facts.days[-1].day == facts.as_of
    assert facts.months[-1].month == month_number(facts.as_of)


@pytest.mark.parametrize("facts", SHOPS.values(), ids=SHOPS)
def test_years_and_windows_are_sums_of_their_months(facts: Facts) -> None:
    for year in facts.years:
        rows = [facts.month(month) for month in range(year.to - 11, year.to + 1)]
        assert year.orders_with_customer == sum(row.orders_with_customer for row in rows)
        assert year.net_revenue == sum(row.net_revenue for row in rows)
        assert year.buyers <= year.orders_with_customer
    for window in facts.repeat_windows:
        rows = [facts.month(month) for month in range(window.to - window.months + 1, window.to + 1)]
        assert window.orders_with_customer == sum(row.orders_with_customer for row in rows)
        assert window.repeat_orders == sum(row.repeat_orders for row in rows)


@pytest.mark.parametrize("facts", SHOPS.values(), ids=SHOPS)
def test_every_customer_is_new_or_returns(facts: Facts) -> None:
    assert all(row.orders_with_customer == row.new_customers + row.repeat_orders for row in facts.months)
    assert facts.totals.customers == sum(row.customers for row in facts.cohorts if row.age == 0)


def test_three_years_end_with_october() -> None:
    facts = shop()
    assert (len(facts.spans["orders"]), facts.spans["orders"].last, facts.as_of) == (36, OCTOBER, last_day(OCTOBER))
    assert facts.spans["staffing"] == facts.spans["cash"] == facts.spans["orders"]


def test_a_file_reaches_as_far_as_its_main_figure() -> None:
    facts = shop(headcount=lately(5, 10), cash_balance=None)
    assert (facts.spans["staffing"].first, len(facts.spans["staffing"])) == (OCTOBER - 4, 5)
    assert "cash" not in facts.spans


def test_burn_follows_from_the_balances() -> None:
    burns = [row.net_burn for row in shop(cash_balance=lambda month: 500_000 - 700 * month, financing=300).months]
    assert burns == [None, *[10_000_000] * 35]  # 700 less each month, and 300 of what is left was borrowed


def test_a_survival_table_keeps_the_share_it_was_made_for() -> None:
    assert came_back(0.4, 1000, days=180) == [(30, 1000, 400), (90, 600, 0), (180, 600, 0), (365, 29, 0)]


@pytest.mark.parametrize("check", [check.id for check in CHECKS])
def test_the_calm_shop_is_fine(check: str) -> None:
    finding = judge(check, plan={2026: 1_200_000})
    assert (finding.status, finding.quality, finding.weak_because) == (Status.OK, "full", ())


def test_every_check_has_a_file_of_tests_under_its_name() -> None:
    here = Path(__file__).parent
    found = {path.relative_to(here).as_posix() for path in here.glob("*/test_*.py")}
    assert found >= {f"{check.subject}/test_{check.id.replace('-', '_')}.py" for check in CHECKS}
