"""Over-hiring: net revenue per head, Q against Q' (and over two years), where headcount grew by more than 10 %."""

from __future__ import annotations

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
    lately,
    near,
    part,
    told,
    value,
)

CHECK = "over-hiring"


def hired(headcount: float, revenue: float, months: int = 3) -> dict[str, Figure]:
    """In the latest months so many people and so much revenue a month; 100 people and 100,000 before."""
    return {"headcount": lately(months, headcount, 100), "revenue": lately(months, revenue, 100_000)}


def test_120_people_who_bring_in_96_000_bring_800_each_instead_of_1000() -> None:
    finding = judge(CHECK, **hired(120, 96_000))
    assert value(finding) == near(-0.2)
    assert told(finding, "growth") == near(0.2)
    assert (told(finding, "sales"), told(finding, "sales_before")) == (800, 1000)
    assert finding.summary.startswith("Headcount {growth} in a year; ")
    assert finding.window == Window(OCTOBER - 2, OCTOBER, OCTOBER - 14, OCTOBER - 12)


def test_refunds_lower_what_each_person_brings_in() -> None:
    finding = judge(CHECK, headcount=lately(3, 12, 10), refunds=lately(3, 10_000, 0))
    assert value(finding) == near(0.9 / 1.2 - 1)


@pytest.mark.parametrize(
    ("headcount", "revenue", "status"),
    [
        (120, 120_000, OK),
        (120, 108_000, OK),  # −10 %
        (120, 107_900, WARNING),
        (120, 90_000, WARNING),  # −25 %
        (120, 89_900, CRITICAL),
    ],
)
def test_exactly_at_a_line_is_still_good(headcount: float, revenue: float, status: Status) -> None:
    assert judge(CHECK, **hired(headcount, revenue)).status is status


@pytest.mark.parametrize(
    ("headcount", "status"),
    [
        (90, OK),
        (100, OK),
        (110, OK),  # exactly +10 %: the team has hardly grown
        (111, CRITICAL),
    ],
)
def test_it_is_judged_only_where_headcount_grew_by_more_than_10_percent(headcount: float, status: Status) -> None:
    finding = judge(CHECK, **hired(headcount, 600 * headcount))  # −40 % a head
    assert finding.status is status
    assert (finding.reason == "headcount grew by no more than 10% a year") is (status is OK)


@pytest.mark.parametrize(
    ("headcount", "each", "status"),
    [
        (150, 800, WARNING),  # exactly +50 %
        (151, 800, CRITICAL),
        (151, 900, OK),
        (151, 899, WARNING),  # critical by its point value, but its interval reaches −10 %
    ],
)
def test_above_50_percent_more_people_the_warning_line_is_critical(
    headcount: float, each: float, status: Status
) -> None:
    assert judge(CHECK, **hired(headcount, each * headcount)).status is status


def test_the_critical_line_in_force_is_shown() -> None:
    assert part(judge(CHECK, **hired(151, 100_000)), "per-head").threshold == Threshold(-0.10, -0.10, "higher")
    assert part(judge(CHECK, **hired(150, 100_000)), "per-head").threshold == Threshold(-0.10, -0.25, "higher")


# --- over two years ------------------------------------------------------------------------------------------


def over_two_years(headcount: float, revenue: float, **more: Any) -> dict[str, Any]:
    """Nothing changed within the last year; two years ago there were 100 people and 100,000 a month."""
    return hired(headcount, revenue, months=24) | more


def test_over_two_years_both_factors_are_square_rooted() -> None:
    finding = judge(CHECK, **over_two_years(144, 92_160))  # 1.44 = 1.2², and 0.64 = 0.8² a head
    assert value(finding) == near(-0.2)
    assert told(finding, "growth") == near(0.2)
    assert finding.status is WARNING
    assert finding.summary.startswith("Headcount {growth} a year, over two years;")
    assert finding.window == Window(OCTOBER - 2, OCTOBER, OCTOBER - 26, OCTOBER - 24)


@pytest.mark.parametrize(
    ("headcount", "each", "status"),
    [
        (144, 810, OK),  # 0.9² a head
        (144, 809, WARNING),
        (144, 562.5, WARNING),  # 0.75²
        (144, 562, CRITICAL),
        (121, 400, OK),  # 1.1²: hardly grown
        (122, 400, CRITICAL),
        (225, 640, WARNING),  # 1.5²
        (226, 640, CRITICAL),
    ],
)
def test_two_years_have_the_same_lines_a_year(headcount: float, each: float, status: Status) -> None:
    assert judge(CHECK, **over_two_years(headcount, each * headcount)).status is status


@pytest.mark.parametrize(("months", "status"), [(26, OK), (27, WARNING)])
def test_two_years_need_27_complete_months(months: int, status: Status) -> None:
    assert judge(CHECK, **over_two_years(144, 92_160, months=months)).status is status


