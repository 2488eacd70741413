"""Rosters: one person is one stint however many rows tell it, and nobody's leaving is made up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from merchant_check.facts import month_label, month_number
from merchant_check.read.account import ReadSettings
from merchant_check.read.roster import Roster, read_roster
from merchant_check.reduce.team import roster_months

from .reading import TODAY, account, assert_accounted, conventions, lines, reasons, refusal

HEADER = "person,start,end,status,location\n"


def roster(folder: Path, text: str, as_of: str = "2024-06-30", max_rejected: float = 1.0) -> Roster:
    settings = ReadSettings(today=TODAY, max_rejected=max_rejected)
    found = read_roster(account(folder, text, "staffing"), settings, date.fromisoformat(as_of))
    assert_accounted(found.inputs[0])
    return found


def stints(found: Roster) -> list[tuple[str, str, str | None]]:
    return [(stint.person, str(stint.start), str(stint.end) if stint.end else None) for stint in found.stints]


def months(found: Roster, first: str, last: str) -> dict[str, dict[str, float]]:
    every = range(month_number(date.fromisoformat(f"{first}-01")), month_number(date.fromisoformat(f"{last}-01")) + 1)
    return {month_label(month): figures for month, figures in roster_months(found, every).items()}


def headcounts(found: Roster, first: str, last: str) -> list[float]:
    return [figures["headcount"] for figures in months(found, first, last).values()]


# ---- reading


def test_a_row_is_a_person_from_start_to_end(tmp_path: Path) -> None:
    found = roster(tmp_path, HEADER + "ann,2020-01-01,,active,A\nbob,2024-01-15 00:00:00,2024-05-31,left,B\n")
    assert stints(found) == [("ann", "2020-01-01", None), ("bob", "2024-01-15", "2024-05-31")]
    assert found.has_ends
    assert found.has_locations
    assert found.inputs[0].first == date(2020, 1, 1)


def test_without_any_end_date_leavers_are_unknown(tmp_path: Path) -> None:
    found = roster(tmp_path, "person,start\nann,2020-01-01\nbob,2024-02-01\n")
    assert not found.has_ends
    assert all("leavers" not in figures for figures in months(found, "2024-01", "2024-06").values())


@pytest.mark.parametrize("word", ["left", "Terminated", "INACTIVE", "resigned", "Former", "0", "false", "N"])
def test_who_left_without_a_date_is_kept_out_and_told(tmp_path: Path, word: str) -> None:
    found = roster(tmp_path, f"{HEADER}ann,2020-01-01,,active,A\nbob,2020-01-01,,{word},A\n")
    assert stints(found) == [("ann", "2020-01-01", None)]
    assert lines(found.inputs[0].left_out) == {"has left, but no end date says when": (3,)}


@pytest.mark.parametrize("word", ["active", "on leave", "1", "yes", "true", "", "parental leave"])
def test_who_is_on_leave_has_not_left(tmp_path: Path, word: str) -> None:
    assert len(roster(tmp_path, f"{HEADER}ann,2020-01-01,,{word},A\n").stints) == 1


def test_a_status_of_the_past_does_not_undo_an_end_date(tmp_path: Path) -> None:
    found = roster(tmp_path, HEADER + "ann,2020-01-01,2024-03-01,left,A\n")
    assert stints(found) == [("ann", "2020-01-01", "2024-03-01")]
    assert found.inputs[0].left_out == ()


def test_future_starters_are_left_out(tmp_path: Path) -> None:
    found = roster(tmp_path, HEADER + "ann,2024-06-30,,,\nbob,2024-07-01,,,\n")
    assert [stint.person for stint in found.stints] == ["ann"]
    assert lines(found.inputs[0].left_out) == {"starts after as_of": (3,)}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("bob,soon,,,", "unreadable start"),
        ("bob,,,,", "unreadable start"),
        ("bob,15.01.2024,,,", "unreadable start"),
        ("bob,1900-01-01,,,", "unreadable start"),
        ("bob,1939-12-31,,,", "unreadable start"),
        ("bob,2024-02-01,2024-01-31,,", "end before start"),
        ("bob,2024-02-01", "wrong number of fields or a stray quote"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(tmp_path: Path, row: str, reason: str) -> None:
    found = roster(tmp_path, f"{HEADER}ann,2020-01-01,,,\n{row}\n")
    assert [stint.person for stint in found.stints] == ["ann"]
    assert lines(found.inputs[0].rejected) == {reason: (3,)}


@pytest.mark.parametrize("end", ["never", "2024-13-01", "31.01.2024", "2101-01-01"])
def test_an_end_that_cannot_be_read_is_no_end_of_time(tmp_path: Path, end: str) -> None:
    found = roster(tmp_path, f"{HEADER}ann,2020-01-01,2024-01-31,,\nbob,2020-01-01,{end},,\n")
    assert stints(found) == [("ann", "2020-01-01", "2024-01-31")]
    assert lines(found.inputs[0].rejected) == {"unreadable end": (3,)}


def test_ends_none_of_which_can_be_read_are_a_refusal(tmp_path: Path) -> None:
    error = refusal(lambda: roster(tmp_path, HEADER + "ann,2020-01-01,never,,\n"))
    assert (error.code, "'never'" in error.message) == ("unknown-date-format", True)


def test_start_and_end_may_be_written_in_two_ways(tmp_path: Path) -> None:
    found = roster(tmp_path, HEADER + "ann,31/01/2020,2024-02-01,,\nbob,1/2/1940,,,\n")
    assert stints(found) == [("ann", "2020-01-31", "2024-02-01"), ("bob", "1940-02-01", None)]
    assert conventions(found.inputs[0]) == {"start": "DD/MM/YYYY", "end": "YYYY-MM-DD"}


def test_the_first_hires_may_be_long_ago(tmp_path: Path) -> None:
    found = roster(tmp_path, HEADER + "ann,01/15/85,,,\nbob,01/16/20,,,\n")
    assert stints(found) == [("ann", "1985-01-15", None), ("bob", "2020-01-16", None)]


def test_first_and_last_names_are_one_person(tmp_path: Path) -> None:
    text = "first name,name,start,end\nAnn,Lee,2020-01-01,2021-01-01\nAnn,Lee,2021-01-01,\nBo,Lee,2020-01-01,\n"
    assert [stint.person for stint in roster(tmp_path, text).stints] == ["Lee Ann", "Lee Bo"]


def test_too_many_such_rows_are_a_refusal_that_names_the_value(tmp_path: Path) -> None:
    error = refusal(lambda: roster(tmp_path, HEADER + "ann,2020-01-01,,,\nbob,soon,,,\n", max_rejected=0.01))
    assert str(error).startswith("staffing.csv:3: unreadable start 'soon'; 1 of 2 rows")


@pytest.mark.parametrize("missing", ["", "-", "n/a", "NULL"])
def test_a_missing_end_is_no_end(tmp_path: Path, missing: str) -> None:
    assert stints(roster(tmp_path, f"{HEADER}ann,2020-01-01,{missing},,\n")) == [("ann", "2020-01-01", None)]


def test_a_roster_of_nobody_is_refused(tmp_path: Path) -> None:
    assert refusal(lambda: roster(tmp_path, HEADER)).code == "no-rows"
    error = refusal(lambda: roster(tmp_path, HEADER + "ann,2025-01-01,,,\n"))
    assert (error.code, "2024-06-30" in error.message) == ("no-rows", True)


# ---- one person on several rows


@pytest.mark.parametrize("second", ["2024-03-15", "2024-03-01", "2024-03-16"])
def test_who_moved_is_one_person(tmp_path: Path, second: str) -> None:
    """The new row begins before the old one ends, on that day, or the day after."""
    found = roster(tmp_path, f"{HEADER}ann,2020-01-01,2024-03-15,,A\nann,{second},,,B\nbob,2020-01-01,,,A\n")
    assert stints(found) == [("ann", "2020-01-01", None), ("bob", "2020-01-01", None)]
    assert any("the same person" in note for note in found.inputs[0].notes)
    march = months(found, "2024-02", "2024-04")["2024-03"]
    assert (march["headcount"], march["hires"], march["leavers"]) == (2, 0, 0)


def test_who_came_back_later_left_and_was_hired(tmp_path: Path) -> None:
    found = roster(tmp_path, HEADER + "ann,2024-05-01,,,A\nann,2020-01-01,2024-02-10,,A\nbob,2020-01-01,,,A\n")
    assert len(found.stints) == 3
    by_month = months(found, "2024-02", "2024-05")
    assert [figures["headcount"] for figures in by_month.values()] == [1, 1, 1, 2]
    assert [figures["leavers"] for figures in by_month.values()] == [1, 0, 0, 0]
    assert [figures["hires"] for figures in by_month.values()] == [0, 0, 0, 1]


def test_the_same_row_twice_is_one_person(tmp_path: Path) -> None:
    found = roster(tmp_path, HEADER + "ann,2020-01-01,,,A\nann,2020-01-01,,,A\n")
    assert headcounts(found, "2024-05", "2024-06") == [1, 1]


def test_several_moves_in_any_order_are_one_person(tmp_path: Path) -> None:
    rows = ["ann,2022-01-01,2023-01-01,,B", "ann,2023-01-01,2024-05-31,,C", "ann,2020-01-01,2022-01-01,,A"]
    found = roster(tmp_path, HEADER + "\n".join(rows) + "\n")
    assert stints(found) == [("ann", "2020-01-01", "2024-05-31")]
    (stint,) = found.stints
    days = ["2019-12-31", "2020-01-01", "2021-12-31", "2022-01-01", "2023-01-01", "2024-05-30"]
    assert [stint.place(date.fromisoformat(day)) for day in days] == [None, "A", "A", "B", "C", "C"]


def test_a_move_counts_in_its_month(tmp_path: Path) -> None:
    text = HEADER + "ann,2020-01-01,2024-03-15,,A\nann,2024-03-15,,,B\nbob,2020-01-01,,,A\n"
    found = months(roster(tmp_path, text), "2024-02", "2024-04")
    assert [figures["locations"] for figures in found.values()] == [1, 2, 2]


def test_a_short_row_within_a_long_one_does_not_shorten_it(tmp_path: Path) -> None:
    found = roster(tmp_path, HEADER + "ann,2020-01-01,2024-05-31,,A\nann,2021-01-01,2021-02-01,,B\n")
    assert stints(found) == [("ann", "2020-01-01", "2024-05-31")]


def test_rows_without_a_person_are_each_their_own(tmp_path: Path) -> None:
    assert headcounts(roster(tmp_path, "start\n2020-01-01\n2020-01-01\n"), "2024-06", "2024-06") == [2]
    assert headcounts(roster(tmp_path, HEADER + ",2020-01-01,,,\n,2020-01-01,,,\n"), "2024-06", "2024-06") == [2]


# ---- monthly figures


def test_headcount_is_of_the_months_last_day(tmp_path: Path) -> None:
    """start ≤ last day < end."""
    rows = "ann,2024-01-31,,,\nbob,2024-02-01,,,\ncid,2020-01-01,2024-01-31,,\ndan,2020-01-01,2024-02-01,,\n"
    assert headcounts(roster(tmp_path, HEADER + rows), "2023-12", "2024-03") == [2, 2, 2, 2]
    january, february = months(roster(tmp_path, HEADER + rows), "2024-01", "2024-02").values()
    assert (january["hires"], january["leavers"]) == (1, 1)
    assert (february["hires"], february["leavers"]) == (1, 1)


@pytest.mark.parametrize(
    ("start", "newcomer"),
    [("2024-06-30", 1), ("2024-01-02", 1), ("2023-12-31", 1), ("2023-12-30", 0), ("2020-01-01", 0)],
)
def test_a_newcomer_has_under_six_months_tenure(tmp_path: Path, start: str, newcomer: int) -> None:
    found = roster(tmp_path, f"{HEADER}ann,{start},,,\nbob,2020-01-01,,,\n")
    assert months(found, "2024-06", "2024-06")["2024-06"]["newcomers"] == newcomer


def test_who_has_left_is_no_newcomer(tmp_path: Path) -> None:
    found = roster(tmp_path, HEADER + "ann,2024-02-01,2024-05-01,,\nbob,2020-01-01,,,\n")
    assert [figures["newcomers"] for figures in months(found, "2024-01", "2024-06").values()] == [0, 1, 1, 1, 0, 0]


def test_locations_are_those_with_people(tmp_path: Path) -> None:
    rows = (
        "ann,2020-01-01,,,A\nbob,2020-01-01,2024-02-10,,B\ncid,2024-03-01,,,C\ndan,2024-03-01,,,A\neve,2020-01-01,,,\n"
    )
    found = months(roster(tmp_path, HEADER + rows), "2024-01", "2024-03")
    assert [figures["locations"] for figures in found.values()] == [2, 1, 2]


def test_without_a_location_column_locations_are_unknown(tmp_path: Path) -> None:
    found = roster(tmp_path, "person,start\nann,2020-01-01\n")
    assert "locations" not in months(found, "2024-01", "2024-01")["2024-01"]
    assert reasons(found.inputs[0].left_out) == {}


def test_the_same_row_twice_is_left_out_as_a_duplicate(tmp_path: Path) -> None:
    found = roster(tmp_path, "employee,start,end\nann,2023-01-01,\nann,2023-01-01,\nbob,2023-02-01,\n")
    assert [stint.person for stint in found.stints] == ["ann", "bob"]
    assert [(item.reason, item.lines) for item in found.inputs[0].left_out] == [("identical duplicate", (3,))]
