"""Growth pace: (orders in Q ÷ Q') ÷ (average headcount in Q ÷ Q') − 1, over +25 % a warning, over +50 % critical."""

from __future__ import annotations

from math import exp, sqrt
from typing import Any

import pytest

from merchant_check.checks.windows import WEAK_SEASON
from merchant_check.report import Status, Window

from ..shops import CRITICAL, OCTOBER, OK, SKIPPED, UNKNOWN, WARNING, Figure, among, judge, lately, near, told, value

CHECK = "growth-pace"


def test_1800_orders_by_12_people_against_1000_by_10_are_half_as_many_again() -> None:
    finding = judge(CHECK, orders=lately(3, 1800, 1000), headcount=lately(3, 12, 10))
    assert value(finding) == near(0.5)
    assert (told(finding, "load"), told(finding, "load_before")) == (150, 100)
    assert finding.summary == "{load} a person each month, {load_before} a year earlier."
    assert finding.window == Window(OCTOBER - 2, OCTOBER, OCTOBER - 14, OCTOBER - 12)


def test_headcount_is_the_average_of_the_quarter() -> None:
    finding = judge(CHECK, headcount={0: 20, -1: 15, -2: 10, -12: 10, -13: 14, -14: 12}.get)
    assert (told(finding, "headcount"), told(finding, "headcount_before")) == (15, 12)


def test_orders_are_those_of_three_months_and_of_the_same_three_a_year_earlier() -> None:
    finding = judge(CHECK, orders=lambda month: 1000 + 100 * month if month > -4 else 5000 + 100 * month)
    assert told(finding, "orders") == 1000 + 900 + 800
    assert told(finding, "orders_before") == 3800 + 3700 + 3600


def test_the_interval_is_that_of_a_ratio_of_counts() -> None:
    (part,) = judge(CHECK, orders=lately(3, 1800, 1000)).parts
    spread = exp(1.959964 * sqrt(1 / 5400 + 1 / 3000))
    assert (part.low, part.high) == near((1.8 / spread - 1, 1.8 * spread - 1))


@pytest.mark.parametrize(
    ("orders", "status"),
    [
        (700, OK),
        (1250, OK),
        (1251, WARNING),
        (1500, WARNING),
        (1501, CRITICAL),
        (9000, CRITICAL),
    ],
)
def test_exactly_at_a_line_is_still_good(orders: float, status: Status) -> None:
    assert judge(CHECK, orders=lately(3, orders, 1000), headcount=100).status is status


def test_people_who_leave_count_like_orders_that_come() -> None:
    assert judge(CHECK, headcount=lately(3, 64, 100)).status is CRITICAL  # 1 / 0.64 = 1.56


@pytest.mark.parametrize(
    ("orders", "status"),
    [
        (lately(3, 10, 10), OK),
        (among([0], 9, 10), UNKNOWN),
        (among([-13], 9, 10), UNKNOWN),
    ],
)
def test_under_30_orders_in_a_quarter_tell_nothing(orders: Figure, status: Status) -> None:
    finding = judge(CHECK, orders=orders)
    assert finding.status is status
    assert status is OK or "fewer than 30 orders" in finding.reason


def test_within_chance_is_ok() -> None:
    finding = judge(CHECK, orders=lately(3, 16, 12))  # 48 against 36: a third more, 95 % interval −13 to +105 %
    assert (value(finding), finding.status, finding.reason) == (
        near(1 / 3),
        OK,
        "within chance: such a change can happen by itself",
    )


@pytest.mark.parametrize(
    ("months", "quality", "status"), [(15, "full", CRITICAL), (14, "weak", WARNING), (6, "weak", WARNING)]
)
def test_under_15_months_the_three_before_are_compared_and_warn_at_most(
    months: int, quality: str, status: Status
) -> None:
    finding = judge(CHECK, months=months, orders=lately(3, 2000, 1000))
    assert (finding.status, finding.quality, value(finding)) == (status, quality, near(1.0))
    assert (WEAK_SEASON in finding.weak_because) is (quality == "weak")
    assert finding.summary.endswith("three months earlier." if quality == "weak" else "a year earlier.")


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"months": 5}, UNKNOWN, "needs 6 complete months, has 5"),
        ({"headcount": lately(5, 10)}, UNKNOWN, "needs 6 complete months, has 5"),
        ({"headcount": None}, SKIPPED, "no staffing file: add a sheet with the columns month, headcount"),
        ({"headcount": among([-13], 0, 10)}, UNKNOWN, "headcount is 0 in September 2025"),
        ({"headcount": among([-1], None, 10)}, UNKNOWN, "no headcount for September 2026: add it to the staffing file"),
        ({"headcount": lambda month: 10 if month <= -3 else None}, UNKNOWN, "staffing.csv ends in July 2026"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


@pytest.mark.parametrize(("team", "status"), [(4, WARNING), (5, CRITICAL)])
def test_under_5_people_warn_at_most(team: float, status: Status) -> None:
    finding = judge(CHECK, orders=lately(3, 2000, 1000), headcount=team)
    assert (finding.status, finding.weak_because) == (status, ("under 5 people",) if team < 5 else ())


@pytest.mark.parametrize("headcount", [lately(3, 40, 4), lately(3, 4, 40)])
def test_the_smaller_team_of_the_two_quarters_makes_it_weak(headcount: Figure) -> None:
    assert judge(CHECK, headcount=headcount).weak_because == ("under 5 people",)


def test_a_roster_of_survivors_warns_at_most() -> None:
    finding = judge(CHECK, orders=lately(3, 2000, 1000), team_source="survivors")
    assert (finding.status, finding.quality) == (WARNING, "weak")
    assert "no end dates" in finding.weak_because[0]