def test_a_gap_two_years_ago_leaves_the_single_year() -> None:
    overrides = over_two_years(144, 92_160, orders=among([-25], 0, 1000))
    assert judge(CHECK, **overrides).window == Window(OCTOBER - 2, OCTOBER, OCTOBER - 14, OCTOBER - 12)


@pytest.mark.parametrize(
    ("a_year_ago", "compared"),
    [
        (1000, OCTOBER - 14),  # −28 % in one year, −15 % a year over two
        (900, OCTOBER - 14),  # −20 %
        (818, OCTOBER - 26),  # −12 %
        (730, OCTOBER - 26),  # −1 % in one year
    ],
)
def test_the_worse_of_one_and_two_years_counts(a_year_ago: float, compared: int) -> None:
    def headcount(month: int) -> float:
        return 156 if month > -3 else 125 if month > -15 else 100

    def revenue(month: int) -> float:
        each = 720 if month > -3 else a_year_ago if month > -15 else 1000
        return each * headcount(month)

    window = judge(CHECK, headcount=headcount, revenue=revenue).window
    assert window is not None
    assert window.compared_first == compared


def test_a_span_in_which_the_team_did_not_grow_is_never_the_worse_one() -> None:
    # within a year 20 % more people bring in 5 % less each; over two years far less each, but no more people
    finding = judge(
        CHECK,
        headcount=lambda month: 120 if month > -3 or month <= -24 else 100,
        revenue=lambda month: 114_000 if month > -3 else 100_000 if month > -24 else 500_000,
    )
    assert (value(finding), finding.status) == (near(-0.05), OK)


# --- evidence ------------------------------------------------------------------------------------------------


def test_one_large_order_decides_it() -> None:
    calm = hired(120, 96_000)
    assert judge(CHECK, **calm).quality == "full"
    # the year before would have had 70,000 less: 230,000 by 100 people, so each brings in more today
    large = judge(CHECK, **calm, largest_order=among([-13], 70_000, 100))
    assert (large.status, large.weak_because) == (WARNING, ("one large order decides it",))


def test_a_large_order_of_the_year_before_is_left_out_not_added() -> None:
    # −12 %; without the order 290,000 a year ago and −9 %
    assert judge(CHECK, **hired(120, 105_600), largest_order=among([-13], 10_000, 100)).quality == "weak"


def test_without_its_largest_order_a_good_quarter_may_be_a_bad_one() -> None:
    finding = judge(CHECK, **hired(120, 120_000), largest_order=among([-1], 60_000, 100))  # 300,000 left: −17 %
    assert (finding.status, finding.quality) == (OK, "weak")


def test_a_large_order_that_changes_no_status_is_no_weakness() -> None:
    assert judge(CHECK, **hired(120, 80_000), largest_order=among([-1], 1_000, 100)).quality == "full"


@pytest.mark.parametrize(
    ("orders", "status"),
    [
        (lately(3, 1000, 1000), WARNING),
        (lately(3, 20, 20), OK),  # 60 orders against 60: ±36 %
    ],
)
def test_within_the_chance_of_few_orders_it_is_ok(orders: Figure, status: Status) -> None:
    finding = judge(CHECK, orders=orders, **hired(120, 96_000))
    assert (finding.status, finding.reason) == (
        status,
        "within chance: such a change can happen by itself" if status is OK else "",
    )


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"months": 5}, UNKNOWN, "needs 6 complete months, has 5"),
        ({"headcount": None}, SKIPPED, "no staffing file"),
        ({"headcount": among([-1], 0, 10)}, UNKNOWN, "headcount is 0 in September 2026"),
        ({"orders": among([-1], 1, 14)}, UNKNOWN, "fewer than 30 orders in a quarter (29 and 42)"),
        ({"orders": among([-13], 1, 14)}, UNKNOWN, "fewer than 30 orders in a quarter (42 and 29)"),
        ({"refunds": lately(3, 100_000, 0)}, UNKNOWN, "net revenue is not above 0"),
        ({"refunds": among([-12, -13, -14], 100_000, 0)}, UNKNOWN, "net revenue is not above 0"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


def test_30_orders_in_a_quarter_are_enough() -> None:
    assert judge(CHECK, orders=10).status is OK


@pytest.mark.parametrize(("months", "status"), [(15, CRITICAL), (14, WARNING)])
def test_with_the_season_in_it_warns_at_most(months: int, status: Status) -> None:
    finding = judge(CHECK, months=months, **hired(120, 80_000))
    assert finding.status is status
    assert ("in three months" in finding.summary) is (months < 15)


@pytest.mark.parametrize(
    "weak", [{"headcount": lately(3, 4.9, 4)}, {"team_source": "survivors"}, {"headcount": lately(3, 6, 4.9)}]
)
def test_a_small_team_or_survivors_warn_at_most(weak: dict[str, Any]) -> None:
    finding = judge(CHECK, **(hired(120, 60_000) | weak))
    assert (finding.status, finding.quality) == (WARNING, "weak")
