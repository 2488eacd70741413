"""Plan: net revenue since January ÷ what was planned; and planned growth ÷ the best growth ever achieved."""

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

CHECK = "plan"
PLAN = {2026: 1_200_000}
JANUARY = OCTOBER - 9


def this_year(now: float, before: float = 100_000) -> Figure:
    return lately(10, now, before)


def test_900_000_of_1_000_000_planned_since_january_are_90_percent() -> None:
    finding = judge(CHECK, plan=PLAN, revenue=this_year(90_000))
    assert (value(finding), told(finding, "actual"), told(finding, "planned")) == (0.9, 900_000, 1_000_000)
    assert finding.window == Window(JANUARY, OCTOBER)
    assert finding.summary == "Sales of {actual} since January; the plan was {planned}."


@pytest.mark.parametrize(
    ("revenue", "status"),
    [(150_000, OK), (85_000, OK), (82_000, WARNING), (70_000, WARNING), (69_990, CRITICAL), (0.01, CRITICAL)],
)
def test_exactly_at_a_line_is_still_good(revenue: float, status: Status) -> None:
    finding = judge(CHECK, plan=PLAN, revenue=this_year(revenue))
    assert finding.status is part(finding, "attainment").status is status


def test_revenue_is_the_cash_sheets_else_the_orders_without_refunds_and_tax() -> None:
    assert told(judge(CHECK, plan=PLAN, company_revenue=80_000), "actual") == 800_000
    assert told(judge(CHECK, plan=PLAN, refunds=4_000), "actual") == 960_000
    assert told(judge(CHECK, plan=PLAN, finance=Finance(sales_tax_rate=0.25)), "actual") == 800_000


# --- how a year's plan is spread -----------------------------------------------------------------------------


def test_a_years_plan_follows_last_years_shares() -> None:
    # November and December of 2025 (months -11 and -10) brought half of that year's sales
    finding = judge(CHECK, plan=PLAN, revenue=lambda month: 500_000 if month in (-11, -10) else 100_000)
    assert (told(finding, "planned"), finding.quality) == (600_000, "full")


@pytest.mark.parametrize(("months", "quality"), [(22, "full"), (21, "weak")])
def test_without_a_whole_last_year_it_is_spread_evenly_and_warns_at_most(months: int, quality: str) -> None:
    def revenue(month: int) -> float:
        return 30_000 if month > -10 else 500_000 if month > -12 else 100_000

    finding = judge(CHECK, plan=PLAN, months=months, revenue=revenue)
    assert (finding.quality, finding.status) == (quality, WARNING if quality == "weak" else CRITICAL)
    assert told(finding, "planned") == near(1_000_000 if quality == "weak" else 600_000)
    assert quality == "full" or finding.weak_because == ("the year's plan is spread evenly over its months",)


def test_a_plan_by_month_is_taken_as_it_is() -> None:
    finding = judge(CHECK, plan_months={month: 50_000 - 1_000 * month for month in range(-9, 3)})
    assert (told(finding, "planned"), finding.quality) == (545_000, "full")


# --- realism -------------------------------------------------------------------------------------------------


def growing(now: float, **overrides: Any) -> Any:
    """Last year 1,220,000: 100,000 a month, and 110,000 since November, so that the best growth is 10 %."""
    return judge(CHECK, revenue=lately(12, 110_000, 100_000), plan={2026: now}, **overrides)


@pytest.mark.parametrize(
    ("planned", "multiple", "status"),
    [
        (1_342_000, 1, OK),  # +10 %
        (1_464_000, 2, OK),  # +20 %
        (1_465_000, 2.0082, WARNING),
    ],
)
def test_a_plan_to_grow_over_twice_as_fast_as_ever_is_a_warning(
    planned: float, multiple: float, status: Status
) -> None:
    finding = growing(planned)
    assert value(finding, "realism") == near(multiple, rel=1e-4)
    assert part(finding, "realism").status is status


def test_realism_is_never_critical() -> None:
    assert part(growing(99_000_000), "realism").status is WARNING


def test_the_best_growth_may_lie_further_back() -> None:
    # from -23 on 200,000 a month: the year to -12 doubled the one before; since then no growth
    finding = judge(CHECK, plan={2026: 4_800_000}, revenue=lambda month: 200_000 if month > -24 else 100_000)
    growth = 4_800_000 / (10 * 200_000 + 2 * 200_000) - 1
    assert value(finding, "realism") == near(growth / 1.0)


def test_a_year_without_sales_is_no_base_for_the_best_growth() -> None:
    # nothing sold until November 2024, then 100,000 a month: the first year with a base grew from 100,000 to 1,200,000
    finding = judge(CHECK, plan={2026: 1_440_000}, revenue=lately(24, 100_000, 0))
    assert value(finding, "realism") == near(0.2 / 11)


