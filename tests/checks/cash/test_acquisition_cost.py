"""Acquisition cost: marketing ÷ new customers, Q against Q'; and the months until a customer has earned it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import exp, sqrt
from typing import Any

import pytest

from merchant_check.checks.windows import WEAK_SEASON
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
    judge_facts,
    lately,
    money,
    near,
    part,
    shop,
    told,
    value,
)

CHECK = "acquisition-cost"


def test_12_000_for_400_customers_are_30_instead_of_25() -> None:
    finding = judge(CHECK, marketing=lately(3, 12_000, 10_000))
    assert value(finding) == near(0.2)
    assert (told(finding, "cost"), told(finding, "cost_before")) == (30, 25)
    assert (told(finding, "new_customers"), told(finding, "new_customers_before")) == (1200, 1200)
    assert finding.summary == "{cost} of marketing for each new customer, {cost_before} a year earlier."
    assert finding.window == Window(OCTOBER - 2, OCTOBER, OCTOBER - 14, OCTOBER - 12)


def test_fewer_new_customers_for_the_same_money_cost_more_each() -> None:
    assert value(judge(CHECK, new_customers=lately(3, 320, 400))) == near(0.25)


def test_the_interval_is_that_of_a_ratio_of_new_customers() -> None:
    change, _ = judge(CHECK, new_customers=lately(3, 320, 400)).parts
    spread = exp(1.959964 * sqrt(1 / 960 + 1 / 1200))
    assert (change.low, change.high) == near((1.25 / spread - 1, 1.25 * spread - 1))


@pytest.mark.parametrize(
    ("marketing", "status"),
    [
        (5_000, OK),
        (12_000, OK),  # +20 %
        (12_010, WARNING),
        (15_000, WARNING),  # +50 %
        (15_010, CRITICAL),
    ],
)
def test_exactly_at_a_line_is_still_good(marketing: float, status: Status) -> None:
    finding = judge(CHECK, marketing=lately(3, marketing, 10_000))
    assert finding.status is part(finding, "change").status is status


@pytest.mark.parametrize(
    ("new", "status"),
    [
        (10, OK),  # 30 against 45: within chance
        (lately(3, 9, 15), UNKNOWN),
        (lately(3, 15, 9), UNKNOWN),
        (among([0], 9, 10), UNKNOWN),
    ],
)
def test_under_30_new_customers_in_a_quarter_tell_nothing(new: Figure, status: Status) -> None:
    finding = judge(CHECK, new_customers=new, marketing=lately(3, 130, 100), spent=lambda age: 1000)
    assert finding.status is status
    assert status is OK or finding.reason.startswith("fewer than 30 new customers in a quarter (")


OLD_LOOK_NEW = "the file starts less than a year before the months compared, so some old customers count as new"


@pytest.mark.parametrize(("months", "quality"), [(36, "full"), (21, "full"), (20, "weak"), (15, "weak")])
def test_with_a_lead_in_under_6_months_old_customers_look_new(months: int, quality: str) -> None:
    finding = judge(CHECK, months=months, marketing=10_000)
    assert (finding.quality, part(finding, "change").status) == (quality, OK)
    assert finding.weak_because == (() if quality == "full" else (OLD_LOOK_NEW,))


@pytest.mark.parametrize(("months", "status"), [(36, CRITICAL), (27, CRITICAL), (26, UNKNOWN), (15, UNKNOWN)])
def test_a_rise_can_be_believed_only_after_a_lead_in_of_12_months(months: int, status: Status) -> None:
    # before, old customers look new a year ago, and the cost seems to have risen
    change = part(judge(CHECK, months=months, marketing=lately(3, 20_000, 10_000)), "change")
    assert change.status is status
    assert status is CRITICAL or change.reason == OLD_LOOK_NEW


def test_a_file_that_reaches_back_to_the_opening_needs_no_lead_in() -> None:
    assert judge(CHECK, months=15, opened=date(2025, 8, 1)).quality == "full"


def test_under_15_months_the_season_is_not_removed() -> None:
    finding = judge(CHECK, months=14, opened=date(2025, 9, 1), marketing=lately(3, 20_000, 10_000))
    assert (finding.status, value(finding)) == (WARNING, 1)
    assert finding.weak_because == (WEAK_SEASON,)
    assert finding.summary.endswith("three months earlier.")


# --- payback: 10,000 of marketing for 400 new customers are 25 each; gross profit is 40 % of what they spend ------


@pytest.mark.parametrize(
    ("spent", "months", "status"),
    [
        (62.5, 0, OK),  # 25 at once
        (62.4, 1, OK),
        (9, 6, OK),  # 3.60 a month: 21.60 at age 5, 25.20 at age 6, exactly at the line
        (8, 7, WARNING),  # 3.20: 22.40, 25.60
        (5, 12, WARNING),  # 2.00: 24, 26
        (4.8, None, CRITICAL),  # 24.96 at age 12
        (0, None, CRITICAL),
    ],
)
def test_payback_is_the_first_age_at_which_gross_profit_reaches_the_cost(
    spent: float, months: int | None, status: Status
) -> None:
    finding = judge(CHECK, spent=lambda age: spent)
    payback = part(finding, "payback")
    assert (payback.value, payback.status, finding.status) == (months, status, status)
    assert payback.reason == ("not earned back within 12 months" if months is None else "")


@pytest.mark.parametrize(("first", "last", "months"), [(-23, -12, 6), (-22, -12, 7), (-23, -13, 7)])
def test_the_customers_won_in_the_year_before_count(first: int, last: int, months: int) -> None:
    facts = shop(spent=lambda age: 9)  # 25.20 at age 6; where one of the twelve months spends nothing 23.10, then 26.40
    chosen = range(OCTOBER + first, OCTOBER + last + 1)
    cohorts = [row if row.first_month in chosen else replace(row, net_revenue=0) for row in facts.cohorts]
    assert value(judge_facts(CHECK, replace(facts, cohorts=tuple(cohorts))), "payback") == months


def test_todays_cost_counts() -> None:
    finding = judge(CHECK, marketing=lately(3, 20_000, 10_000), spent=lambda age: 12)  # 50 at 4.80 a month
    assert value(finding, "payback") == 10


def test_this_years_margin_counts() -> None:
    # 72 % of 9 are 6.48 a month; the year before it was 40 % of half the sales
    finding = judge(CHECK, cogs=lately(12, 28_000, 30_000), revenue=lately(12, 100_000, 50_000), spent=lambda age: 9)
    assert value(finding, "payback") == 3


@pytest.mark.parametrize(("customers", "status"), [(30, OK), (29, UNKNOWN)])
def test_payback_needs_30_customers(customers: int, status: Status) -> None:
    facts = shop()
    won = next(row for row in facts.cohorts if row.first_month == OCTOBER - 12 and row.age == 0)
    payback = part(judge_facts(CHECK, replace(facts, cohorts=(replace(won, customers=customers),))), "payback")
    assert payback.status is status
    assert status is OK or payback.reason == "fewer than 30 customers were won in the year before (29)"


def test_without_any_sales_nothing_is_earned_back() -> None:
    assert part(judge(CHECK, company_revenue=0), "payback").reason == "not earned back within 12 months"


def test_a_shop_that_earns_nothing_on_its_goods_never_earns_it_back() -> None:
    assert part(judge(CHECK, cogs=101_000), "payback").status is CRITICAL


@pytest.mark.parametrize(
    ("overrides", "status"),
    [
        ({"months": 30}, OK),
        ({"months": 29}, UNKNOWN),
        ({"months": 24, "opened": date(2024, 11, 1)}, OK),
        ({"months": 23, "opened": date(2024, 12, 1)}, UNKNOWN),
        ({"cogs": None}, UNKNOWN),
    ],
)
def test_payback_needs_30_months_or_the_opening_and_a_gross_profit(overrides: dict[str, Any], status: Status) -> None:
    finding = judge(CHECK, **overrides)
    assert (finding.status, part(finding, "payback").status) == (OK, status)


def test_why_payback_is_missing_is_named() -> None:
    assert part(judge(CHECK, months=29), "payback").reason == (
        "needs 30 complete months to know how soon a new customer pays back, or merchant.opened"
    )
    assert part(judge(CHECK, cogs=None), "payback").reason.startswith("no gross profit: ")
    assert part(judge(CHECK, months=23), "payback").reason == "needs 24 complete months, has 23"


# --- what is missing -----------------------------------------------------------------------------------------


def test_marketing_from_the_finance_block_is_an_estimate() -> None:
    finding = judge(CHECK, cash_balance=None, finance=Finance(monthly_marketing=money(10_000), gross_margin=0.5))
    assert (told(finding, "cost"), finding.quality) == (25, "estimated")
    assert finding.weak_because == (
        "marketing is taken as finance.monthly_marketing in every month",
        "gross profit is taken as revenue × finance.gross_margin",
    )


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"cash_balance": None}, SKIPPED, "no cash file: add a sheet"),
        ({"marketing": None}, SKIPPED, "no marketing given: add the column marketing"),
        ({"has_customers": False}, SKIPPED, "the orders have no customer column"),
        ({"months": 5}, UNKNOWN, "needs 6 complete months, has 5"),
        ({"marketing": lately(3, 1, 0)}, UNKNOWN, "no marketing was spent in the quarter it is compared with"),
        ({"marketing": among([-13], None, 1)}, UNKNOWN, "no marketing for September 2025"),
        ({"orders_without_customer": 201}, UNKNOWN, "orders without a customer: 603 of 3,000"),
        (
            {"orders_without_customer": among([-12, -13, -14], 201, 0)},
            UNKNOWN,
            "orders without a customer: 603 of 3,000",
        ),
        ({"new_customers": lately(3, 0, 400)}, UNKNOWN, "not one new customer in three months"),
        ({"orders": among([-14], 0, 1000)}, UNKNOWN, "no orders in August 2025"),
        ({"cash_balance": lambda month: 1 if month <= -3 else None}, UNKNOWN, "cash.csv ends in July 2026"),
        (
            {"company_revenue": 1, "cash_balance": lambda month: 1 if month <= -3 else None},
            UNKNOWN,
            "cash.csv ends in July 2026",
        ),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


def test_it_reads_the_orders_even_where_the_cash_sheet_has_revenue() -> None:
    assert judge(CHECK, company_revenue=1, orders=among([-14], 0, 1000)).status is UNKNOWN
