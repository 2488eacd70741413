"""Newcomers: the share of today's team with under six months' tenure, over 25 % a warning, over 50 % critical."""

from __future__ import annotations

from typing import Any

import pytest

from merchant_check.report import Status, Window

from ..shops import CRITICAL, OCTOBER, OK, SKIPPED, UNKNOWN, WARNING, among, judge, lately, told, value

CHECK = "newcomers"


def test_6_hires_in_six_months_are_a_fifth_of_a_team_of_30() -> None:
    finding = judge(CHECK, headcount=30, hires=1)
    assert (value(finding), told(finding, "new"), told(finding, "team")) == (0.2, 6, 30)
    assert finding.summary == "{new} of {team} joined in the last 6 months."
    assert finding.window == Window(OCTOBER - 5, OCTOBER)


@pytest.mark.parametrize(
    ("hires", "status"), [(0, OK), (5, OK), (6, WARNING), (10, WARNING), (11, CRITICAL), (30, CRITICAL)]
)
def test_exactly_at_a_line_is_still_good(hires: float, status: Status) -> None:
    assert judge(CHECK, headcount=20, hires=among([-5], hires, 0)).status is status


def test_who_was_hired_more_than_six_months_ago_is_no_newcomer() -> None:
    assert value(judge(CHECK, headcount=20, hires=among([-6], 10, 0))) == 0


def test_newcomers_who_have_left_again_make_no_more_than_the_whole_team() -> None:
    assert value(judge(CHECK, headcount=10, hires=5)) == 1


@pytest.mark.parametrize(("newcomers", "status"), [(5, OK), (6, WARNING), (11, CRITICAL)])
def test_a_roster_is_exact(newcomers: float, status: Status) -> None:
    finding = judge(CHECK, headcount=20, hires=None, newcomers=newcomers, team_source="roster")
    assert (finding.status, finding.quality) == (status, "full")
    assert not finding.summary.startswith("At least")


def test_a_roster_without_end_dates_still_shows_todays_team() -> None:
    assert judge(CHECK, headcount=20, newcomers=11, team_source="survivors").status is CRITICAL


@pytest.mark.parametrize(("before", "status"), [(15, OK), (14, WARNING), (9, WARNING), (25, OK)])
def test_the_growth_of_headcount_is_a_lower_bound_and_warns_at_most(before: float, status: Status) -> None:
    finding = judge(CHECK, headcount=lately(6, 20, before), hires=None)
    assert (finding.status, finding.quality) == (status, "weak")
    assert value(finding) == max(0, 20 - before) / 20
    assert finding.summary.startswith("At least {new} of {team}")
    assert "add a hires column" in finding.weak_because[0]


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"headcount": None}, SKIPPED, "no staffing file: add a sheet"),
        ({"headcount": lately(6, 20), "hires": None}, UNKNOWN, "needs the hires of 6 months, or 7 months of headcount"),
        ({"headcount": among([0], 0, 20)}, UNKNOWN, "headcount is 0 in October 2026"),
        ({"headcount": lambda month: 10 if month <= -3 else None}, UNKNOWN, "staffing.csv ends in July 2026"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


def test_seven_months_of_a_sheet_are_enough() -> None:
    assert judge(CHECK, headcount=lately(7, 20), hires=None).status is OK


def test_one_month_of_a_roster_is_enough() -> None:
    assert judge(CHECK, headcount=lately(1, 20), newcomers=11, team_source="roster").status is CRITICAL


@pytest.mark.parametrize(("team", "status"), [(4, WARNING), (5, CRITICAL)])
def test_under_5_people_warn_at_most(team: float, status: Status) -> None:
    assert judge(CHECK, headcount=team, hires=among([0], team, 0)).status is status


def test_the_orders_do_not_matter() -> None:
    assert judge(CHECK, months=10, orders=among([-4], 0, 3), hires=1).status is CRITICAL