@pytest.mark.parametrize("planned", [1_000_000, 1_220_000])
def test_a_plan_not_to_grow_is_realistic(planned: float) -> None:
    realism = part(growing(planned), "realism")
    assert (realism.value, realism.status) == (0, OK)


@pytest.mark.parametrize(
    ("months", "revenue", "reason"),
    [
        (35, lately(12, 110_000, 100_000), "needs 36 complete months to know the best growth so far, has 35"),
        (36, 100_000, "net revenue has never grown from one year to the next"),
        (36, lately(12, 90_000, 100_000), "net revenue has never grown from one year to the next"),
        (36, lambda month: 0 if -21 <= month <= -10 else 1e5, "net revenue has never grown from one year to the next"),
    ],
)
def test_realism_needs_three_years_and_some_growth(months: int, revenue: Figure, reason: str) -> None:
    finding = judge(CHECK, months=months, revenue=revenue, plan=PLAN)
    assert (part(finding, "realism").status, part(finding, "realism").reason) == (UNKNOWN, reason)


@pytest.mark.parametrize("months", [range(-9, 3), range(-20, 9)])
def test_a_plan_by_month_comes_before_the_years(months: range) -> None:
    finding = growing(9_000_000, plan_months={month: 122_000 if -9 <= month < 3 else 1 for month in months})
    assert (told(finding, "planned"), value(finding, "realism")) == (1_220_000, near(2))


@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize(("plan", "multiple"), [({2026: 1_464_000}, 2), ({}, None)])
def test_a_plan_for_some_months_leaves_the_years_growth(
    plan: dict[int, float], multiple: float | None, last: int
) -> None:
    finding = judge(
        CHECK,
        plan=plan,
        plan_months=dict.fromkeys(range(-9, last + 1), 122_000),
        revenue=lately(12, 110_000, 100_000),
    )
    realism = part(finding, "realism")
    assert realism.value == (None if multiple is None else near(multiple))
    assert multiple or realism.reason == "the plan does not cover the whole of 2026"


def test_a_gap_within_the_three_years_costs_the_realism() -> None:
    finding = judge(CHECK, plan=PLAN, orders=among([-30], 0, 1000))
    assert [figure.status for figure in finding.parts] == [OK, UNKNOWN]
    assert part(finding, "realism").reason.startswith("no orders in April 2024")


def test_a_gap_in_the_orders_does_not_touch_revenue_of_the_cash_sheet() -> None:
    finding = judge(
        CHECK, plan={2026: 1_342_000}, company_revenue=lately(12, 110_000, 100_000), orders=among([-30], 0, 1000)
    )
    assert value(finding, "realism") == near(1)


# --- what is missing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"plan": None}, SKIPPED, "no plan given: set plan: in the config, e.g. {2026: 1200000}"),
        ({"months": 9}, UNKNOWN, "the data does not reach back to January of the plan's year"),
        ({"months": 0}, UNKNOWN, "orders.csv holds no complete month yet"),
        ({"plan": {2025: 1}}, UNKNOWN, "the plan does not cover 2026 from January on"),
        ({"plan": None, "plan_months": dict.fromkeys(range(-8, 1), 1)}, UNKNOWN, "the plan does not cover 2026"),
        ({"plan": {2026: 0}}, UNKNOWN, "the plan for these months is 0"),
        ({"orders": among([-9], 0, 1000)}, UNKNOWN, "no orders in January 2026: add the missing export"),
        (
            {"company_revenue": 1, "cash_balance": lambda month: 1 if month <= -3 else None},
            UNKNOWN,
            "cash.csv ends in July 2026",
        ),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **({"plan": PLAN} | overrides))
    assert finding.status is status
    assert finding.reason.startswith(reason)


def test_a_gap_before_january_does_not_matter_to_attainment() -> None:
    assert part(judge(CHECK, plan=PLAN, orders=among([-10], 0, 1000)), "attainment").status is OK


def test_ten_months_are_enough() -> None:
    assert judge(CHECK, plan=PLAN, months=10).status is OK


def test_without_revenue_in_the_cash_sheet_its_end_does_not_matter() -> None:
    assert judge(CHECK, plan=PLAN, cash_balance=lambda month: 1 if month <= -3 else None).status is OK


# --- chance --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("orders", "status"), [(3, CRITICAL), (2, UNKNOWN)])
def test_under_30_orders_since_january_tell_nothing(orders: float, status: Status) -> None:
    finding = judge(CHECK, plan=PLAN, orders=orders, revenue=this_year(30_000))
    assert finding.status is status
    assert status is CRITICAL or finding.reason.startswith("fewer than 30 orders since January, this year and last (")


@pytest.mark.parametrize(("orders", "status"), [(1000, WARNING), (20, OK)])
def test_sales_of_few_orders_may_be_short_by_chance(orders: float, status: Status) -> None:
    finding = judge(CHECK, plan=PLAN, orders=orders, revenue=this_year(80_000))
    assert finding.status is status
    assert (finding.reason == "too close to its line to tell from chance") is (status is OK)
