"""Runway: the balance ÷ monthly net burn, at the worst of its means over 3, 6 and 12 months."""

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
    Figure,
    among,
    burning,
    judge,
    lately,
    money,
    near,
    told,
    value,
)

CHECK = "runway"


def test_120_000_at_8_000_a_month_last_15_months() -> None:
    finding = judge(CHECK, cash_balance=burning(8_000, left=120_000))
    assert (value(finding), told(finding, "balance"), told(finding, "burn")) == (15, 120_000, 8_000)
    assert finding.status is OK
    assert finding.summary == "{balance} in the bank; {burn} a month more went out than came in over the last {months}."


@pytest.mark.parametrize(
    ("left", "status"),
    [
        (120_000, OK),  # exactly 12 months
        (119_999, WARNING),
        (60_000, WARNING),  # exactly 6
        (59_999, CRITICAL),
        (0, CRITICAL),
    ],
)
def test_exactly_at_a_line_is_still_good(left: float, status: Status) -> None:
    assert judge(CHECK, cash_balance=burning(10_000, left)).status is status


@pytest.mark.parametrize("left", [0, -50_000])
def test_an_empty_account_lasts_for_no_months(left: float) -> None:
    assert value(judge(CHECK, cash_balance=burning(10_000, left))) == 0


# --- the worst of three means --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("burn", "months", "runway"),
    [
        (lately(3, 20_000, 5_000), 3, 12),  # 12; 19.2; 27.4
        (lately(6, 20_000, 5_000), 3, 12),  # 12; 12; 19.2: of equals the shortest
        (among([-3, -4, -5], 20_000, 4_000), 6, 20),  # 60; 20; 30
        (among(range(-11, -5), 20_000, 4_000), 12, 20),  # 60; 60; 20
        (lately(3, -9_000, 20_000), 12, 240 / 12.75),  # earning; 43.6; 18.8
    ],
)
def test_the_worst_mean_counts(burn: Figure, months: int, runway: float) -> None:
    finding = judge(CHECK, cash_balance=burning(burn, left=240_000))
    assert (told(finding, "months"), value(finding)) == (months, near(runway))
    assert finding.window == Window(OCTOBER - months + 1, OCTOBER)


def test_each_mean_is_told() -> None:
    finding = judge(CHECK, cash_balance=burning(lately(3, 20_000, 5_000), left=240_000))
    assert [told(finding, f"runway_{months}") for months in (3, 6, 12)] == near([12, 19.2, 240 / 8.75])


@pytest.mark.parametrize(
    ("earlier", "status"),
    [
        (10_000, CRITICAL),
        (7_800, CRITICAL),  # 8,350 a month: 5.99 months
        (7_770, WARNING),  # 8,327.50 a month: 6.004 months
    ],
)
def test_a_short_window_warns_at_most_unless_the_year_is_critical_too(earlier: float, status: Status) -> None:
    finding = judge(CHECK, cash_balance=burning(lately(3, 10_000, earlier), left=50_000))
    assert (value(finding), finding.status) == (5, status)
    assert (
        status is CRITICAL
        or finding.reason == "only a warning: over twelve months the money lasts longer, or that is not known"
    )


def test_a_year_exactly_at_the_critical_line_is_not_critical() -> None:
    finding = judge(CHECK, cash_balance=burning(lately(3, 20_000, 4_000), left=48_000))  # 2.4 months; the year 6
    assert (value(finding), told(finding, "runway_12"), finding.status) == (near(2.4), near(6), WARNING)


def test_a_year_that_burned_nothing_caps_a_short_window() -> None:
    finding = judge(CHECK, cash_balance=burning(lately(3, 10_000, -10_000), left=10_000))
    assert (value(finding), finding.status) == (1, WARNING)


