"""Burn share: net burn of Y ÷ net revenue of Y, over 25 % a warning, over 50 % critical."""

from __future__ import annotations

from datetime import date
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
    among,
    burning,
    judge,
    lately,
    money,
    told,
    value,
)

CHECK = "burn-share"


def test_120_000_burned_on_1_200_000_are_a_tenth() -> None:
    finding = judge(CHECK, cash_balance=burning(lately(12, 10_000, 99_000), left=0))
    assert (value(finding), told(finding, "burn"), told(finding, "revenue")) == (0.1, 120_000, 1_200_000)
    assert finding.summary == "{burn} more went out than came in within twelve months, on sales of {revenue}."
    assert finding.window == Window(OCTOBER - 11, OCTOBER)


@pytest.mark.parametrize(
    ("burn", "status"),
    [(-90_000, OK), (0, OK), (25_000, OK), (25_010, WARNING), (50_000, WARNING), (50_010, CRITICAL)],
)
def test_exactly_at_a_line_is_still_good(burn: float, status: Status) -> None:
    finding = judge(CHECK, cash_balance=burning(burn, left=0))
    assert finding.status is status
    assert finding.summary.startswith("No cash was lost") is (burn <= 0)


def test_revenue_is_the_cash_sheets_else_the_orders_without_refunds_and_tax() -> None:
    assert told(judge(CHECK, company_revenue=150_000, refunds=9), "revenue") == 1_800_000
    assert told(judge(CHECK, refunds=4_000), "revenue") == 1_152_000
    assert told(judge(CHECK, refunds=4_000, finance=Finance(sales_tax_rate=0.2)), "revenue") == 960_000


def test_the_cash_sheets_revenue_holds_no_tax() -> None:
    overrides: dict[str, Any] = {"company_revenue": 150_000, "finance": Finance(sales_tax_rate=0.2)}
    assert told(judge(CHECK, **overrides), "revenue") == 1_800_000


def test_tax_that_is_not_taken_out_is_noted() -> None:
    assert "finance.sales_tax_rate" in judge(CHECK).notes[0]
    assert judge(CHECK, finance=Finance(sales_tax_rate=0.0)).notes == ()
    assert judge(CHECK, company_revenue=1).notes == ()


def test_without_a_financing_column_it_warns_at_most() -> None:
    finding = judge(CHECK, cash_balance=burning(60_000, left=0), financing=None)
    assert (finding.status, finding.quality) == (WARNING, "weak")


def test_an_estimate_warns_at_most() -> None:
    known = Finance(money(1), date(2026, 10, 1), 0.4, money(100_000), money(0))
    finding = judge(CHECK, cash_balance=None, marketing=None, finance=known)  # 20,000 + 100,000 − 40,000 a month
    assert (value(finding), finding.status, finding.quality) == (0.8, WARNING, "estimated")


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"cash_balance": None}, SKIPPED, "no cash file: add a sheet"),
        ({"months": 11}, UNKNOWN, "needs 12 complete months, has 11"),
        ({"months": 12}, UNKNOWN, "the cash gained or lost in November 2025 is not known: give the cash balances of"),
        ({"cash_balance": lambda month: 1 if month <= -3 else None}, UNKNOWN, "cash.csv ends in July 2026"),
        ({"refunds": 100_000}, UNKNOWN, "net revenue is not above 0 in twelve months"),
        ({"company_revenue": 0}, UNKNOWN, "net revenue is not above 0 in twelve months"),
        ({"orders": among([-11], 0, 1000)}, UNKNOWN, "no orders in November 2025"),
        (
            {"company_revenue": among([-5], None, 1)},
            UNKNOWN,
            "no company revenue for May 2026: add it to the cash file",
        ),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


def test_a_gap_before_the_year_does_not_matter() -> None:
    assert judge(CHECK, orders=among([-12], 0, 1000)).status is OK


def test_13_balances_are_enough() -> None:
    assert judge(CHECK, months=13, cash_balance=burning(60_000, left=0)).status is CRITICAL
