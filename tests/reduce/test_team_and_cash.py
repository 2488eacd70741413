"""Team and cash by month: the oracle's figures for the sample stories and for invented sheets and rosters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant_check.config import shop
from merchant_check.config.file import load_config
from merchant_check.errors import UserError
from merchant_check.facts import MINOR, Facts, Shop, month_label, month_number
from merchant_check.read.account import ReadSettings
from merchant_check.read.files import File
from merchant_check.report import Report
from merchant_check.review import Request, review
from tests import oracle

from .shops import TODAY, exact, published, select

STORIES = Path(__file__).parents[2] / "sample_data"
ORDERS = "order_id,customer_id,ordered_at,amount\n" + "".join(
    f"{week},c{week % 5},{min(date(2023, 1, 1) + timedelta(days=week * 7), date(2024, 12, 31))},{10 + week % 3}\n"
    for week in range(106)
)  # complete from January 2023 to December 2024
MONTHS = [f"{2023 + number // 12}-{number % 12 + 1:02d}" for number in range(24)]
Months = Mapping[str, Mapping[str, Any]]
PROPERTY = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def with_sheets(folder: Path, shop: Shop | None = None, **sheets: str) -> Report:
    """A report on two years of weekly orders and these files (name=text)."""
    files = []
    for name, text in {"orders": ORDERS, **sheets}.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
        files.append(File(str(folder / f"{name}.csv"), f"{name}.csv"))
    return review(Request(files, ReadSettings(today=TODAY), shop or Shop()))


def by_month(report: Report) -> dict[str, dict[str, Any]]:
    return {row["month"]: row for row in published(report)["months"]}


def month(facts: Facts, name: str) -> Any:
    return facts.month(month_number(date.fromisoformat(f"{name}-01")))


# ---- the sample stories


@pytest.mark.parametrize("story", ["steady", "over-hired", "ad-burn"])
def test_the_sample_stories_have_the_oracles_facts(story: str) -> None:
    folder = STORIES / story
    told = shop(load_config(folder / "config.yaml"))
    names = ("orders.csv", "staffing.csv", "cash.csv")
    report = review(
        Request([File(str(folder / name), name) for name in names], ReadSettings(TODAY, timezone=told.timezone), told)
    )
    facts, found = published(report), by_month(report)
    expected = oracle.orders_facts([folder / "orders.csv"], today=TODAY, opened=told.opened, timezone=told.timezone)
    assert exact(facts["totals"]) == exact(expected["totals"])
    assert select(facts["months"], expected["months"]) == exact(expected["months"])
    assert exact(facts["years"]) == exact(expected["years"][-24:])
    assert [row for row in facts["second_order"] if row["events"]] == expected["second_order"]
    assert exact(facts["cohorts"]) == exact([row for row in expected["cohorts"] if row["age"] <= 12])
    assert_like(found, oracle.staffing_months(folder / "staffing.csv", found, report.facts.as_of))
    assert_like(found, oracle.cash_months(folder / "cash.csv"), role="cash")


def assert_like(found: Months, expected: Months, role: str = "") -> None:
    """Every figure the oracle knows is the product's."""
    fields = [*oracle.CASH, "net_burn"] if role == "cash" else [*oracle.TEAM, "newcomers"]
    for name, figures in expected.items():
        assert {field: exact(found[name][field]) for field in fields} == {
            field: exact(figures[field]) for field in fields
        }


# ---- invented sheets

COUNT = st.none() | st.integers(0, 40)
TEAM_ROW = st.tuples(COUNT, COUNT, COUNT, st.none() | st.integers(0, 9_999_999))
CASH_ROW = st.tuples(st.none() | st.integers(-9_999_999, 9_999_999), st.none() | st.integers(-99_999, 999_999), COUNT)


def cell(value: int | None, cents: bool = False) -> str:
    return "" if value is None else f"{value / 100:.2f}" if cents else str(value)


@PROPERTY
@given(rows=st.lists(st.none() | TEAM_ROW, min_size=1, max_size=24).filter(any))
def test_a_staffing_sheet_has_the_oracles_months(tmp_path: Path, rows: list[tuple[int | None, ...] | None]) -> None:
    text = "month,headcount,hires,leavers,payroll\n"
    for name, row in zip(MONTHS, rows, strict=False):
        if row:
            text += f"{name},{cell(row[0])},{cell(row[1])},{cell(row[2])},{cell(row[3], cents=True)}\n"
    found = by_month(with_sheets(tmp_path, staffing=text))
    assert_like(found, oracle.staffing_months(tmp_path / "staffing.csv", MONTHS, date(2024, 12, 31)))