@pytest.mark.parametrize(
    ("balances", "months", "status"),
    [
        (13, 12, CRITICAL),
        (12, 6, WARNING),
        (7, 6, WARNING),
        (6, 3, WARNING),
        (4, 3, WARNING),
    ],
)
def test_only_means_with_all_their_balances_count(balances: int, months: int, status: Status) -> None:
    burn = lambda month: 10_000 - 100 * month  # noqa: E731 - the longer ago the more: the longest mean is the worst
    whole = burning(burn, left=10_000)
    finding = judge(CHECK, cash_balance=lambda month: whole(month) if month > -balances else None)
    assert (told(finding, "months"), finding.status) == (months, status)


# --- not burning ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("burn", [0, -5_000])
def test_not_burning_is_ok(burn: float) -> None:
    finding = judge(CHECK, cash_balance=burning(burn, left=1_000))
    assert (finding.status, finding.parts[0].value, finding.reason) == (
        OK,
        None,
        "no cash is lost: at least as much came in as went out",
    )
    assert finding.summary == "{balance} in the bank, and at least as much came in as went out over {months}."
    assert (told(finding, "months"), finding.window) == (12, Window(OCTOBER - 11, OCTOBER))


# --- net burn ------------------------------------------------------------------------------------------------


def test_money_raised_is_no_income() -> None:
    finding = judge(CHECK, cash_balance=60_000, financing=10_000)
    assert (value(finding), finding.status, finding.quality) == (6, WARNING, "full")


def test_money_repaid_is_no_burn() -> None:
    assert judge(CHECK, cash_balance=burning(10_000, left=1), financing=-10_000).status is OK


def test_without_a_financing_column_it_warns_at_most() -> None:
    finding = judge(CHECK, cash_balance=burning(10_000, left=1), financing=None)
    assert (finding.status, finding.quality) == (WARNING, "weak")
    assert finding.weak_because == ("no financing column: loans and capital would look like money earned or lost",)


@pytest.mark.parametrize(
    ("gained", "month", "status"), [(100_000, -5, OK), (100_001, -5, UNKNOWN), (100_001, -11, UNKNOWN), (1e9, -12, OK)]
)
def test_a_month_that_gained_more_cash_than_it_sold_raised_money(gained: float, month: int, status: Status) -> None:
    finding = judge(CHECK, cash_balance=burning(among([month], -gained, -1), left=2e9), financing=None)
    assert finding.status is status
    if status is UNKNOWN:
        name = "May 2026" if month == -5 else "November 2025"
        assert finding.reason.startswith(f"more cash came in than was sold in {name}, so money was raised")
    else:
        assert finding.quality == "weak"


def test_with_a_financing_column_any_gain_is_believed() -> None:
    assert judge(CHECK, cash_balance=burning(among([-5], -1e6, 0), left=2e6)).quality == "full"


def test_the_cash_sheets_own_revenue_is_what_a_month_sold() -> None:
    overrides: dict[str, Any] = {"cash_balance": burning(among([-5], -150_000, 0), left=2e6), "financing": None}
    assert judge(CHECK, **overrides).status is UNKNOWN
    assert judge(CHECK, **overrides, company_revenue=150_000).status is OK


