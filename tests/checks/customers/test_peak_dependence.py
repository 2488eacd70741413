"""Peak dependence: the best 60 days and the best day ÷ the year, growth taken out; and the customers won then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from merchant_check.checks.windows import WEAK_SEASON
from merchant_check.report import Status, Threshold, Window

from ..shops import (
    CRITICAL,
    OCTOBER,
    OK,
    UNKNOWN,
    WARNING,
    Figure,
    among,
    came_back,
    judge,
    lately,
    near,
    part,
    told,
    value,
)

CHECK = "peak-dependence"
FEBRUARY = date(2026, 2, 1)


def season(peak: float, other: float, days: int = 60, start: date = FEBRUARY) -> Callable[[date], float]:
    """Each year the same: so much a day for 60 days from February on, so much on the others."""
    end = start + timedelta(days=days)

    def sales(day: date) -> float:
        this_year = day.replace(year=2026) if (day.month, day.day) != (2, 29) else date(2026, 2, 28)
        return peak if start <= this_year < end else other

    return sales


def one_day(best: float, other: float) -> Callable[[date], float]:
    return season(best, other, days=1)


def test_60_days_of_30_500_in_a_year_of_18_000_a_day_are_a_quarter() -> None:
    finding = judge(CHECK, sales=season(30_500, 18_000))  # 1,830,000 of 7,320,000
    assert value(finding) == told(finding, "season") == near(0.25)
    assert value(finding, "day") == told(finding, "day") == near(30_500 / 7_320_000)
    assert finding.window == Window(OCTOBER - 11, OCTOBER)


@pytest.mark.parametrize(
    ("peak", "other", "status"),
    [
        (18_000, 18_000, OK),
        (30_500, 18_000, OK),  # exactly a quarter
        (30_600, 18_000, WARNING),
        (42_700, 15_600, WARNING),  # 35 %: 2,562,000 of 7,320,000
        (42_800, 15_600, CRITICAL),
    ],
)
def test_the_best_60_days(peak: float, other: float, status: Status) -> None:
    finding = judge(CHECK, sales=season(peak, other))
    assert finding.status is part(finding, "season").status is status


@pytest.mark.parametrize(
    ("best", "status"),
    [
        (36_400, OK),  # a tenth of 364,000
        (36_500, WARNING),
        (300_000, WARNING),  # never critical
    ],
)
def test_the_best_day(best: float, status: Status) -> None:
    finding = judge(CHECK, {"season": Threshold(None, None, "lower")}, sales=one_day(best, 900))
    assert finding.status is part(finding, "day").status is status


@pytest.mark.parametrize(
    ("start", "days", "share"),
    [
        (date(2025, 11, 1), 60, 0.25),  # the first 60 days of the year
        (date(2026, 9, 2), 60, 0.25),  # the last
        (date(2026, 3, 1), 30, 1_455_000 / 6_945_000),  # 30 peak days and 30 others
    ],
)
def test_the_60_days_may_lie_anywhere_in_the_year(start: date, days: int, share: float) -> None:
    end = start + timedelta(days=days)
    raw = judge(CHECK, months=12, sales=lambda day: 30_500 if start <= day < end else 18_000)
    assert value(raw) == near(share)


def test_sales_before_and_after_the_year_do_not_matter() -> None:
    def sales(day: date) -> float:
        return 1000 if date(2025, 11, 1) <= day <= date(2026, 10, 31) else 100_000

    finding = judge(CHECK, months=13, as_of=date(2026, 11, 15), sales=sales)
    assert (value(finding), value(finding, "day")) == near((60 / 365, 1 / 365))


# --- growth --------------------------------------------------------------------------------------------------


def doubling(day: date) -> float:
    return float(10_000 * 2 ** ((day - FEBRUARY).days / 365))


def test_growth_is_taken_out_so_that_a_growing_shops_last_days_are_no_peak() -> None:
    finding = judge(CHECK, sales=doubling)
    assert value(finding) == near(60 / 365, rel=1e-6)
    assert (finding.status, finding.quality) == (OK, "full")


@pytest.mark.parametrize(("months", "quality"), [(15, "full"), (14, "weak")])
def test_without_a_quarter_a_year_earlier_it_is_raw_and_weak(months: int, quality: str) -> None:
    finding = judge(CHECK, months=months, sales=doubling)
    assert finding.quality == quality
    levelled = value(finding) == near(60 / 365, rel=1e-6)
    assert levelled is (quality == "full")
    raw = (2 - 2 ** (305 / 365)) / (2 - 1)  # the last 60 of 365 days of a doubling year
    assert levelled or value(finding) == near(raw, rel=1e-2)


def test_raw_shares_warn_at_most() -> None:
    finding = judge(CHECK, months=14, sales=season(42_800, 15_600))
    assert (finding.status, finding.weak_because) == (WARNING, (WEAK_SEASON,))


def test_one_large_order_decides_it() -> None:
    sales = one_day(40_000, 900)
    no_season = {"season": Threshold(None, None, "lower")}
    finding = judge(CHECK, no_season, sales=sales, largest_order=among([-8], 30_000, 100))  # on 1 February
    assert part(finding, "day").value == near(40_000 / 367_600)
    assert finding.weak_because == ("one large order decides it",)
    assert judge(CHECK, no_season, sales=sales, largest_order=100).quality == "full"


def test_only_the_largest_of_several_large_orders_is_left_out() -> None:
    def sales(day: date) -> float:  # 144,000 of 418,500 in 60 days; without one order 114,000 of 388,500
        return 30_900 if (day.month, day.day) in ((2, 1), (3, 1), (4, 1)) else 900

    finding = judge(CHECK, sales=sales, largest_order=among([-6, -7, -8], 30_000, 100))
    assert (finding.status, finding.quality) == (WARNING, "full")


def test_a_year_that_is_one_order_is_judged_with_it() -> None:
    finding = judge(
        CHECK, sales=lambda day: 5_000 if (day.month, day.day) == (5, 1) else 0, largest_order=among([-5], 5_000, 0)
    )
    assert (finding.status, value(finding), value(finding, "day")) == (WARNING, 1, 1)  # nothing sold in Q: weak


def test_one_large_order_may_decide_the_season() -> None:
    finding = judge(CHECK, sales=season(42_800, 15_600), largest_order=among([-8], 42_000, 100))
    assert (finding.status, finding.quality) == (WARNING, "weak")


# --- what is missing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("orders", "status"), [(500, OK), (499, UNKNOWN)])
def test_under_500_orders_in_the_year_tell_nothing(orders: float, status: Status) -> None:
    finding = judge(CHECK, orders=lambda month: orders - 11 * 40 if month == 0 else 40)
    assert finding.status is status
    assert status is OK or finding.reason == "fewer than 500 orders in twelve months (499)"


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"months": 11}, "needs 12 complete months, has 11"),
        ({"orders": among([-11], 0, 1000)}, "no orders in November 2025: add the missing export"),
        ({"refunds": lately(12, 100_000, 0)}, "net revenue is not above 0 in twelve months"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is UNKNOWN
    assert finding.reason.startswith(reason)


def test_a_gap_a_year_earlier_only_leaves_the_growth_in() -> None:
    assert judge(CHECK, orders=among([-13], 0, 1000)).weak_because == (WEAK_SEASON,)
    assert judge(CHECK, orders=among([-15], 0, 1000)).quality == "full"


def test_no_sales_in_the_quarter_a_year_earlier_leave_the_growth_in() -> None:
    finding = judge(CHECK, refunds=among([-12, -13, -14], 100_000, 0))
    assert (finding.status, finding.quality) == (OK, "weak")


# --- customers won on the best days --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peak", "status"),
    [
        (0.40, OK),
        (0.37, OK),  # lower, but the intervals overlap
        (0.30, WARNING),
        (0.01, WARNING),  # never critical
        (0.60, OK),
    ],
)
def test_customers_of_the_best_days_who_come_back_less_often(peak: float, status: Status) -> None:
    finding = judge(CHECK, returned_peak=came_back(peak, 2000), returned_other=came_back(0.40, 2000))
    assert (finding.status, value(finding, "customers")) == (status, near(peak - 0.40))
    assert (finding.reason == "customers won on the best days come back less often than the others") is (
        status is WARNING
    )


@pytest.mark.parametrize("group", ["returned_peak", "returned_other"])
@pytest.mark.parametrize(("followed", "status"), [(30, OK), (29, UNKNOWN)])
def test_30_of_each_must_have_been_followed_for_180_days(group: str, followed: int, status: Status) -> None:
    table = [(10, 50, 20), (90, 30, 0), (180, followed, 0), (365, 0, 0)]
    finding = judge(CHECK, **{group: table})
    assert (finding.status, part(finding, "customers").status) == (OK, status)


def test_guests_of_the_month_before_the_year_do_not_matter() -> None:
    crowd = among([-12], 10_000, 0)
    finding = judge(CHECK, orders=among([-12], 10_000, 1000), orders_without_customer=crowd)
    assert part(finding, "customers").status is OK


def test_only_second_orders_within_180_days_count() -> None:
    table = [(10, 1000, 400), (90, 600, 0), (180, 600, 0), (300, 600, 500), (365, 100, 0)]
    assert value(judge(CHECK, returned_peak=table), "customers") == near(0)


@pytest.mark.parametrize("overrides", [{"has_customers": False}, {"orders_without_customer": 201}])
def test_without_customers_the_sales_are_judged_all_the_same(overrides: dict[str, Figure]) -> None:
    finding = judge(CHECK, sales=season(42_800, 15_600), **overrides)
    assert (finding.status, part(finding, "customers").status) == (CRITICAL, UNKNOWN)