@PROPERTY
@given(rows=st.lists(st.none() | CASH_ROW, min_size=1, max_size=24).filter(any))
def test_a_cash_sheet_has_the_oracles_months(tmp_path: Path, rows: list[tuple[int | None, ...] | None]) -> None:
    text = "month,cash_balance,financing,marketing\n"
    for name, row in zip(MONTHS, rows, strict=False):
        if row:
            text += f"{name},{cell(row[0], cents=True)},{cell(row[1], cents=True)},{cell(row[2])}\n"
    found = by_month(with_sheets(tmp_path, cash=text))
    assert_like(found, oracle.cash_months(tmp_path / "cash.csv"), role="cash")


DAY = st.integers(0, 900).map(lambda number: (date(2022, 1, 1) + timedelta(days=number)).replace(day=number % 28 + 1))
LIFE = st.lists(st.integers(0, 300), min_size=1, max_size=5)


@PROPERTY
@given(team=st.lists(st.tuples(DAY, LIFE), min_size=1, max_size=9))
def test_a_roster_has_the_oracles_months(tmp_path: Path, team: list[tuple[date, list[int]]]) -> None:
    """Each person's days are worked, away, worked … in turn; 0 away is a move, an odd number of them goes on."""
    text = "person,start,end\n"
    for number, (start, life) in enumerate(team):
        day = start
        for turn, length in enumerate(life):
            end = day + timedelta(days=length)
            if turn % 2 == 0:
                text += f"p{number},{day},{'' if turn == len(life) - 1 and length % 2 else end}\n"
            day = end if turn % 2 == 0 or length != 1 else end + timedelta(days=1)
    text += "always,2020-01-01,\n"
    found = by_month(with_sheets(tmp_path, staffing=text))
    expected = oracle.roster_months(tmp_path / "staffing.csv", MONTHS, date(2024, 12, 31))
    for name in MONTHS:
        fields = ["headcount", "hires", "leavers"]
        assert [found[name][field] for field in fields] == [expected[name][field] for field in fields]
        if all(len(life) <= 2 for _, life in team):  # someone hired again has served six months before, or has not
            assert found[name]["newcomers"] == expected[name]["newcomers"]


# ---- which file a figure comes from


def test_staffing_wins_over_cash_for_what_both_give(tmp_path: Path) -> None:
    staffing = "month,headcount,payroll\n2024-10,5,1000\n2024-11,6,1100\n"
    cash = "month,cash_balance,headcount,payroll,locations\n2024-10,9,50,7,2\n2024-11,8,60,8,3\n2024-12,7,70,9,4\n"
    report = with_sheets(tmp_path, staffing=staffing, cash=cash)
    october, december = month(report.facts, "2024-10"), month(report.facts, "2024-12")
    assert (october.headcount, october.payroll, october.locations) == (5, 1000 * MINOR, 2)
    assert (december.headcount, december.payroll, december.locations) == (None, None, 4)
    assert report.facts.from_cash == {"locations"}
    assert report.facts.team_source == "sheet"


def test_one_sheet_may_serve_both_roles(tmp_path: Path) -> None:
    report = with_sheets(tmp_path, both="month,headcount,cash_balance,payroll\n2024-11,5,9,1\n2024-12,6,8,2\n")
    december = month(report.facts, "2024-12")
    assert (december.headcount, december.payroll, december.net_burn) == (6, 2 * MINOR, 1 * MINOR)
    assert report.facts.from_cash == set()
    assert {source.role for source in report.inputs} == {"orders", "staffing", "cash"}


def test_headcount_of_the_cash_sheet_alone_makes_no_staffing(tmp_path: Path) -> None:
    """Forced into cash only, the sheet's headcount is shown, but no staffing file is made up."""
    (tmp_path / "cash.csv").write_text("month,headcount,cash_balance\n2024-12,6,8\n")
    (tmp_path / "orders.csv").write_text(ORDERS)
    files = [File(str(tmp_path / "orders.csv"), "orders.csv"), File(str(tmp_path / "cash.csv"), "cash.csv", "cash")]
    facts = review(Request(files, ReadSettings(today=TODAY))).facts
    assert set(facts.spans) == {"orders", "cash"}
    assert (facts.team_source, facts.from_cash) == (None, frozenset())


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("person,start\nann,2020-01-01\n", "survivors"),
        ("person,start,end\nann,2020-01-01,\n", "survivors"),
        ("person,start,end\nann,2020-01-01,\nbob,2020-01-01,2024-05-05\n", "roster"),
        ("month,headcount\n2024-12,5\n", "sheet"),
    ],
)
def test_what_headcount_rests_on_is_told(tmp_path: Path, text: str, source: str) -> None:
    assert with_sheets(tmp_path, staffing=text).facts.team_source == source


