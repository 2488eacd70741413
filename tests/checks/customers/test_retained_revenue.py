"""Retained revenue: what last year's customers bought this year ÷ what they bought last year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

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
    shop,
    told,
    value,
)

CHECK = "retained-revenue"


def test_720_000_of_1_200_000_are_60_percent() -> None:
    finding = judge(CHECK, kept=0.6)
    assert (value(finding), told(finding, "base"), told(finding, "kept")) == (0.6, 1_200_000, 720_000)
    assert finding.window == Window(OCTOBER - 11, OCTOBER, OCTOBER - 23, OCTOBER - 12)


def test_the_base_are_sales_of_the_year_before_with_a_customer() -> None:
    finding = judge(CHECK, orders=lately(12, 500, 1000), orders_without_customer=100)
    assert (told(finding, "base"), told(finding, "kept")) == (1_080_000, 648_000)


@pytest.mark.parametrize(
    ("kept", "status"), [(1.4, OK), (0.5, OK), (0.48, WARNING), (0.3, WARNING), (0.299, CRITICAL), (-0.1, CRITICAL)]
)
def test_exactly_at_a_line_is_still_good(kept: float, status: Status) -> None:
    assert judge(CHECK, kept=kept).status is status


@pytest.mark.parametrize(
    ("category", "warning", "critical"),
    [("general", 0.50, 0.30), ("consumables", 0.60, 0.40), ("fashion", 0.45, 0.25), ("durables", 0.20, 0.10)],
)
def test_each_category_has_its_lines(category: str, warning: float, critical: float) -> None:
    statuses = [
        judge(CHECK, category=category, kept=share).status
        for share in (warning, warning - 0.02, critical, critical - 0.001)
    ]
    assert statuses == [OK, WARNING, WARNING, CRITICAL]


@pytest.mark.parametrize(("months", "status"), [(23, UNKNOWN), (24, CRITICAL)])
def test_it_needs_24_months_and_no_lead_in(months: int, status: Status) -> None:
    finding = judge(CHECK, months=months, kept=0.1)
    assert finding.status is status
    assert status is CRITICAL or finding.reason == "needs 24 complete months, has 23"


@pytest.mark.parametrize(("opened", "status"), [(date(2025, 10, 31), CRITICAL), (date(2026, 1, 1), WARNING)])
def test_a_shop_younger_than_12_months_is_never_critical(opened: date, status: Status) -> None:
    assert judge(CHECK, opened=opened, kept=0.1).status is status


@pytest.mark.parametrize(
    ("largest", "quality"),
    [
        (among([-3], 60_000, 100), "weak"),  # 560,000 of 1.2 M are 47 %
        (among([-3], 20_000, 100), "full"),  # 600,000 are half
        (among([-12], 900_000, 100), "full"),  # the year before without it: far above the line
    ],
)
def test_one_large_order_decides_it(largest: Figure, quality: str) -> None:
    finding = judge(CHECK, kept=620 / 1200, largest_order=largest)
    assert (finding.status, finding.quality) == (OK, quality)


def test_a_large_order_of_the_year_before_turns_critical_into_a_warning() -> None:
    finding = judge(CHECK, kept=0.29, largest_order=among([-23], 100_000, 100))  # 348,000 of 1.1 M are 32 %
    assert (finding.status, finding.weak_because) == (WARNING, ("one large order decides it",))
    assert judge(CHECK, kept=0.29, largest_order=among([-24], 100_000, 100)).status is CRITICAL


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"has_customers": False}, SKIPPED, "the orders have no customer column: add one"),
        ({"orders_without_customer": 201}, UNKNOWN, "orders without a customer: 2,412 of 12,000"),
        ({"new_customers": lately(3, 0, 400)}, UNKNOWN, "not one new customer in three months"),
        ({"orders": among([-23], 0, 1000)}, UNKNOWN, "no orders in November 2024: add the missing export"),
        (
            {"refunds": lambda month: 100_000 if month <= -12 else 0},
            UNKNOWN,
            "net revenue is not above 0",
        ),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


@pytest.mark.parametrize(("buyers", "quality"), [(30, "full"), (29, "weak")])
def test_under_30_customers_in_the_year_before_are_weak_evidence(buyers: float, quality: str) -> None:
    finding = judge(CHECK, kept=0.1, buyers=lately(12, 6000, buyers))
    assert (finding.status, finding.quality) == (CRITICAL if quality == "full" else WARNING, quality)


@pytest.mark.parametrize("to", [OCTOBER, OCTOBER - 12])
def test_years_that_the_facts_do_not_hold_are_unknown(to: int) -> None:
    facts = shop()
    finding = judge_facts(CHECK, replace(facts, years=tuple(year for year in facts.years if year.to != to)))
    assert (finding.status, finding.reason) == (UNKNOWN, "needs 24 complete months")


def test_a_year_that_known_customers_took_back_whole_is_no_base() -> None:
    facts = shop()
    years = [replace(year, net_revenue_with_customer=0) for year in facts.years]
    assert judge_facts(CHECK, replace(facts, years=tuple(years))).reason.startswith("no net revenue from known")
