"""Team investment: growth of pay per head ÷ growth of net revenue per head; and training of the newcomers."""

from __future__ import annotations

from typing import Any

import pytest

from merchant_check.report import Status, Window

from ..shops import OCTOBER, OK, SKIPPED, UNKNOWN, WARNING, among, judge, lately, near, part, told, value

CHECK = "team-investment"


def year(pay: float, revenue: float, **more: Any) -> dict[str, Any]:
    """A year with so much pay and revenue a month, after one with 20,000 and 100,000."""
    return {"payroll": lately(12, pay, 20_000), "revenue": lately(12, revenue, 100_000), **more}


def test_pay_up_15_percent_on_sales_up_30_percent_share_half_of_the_gain() -> None:
    finding = judge(CHECK, **year(23_000, 130_000))
    assert value(finding) == near(0.5)
    assert (told(finding, "pay_growth"), told(finding, "sales_growth")) == near((0.15, 0.30))
    assert (told(finding, "pay"), told(finding, "sales")) == (2_300, 13_000)
    assert finding.window == Window(OCTOBER - 11, OCTOBER, OCTOBER - 23, OCTOBER - 12)


def test_bonus_is_pay_and_refunds_are_no_sales() -> None:
    finding = judge(CHECK, bonus=lately(12, 5_000, 0), refunds=lately(12, 20_000, 40_000))
    assert (told(finding, "pay_growth"), told(finding, "sales_growth")) == near((0.25, 80 / 60 - 1))


def test_both_are_counted_per_head() -> None:
    finding = judge(CHECK, **year(40_000, 260_000), headcount=lately(12, 20, 10))
    assert (told(finding, "pay_growth"), told(finding, "sales_growth")) == near((0, 0.30))


@pytest.mark.parametrize(
    ("pay", "status"),
    [
        (22_000, OK),  # +10 %, exactly a third of +30 %
        (21_990, WARNING),
        (20_000, WARNING),
        (10_000, WARNING),  # never critical
    ],
)
def test_a_third_of_the_gain_is_enough(pay: float, status: Status) -> None:
    assert judge(CHECK, **year(pay, 130_000), headcount=100).status is status


@pytest.mark.parametrize(("revenue", "status"), [(90_000, OK), (110_000, OK), (110_100, WARNING)])
def test_there_is_something_to_share_where_sales_per_head_rose_by_more_than_10_percent(
    revenue: float, status: Status
) -> None:
    finding = judge(CHECK, **year(20_000, revenue), headcount=100)
    assert finding.status is status
    assert (part(finding, "sharing").value is None) is (status is OK)


@pytest.mark.parametrize(
    ("revenue", "month", "amount", "status", "quality"),
    [
        (112_000, -3, 30_000, WARNING, "weak"),  # +12 %, without the order +9.5 %
        (112_000, -3, 20_000, WARNING, "full"),
        (108_000, -20, 40_000, OK, "weak"),  # +8 %, without last year's order +11.7 %
        (108_000, -20, 20_000, OK, "full"),
        (108_000, -24, 40_000, OK, "full"),
    ],
)
def test_one_large_order_of_either_year(
    revenue: float, month: int, amount: float, status: Status, quality: str
) -> None:
    finding = judge(CHECK, **year(20_000, revenue), headcount=100, largest_order=among([month], amount, 100))
    assert (finding.status, finding.quality) == (status, quality)


@pytest.mark.parametrize(("source", "quality"), [("roster", "full"), ("survivors", "weak")])
def test_a_roster_of_survivors_is_weak_evidence(source: str, quality: str) -> None:
    assert judge(CHECK, **year(20_000, 150_000), team_source=source).quality == quality


# --- training ------------------------------------------------------------------------------------------------


def test_10_hours_a_month_for_6_newcomers_are_20_each() -> None:
    assert value(judge(CHECK, training_hours=10, hires=1, headcount=40), "training") == 20


def test_hours_of_the_year_count_and_none_before() -> None:
    assert value(judge(CHECK, training_hours=among([-12], 100, 0)), "training") == 0
    assert value(judge(CHECK, training_hours=among([-11], 100, 0)), "training") == 100