def test_each_input_has_its_own_span(tmp_path: Path) -> None:
    staffing = "month,headcount,payroll\n2023-01,,5\n2023-02,4,5\n2024-03,5,5\n2024-04,,5\n2025-02,5,5\n"
    report = with_sheets(tmp_path, staffing=staffing, cash="month,cash_balance,marketing\n2022-11,5,1\n2024-12,,5\n")
    spans = {
        role: (month_label(span.first), month_label(span.last)) if span else None
        for role, span in report.facts.spans.items()
    }
    assert spans == {
        "orders": ("2023-01", "2024-12"),
        "staffing": ("2023-02", "2024-03"),
        "cash": ("2022-11", "2022-11"),
    }
    assert report.facts.sources == {"orders": "orders.csv", "staffing": "staffing.csv", "cash": "cash.csv"}
    assert report.facts.months[0].month == month_number(date(2022, 11, 1))
    assert published(report)["months"][0]["orders"] is None
    assert month(report.facts, "2023-01").payroll == 5 * MINOR


def test_a_sheet_without_its_main_figure_has_an_empty_span(tmp_path: Path) -> None:
    facts = with_sheets(tmp_path, cash="month,cash_balance,marketing\n2024-11,,1\n2024-12,,5\n").facts
    assert not facts.spans["cash"]
    assert month(facts, "2024-12").marketing == 5 * MINOR


# ---- the plan


def plan(folder: Path, **given: Any) -> tuple[dict[str, int | None], Mapping[int, str]]:
    facts = with_sheets(folder, replace(Shop(), **given)).facts
    return {month_label(row.month): row.planned_revenue for row in facts.months}, facts.plan_spread


def test_a_yearly_plan_follows_last_years_months(tmp_path: Path) -> None:
    planned, spread = plan(tmp_path, plan_years={2024: 1_000_000 * MINOR})
    sold = oracle.orders_facts([tmp_path / "orders.csv"], today=TODAY)["months"][:12]
    year = sum(row["net_revenue"] for row in sold)
    for row in sold:
        share = float(row["net_revenue"] / year) * 1_000_000 * MINOR
        assert planned[row["month"].replace("2023", "2024")] == pytest.approx(share, abs=1)
        assert planned[row["month"]] is None
    assert spread == {2024: "last year"}


def test_a_yearly_plan_without_a_year_before_is_spread_evenly(tmp_path: Path) -> None:
    planned, spread = plan(tmp_path, plan_years={2023: 1_200 * MINOR})
    assert [planned[name] for name in MONTHS] == [100 * MINOR] * 12 + [None] * 12
    assert spread == {2023: "evenly"}


def test_a_monthly_plan_stands_as_given(tmp_path: Path) -> None:
    planned, spread = plan(
        tmp_path,
        plan_years={2023: 1_200 * MINOR},
        plan_months={month_number(date(2023, 5, 1)): 7 * MINOR, month_number(date(2024, 2, 1)): 9 * MINOR},
    )
    assert (planned["2023-04"], planned["2023-05"], planned["2024-02"]) == (100 * MINOR, 7 * MINOR, 9 * MINOR)
    assert spread[2024] == "months"


# ---- the flow


def test_orders_are_required(tmp_path: Path) -> None:
    with pytest.raises(UserError) as none:
        with_sheets(tmp_path, orders="month,headcount\n2024-12,5\n")
    assert none.value.code == "no-orders-file"


def test_sheets_of_a_role_are_joined(tmp_path: Path) -> None:
    found = by_month(with_sheets(tmp_path, one="month,headcount\n2024-11,5\n", two="month,headcount\n2024-12,6\n"))
    assert (found["2024-11"]["headcount"], found["2024-12"]["headcount"]) == (5, 6)


def test_a_statement_and_a_sheet_make_one_cash(tmp_path: Path) -> None:
    bank = "date,description,amount,balance\n2024-11-30,Loan,5,105\n2024-12-31,rent,-5,100\n"
    sheet = "month,cash_balance,marketing\n2024-11,,7\n2024-12,,8\n"
    found = by_month(with_sheets(tmp_path, bank=bank, sheet=sheet))
    assert exact([found["2024-12"][name] for name in ("cash_balance", "marketing")]) == exact([100, 8])


def test_sheets_at_odds_are_refused(tmp_path: Path) -> None:
    one, two = "month,headcount\n2024-12,5\n", "month,headcount\n2024-12,6\n"
    with pytest.raises(UserError, match="another headcount for 2024-12") as odds:
        with_sheets(tmp_path, one=one, two=two)
    assert odds.value.code == "files-at-odds"


@pytest.mark.parametrize("other", ["month,headcount\n2024-12,5\n", "person,start\nbob,2020-01-01\n"])
def test_a_roster_stands_alone(tmp_path: Path, other: str) -> None:
    with pytest.raises(UserError, match=r"\(roster\.csv, other\.csv\)") as twice:
        with_sheets(tmp_path, roster="person,start\nann,2020-01-01\n", other=other)
    assert twice.value.code == "role-twice"