# --- the months it looks at ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (-1, WARNING),
        (-2, WARNING),
        (-3, UNKNOWN),
    ],
)
def test_a_cash_sheet_may_end_two_months_before_the_orders(end: int, status: Status) -> None:
    balance = burning(10_000, left=60_000)
    finding = judge(CHECK, cash_balance=lambda month: balance(month) if month <= end else None)
    assert finding.status is status
    if status is UNKNOWN:
        assert finding.reason == "cash.csv ends in July 2026: add the months since"
    else:
        assert (finding.window, told(finding, "balance")) == (
            Window(OCTOBER + end - 2, OCTOBER + end),
            60_000 - 10_000 * end,
        )


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"cash_balance": None}, SKIPPED, "no cash file: add a sheet with the columns month, cash_balance, or a fin"),
        ({"cash_balance": lately(3, 1)}, UNKNOWN, "needs 3 months in a row in which the cash gained or lost is known"),
        ({"cash_balance": lately(1, 1)}, UNKNOWN, "needs 3 months in a row in which the cash gained or lost is known"),
        (
            {"cash_balance": among([-1], None, 1)},
            UNKNOWN,
            "needs 3 months in a row in which the cash gained or lost is known",
        ),
        ({"months": 3}, UNKNOWN, "needs 3 months in a row in which the cash gained or lost is known"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


def test_with_revenue_in_the_cash_sheet_the_orders_do_not_matter() -> None:
    overrides: dict[str, Any] = {"cash_balance": burning(10_000, left=1), "company_revenue": 9, "months": 36}
    assert judge(CHECK, **overrides, orders=among([-1], 0, 1000)).status is CRITICAL


# --- estimated from the finance block ------------------------------------------------------------------------


def finance(**changes: Any) -> dict[str, Any]:
    """No cash sheet; payroll 20,000 + overhead 25,000 + marketing 5,000 − 40 % of 100,000: 10,000 burned a month."""
    known: dict[str, Any] = {
        "cash_balance": money(100_000),
        "cash_balance_on": date(2026, 10, 31),
        "gross_margin": 0.4,
        "monthly_overhead": money(25_000),
        "monthly_marketing": money(5_000),
    }
    return {"finance": Finance(**(known | changes)), "cash_balance": None}


def test_without_a_cash_sheet_the_burn_is_estimated() -> None:
    finding = judge(CHECK, **finance())
    assert (told(finding, "burn"), value(finding)) == (10_000, 10)
    assert (finding.status, finding.quality) == (WARNING, "estimated")
    assert any(text.startswith("cash lost is taken as payroll + overhead + marketing") for text in finding.weak_because)


@pytest.mark.parametrize(("balance", "status"), [(120_000, OK), (119_000, WARNING), (1, WARNING)])
def test_an_estimate_warns_at_most(balance: float, status: Status) -> None:
    assert judge(CHECK, **finance(cash_balance=money(balance))).status is status


def test_not_burning_by_an_estimate_says_so() -> None:
    finding = judge(CHECK, **finance(gross_margin=0.6))
    assert (finding.status, finding.quality, len(finding.notes)) == (OK, "estimated", 1)


def test_sales_tax_is_taken_out_of_the_orders_revenue() -> None:
    finding = judge(CHECK, **finance(sales_tax_rate=0.25))  # 40 % of 80,000
    assert (told(finding, "burn"), finding.notes) == (18_000, ())
    assert judge(CHECK, **finance()).notes == (
        "sales tax is not taken out of order revenue: set finance.sales_tax_rate if prices include it",
    )


@pytest.mark.parametrize(("months", "length"), [(36, 3), (12, 3), (3, 3)])
def test_an_estimate_needs_no_month_before(months: int, length: int) -> None:
    assert told(judge(CHECK, months=months, **finance()), "months") == length


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (date(2026, 8, 1), WARNING),
        (date(2026, 7, 31), UNKNOWN),
        (date(2026, 12, 31), WARNING),
        (date(2027, 1, 1), UNKNOWN),
    ],
)
def test_the_balance_must_be_of_within_two_months(on: date, status: Status) -> None:
    finding = judge(CHECK, **finance(cash_balance_on=on))
    assert finding.status is status
    assert status is WARNING or finding.reason.startswith("finance.cash_balance is of J")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cash_balance": None}, "no cash balance: set finance.cash_balance to its amount and date"),
        ({"monthly_overhead": None}, "no overhead: set finance.monthly_overhead"),
        ({"gross_margin": None}, "no gross profit: add the column gross_profit or cogs to the cash file, or set"),
    ],
)
def test_what_is_missing_for_an_estimate_is_named(changes: dict[str, Any], reason: str) -> None:
    finding = judge(CHECK, **finance(**changes))
    assert finding.status is UNKNOWN
    assert finding.reason.startswith(reason)


def test_a_gap_in_the_orders_spoils_an_estimate() -> None:
    assert judge(CHECK, **finance(), orders=among([-2], 0, 1000)).status is UNKNOWN
