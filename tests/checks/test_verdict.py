"""Findings become grades and a verdict: never an average, and nothing above B without the headline check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from merchant_check.checks import CHECKS
from merchant_check.checks.check import run
from merchant_check.checks.verdict import IN_STEP, report
from merchant_check.facts import Facts
from merchant_check.report import Finding, Report, Status

from .shops import BY_ID, CRITICAL, OK, SKIPPED, UNKNOWN, WARNING, among, lately, shop

HEADLINES = {"team": "growth-pace", "customers": "repeat-share", "cash": "runway"}
IDS = {subject: [check.id for check in CHECKS if check.subject == subject] for subject in HEADLINES}


def card(statuses: Mapping[str, Status] | None = None, others: Status = OK, facts: Facts | None = None) -> Report:
    """The report card where these checks have these statuses and all others the same one."""
    findings = [
        Finding(check.id, check.subject, check.document, (statuses or {}).get(check.id, others)) for check in CHECKS
    ]
    return report(facts or shop(), (), findings)


def grades(made: Report) -> str:
    return "".join(subject.grade for subject in made.subjects)


def each(subject: str, status: Status, count: int = 99) -> dict[str, Status]:
    return dict.fromkeys(IDS[subject][:count], status)


# --- a subject's grade ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("team", "grade"),
    [
        ({}, "A"),
        ({"turnover": WARNING}, "B"),
        ({"turnover": WARNING, "newcomers": WARNING}, "C"),
        ({**each("team", WARNING)}, "C"),
        ({"turnover": CRITICAL}, "D"),
        ({**each("team", WARNING), "turnover": CRITICAL}, "D"),
        ({"turnover": CRITICAL, "newcomers": CRITICAL}, "F"),
        ({**each("team", CRITICAL)}, "F"),
        ({**each("team", UNKNOWN)}, "–"),
        ({**each("team", SKIPPED)}, "–"),
    ],
)
def test_a_subjects_grade_counts_warnings_and_criticals(team: dict[str, Status], grade: str) -> None:
    made = card(team)
    assert grades(made) == f"{grade}AA"


@pytest.mark.parametrize("subject", HEADLINES)
@pytest.mark.parametrize("unjudged", [UNKNOWN, SKIPPED])
def test_nothing_is_above_b_without_its_headline_check(subject: str, unjudged: Status) -> None:
    made = card({HEADLINES[subject]: unjudged})
    assert {found.id: found.grade for found in made.subjects} == {**dict.fromkeys(HEADLINES, "A"), subject: "B"}


def test_without_its_headline_check_one_warning_is_still_a_b() -> None:
    assert grades(card({"growth-pace": UNKNOWN, "turnover": WARNING})) == "BAA"


def test_with_its_headline_check_unknown_others_cost_nothing() -> None:
    assert grades(card({**each("team", UNKNOWN), "growth-pace": OK})) == "AAA"


def test_a_subjects_status_is_its_worst() -> None:
    made = card({"turnover": WARNING, "runway": CRITICAL, **each("customers", SKIPPED), "second-order": UNKNOWN})
    assert [subject.status for subject in made.subjects] == [WARNING, UNKNOWN, CRITICAL]


def test_every_finding_stands_in_its_subject() -> None:
    assert {subject.id: [finding.id for finding in subject.findings] for subject in card().subjects} == IDS


# --- the card's grade ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "grade", "status"),
    [
        ({}, "A", OK),
        ({"plan": WARNING}, "B", WARNING),
        ({"plan": WARNING, "turnover": WARNING}, "B", WARNING),  # one each: neither subject is worse than B
        ({"plan": WARNING, "inventory": WARNING}, "C", WARNING),
        ({"plan": CRITICAL}, "D", CRITICAL),
        ({"plan": CRITICAL, "turnover": CRITICAL}, "D", CRITICAL),
        ({"plan": CRITICAL, "inventory": CRITICAL}, "F", CRITICAL),
        ({**each("cash", SKIPPED)}, "A", OK),
        ({**each("cash", SKIPPED), "turnover": WARNING}, "B", WARNING),
        ({"runway": UNKNOWN}, "B", OK),
    ],
)
def test_the_cards_grade_is_its_worst_subjects(statuses: dict[str, Status], grade: str, status: Status) -> None:
    made = card(statuses)
    assert (made.grade, made.status) == (grade, status)


@pytest.mark.parametrize("others", [UNKNOWN, SKIPPED])
def test_where_nothing_was_judged_there_is_no_grade(others: Status) -> None:
    made = card(others=others)
    assert (grades(made), made.grade, made.status, made.verdict) == ("–––", "–", others, "not judged")
    assert made.headline.startswith("Nothing could be judged")


def test_one_bad_subject_is_never_averaged_away() -> None:
    assert card({"runway": CRITICAL, "inventory": CRITICAL}).grade == "F"


def test_complete_to_is_the_last_complete_month_of_the_orders() -> None:
    assert card().complete_to == shop().spans["orders"].last
    assert card(facts=shop(months=0)).complete_to is None


# --- the verdict ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ({}, "in step"),
        ({"plan": UNKNOWN, "turnover": SKIPPED}, "in step"),
        ({"plan": WARNING}, "watch"),
        ({"plan": WARNING, "turnover": WARNING, "repeat-share": WARNING}, "watch"),
        ({"plan": CRITICAL}, "act"),
        ({"plan": CRITICAL, "inventory": CRITICAL, "turnover": WARNING}, "act"),
        ({"plan": CRITICAL, "turnover": CRITICAL}, "shrinking"),
        ({"plan": CRITICAL, "turnover": CRITICAL, "repeat-share": CRITICAL}, "shrinking"),
    ],
)
def test_the_verdict(statuses: dict[str, Status], verdict: str) -> None:
    assert card(statuses).verdict == verdict


TWO_SUBJECTS = {"plan": CRITICAL, "repeat-share": CRITICAL}


@pytest.mark.parametrize("grown", ["headcount", "locations", "inventory", "marketing"])
@pytest.mark.parametrize(
    ("now", "before", "verdict"), [(11, 10, "over-expanding"), (10, 10, "shrinking"), (9, 10, "shrinking")]
)
def test_criticals_in_two_subjects_while_something_grew_are_over_expansion(
    grown: str, now: float, before: float, verdict: str
) -> None:
    overrides: dict[str, Any] = {grown: lately(12, now, before)}
    assert card(TWO_SUBJECTS, facts=shop(**overrides)).verdict == verdict


@pytest.mark.parametrize(
    ("overrides", "verdict"),
    [
        ({"orders": lately(12, 2000, 1000)}, "shrinking"),  # sales are no expansion
        ({"headcount": among([-12], 9, 10)}, "over-expanding"),
        ({"headcount": among([-13, -6], 9, 10)}, "shrinking"),  # today against a year ago, whatever lies between
        ({"headcount": lambda month: None if month == 0 else 12 if month > -12 else 10}, "over-expanding"),
        ({"headcount": None, "cash_balance": None}, "shrinking"),
        ({"headcount": lately(7, 10), "locations": lambda month: 5 + month // 10}, "over-expanding"),
    ],
)
def test_growth_is_the_latest_month_known_against_a_year_before(overrides: dict[str, Any], verdict: str) -> None:
    assert card(TWO_SUBJECTS, facts=shop(**overrides)).verdict == verdict


# --- in words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "headline"),
    [
        ({}, IN_STEP),
        ({"plan": UNKNOWN, "turnover": SKIPPED}, IN_STEP),
        ({"growth-pace": WARNING}, "Orders are outrunning the team."),
        (
            {"growth-pace": WARNING, "runway": WARNING},
            "Orders are outrunning the team and spending is outrunning the cash.",
        ),
        (
            {"over-hiring": CRITICAL, "active-customers": CRITICAL, "inventory": CRITICAL},
            "Hiring is outrunning sales, the customer base is shrinking and stock is outrunning sales.",
        ),
        (each("team", SKIPPED), "Nothing judged is out of step; team was not judged."),
        (
            each("team", SKIPPED) | each("cash", UNKNOWN),
            "Nothing judged is out of step; team and cash were not judged.",
        ),
    ],
)
def test_the_headline_says_what_outruns_what(statuses: dict[str, Status], headline: str) -> None:
    assert card(statuses).headline == headline


@pytest.mark.parametrize(
    ("statuses", "spoken_of"),
    [
        ({"turnover": WARNING, "growth-pace": WARNING}, ["growth-pace"]),  # the first of a subject
        ({"growth-pace": WARNING, "plan": CRITICAL}, ["plan"]),  # the worst only
        ({"repeat-share": WARNING, "second-order": WARNING}, ["repeat-share"]),
        ({"over-hiring": CRITICAL, "runway": CRITICAL, "repeat-share": WARNING}, ["over-hiring", "runway"]),
    ],
)
def test_the_headline_speaks_of_the_first_of_the_worst_of_each_subject(
    statuses: dict[str, Status], spoken_of: list[str]
) -> None:
    words = " and ".join(BY_ID[check].document.ahead for check in spoken_of)
    assert card(statuses).headline == f"{words[0].upper()}{words[1:]}."


def test_the_figure_that_decides_speaks_in_the_headline() -> None:
    findings = run(CHECKS, shop(spent=lambda age: 0), {})  # new customers cost as much as ever, and bring nothing
    cost = next(finding for finding in findings if finding.id == "acquisition-cost")
    assert cost.deciding is not None
    assert (cost.status, cost.deciding.id) == (CRITICAL, "payback")
    words = cost.says.ahead
    assert words != cost.document.ahead
    assert report(shop(), (), findings).headline == f"{words[0].upper()}{words[1:]}."


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_has_words_of_its_own_for_the_headline(check: Any) -> None:
    headline = card({check.id: CRITICAL}).headline
    assert headline.endswith(".")
    assert headline[0].isupper()
    assert headline[1:-1] == check.document.ahead[1:]
