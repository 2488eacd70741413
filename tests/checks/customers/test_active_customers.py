"""Active customers: buyers of Y against Y', and orders per buyer; either down by over 3 % warns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import exp, sqrt
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
    among,
    judge,
    judge_facts,
    lately,
    near,
    part,
    shop,
    told,
    value,
)

CHECK = "active-customers"
MANY = 100_000  # orders a month: enough that a change of 3 % is no chance


def year(buyers: float, orders: float) -> dict[str, Any]:
    """A year with so many buyers and orders a month, after one with 600,000 and 100,000."""
    return {"buyers": lately(12, buyers, 600_000), "orders": lately(12, orders, MANY)}


def test_5400_buyers_after_6000_are_10_percent_fewer_and_order_more_each() -> None:
    finding = judge(CHECK, buyers=lately(12, 5400, 6000))
    assert (value(finding), value(finding, "orders-per-buyer")) == near((-0.1, 1 / 0.9 - 1))
    assert (told(finding, "buyers"), told(finding, "buyers_before")) == (5400, 6000)
    assert (told(finding, "each"), told(finding, "each_before")) == near((12_000 / 5400, 2))
    assert finding.window == Window(OCTOBER - 11, OCTOBER, OCTOBER - 23, OCTOBER - 12)


def test_both_have_the_interval_of_a_ratio_of_counts() -> None:
    buyers, orders, _ = judge(CHECK, buyers=lately(12, 5400, 6000)).parts
    spread = exp(1.959964 * sqrt(1 / 5400 + 1 / 6000))
    assert (buyers.low, buyers.high) == near((0.9 / spread - 1, 0.9 * spread - 1))
    spread = exp(1.959964 * sqrt(2 / 12_000))
    assert (orders.low, orders.high) == near((1 / 0.9 / spread - 1, 1 / 0.9 * spread - 1))


@pytest.mark.parametrize(("new", "status"), [(320, OK), (319, WARNING), (100, WARNING)])
def test_a_fifth_fewer_new_customers_in_a_quarter_warn_and_never_alarm(new: float, status: Status) -> None:
    assert judge(CHECK, new_customers=lately(3, new, 400)).status is status


def test_few_new_customers_may_be_chance() -> None:
    finding = judge(CHECK, new_customers=lately(3, 11, 15))
    assert (finding.status, finding.parts[2].reason) == (OK, "within chance: such a change can happen by itself")


@pytest.mark.parametrize(
    ("months", "opened", "judged"), [(27, None, True), (26, None, False), (24, date(2024, 11, 1), True)]
)
def test_new_customers_are_compared_where_old_ones_are_known(months: int, opened: date | None, judged: bool) -> None:
    finding = judge(CHECK, months=months, opened=opened, new_customers=lately(3, 100, 400))
    assert finding.parts[2].status is (WARNING if judged else UNKNOWN)


@pytest.mark.parametrize(
    ("buyers", "status"),
    [
        (900_000, OK),
        (582_000, OK),  # −3 %
        (581_900, WARNING),
        (570_000, WARNING),  # −5 %
        (569_900, CRITICAL),
    ],
)
def test_fewer_buyers(buyers: float, status: Status) -> None:
    finding = judge(CHECK, **year(buyers, MANY * buyers / 600_000))
    assert finding.status is part(finding, "buyers").status is status
    assert part(finding, "orders-per-buyer").status is OK


@pytest.mark.parametrize(
    ("orders", "status"),
    [
        (97_000, OK),  # −3 %
        (96_990, WARNING),
        (95_000, WARNING),  # −5 %
        (94_990, CRITICAL),
    ],
)
def test_fewer_orders_each(orders: float, status: Status) -> None:
    finding = judge(CHECK, **year(600_000, orders))
    assert finding.status is part(finding, "orders-per-buyer").status is status
    assert part(finding, "buyers").status is OK


@pytest.mark.parametrize(
    ("growth", "status", "reason"),
    [
        (1.099, CRITICAL, ""),
        (1.10, WARNING, "only a warning, as buyers grew by 10% or more"),
        (2.00, WARNING, "only a warning, as buyers grew by 10% or more"),
    ],
)
def test_fewer_orders_each_are_critical_only_while_buyers_grew_by_less_than_10_percent(
    growth: float, status: Status, reason: str
) -> None:
    finding = judge(CHECK, **year(600_000 * growth, MANY * growth * 0.94))
    assert (finding.status, finding.reason) == (status, reason)


def test_within_chance_is_ok() -> None:
    finding = judge(CHECK, orders=60, buyers=lately(12, 320, 360))  # −11 %, 95 % interval −24 to +3 %
    assert (finding.status, part(finding, "buyers").reason) == (OK, "within chance: such a change can happen by itself")


def test_fewer_orders_each_within_chance_are_ok() -> None:
    finding = judge(CHECK, orders=lately(12, 57, 60), buyers=360)  # −5 %, 95 % interval −15 to +6 %
    assert (finding.status, part(finding, "orders-per-buyer").reason) == (
        OK,
        "within chance: such a change can happen by itself",
    )


def test_an_interval_that_reaches_the_warning_line_softens() -> None:
    finding = judge(CHECK, orders=500, buyers=lately(12, 2800, 3000))  # −7 %, 95 % interval −11 to −2 %
    assert (finding.status, finding.reason) == (WARNING, "too few cases to be sure: the true figure may still be good")


@pytest.mark.parametrize(("buyers", "status"), [(30, OK), (29, UNKNOWN)])
def test_under_30_buyers_in_a_year_tell_nothing(buyers: float, status: Status) -> None:
    for figure in (lately(12, buyers, 30), lately(12, 30, buyers)):
        finding = judge(CHECK, orders=5, buyers=figure)
        assert finding.status is status
        assert status is OK or finding.reason.startswith("fewer than 30 buyers in a year")


@pytest.mark.parametrize(("opened", "status"), [(date(2025, 10, 31), CRITICAL), (date(2026, 1, 1), WARNING)])
@pytest.mark.parametrize("worse", [year(500_000, 90_000), year(600_000, 80_000)])
def test_a_shop_younger_than_12_months_is_never_critical(opened: date, status: Status, worse: dict[str, Any]) -> None:
    assert judge(CHECK, opened=opened, **worse).status is status


@pytest.mark.parametrize(("months", "status"), [(23, UNKNOWN), (24, CRITICAL)])
def test_it_needs_24_months_and_no_lead_in(months: int, status: Status) -> None:
    finding = judge(CHECK, months=months, **year(500_000, MANY))
    assert finding.status is status
    assert status is CRITICAL or finding.reason == "needs 24 complete months, has 23"


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"has_customers": False}, SKIPPED, "the orders have no customer column: add one"),
        ({"orders_without_customer": 201}, UNKNOWN, "orders without a customer: 2,412 of 12,000"),
        ({"orders_without_customer": lately(12, 0, 390)}, UNKNOWN, "orders without a customer: 4,680 of 12,000"),
        ({"new_customers": lately(3, 0, 400)}, UNKNOWN, "not one new customer in three months"),
        ({"orders": among([-23], 0, 1000)}, UNKNOWN, "no orders in November 2024: add the missing export"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


@pytest.mark.parametrize("to", [OCTOBER, OCTOBER - 12])
def test_years_that_the_facts_do_not_hold_are_unknown(to: int) -> None:
    facts = shop()
    facts = replace(facts, years=tuple(year for year in facts.years if year.to != to))
    finding = judge_facts(CHECK, facts)
    assert (finding.status, finding.reason) == (UNKNOWN, "needs 24 complete months")
