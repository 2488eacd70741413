"""Monthly sheets: a row a month, a blank cell is unknown, and nothing is guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from merchant_check.facts import month_label, month_number
from merchant_check.read.sheet import Sheet, read_sheet

from .reading import account, assert_accounted, lines, reasons, refusal

STAFFING = "month,headcount,payroll,hires\n"
CASH = "month,cash_balance,financing,net_revenue,gross_profit,marketing,inventory\n"


def sheet(
    folder: Path, text: str, role: str = "staffing", until: str = "2024-06-01", max_rejected: float = 1.0
) -> Sheet:
    found = read_sheet(
        account(folder, text, role), date.fromisoformat(until), month_number(date.fromisoformat(until)), max_rejected
    )
    assert_accounted(found.input)
    return found


def months(found: Sheet) -> dict[str, dict[str, float]]:
    return {month_label(month): dict(figures) for month, figures in found.months.items()}


def test_a_row_is_a_month_and_a_blank_cell_is_unknown(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-01,5,1000.50,1\n2024-02,6,,-\n2024-03,0,0,0\n")
    assert months(found) == {
        "2024-01": {"headcount": 5, "payroll": 10_005_000, "hires": 1},
        "2024-02": {"headcount": 6},
        "2024-03": {"headcount": 0, "payroll": 0, "hires": 0},
    }
    assert found.fields == {"headcount", "payroll", "hires"}
    assert (found.input.first, found.input.last) == (date(2024, 1, 1), date(2024, 3, 31))
    assert found.input.rows_used == 3


@pytest.mark.parametrize(
    "written",
    ["2024-03", "2024/03", "2024/3", "2024-3", "2024-03-01", "2024-03-31", "2024-03-31 00:00:00", " 2024-03 "],
)
def test_a_month_may_be_written_as_a_day_in_it(tmp_path: Path, written: str) -> None:
    assert list(months(sheet(tmp_path, f"{STAFFING}{written},5,1,1\n"))) == ["2024-03"]


@pytest.mark.parametrize(
    "written", ["2024-13", "2024-00", "2024", "Total", "", "0000-01", "1969-12", "2024-02-30", "24-03"]
)
def test_what_is_no_month_is_set_aside(tmp_path: Path, written: str) -> None:
    found = sheet(tmp_path, f"{STAFFING}2024-01,5,1,1\n{written},5,1,1\n")
    assert list(months(found)) == ["2024-01"]
    assert lines(found.input.rejected) == {"unreadable month": (3,)}


def test_the_order_of_months_is_no_matter(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-03,3,,\n2024-01,1,,\n2024-02,2,,\n")
    assert {month: figures["headcount"] for month, figures in months(found).items()} == {
        "2024-01": 1,
        "2024-02": 2,
        "2024-03": 3,
    }
    assert found.input.notes == ()


def test_missing_months_are_noted_and_never_filled(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-01,5,1,1\n2024-04,6,1,1\n2024-05,,2,1\n")
    assert sorted(months(found)) == ["2024-01", "2024-04", "2024-05"]
    assert found.input.notes == ("no row for 2024-02, 2024-03", "no headcount for 2024-05")


def test_a_cash_sheet_without_a_balance_is_noted(tmp_path: Path) -> None:
    found = sheet(tmp_path, "month,cash_balance,marketing\n2024-01,5,1\n2024-02,,2\n", "cash")
    assert found.input.notes == ("no cash balance for 2024-02",)
    assert months(found)["2024-02"] == {"marketing": 20_000}


def test_a_month_twice_is_refused(tmp_path: Path) -> None:
    error = refusal(lambda: sheet(tmp_path, STAFFING + "2024-01,5,1,1\n2024-02,5,1,1\n2024-01,6,1,1\n"))
    assert error.code == "month-twice"
    assert str(error).startswith("staffing.csv:4: 2024-01 stands there twice")


def test_a_month_twice_with_the_same_figures_counts_once(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-01,5,1,1\n2024-01,5.0,1.00,1\n")
    assert lines(found.input.left_out) == {"identical duplicate": (3,)}
    assert len(found.months) == 1


def test_months_after_the_orders_last_complete_one_are_left_out(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-05,5,1,1\n2024-06,6,1,1\n2024-07,7,1,1\n2025-01,8,1,1\n")
    assert sorted(months(found)) == ["2024-05", "2024-06"]
    assert reasons(found.input.left_out) == {"after as_of": 2}


def test_a_sheet_that_begins_later_is_refused(tmp_path: Path) -> None:
    error = refusal(lambda: sheet(tmp_path, STAFFING + "2024-07,5,1,1\n"))
    assert error.code == "no-rows"
    assert "2024-06" in error.message


def test_a_sheet_without_rows_is_refused(tmp_path: Path) -> None:
    assert refusal(lambda: sheet(tmp_path, STAFFING)).code == "no-rows"


@pytest.mark.parametrize("bad", ["x", "1e5", "nan?", "inf", "1,234", "$5", "5%", "200000000000"])
@pytest.mark.parametrize(("column", "name"), [(1, "headcount"), (2, "payroll"), (3, "hires")])
def test_a_cell_that_is_no_number_sets_the_row_aside(tmp_path: Path, bad: str, column: int, name: str) -> None:
    cells = ["2024-02", "5", "1", "1"]
    cells[column] = f'"{bad}"'
    found = sheet(tmp_path, f"{STAFFING}2024-01,5,1,1\n{','.join(cells)}\n")
    assert list(months(found)) == ["2024-01"]
    assert lines(found.input.rejected) == {f"unreadable {name}": (3,)}


def test_the_refusal_names_line_and_value(tmp_path: Path) -> None:
    error = refusal(lambda: sheet(tmp_path, STAFFING + "2024-01,5,1,1\n2024-02,5,lots,1\n", max_rejected=0.01))
    assert error.code == "too-many-rejected"
    assert str(error).startswith("staffing.csv:3: unreadable payroll 'lots'; 1 of 2 rows")


@pytest.mark.parametrize("name", ["headcount", "hires", "payroll"])
def test_people_and_pay_are_never_negative(tmp_path: Path, name: str) -> None:
    row = {"headcount": "-5,1,1", "payroll": "5,-1,1", "hires": "5,1,-1"}[name]
    found = sheet(tmp_path, f"{STAFFING}2024-01,5,1,1\n2024-02,{row}\n")
    assert reasons(found.input.rejected) == {f"unreadable {name}": 1}


def test_balance_financing_revenue_and_gross_profit_may_be_negative(tmp_path: Path) -> None:
    found = sheet(tmp_path, CASH + "2024-01,-1.5,-2,-3,-4,5,6\n", "cash")
    assert months(found) == {
        "2024-01": {
            "cash_balance": -15_000,
            "financing": -20_000,
            "company_revenue": -30_000,
            "gross_profit": -40_000,
            "marketing": 50_000,
            "inventory": 60_000,
        }
    }


@pytest.mark.parametrize("row", ["5,0,0,0,-5,6", "5,0,0,0,5,-6"])
def test_marketing_and_stock_are_never_negative(tmp_path: Path, row: str) -> None:
    found = sheet(tmp_path, f"{CASH}2024-01,5,0,0,0,5,6\n2024-02,{row}\n", "cash")
    assert sum(reasons(found.input.rejected).values()) == 1


def test_blank_lines_are_no_months(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-01,5,1,1\n\n,,,\n2024-02,5,1,1\n\n")
    assert found.input.rows_read == 2
    assert found.input.notes == ()


def test_a_reason_is_told_once_with_its_lines(tmp_path: Path) -> None:
    source = sheet(tmp_path, STAFFING + "2024-06,6,1,1\n2024-07,7,1,1\n2024-08,8,1,1\nTotal,1,1,1\nMean,1,1,1\n").input
    assert [item.rows for item in source.left_out] == [2]
    assert [(item.reason, item.rows, item.lines) for item in source.rejected] == [("unreadable month", 2, (5, 6))]
