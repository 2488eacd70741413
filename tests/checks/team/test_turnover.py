"""Turnover: leavers of twelve months ÷ their average headcount, over 30 % a warning, never critical."""

from __future__ import annotations

from typing import Any

import pytest

from merchant_check.report import Status, Window

from ..shops import OCTOBER, OK, SKIPPED, UNKNOWN, WARNING, among, judge, lately, told, value

CHECK = "turnover"


def test_one_leaver_a_month_of_a_team_of_50_are_24_percent() -> None:
    finding = judge(CHECK, headcount=50, leavers=1)
    assert (value(finding), told(finding, "leavers"), told(finding, "headcount")) == (0.24, 12, 50)
    assert finding.window == Window(OCTOBER - 11, OCTOBER)


def test_headcount_is_the_average_of_twelve_month_ends() -> None:
    finding = judge(CHECK, headcount=lambda month: 24 if month > -6 else 12 if month > -12 else 99, leavers=0.75)
    assert (told(finding, "headcount"), value(finding)) == (18, 0.5)


@pytest.mark.parametrize(("leavers", "status"), [(0, OK), (30, OK), (31, WARNING), (500, WARNING)])
def test_exactly_at_the_line_is_still_good_and_nothing_is_critical(leavers: float, status: Status) -> None:
    assert judge(CHECK, headcount=100, leavers=among([-11], leavers, 0)).status is status


def test_who_left_more_than_a_year_ago_does_not_count() -> None:
    assert value(judge(CHECK, headcount=100, leavers=among([-12], 50, 0))) == 0


def test_without_leavers_they_are_the_hires_that_the_growth_does_not_show() -> None:
    finding = judge(CHECK, headcount=lately(12, 24, 12), hires=lately(12, 2, 9), leavers=None)
    assert told(finding, "leavers") == 24 - 12


def test_growth_is_that_from_the_month_end_before_the_year_to_its_last() -> None:
    finding = judge(CHECK, headcount=among([0], 24, 12), hires=lately(12, 2, 9), leavers=None)
    assert told(finding, "leavers") == 24 - 12
    finding = judge(CHECK, headcount=among([-12], 6, 12), hires=lately(12, 2, 9), leavers=None)
    assert told(finding, "leavers") == 24 - 6


def test_more_growth_than_hires_means_nobody_left() -> None:
    assert value(judge(CHECK, headcount=lately(12, 24, 12), hires=0, leavers=None)) == 0


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"headcount": None}, SKIPPED, "no staffing file: add a sheet"),
        ({"headcount": lately(11, 10)}, UNKNOWN, "needs 12 complete months, has 11"),
        (
            {"leavers": None, "team_source": "survivors"},
            UNKNOWN,
            "no one has an end date: add the column end to the roster",
        ),
        ({"leavers": None, "hires": None}, UNKNOWN, "no leavers given: add the column leavers to the staffing file"),
        ({"leavers": among([-4], None, 1)}, UNKNOWN, "no leavers for June 2026: add it to the staffing file"),
        ({"headcount": lately(12, 10), "leavers": None}, UNKNOWN, "no headcount for October 2025"),
        ({"headcount": among([-4], 0, 10)}, UNKNOWN, "headcount is 0 in June 2026"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


def test_twelve_months_are_enough() -> None:
    assert judge(CHECK, headcount=lately(12, 10), leavers=1).status is WARNING


@pytest.mark.parametrize(("team", "quality"), [(4, "weak"), (5, "full")])
def test_under_5_people_the_evidence_is_weak(team: float, quality: str) -> None:
    assert judge(CHECK, headcount=team).quality == quality
