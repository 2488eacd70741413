"""Marketing share: marketing ÷ net revenue of Y, over 20 % a warning, over 30 % critical."""

from __future__ import annotations

from typing import Any

import pytest

from merchant_check.facts import Finance
from merchant_check.report import Status, Window

from ..shops import CRITICAL, OCTOBER, OK, SKIPPED, UNKNOWN, WARNING, among, judge, lately, money, near, told, value

CHECK = "marketing-share"


def test_180_000_of_1_200_000_are_15_percent() -> None:
    finding = judge(CHECK, marketing=lately(12, 15_000, 90_000))
    assert (value(finding), told(finding, "marketing"), told(finding, "revenue")) == (0.15, 180_000, 1_200_000)
    assert finding.window == Window(OCTOBER - 11, OCTOBER)


@pytest.mark.parametrize(
    ("marketing", "status"),
    [(0, OK), (20_000, OK), (20_010, WARNING), (30_000, WARNING), (30_010, CRITICAL), (900_000, CRITICAL)],
)
def test_exactly_at_a_line_is_still_good(marketing: float, status: Status) -> None:
    assert judge(CHECK, marketing=marketing).status is status


def test_revenue_is_the_cash_sheets_else_the_orders_without_refunds_and_tax() -> None:
    assert value(judge(CHECK, company_revenue=200_000)) == 0.05
    assert value(judge(CHECK, refunds=20_000)) == 0.125
    assert value(judge(CHECK, finance=Finance(sales_tax_rate=0.25))) == 0.125


@pytest.mark.parametrize("cash", [{"cash_balance": None}, {"marketing": None}])
def test_marketing_from_the_finance_block_is_an_estimate_and_warns_at_most(cash: dict[str, Any]) -> None:
    finding = judge(CHECK, **cash, finance=Finance(monthly_marketing=money(40_000)))
    assert (value(finding), finding.status, finding.quality) == (near(0.4), WARNING, "estimated")
    assert finding.weak_because == ("marketing is taken as finance.monthly_marketing in every month",)


def test_marketing_of_the_cash_sheet_comes_first() -> None:
    assert value(judge(CHECK, finance=Finance(monthly_marketing=money(40_000)))) == 0.1


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"cash_balance": None}, SKIPPED, "no cash file: add a sheet"),
        (
            {"marketing": None},
            SKIPPED,
            "no marketing given: add the column marketing to the cash file, or finance.monthly_marketing",
        ),
        ({"cash_balance": None, "finance": Finance()}, SKIPPED, "no marketing given: add the column marketing"),
        ({"marketing": among([-5], None, 1)}, UNKNOWN, "no marketing for May 2026: add it to the cash file"),
        ({"months": 11}, UNKNOWN, "needs 12 complete months, has 11"),
        ({"refunds": 100_000}, UNKNOWN, "net revenue is not above 0 in twelve months"),
        ({"orders": among([-11], 0, 1000)}, UNKNOWN, "no orders in November 2025"),
        ({"cash_balance": lambda month: 1 if month <= -3 else None}, UNKNOWN, "cash.csv ends in July 2026"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


def test_12_months_are_enough_and_a_gap_before_them_does_not_matter() -> None:
    assert judge(CHECK, months=12).status is OK
    assert judge(CHECK, orders=among([-12], 0, 1000)).status is OK