@pytest.mark.parametrize("given", ["training_hours", "training_spend"])
@pytest.mark.parametrize(
    ("trained", "hires", "status"),
    [
        (0, 5, OK),  # 25 % newcomers
        (0, 6, WARNING),
        (0, 20, WARNING),
        (1, 6, OK),
    ],
)
def test_no_training_at_all_with_many_newcomers_is_a_warning(
    given: str, trained: float, hires: float, status: Status
) -> None:
    finding = judge(CHECK, headcount=20, hires=among([-2], hires, 0), **{given: among([-3], trained, 0)})
    assert finding.status is part(finding, "training").status is status


@pytest.mark.parametrize(("hires", "status"), [(25, OK), (26, WARNING)])
def test_many_newcomers_are_over_25_percent(hires: float, status: Status) -> None:
    finding = judge(CHECK, headcount=100, hires=among([-2], hires, 0), training_hours=0)
    assert finding.status is status
    assert ("no training in twelve months" in part(finding, "training").reason) is (status is WARNING)


@pytest.mark.parametrize("overrides", [{"payroll": None}, {"months": 20}])
def test_training_is_judged_where_pay_can_not_be(overrides: dict[str, Any]) -> None:
    without, some = (judge(CHECK, hires=2, training_hours=hours, **overrides) for hours in (0, 1))
    assert (without.status, some.status) == (WARNING, UNKNOWN)
    assert without.window == Window(OCTOBER - 11, OCTOBER)
    assert "{" not in without.summary


def test_money_spent_on_training_has_no_hours() -> None:
    assert part(judge(CHECK, training_spend=500), "training").value is None


def test_training_not_given_is_no_part() -> None:
    assert [figure.id for figure in judge(CHECK).parts] == ["sharing"]


def test_training_that_can_not_be_told_leaves_the_sharing() -> None:
    finding = judge(CHECK, **year(20_000, 130_000), training_hours=among([-3], None, 5))
    assert (finding.status, part(finding, "training").status) == (WARNING, UNKNOWN)
    assert part(finding, "training").reason == "no training hours for July 2026: add it to the staffing file"


# --- what is missing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"headcount": None}, SKIPPED, "no staffing file: add a sheet"),
        ({"months": 23}, UNKNOWN, "needs 24 complete months, has 23"),
        ({"headcount": lately(23, 10)}, UNKNOWN, "needs 24 complete months, has 23"),
        ({"payroll": None}, SKIPPED, "no payroll given: add the column payroll to the staffing file"),
        ({"payroll": among([-20], None, 1)}, UNKNOWN, "no payroll for February 2025"),
        ({"payroll": lately(12, 1, 0)}, UNKNOWN, "no pay or no net revenue in the year before"),
        ({"refunds": lately(24, 100_000, 0)}, UNKNOWN, "no pay or no net revenue in the year before"),
        ({"headcount": among([-20], 0, 10)}, UNKNOWN, "headcount is 0 in February 2025"),
        ({"bonus": among([-20], None, 1)}, UNKNOWN, "no bonus for February 2025"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


@pytest.mark.parametrize("source", ["roster", "survivors"])
def test_a_roster_is_told_where_payroll_can_come_from(source: str) -> None:
    finding = judge(CHECK, payroll=None, team_source=source)
    assert finding.status is SKIPPED
    assert "add the column payroll to the cash file" in finding.reason


@pytest.mark.parametrize(("from_cash", "status"), [((), OK), (("payroll",), UNKNOWN)])
def test_payroll_from_the_cash_sheet_ends_where_that_ends(from_cash: tuple[str, ...], status: Status) -> None:
    finding = judge(CHECK, cash_balance=lambda month: 1 if month <= -3 else None, from_cash=from_cash)
    assert finding.status is status
    assert status is OK or finding.reason.startswith("cash.csv ends in July 2026")


@pytest.mark.parametrize("headcount", [lately(12, 4, 40), lately(12, 40, 4)])
def test_under_5_people_the_evidence_is_weak(headcount: Any) -> None:
    assert judge(CHECK, headcount=headcount).weak_because == ("under 5 people",)
