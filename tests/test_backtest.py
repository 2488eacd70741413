"""The back-test: its figures come from their sources, and it grades them by the checks as they are shipped."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from benchmarks.backtest import cases, document
from benchmarks.backtest.cases import (
    Figure,
    Outcome,
    Reading,
    calculated,
    outcomes,
    published,
    read_cases,
    read_figures,
    readings,
)
from merchant_check.checks import CHECKS, find
from merchant_check.report import Status, Threshold

CASES, FIGURES, SOURCES = read_cases(), read_figures(), published()
SHARED = Path(__file__).parents[2] / "shared" / "data" / "cases"
NUMBER = re.compile(r"\d+(?:\.\d+)?")
OF_TIME = {"1", "2", "3", "4", "6", "12", "21", "100", "365"}  # months, quarters, days, per cent: no published figures


def of(case: str, check_id: str, as_of: str = "") -> Reading:
    """The only reading of the case by this check (on this day)."""
    chosen = [
        figure
        for figure in FIGURES
        if (figure.case, figure.check, figure.counted) == (case, check_id, True) and str(figure.as_of).startswith(as_of)
    ]
    (reading,) = readings(chosen, CASES)
    return reading


def outcome(case: str, check_id: str) -> Outcome:
    found = readings((figure for figure in FIGURES if figure.counted), CASES)
    return next(each for each in outcomes(found, find(check_id)) if each.case.name == case)


def first_row(text: str, check_id: str) -> list[str]:
    """The figures of the check in the first table."""
    line = next(line for line in text.splitlines() if line.startswith(f"| `{check_id}` |"))
    return [cell.strip() for cell in line.split("|")][2:-1]


# --- by hand


def test_webvan_had_211_8_million_and_lost_109_1_in_a_quarter() -> None:
    reading = of("Webvan", "runway", "2000")
    assert reading.parts[0].value == pytest.approx(211.8 / 36.3667, abs=1e-3)  # 5.82 months
    assert reading.status is Status.WARNING  # under 6 months, but over the last quarter alone
    assert reading.lead == pytest.approx(117 / 30.4375)  # 31 December to 27 April
    assert "| Webvan | 2000-12-31 | 5.8 months by the last 3 | 6.2 months |" in document.document()


def test_made_com_is_critical_once_the_year_is_critical_too() -> None:
    december, june = of("Made.com", "runway", "2021"), of("Made.com", "runway", "2022")
    assert [round(figure.value, 1) for figure in december.figures] == [9.4, 29.8]
    assert (december.status, june.status) == (Status.WARNING, Status.CRITICAL)
    judged = outcome("Made.com", "runway")
    warned, critical = judged.first(), judged.first(Status.CRITICAL)
    assert warned is not None
    assert critical is not None
    assert (warned.as_of, critical.as_of) == (date(2021, 12, 31), date(2022, 6, 30))


def test_amazon_s_headcount_had_grown_by_more_than_half_so_the_warning_line_was_critical() -> None:
    reading = of("Amazon", "over-hiring", "1999")
    assert reading.parts[0].value == pytest.approx(-0.247, abs=5e-4)  # short of the critical line itself
    assert reading.status is Status.CRITICAL
    assert "**critical** (false alarm)" in document.document()


def test_two_years_count_as_a_yearly_rate() -> None:
    reading = of("Wayfair 2019", "over-hiring")  # revenue × 2, headcount × 2.29
    assert reading.parts[0].value == pytest.approx((2 / (16 / 7)) ** 0.5 - 1)
    assert reading.status is Status.OK


def test_a_team_that_has_hardly_grown_is_not_judged_over_hired() -> None:
    few = [
        replace(figure, arithmetic="-0.5") if figure.name == "per-head" else figure
        for figure in FIGURES
        if (figure.case, figure.check) == ("Wayfair 2021", "over-hiring")
    ]
    assert readings(few, CASES)[0].status is Status.OK


def test_fewer_orders_each_warn_at_most_while_buyers_grow() -> None:
    assert of("Blue Apron", "active-customers").status is Status.WARNING  # −8.9 %, and buyers +60 %
    assert of("Wayfair 2021", "active-customers").status is Status.CRITICAL


def test_what_has_no_figure_is_not_judged_and_what_burns_nothing_is_ok() -> None:
    assert of("Boo.com", "over-hiring").status is Status.UNKNOWN
    assert not outcome("Boo.com", "over-hiring").judged
    assert of("JD.com", "runway").status is Status.OK


def test_a_reading_after_the_first_trouble_is_too_late() -> None:
    late = outcome("Peloton", "runway")
    assert late.readings[0].status is Status.WARNING
    assert not late.judged
    assert late.first() is None


def test_burn_share_flags_seven_of_eleven() -> None:
    figures = ["7 of 11", "3.8", "0.5 to 12.2", "6 of 11", "4.2", "2 of 5", "0 of 5"]
    assert first_row(document.document(), "burn-share") == figures


# --- by the shipped lines


def test_another_default_gives_another_document() -> None:
    shipped = find("burn-share")
    moved = replace(shipped, parts=(replace(shipped.parts[0], lines=Threshold(0.4, 3.0, "lower")),))
    row = first_row(document.document([moved if each is shipped else each for each in CHECKS]), "burn-share")
    # more than three times their revenue burned Lashou and Kozmo alone, more than 40 % of it also Amazon, not Pinduoduo
    assert (row[0], row[3], row[5]) == ("6 of 11", "2 of 11", "1 of 5")
    assert "warned of 6 of 11 in trouble" in document.told(moved)


@pytest.mark.parametrize("check_id", dict.fromkeys(figure.check for figure in FIGURES if figure.counted))
def test_a_check_quotes_its_back_test_as_it_is(check_id: str) -> None:
    shipped = find(check_id)
    assert document.told(shipped) in shipped.document.source


def test_no_other_check_quotes_it() -> None:
    tried = {figure.check for figure in FIGURES if figure.counted}
    assert [each.id for each in CHECKS if "back-test" in each.document.source and each.id not in tried] == []


def test_every_company_has_a_reading_and_every_figure_a_name_the_check_knows() -> None:
    assert set(CASES) == {figure.case for figure in FIGURES}
    for figure in FIGURES:
        known = {part.id for part in find(figure.check).parts} | {"headcount", "3", "6", "12", "none burned"}
        assert figure.name in known, figure


# --- where the figures come from


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: f"{figure.case} {figure.check} {figure.as_of}")
def test_every_number_stands_in_the_sources_it_names(figure: Figure) -> None:
    rows = [SOURCES[CASES[figure.case].company, source] for source in figure.sources]
    assert all(row["source"] for row in rows)
    if rows:
        text = " ".join(f"{row['value']} {row['metric']} {row['note']}" for row in rows)
        numbers = {float(number) for number in NUMBER.findall(text)}
        missing = [number for number in NUMBER.findall(figure.arithmetic) if float(number) not in numbers]
        assert set(missing) <= OF_TIME


@pytest.mark.parametrize("text", ["__import__('os')", "(1).real", "'a' * 3", "1 if 1 else 2"])
def test_arithmetic_is_numbers_only(text: str) -> None:
    with pytest.raises(ValueError, match="no arithmetic"):
        calculated(text)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the collected table is not at hand (no folder {SHARED})")
def test_the_copy_is_the_collected_table() -> None:
    assert (SHARED / "cases.csv").read_bytes() == (cases.FOLDER / "figures.csv").read_bytes()
    mine = {
        (CASES[figure.case].company, str(figure.as_of), figure.check, figure.collected)
        for figure in FIGURES
        if figure.counted
    }
    with (SHARED / "panel.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert (row["company"], row["as_of"], row["check"], row["value"]) in mine
        (case,) = {
            CASES[figure.case]
            for figure in FIGURES
            if (CASES[figure.case].company, str(figure.as_of), figure.check)
            == (row["company"], row["as_of"], row["check"])
        }
        assert case.outcome == row["outcome"]
