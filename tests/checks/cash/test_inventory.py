"""Inventory: stock growth − sales growth in points, above and below; and the days that the stock lasts."""

from __future__ import annotations

from typing import Any

import pytest

from merchant_check.facts import Finance
from merchant_check.report import Status, Window

from ..shops import (
    CRITICAL,
    OCTOBER,
    OK,
    SKIPPED,
    UNKNOWN,
    WARNING,
    Figure,
    among,
    judge,
    lately,
    near,
    part,
    told,
    value,
)

CHECK = "inventory"


def test_stock_up_30_percent_on_sales_up_25_are_5_points() -> None:
    finding = judge(CHECK, inventory=lately(12, 130_000, 100_000), revenue=lately(3, 125_000, 100_000))
    assert value(finding) == value(finding, "shortage") == near(0.05)
    assert (told(finding, "stock_growth"), told(finding, "sales_growth")) == near((0.30, 0.25))
    assert (told(finding, "stock"), told(finding, "stock_before")) == (130_000, 100_000)
    assert finding.window == Window(OCTOBER - 2, OCTOBER, OCTOBER - 14, OCTOBER - 12)


def test_stock_and_sales_are_those_of_the_quarter() -> None:
    finding = judge(
        CHECK,
        inventory=lambda month: {0: 100_000, -1: 120_000, -2: 140_000}.get(month, 100_000 if month < -11 else 77_777),
        revenue=lambda month: 110_000 if month > -3 else 100_000 if month in (-12, -13, -14) else 55_555,
    )
    assert (told(finding, "stock_growth"), told(finding, "sales_growth")) == near((0.2, 0.1))


# --- too much ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stock", "status"),
    [
        (100_000, OK),
        (110_000, OK),  # 10 points
        (110_100, WARNING),
        (130_000, WARNING),  # 30 points
        (130_100, CRITICAL),  # and the days of stock up by as much
    ],
)
def test_stock_ahead_of_sales(stock: float, status: Status) -> None:
    finding = judge(CHECK, inventory=lately(12, stock, 100_000))
    assert finding.status is part(finding, "growth").status is status


def test_points_are_the_difference_of_the_growths() -> None:
    exactly, beyond = (
        judge(CHECK, inventory=lately(12, stock, 100_000), revenue=lately(3, 120_000, 100_000))
        for stock in (130_000, 130_100)
    )
    assert (exactly.status, beyond.status) == (OK, WARNING)


@pytest.mark.parametrize(
    ("stock", "cogs", "status"),
    [
        (lately(12, 150_000, 100_000), 60_000, CRITICAL),
        (lately(3, 150_000, 100_000), 60_000, WARNING),  # large deliveries at the end: 12 % more days
        (lately(12, 150_000, 100_000), lately(12, 75_000, 60_000), WARNING),  # 20 % more days
        (lately(12, 156_000, 100_000), lately(12, 72_000, 60_000), WARNING),  # exactly 30 %
        (lately(12, 156_100, 100_000), lately(12, 72_000, 60_000), CRITICAL),
    ],
)
def test_it_is_critical_only_where_the_days_rose_by_over_30_percent(
    stock: Figure, cogs: Figure, status: Status
) -> None:
    finding = judge(CHECK, inventory=stock, cogs=cogs)
    assert finding.status is status
    assert status is CRITICAL or "30% more slowly than a year" in finding.reason


@pytest.mark.parametrize(("months", "status"), [(24, CRITICAL), (23, WARNING)])
def test_days_that_are_not_known_a_year_before_cap_it(months: int, status: Status) -> None:
    assert judge(CHECK, months=months, inventory=lately(12, 150_000, 100_000)).status is status


# --- too little ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stock", "status"),
    [
        (80_000, OK),  # −20 points
        (79_900, WARNING),
        (0, WARNING),  # never critical
    ],
)
def test_stock_behind_sales(stock: float, status: Status) -> None:
    finding = judge(CHECK, inventory=lately(12, stock, 100_000))
    assert finding.status is part(finding, "shortage").status is status
    assert part(finding, "growth").status is OK


def test_sales_that_run_away_from_the_stock() -> None:
    assert judge(CHECK, revenue=lately(3, 120_000, 100_000)).status is OK
    assert judge(CHECK, revenue=lately(3, 120_100, 100_000)).status is WARNING


# --- days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stock", "days", "status"),
    [
        (108_000, 90, OK),  # goods for 438,000 a year are 1,200 a day
        (108_120, 90.1, WARNING),
        (216_000, 180, WARNING),
        (216_120, 180.1, CRITICAL),
    ],
)
def test_the_days_that_stock_lasts(stock: float, days: float, status: Status) -> None:
    finding = judge(CHECK, inventory=stock, cogs=36_500)
    assert value(finding, "days") == told(finding, "days") == near(days)
    assert finding.status is part(finding, "days").status is status
    assert finding.summary == "Stock {stock_growth} in a year, sales {sales_growth}; the stock lasts {days}."


