"""Second order: the Kaplan-Meier probability that a new customer orders again within 365 (180, 90) days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from merchant_check.report import Status, Threshold

from ..shops import (
    CRITICAL,
    OCTOBER,
    OK,
    SKIPPED,
    UNKNOWN,
    WARNING,
    among,
    came_back,
    judge,
    lately,
    near,
    part,
    told,
    value,
)

CHECK = "second-order"


def test_a_tenth_by_day_30_and_a_fifth_of_those_left_by_day_200_are_28_percent() -> None:
    table = [(30, 1000, 100), (90, 800, 0), (180, 600, 0), (200, 500, 100), (365, 300, 0), (400, 200, 100)]
    finding = judge(CHECK, returned=table)
    assert value(finding) == near(1 - 0.9 * 0.8)
    assert (told(finding, "horizon"), told(finding, "followed")) == (365, 300)
    assert finding.summary.startswith("{probability} of new customers order again within {horizon}")


def test_who_comes_back_on_the_last_day_counts() -> None:
    assert value(judge(CHECK, returned=[(90, 900, 0), (180, 600, 0), (365, 100, 50), (366, 40, 20)])) == 0.5


@pytest.mark.parametrize(
    ("days", "share", "status"),
    [
        (365, 0.30, OK),
        (365, 0.297, WARNING),
        (365, 0.20, WARNING),
        (365, 0.1999, CRITICAL),
        (180, 0.24, OK),  # × 0.8
        (180, 0.237, WARNING),
        (180, 0.15, WARNING),  # × 0.75
        (180, 0.1499, CRITICAL),
        (90, 0.171, OK),  # × 0.57
        (90, 0.168, WARNING),
        (90, 0.10, WARNING),  # × 0.5
        (90, 0.0999, CRITICAL),
    ],
)
def test_exactly_at_a_line_is_still_good_at_each_horizon(days: int, share: float, status: Status) -> None:
    finding = judge(CHECK, returned=came_back(share, 100_000, days))
    assert (finding.status, told(finding, "horizon")) == (status, days)


@pytest.mark.parametrize(("share", "status"), [(0.1425, OK), (0.140, WARNING), (0.075, WARNING), (0.0749, CRITICAL)])
def test_scaled_lines_keep_four_decimals(share: float, status: Status) -> None:
    assert judge(CHECK, category="fashion", returned=came_back(share, 100_000, 90)).status is status


def test_a_line_that_is_not_set_is_not_scaled() -> None:
    finding = judge(CHECK, {"probability": Threshold(0.3, None, "higher")}, returned=came_back(0.01, days=180))
    assert (finding.status, part(finding, "probability").threshold) == (WARNING, Threshold(0.24, None, "higher"))


def test_the_figure_lies_within_its_interval() -> None:
    (found,) = judge(CHECK, returned=came_back(0.25, 100)).parts  # 25 of 100, as survfit's log-log has it
    assert (found.low, found.value, found.high) == near((0.177, 0.25, 0.346), abs=2e-3)


@pytest.mark.parametrize(
    ("category", "warning", "critical"),
    [("general", 0.30, 0.20), ("consumables", 0.40, 0.25), ("fashion", 0.25, 0.15), ("durables", 0.12, 0.08)],
)
def test_each_category_has_its_lines(category: str, warning: float, critical: float) -> None:
    statuses = [
        judge(CHECK, category=category, returned=came_back(share, 100_000)).status
        for share in (warning, warning - 0.003, critical, critical - 0.001)
    ]
    assert statuses == [OK, WARNING, WARNING, CRITICAL]


def test_lines_of_your_own_are_scaled_likewise() -> None:
    finding = judge(CHECK, {"probability": Threshold(0.5, 0.4, "higher")}, returned=came_back(0.9, days=180))
    assert part(finding, "probability").threshold == Threshold(0.4, 0.3, "higher")


@pytest.mark.parametrize(
    ("followed", "horizon"),
    [((30, 30, 30), 365), ((99, 30, 29), 180), ((30, 29, 28), 90), ((29, 28, 27), None)],
)
def test_the_longest_horizon_with_30_still_at_risk_is_judged(
    followed: tuple[int, int, int], horizon: int | None
) -> None:
    table = [(10, 200, 100), *((days, left, 0) for days, left in zip((90, 180, 365), followed, strict=True))]
    finding = judge(CHECK, returned=table)
    if horizon is None:
        assert (finding.status, finding.reason) == (
            UNKNOWN,
            "fewer than 30 new customers were followed for 90 days without a second order",
        )
    else:
        assert told(finding, "horizon") == horizon


@pytest.mark.parametrize(
    ("customers", "status"),
    [
        (1000, CRITICAL),
        (50, WARNING),  # 9 of 50: 95 % interval 10 to 31 %
    ],
)
def test_an_interval_that_reaches_the_warning_line_softens(customers: int, status: Status) -> None:
    finding = judge(CHECK, returned=came_back(0.18, customers))
    assert (value(finding), finding.status) == (near(0.18), status)


@pytest.mark.parametrize(("opened", "status"), [(date(2025, 10, 31), CRITICAL), (date(2025, 11, 2), WARNING)])
def test_a_shop_younger_than_12_months_is_never_critical(opened: date, status: Status) -> None:
    assert judge(CHECK, opened=opened, returned=came_back(0.01, days=180)).status is status


def test_it_is_judged_at_as_of_not_at_the_last_complete_month() -> None:
    finding = judge(CHECK, as_of=date(2026, 11, 20), returned=came_back(0.35))
    assert (finding.status, value(finding)) == (OK, near(0.35))
    assert finding.window is not None
    assert finding.window.last == OCTOBER


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"months": 0}, UNKNOWN, "orders.csv holds no complete month yet"),
        ({"has_customers": False}, SKIPPED, "the orders have no customer column"),
        ({"orders_without_customer": 201}, UNKNOWN, "orders without a customer"),
        ({"new_customers": lately(3, 0, 400)}, UNKNOWN, "not one new customer in three months"),
        ({"orders": among([-23], 0, 1000)}, UNKNOWN, "no orders in November 2024: add the missing export"),
        ({"returned": ()}, UNKNOWN, "fewer than 30 new customers were followed for 90 days without a second order"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert reason in finding.reason


@pytest.mark.parametrize(("month", "status"), [(-25, OK), (-24, OK), (-23, UNKNOWN)])
def test_only_a_gap_in_the_24_months_that_are_followed_matters(month: int, status: Status) -> None:
    assert judge(CHECK, orders=among([month], 0, 1000)).status is status


def test_the_series_follows_the_tables_of_earlier_months() -> None:
    finding = judge(CHECK, returned=came_back(0.33))
    assert [round(share, 2) for _, share in finding.series if share is not None] == [0.33] * 12
