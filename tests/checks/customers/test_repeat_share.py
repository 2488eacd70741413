"""Repeat share: repeat orders ÷ orders with a customer over min(12, half the months), and its change in a year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import sqrt
from typing import Any

import pytest

from merchant_check.report import Status, Threshold, Window

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
    near,
    part,
    shop,
    told,
    value,
)

CHECK = "repeat-share"


def test_600_of_1000_orders_a_month_are_60_percent() -> None:
    finding = judge(CHECK, repeat=lately(12, 0.6, 0.9))
    assert (value(finding), told(finding, "repeat_orders"), told(finding, "orders")) == (0.6, 7200, 12_000)
    assert finding.window == Window(OCTOBER - 11, OCTOBER)
    assert finding.summary.startswith("{repeat_orders} of {orders} in {months} came from")


def test_orders_without_a_customer_are_left_out() -> None:
    finding = judge(CHECK, orders_without_customer=200, repeat_orders=400)
    assert (value(finding), told(finding, "orders")) == (0.5, 9600)


@pytest.mark.parametrize(
    ("repeat", "status"),
    [
        (0.90, OK),
        (0.45, OK),
        (0.44, WARNING),
        (0.30, WARNING),
        (0.299, CRITICAL),
        (0.0, CRITICAL),
    ],
)
def test_exactly_at_a_line_is_still_good(repeat: float, status: Status) -> None:
    assert judge(CHECK, repeat=repeat).status is status


@pytest.mark.parametrize(
    ("category", "warning", "critical"),
    [("general", 0.45, 0.30), ("consumables", 0.55, 0.40), ("fashion", 0.40, 0.25), ("durables", 0.25, 0.12)],
)
def test_each_category_has_its_lines(category: str, warning: float, critical: float) -> None:
    statuses = [
        judge(CHECK, category=category, repeat=share).status
        for share in (warning, warning - 0.01, critical, critical - 0.001)
    ]
    assert statuses == [OK, WARNING, WARNING, CRITICAL]


# --- the window ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "length"), [(36, 12), (25, 12), (24, 12), (23, 11), (9, 4), (8, 4), (7, 3), (6, 3), (4, 3), (3, 3)]
)
def test_the_window_is_half_the_months_three_at_least_and_twelve_at_most(months: int, length: int) -> None:
    finding = judge(CHECK, months=months)
    assert (told(finding, "months"), told(finding, "orders")) == (length, 1000 * length)


@pytest.mark.parametrize(
    ("months", "reason"), [(2, "needs 3 complete months, has 2"), (0, "orders.csv holds no complete month yet")]
)
def test_under_3_months_are_unknown(months: int, reason: str) -> None:
    finding = judge(CHECK, months=months)
    assert (finding.status, finding.reason) == (UNKNOWN, reason)


# --- old customers look new at the start of a file -----------------------------------------------------------


@pytest.mark.parametrize("months", [11, 12, 18, 22])
def test_with_6_to_11_months_lead_in_it_is_a_lower_bound_and_warns_at_most(months: int) -> None:
    clears, misses, far_off = (judge(CHECK, months=months, repeat=share) for share in (0.45, 0.44, 0.10))
    assert [finding.status for finding in (clears, misses, far_off)] == [OK, WARNING, WARNING]
    assert all(finding.summary.startswith("At least {repeat_orders}") for finding in (clears, misses, far_off))
    lead_in = months - months // 2
    assert clears.notes == (
        f"the true share may be higher: the file has {lead_in} complete months before the months judged",
    )
    assert far_off.reason.startswith("the true share may be higher: export ")


@pytest.mark.parametrize("months", [23, 24, 36])
def test_with_12_months_lead_in_it_stands(months: int) -> None:
    finding = judge(CHECK, months=months, repeat=0.10)
    assert (finding.status, finding.notes) == (CRITICAL, ())
    assert not finding.summary.startswith("At least")


@pytest.mark.parametrize(("months", "lead_in"), [(3, 0), (8, 4), (10, 5)])
def test_under_6_months_lead_in_it_is_unknown_unless_it_clears_the_line(months: int, lead_in: int) -> None:
    clears, misses = (judge(CHECK, months=months, repeat=share) for share in (0.45, 0.44))
    assert (clears.status, misses.status) == (OK, UNKNOWN)
    assert misses.reason.startswith(f"the file has {lead_in or 'no'} complete month")
    assert misses.reason.endswith("more months before the first, or set merchant.opened")


@pytest.mark.parametrize(("months", "more"), [(5, 18), (10, 13), (12, 11), (18, 5), (22, 1)])
def test_it_asks_for_as_many_months_as_23_take(months: int, more: int) -> None:
    assert f"export {more} more month{'' if more == 1 else 's'} " in judge(CHECK, months=months, repeat=0.2).reason


def test_the_line_to_clear_is_the_one_in_force() -> None:
    assert judge(CHECK, months=8, category="durables", repeat=0.25).status is OK
    assert judge(CHECK, months=8, category="consumables", repeat=0.54).status is UNKNOWN


@pytest.mark.parametrize(
    ("opened", "bound"),
    [
        (date(2025, 5, 1), False),  # the day of the first order
        (date(2025, 4, 1), False),  # a month before it
        (date(2025, 3, 31), True),
        (None, True),
    ],
)
def test_a_file_that_reaches_back_to_the_opening_needs_no_lead_in(opened: date | None, bound: bool) -> None:
    finding = judge(CHECK, months=18, opened=opened, repeat=0.10)
    assert finding.summary.startswith("At least") is bound
    assert finding.status is (WARNING if bound else CRITICAL)


@pytest.mark.parametrize(
    ("months", "opened", "status"), [(13, date(2025, 10, 1), CRITICAL), (10, date(2026, 1, 1), WARNING)]
)
def test_a_shop_younger_than_12_months_is_never_critical(months: int, opened: date, status: Status) -> None:
    finding = judge(CHECK, months=months, opened=opened, repeat=0.10)
    assert (finding.status, finding.reason) == (
        status,
        "only a warning, as the shop is younger than 12 months" if status is WARNING else "",
    )


@pytest.mark.parametrize(
    ("far", "opened", "high", "status", "bound"),
    [
        (0, None, 0.405, CRITICAL, False),
        (50, None, 0.417, CRITICAL, False),  # under 1 % of 12,000 orders: not worth a word
        (500, None, 0.492, WARNING, True),  # up to twice 4.2 points more
        (1200, None, 0.605, OK, True),
        (1200, date(2023, 11, 1), 0.405, CRITICAL, False),  # nothing lies before the opening
    ],
)
def test_customers_from_before_the_files_start_widen_it(
    far: int, opened: date | None, high: float, status: Status, bound: bool
) -> None:
    facts = shop(repeat=0.4, opened=opened)
    widened = replace(facts, repeat_windows=tuple(replace(row, far=far) for row in facts.repeat_windows))
    finding = judge_facts(CHECK, widened, {"share": Threshold(0.45, 0.43, "higher")})
    assert (finding.parts[0].high, finding.status) == (near(high, abs=0.005), status)
    assert finding.summary.startswith("At least") is bound


# --- the change in a year ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "status"),
    [
        (0.60, 0.65, OK),  # exactly 5 points
        (0.599, 0.65, WARNING),
        (0.46, 0.99, WARNING),  # never critical
        (0.99, 0.46, OK),
    ],
)
def test_down_by_more_than_5_points_is_a_warning(now: float, before: float, status: Status) -> None:
    finding = judge(CHECK, repeat=lately(12, now, before))
    assert (part(finding, "change").value, part(finding, "change").status) == (near(now - before), status)
    assert (finding.status, finding.parts[0].status) == (status, OK)


def test_the_change_has_the_interval_of_a_difference() -> None:
    change = part(judge(CHECK, repeat=lately(12, 0.6, 0.5)), "change")
    half = 1.959964 * sqrt(0.6 * 0.4 / 12_000 + 0.5 * 0.5 / 12_000)
    assert (change.low, change.high) == near((0.1 - half, 0.1 + half))


def test_a_change_within_chance_is_ok() -> None:
    change = part(judge(CHECK, orders=12, repeat=lately(12, 0.50, 0.59)), "change")  # 72 against 84 of 144 orders
    assert (change.value, change.status, change.reason) == (
        near(-1 / 12),
        OK,
        "within chance: such a change can happen by itself",
    )


@pytest.mark.parametrize(
    ("overrides", "judged"),
    [
        ({"months": 36}, True),
        ({"months": 35}, False),  # 11 months' lead-in a year before
        ({"months": 24, "opened": date(2024, 11, 1)}, True),
        ({"months": 23, "opened": date(2024, 12, 1)}, True),
        ({"months": 14, "opened": date(2025, 9, 1)}, False),
    ],
)
def test_the_change_needs_12_months_lead_in_in_both_years(overrides: dict[str, Any], judged: bool) -> None:
    change = part(judge(CHECK, **overrides), "change")
    assert change.status is (OK if judged else UNKNOWN)
    assert judged or change.reason == "the file does not reach back far enough to compare with a year earlier"


def test_a_gap_a_year_before_costs_only_the_change() -> None:
    finding = judge(CHECK, orders=among([-23], 0, 1000))
    assert (finding.status, part(finding, "change").status) == (OK, UNKNOWN)
    assert part(finding, "change").reason.startswith("no orders in November 2024")
    assert part(judge(CHECK, orders=among([-12], 0, 1000)), "change").status is UNKNOWN
    assert part(judge(CHECK, orders=among([-24], 0, 1000)), "change").status is OK


# --- when customer figures may be trusted --------------------------------------------------------------------


@pytest.mark.parametrize(("guests", "status"), [(200, OK), (201, UNKNOWN)])
def test_above_20_percent_of_orders_without_a_customer_it_is_unknown(guests: float, status: Status) -> None:
    finding = judge(CHECK, orders_without_customer=lately(12, guests, 0))
    assert finding.status is status
    assert status is OK or finding.reason.startswith("orders without a customer: 2,412 of 12,000")


def test_guests_a_year_before_cost_only_the_change() -> None:
    finding = judge(CHECK, orders_without_customer=lately(12, 0, 300))
    assert [figure.status for figure in finding.parts] == [OK, UNKNOWN]
    assert part(finding, "change").reason.startswith("orders without a customer: 3,600 of 12,000")


def test_guests_before_the_window_do_not_matter() -> None:
    assert judge(CHECK, orders_without_customer=lately(12, 0, 900)).parts[0].status is OK


def test_without_a_customer_column_it_is_skipped() -> None:
    finding = judge(CHECK, has_customers=False)
    assert (finding.status, finding.reason) == (
        SKIPPED,
        "the orders have no customer column: add one, such as email or customer_id",
    )


@pytest.mark.parametrize(
    ("new", "status"),
    [
        (lately(3, 0, 400), UNKNOWN),
        (lately(2, 0, 400), OK),
        (among([-1], 1, 0), OK),
    ],
)
def test_three_months_without_a_new_customer_mean_a_sample_of_customers(new: Figure, status: Status) -> None:
    finding = judge(CHECK, new_customers=new)
    assert finding.status is status
    assert status is OK or "a sample of customers, not all orders" in finding.reason


def test_no_new_customers_in_a_closed_month_mean_no_sample() -> None:
    finding = judge(CHECK, new_customers=lately(3, 0, 400), orders=among([-1], 0, 1000), closed=[-1])
    assert finding.status is OK


@pytest.mark.parametrize(("months", "status"), [(6, OK), (5, UNKNOWN)])
def test_under_30_orders_with_a_customer_tell_nothing(months: int, status: Status) -> None:
    finding = judge(CHECK, orders=lately(months, 3, 2))
    assert finding.status is status
    assert status is OK or finding.reason == "fewer than 30 orders with a customer (29)"


def test_months_of_fully_refunded_orders_are_unknown() -> None:
    finding = judge(CHECK, refunds=100_000)
    assert (finding.status, finding.reason.split(":")[0]) == (UNKNOWN, "net revenue is not above 0 in these months")


# --- its interval --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cluster", "status"),
    [
        (1, CRITICAL),
        (100, CRITICAL),  # 120 customers' worth of evidence: 20 to 36 %
        (600, WARNING),  # 20 customers' worth
    ],
)
def test_orders_of_the_same_customers_are_less_evidence(cluster: int, status: Status) -> None:
    finding = judge(CHECK, repeat=0.27, cluster=cluster)
    assert (finding.status, finding.reason) == (
        status,
        "too few cases to be sure: the true figure may still be good" if status is WARNING else "",
    )


def test_one_order_a_customer_gives_wilsons_own_interval() -> None:
    (share, _) = judge(CHECK, orders=10, repeat=0.5).parts  # 60 of 120
    assert (share.low, share.high) == near((0.4119, 0.5881), abs=1e-4)