def test_stock_is_averaged_over_the_years_month_ends() -> None:
    stock = lambda month: 60_000 if month > -6 else 120_000 if month > -12 else 1e6  # noqa: E731
    assert value(judge(CHECK, inventory=stock, cogs=lately(12, 36_500, 9)), "days") == near(75)


def test_the_cost_of_goods_is_else_revenue_minus_gross_profit() -> None:
    assert value(judge(CHECK, cogs=None, gross_profit=63_500), "days") == near(365 * 100 / 438)


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"cogs": None}, "no gross profit: add the column gross_profit or cogs"),
        ({"cogs": lately(12, 0, 1)}, "no cost of goods in twelve months"),
        ({"inventory": among([-5], None, 100_000)}, "no inventory for May 2026"),
    ],
)
def test_days_that_can_not_be_told_leave_the_growth(overrides: dict[str, Any], reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert (finding.status, part(finding, "days").status) == (OK, UNKNOWN)
    assert part(finding, "days").reason.startswith(reason)
    assert finding.summary == "Stock {stock_growth} in a year, sales {sales_growth}."
    assert "days" not in finding.evidence


def test_growth_that_can_not_be_told_leaves_the_days() -> None:
    finding = judge(CHECK, months=14, inventory=400_000)
    assert (finding.status, value(finding, "days")) == (CRITICAL, near(365 * 40 / 72))
    assert [part(finding, name).reason[:24] for name in ("growth", "shortage")] == ["needs 15 complete months"] * 2
    assert (finding.summary, finding.window) == ("Stock lasts {days}.", Window(OCTOBER - 11, OCTOBER))


def test_days_that_are_fine_do_not_make_up_for_a_growth_that_can_not_be_told() -> None:
    assert judge(CHECK, months=14).status is UNKNOWN


def test_the_cost_of_goods_given_comes_before_revenue_minus_gross_profit() -> None:
    assert value(judge(CHECK, inventory=108_000, cogs=36_500, gross_profit=1), "days") == near(90)


@pytest.mark.parametrize(
    ("stock", "month", "amount", "status", "quality"),
    [
        (122_000, -13, 50_000, WARNING, "weak"),  # 250,000 a year ago: sales +20 %, stock 2 points ahead
        (122_000, -12, 50_000, WARNING, "weak"),
        (122_000, -11, 50_000, WARNING, "full"),
        (105_000, -1, 30_000, OK, "weak"),  # 270,000 this year: sales −10 %, stock 15 points ahead
        (105_000, -3, 30_000, OK, "full"),
        (105_000, -1, 10_000, OK, "full"),
        (85_000, -13, 30_000, OK, "weak"),  # sales +11 %: stock 26 points behind
        (75_000, -1, 30_000, WARNING, "weak"),  # sales −10 %: stock 15 points behind
    ],
)
def test_one_large_order_in_either_quarter(
    stock: float, month: int, amount: float, status: Status, quality: str
) -> None:
    finding = judge(CHECK, inventory=lately(12, stock, 100_000), largest_order=among([month], amount, 100))
    assert (finding.status, finding.quality) == (status, quality)


def test_a_margin_of_the_finance_block_is_an_estimate() -> None:
    finding = judge(CHECK, cogs=None, inventory=lately(12, 150_000, 100_000), finance=Finance(gross_margin=0.4))
    assert (finding.status, finding.quality) == (WARNING, "estimated")


# --- what is missing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"cash_balance": None}, SKIPPED, "no cash file: add a sheet"),
        ({"inventory": None}, SKIPPED, "no inventory given: add the column inventory to the cash file"),
        ({"months": 14}, UNKNOWN, "needs 15 complete months to compare with the same season"),
        ({"months": 5}, UNKNOWN, "needs 6 complete months, has 5"),
        ({"inventory": among([-12], None, 1)}, UNKNOWN, "no inventory for October 2025: add it to the cash file"),
        ({"inventory": lately(12, 1, 0)}, UNKNOWN, "no stock or no sales a year earlier to compare with"),
        ({"refunds": among([-12, -13, -14], 100_000, 0)}, UNKNOWN, "no stock or no sales a year earlier"),
        ({"orders": among([-14], 0, 1000)}, UNKNOWN, "no orders in August 2025"),
        ({"cash_balance": lambda month: 1 if month <= -3 else None}, UNKNOWN, "cash.csv ends in July 2026"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


def test_15_months_are_enough() -> None:
    assert judge(CHECK, months=15).status is OK


def test_revenue_in_the_cash_sheet_is_what_sales_are() -> None:
    finding = judge(CHECK, company_revenue=lately(3, 90_000, 100_000), orders=among([-14], 0, 1000))
    assert told(finding, "sales_growth") == near(-0.1)
