"""What the cash checks share: whose revenue counts, tax, estimates, money raised, and one large order."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from merchant_check.facts import Finance
from merchant_check.report import Status

from ..shops import CRITICAL, OK, UNKNOWN, WARNING, among, burning, judge, lately, money, told

CHECKS = ["burn-multiple", "burn-share", "marketing-share", "acquisition-cost", "inventory", "plan"]
ON_BURN = ["runway", "burn-multiple", "burn-share"]
NO_TAX = "sales tax is not taken out of order revenue: set finance.sales_tax_rate if prices include it"
ESTIMATE: dict[str, Any] = {
    "cash_balance": None,
    "finance": Finance(money(1e6), date(2026, 10, 31), 0.4, money(25_000), money(5_000)),
}


@pytest.mark.parametrize("check", CHECKS)
def test_order_revenue_of_which_no_tax_is_taken_is_noted(check: str) -> None:
    plan = {2026: 1_200_000}
    assert judge(check, plan=plan).notes == (NO_TAX,)
    assert judge(check, plan=plan, finance=Finance(sales_tax_rate=0.0)).notes == ()
    assert judge(check, plan=plan, company_revenue=100_000).notes == ()


@pytest.mark.parametrize("check", ON_BURN)
def test_without_a_financing_column_the_burn_is_weak_evidence(check: str) -> None:
    finding = judge(check, financing=None)
    assert (finding.status, finding.quality) == (OK, "weak")
    assert finding.weak_because == ("no financing column: loans and capital would look like money earned or lost",)


@pytest.mark.parametrize("check", ON_BURN)
@pytest.mark.parametrize(("month", "status"), [(-11, UNKNOWN), (-12, OK)])
def test_money_that_was_raised_without_a_financing_column_is_unknown(check: str, month: int, status: Status) -> None:
    finding = judge(check, cash_balance=burning(among([month], -100_001, 0), left=1e6), financing=None)
    assert finding.status is status
    assert status is OK or finding.reason.startswith("more cash came in than was sold in November 2025, so money was")


@pytest.mark.parametrize("check", ["marketing-share", "burn-share"])
@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({"headcount": None}, "no staffing file"),
        ({"headcount": lambda month: 10 if month <= -3 else None}, "staffing.csv ends in July 2026"),
    ],
)
def test_only_an_estimated_burn_needs_the_staffing_file(check: str, others: dict[str, Any], reason: str) -> None:
    finding = judge(check, **ESTIMATE, **others)
    assert finding.status.judged is (check == "marketing-share")
    assert finding.status.judged or finding.reason.startswith(reason)


@pytest.mark.parametrize("balance", [1_000_000, None])
def test_an_estimate_is_made_only_without_a_cash_sheet(balance: float | None) -> None:
    finding = judge("burn-share", **(ESTIMATE | {"cash_balance": balance}))
    assert told(finding, "burn") == (0 if balance else 12 * (20_000 + 25_000 + 5_000 - 40_000))
    assert finding.quality == ("full" if balance else "estimated")


def test_payroll_for_an_estimate_is_asked_for() -> None:
    finding = judge("burn-share", **ESTIMATE, payroll=None)
    assert finding.reason.startswith("no payroll")
    assert "add the column payroll to the staffing file" in finding.reason


# --- one large order: 600,000 of the year's 1,200,000 ------------------------------------------------------------


LARGE: dict[str, Any] = {"largest_order": among([-3], 600_000, 100)}


@pytest.mark.parametrize(
    ("check", "overrides"),
    [
        ("burn-share", {"cash_balance": burning(24_000, left=0)}),  # 24 %; 48 % without
        ("marketing-share", {"marketing": 19_000}),
        ("plan", {"plan": {2026: 1_200_000}}),
    ],
)
def test_what_one_large_order_keeps_from_a_warning_is_weak_evidence(check: str, overrides: dict[str, Any]) -> None:
    assert judge(check, **overrides).quality == "full"
    assert judge(check, **overrides, **LARGE).weak_because == ("one large order decides it",)


@pytest.mark.parametrize(
    ("check", "overrides"),
    [
        ("burn-share", {"cash_balance": burning(12_000, left=0)}),  # 12 %; 24 % without
        ("marketing-share", {"marketing": 9_900}),
        ("plan", {"plan": {2026: 450_000}}),
        ("burn-share", {"cash_balance": burning(24_000, left=0), "company_revenue": 100_000}),
        ("marketing-share", {"marketing": 19_000, "company_revenue": 100_000}),
        ("plan", {"plan": {2026: 1_200_000}, "company_revenue": 100_000}),
    ],
)
def test_where_the_order_changes_nothing_or_the_revenue_is_not_the_orders_it_is_full(
    check: str, overrides: dict[str, Any]
) -> None:
    assert judge(check, **overrides, **LARGE).quality == "full"


def test_tax_is_taken_out_of_the_large_order_too() -> None:
    # 25 % tax: 960,000 in the year; without 500,000 ÷ 1.25 they are 560,000, of which 112,000 are exactly 20 %
    finding = judge(
        "marketing-share",
        marketing=112_000 / 12,
        largest_order=among([-3], 500_000, 100),
        finance=Finance(sales_tax_rate=0.25),
    )
    assert (finding.status, finding.quality) == (OK, "full")


@pytest.mark.parametrize("check", ["burn-share", "marketing-share"])
@pytest.mark.parametrize("largest", [1_200_000, 1_300_000])
def test_a_year_that_is_one_order_is_judged_with_it(check: str, largest: float) -> None:
    finding = judge(check, largest_order=among([-3], largest, 100), cash_balance=burning(60_000, 0), marketing=60_000)
    assert (finding.status, finding.quality) == (CRITICAL, "full")


@pytest.mark.parametrize(
    ("month", "amount", "status"),
    [
        (-20, 200_000, WARNING),  # of the year before: 40 % of it less gross profit then, and it grew
        (-12, 200_000, WARNING),
        (-24, 200_000, CRITICAL),
        (-20, 20_000, CRITICAL),  # not enough to make it grow
    ],
)
def test_gross_profit_that_only_fell_because_of_one_order_a_year_ago_warns_at_most(
    month: int, amount: float, status: Status
) -> None:
    # 12 × 44,000 = 528,000 after 11 × 40,000 + 120,000 = 560,000; the order of 200,000 brought about 80,000 of that
    finding = judge(
        "burn-multiple",
        cash_balance=burning(lately(12, 3_000, 0), left=0),
        cogs=None,
        finance=Finance(gross_margin=0.4, sales_tax_rate=0.0),
        revenue=lambda number: 110_000 if number > -12 else 300_000 if number == -20 else 100_000,
        largest_order=among([month], amount, 100),
    )
    assert finding.status is WARNING  # an estimate in any case
    assert ("one large order decides it" in finding.weak_because) is (status is WARNING)


def test_gross_profit_that_only_grew_because_of_one_order_this_year_is_weak_evidence() -> None:
    overrides: dict[str, Any] = {
        "cash_balance": burning(lately(12, 5_000, 0), left=0),  # 60,000 for 60,000 more gross profit
        "cogs": lately(12, 66_000, 60_000),
        "revenue": lately(12, 111_000, 100_000),
    }
    assert judge("burn-multiple", **overrides).quality == "full"
    # 60,000 of 1,332,000 brought 24,324 of the 540,000: 60,000 for 35,676
    assert judge("burn-multiple", **overrides, largest_order=among([-5], 60_000, 100)).quality == "weak"
    assert judge("burn-multiple", **overrides, largest_order=among([-5], 20_000, 100)).quality == "full"


def test_gross_profit_as_given_knows_no_single_orders() -> None:
    finding = judge(
        "burn-multiple",
        cash_balance=burning(lately(12, 5_000, 0), left=0),
        gross_profit=lately(12, 45_000, 40_000),
        largest_order=600_000,
    )
    assert finding.quality == "full"
