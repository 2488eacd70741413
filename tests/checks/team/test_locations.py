"""Locations: locations factor ÷ headcount factor − 1 in a year, where locations grew; over 0, over 50 %."""

from __future__ import annotations

from typing import Any

import pytest

from merchant_check.report import Status, Window

from ..shops import CRITICAL, OCTOBER, OK, SKIPPED, UNKNOWN, WARNING, Figure, among, judge, lately, near, told, value

CHECK = "locations"


def test_twice_the_sites_with_a_quarter_more_people_are_60_percent_more_each() -> None:
    finding = judge(CHECK, locations=lately(12, 20, 10), headcount=lately(12, 50, 40))
    assert value(finding) == near(0.6)
    assert [told(finding, name) for name in ("sites", "sites_before", "heads", "heads_before")] == [20, 10, 50, 40]
    assert (
        finding.summary
        == "From {sites_before} to {sites} in a year, while the team went from {heads_before} to {heads}."
    )
    assert finding.window == Window(OCTOBER, OCTOBER, OCTOBER - 12, OCTOBER - 12)


@pytest.mark.parametrize(
    ("sites", "people", "status"),
    [
        (12, 12, OK),
        (13, 13, OK),
        (24, 23.9, WARNING),
        (15, 10, WARNING),  # exactly +50 %
        (151, 100, CRITICAL),
    ],
)
def test_exactly_at_a_line_is_still_good(sites: float, people: float, status: Status) -> None:
    before = 100 if sites > 100 else 20 if sites > 20 else 10
    finding = judge(CHECK, locations=lately(12, sites, before), headcount=lately(12, people, before))
    assert finding.status is status


def test_only_the_month_and_the_one_a_year_before_count() -> None:
    finding = judge(CHECK, locations=among([0], 12, 10), headcount=among([0], 12, 10))
    assert value(finding) == 0


@pytest.mark.parametrize("locations", [10, lately(12, 8, 10)])
def test_no_more_locations_are_ok_however_many_people_left(locations: Figure) -> None:
    finding = judge(CHECK, locations=locations, headcount=lately(12, 10, 100))
    assert (finding.status, finding.reason) == (OK, "the number of locations did not grow")
    assert finding.summary == "{sites}, no more than a year earlier."


@pytest.mark.parametrize(("sites", "status"), [(4, WARNING), (5, CRITICAL)])
def test_under_5_locations_warn_at_most(sites: float, status: Status) -> None:
    finding = judge(CHECK, locations=lately(12, sites, 1))
    assert (finding.status, finding.weak_because) == (status, ("under 5 locations",) if sites < 5 else ())


@pytest.mark.parametrize(
    "weak", [{"headcount": lately(12, 4, 5)}, {"headcount": lately(12, 5, 4)}, {"team_source": "survivors"}]
)
def test_a_small_team_or_survivors_warn_at_most(weak: dict[str, Any]) -> None:
    assert judge(CHECK, locations=lately(12, 50, 10), **weak).status is WARNING


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"headcount": None}, SKIPPED, "no staffing file: add a sheet"),
        ({"locations": None}, SKIPPED, "no locations given: add the column locations to the staffing file"),
        ({"headcount": lately(12, 10)}, UNKNOWN, "needs 13 complete months, has 12"),
        ({"locations": lately(12, 5)}, UNKNOWN, "no locations for October 2025: add it to the staffing file"),
        ({"locations": lately(12, 5, 0)}, UNKNOWN, "there were no locations a year earlier"),
        ({"headcount": among([-12], 0, 9)}, UNKNOWN, "headcount is 0 in October 2025"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


@pytest.mark.parametrize("source", ["roster", "survivors"])
def test_a_roster_is_told_which_column_holds_its_locations(source: str) -> None:
    finding = judge(CHECK, locations=None, team_source=source)
    assert finding.status is SKIPPED
    assert "add the column location to the roster" in finding.reason


def test_13_months_are_enough() -> None:
    assert judge(CHECK, months=13, locations=lately(12, 50, 10)).status is CRITICAL


@pytest.mark.parametrize(("from_cash", "status"), [((), OK), (("locations",), UNKNOWN)])
def test_locations_from_the_cash_sheet_end_where_that_ends(from_cash: tuple[str, ...], status: Status) -> None:
    finding = judge(CHECK, cash_balance=lambda month: 1 if month <= -3 else None, from_cash=from_cash)
    assert finding.status is status
