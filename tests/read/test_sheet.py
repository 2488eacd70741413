"""Monthly sheets: a row a month, a blank cell is unknown, and nothing is guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from merchant_check.facts import month_label, month_number
from merchant_check.read.account import ReadSettings
from merchant_check.read.dates import MONTH_FORMATS
from merchant_check.read.sheet import Sheet, joined, read_sheet

from .reading import TODAY, account, assert_accounted, conventions, lines, reasons, refusal

STAFFING = "month,headcount,payroll,hires\n"
CASH = "month,cash_balance,financing,net_revenue,gross_profit,marketing,inventory\n"


def sheet(
    folder: Path,
    text: str,
    role: str = "staffing",
    until: str = "2024-06-01",
    max_rejected: float = 1.0,
    columns: dict[str, str] | None = None,
) -> Sheet:
    day = date.fromisoformat(until)
    settings = ReadSettings(today=TODAY, max_rejected=max_rejected)
    found = read_sheet(account(folder, text, role, columns), settings, day, month_number(day))
    assert_accounted(found.inputs[0])
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
    assert (found.inputs[0].first, found.inputs[0].last) == (date(2024, 1, 1), date(2024, 3, 31))
    assert found.inputs[0].rows_used == 3


WAYS = [
    *(("2024-03", "YYYY-MM"), ("2024-3", "YYYY-MM"), (" 2024-03 ", "YYYY-MM")),
    *(("2024/03", "YYYY/MM"), ("2024/3", "YYYY/MM"), ("03/2024", "MM/YYYY"), ("3/2024", "MM/YYYY")),
    *(("202403", "YYYYMM"), ("03-2024", "MM-YYYY")),
    *(("2024年3月", "YYYY年MM月"), ("2024年03月", "YYYY年MM月")),
    *(("Mar 2024", "MON-YYYY"), ("March-2024", "MON-YYYY"), ("März 2024", "MON-YYYY"), ("mars 2024", "MON-YYYY")),
    *(("Mar-24", "MON-YY"), ("Mar. 24", "MON-YY"), ("March '24", "MON-YY")),
    *(("2024-03-01", "YYYY-MM-DD"), ("2024-03-31 00:00:00", "YYYY-MM-DD"), ("31/03/2024", "DD/MM/YYYY")),
    *(("31.03.2024", "DD.MM.YYYY"), ("31 Mar 2024", "DD-MON-YYYY"), ("45382", "excel-serial")),
]


@pytest.mark.parametrize(("written", "format_name"), WAYS)
def test_a_month_is_read_however_it_is_written(tmp_path: Path, written: str, format_name: str) -> None:
    """Also as a day in it."""
    found = sheet(tmp_path, f"{STAFFING}{written},5,1,1\n")
    assert list(months(found)) == ["2024-03"]
    assert conventions(found.inputs[0])["month"] == format_name


def test_every_way_to_write_a_month_is_tested() -> None:
    assert {how.name for how in MONTH_FORMATS} <= {name for _, name in WAYS}


@pytest.mark.parametrize("written", ["2024", "Q1 2024", "2024-W05", "March", "Mar 2024 10:00"])
def test_what_is_no_month_at_all_is_refused(tmp_path: Path, written: str) -> None:
    error = refusal(lambda: sheet(tmp_path, f"{STAFFING}{written},5,1,1\n"))
    assert (error.code, repr(written) in error.message) == ("unknown-date-format", True)


def test_first_days_of_months_are_asked_about(tmp_path: Path) -> None:
    text = STAFFING + "01/02/2024,5,1,1\n01/03/2024,6,1,1\n"
    error = refusal(lambda: sheet(tmp_path, text))
    assert (error.code, "--date-format staffing=DD/MM/YYYY" in error.remedy) == ("ambiguous-dates", True)
    assert list(months(sheet(tmp_path, text, columns={"date_format": "DD/MM/YYYY"}))) == ["2024-02", "2024-03"]


@pytest.mark.parametrize(
    "written", ["2024-13", "2024-00", "2024", "Mean", "", "0000-01", "1969-12", "2024-02-30", "24-03"]
)
def test_what_is_no_month_is_set_aside(tmp_path: Path, written: str) -> None:
    found = sheet(tmp_path, f"{STAFFING}2024-01,5,1,1\n{written},5,1,1\n")
    assert list(months(found)) == ["2024-01"]
    assert lines(found.inputs[0].rejected) == {"unreadable month": (3,)}


@pytest.mark.parametrize("word", ["Total", "TOTALS", "Grand Total", "Gesamt", "合计"])
def test_a_total_row_is_left_out(tmp_path: Path, word: str) -> None:
    found = sheet(tmp_path, f"{STAFFING}2024-01,5,1,1\n{word},5,1,1\n", max_rejected=0.0)
    assert list(months(found)) == ["2024-01"]
    assert lines(found.inputs[0].left_out) == {"total row": (3,)}


def test_the_order_of_months_is_no_matter(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-03,3,,\n2024-01,1,,\n2024-02,2,,\n")
    assert {month: figures["headcount"] for month, figures in months(found).items()} == {
        "2024-01": 1,
        "2024-02": 2,
        "2024-03": 3,
    }
    assert found.inputs[0].notes == ()


def test_missing_months_are_noted_and_never_filled(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-01,5,1,1\n2024-04,6,1,1\n2024-05,,2,1\n")
    assert sorted(months(found)) == ["2024-01", "2024-04", "2024-05"]
    assert found.inputs[0].notes == ("no row for 2024-02, 2024-03", "no headcount for 2024-05")


def test_a_cash_sheet_without_a_balance_is_noted(tmp_path: Path) -> None:
    found = sheet(tmp_path, "month,cash_balance,marketing\n2024-01,5,1\n2024-02,,2\n", "cash")
    assert found.inputs[0].notes == ("no cash balance for 2024-02",)
    assert months(found)["2024-02"] == {"marketing": 20_000}


def test_a_month_twice_is_refused(tmp_path: Path) -> None:
    error = refusal(lambda: sheet(tmp_path, STAFFING + "2024-01,5,1,1\n2024-02,5,1,1\n2024-01,6,1,1\n"))
    assert error.code == "month-twice"
    assert str(error).startswith("staffing.csv:4: 2024-01 stands there twice")


def test_a_month_twice_with_the_same_figures_counts_once(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-01,5,1,1\n2024-01,5.0,1.00,1\n")
    assert lines(found.inputs[0].left_out) == {"identical duplicate": (3,)}
    assert len(found.months) == 1


def test_months_after_the_orders_last_complete_one_are_left_out(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-05,5,1,1\n2024-06,6,1,1\n2024-07,7,1,1\n2025-01,8,1,1\n")
    assert sorted(months(found)) == ["2024-05", "2024-06"]
    assert reasons(found.inputs[0].left_out) == {"after as_of": 2}


def test_the_month_under_way_is_left_out(tmp_path: Path) -> None:
    settings, day = ReadSettings(today=TODAY), date(2024, 6, 15)
    book = account(tmp_path, STAFFING + "2024-05,5,1,1\n2024-06,6,1,1\n2024-07,7,1,1\n", "staffing")
    found = read_sheet(book, settings, day, month_number(day) - 1)
    assert sorted(months(found)) == ["2024-05"]
    assert reasons(found.inputs[0].left_out) == {"in a month not complete": 1, "after as_of": 1}


def test_a_sheet_that_begins_later_is_refused(tmp_path: Path) -> None:
    error = refusal(lambda: sheet(tmp_path, STAFFING + "2024-07,5,1,1\n"))
    assert error.code == "no-rows"
    assert "2024-06" in error.message


def test_a_sheet_without_rows_is_refused(tmp_path: Path) -> None:
    assert refusal(lambda: sheet(tmp_path, STAFFING)).code == "no-rows"


@pytest.mark.parametrize(
    "written", ["1.234,50", "1 234,50", "€1.234,50", "1.234,50 EUR", "1234,5", "+1.234,50", "'1.234,50"]
)
def test_a_cell_may_be_written_as_programs_write_money(tmp_path: Path, written: str) -> None:
    found = sheet(tmp_path, f'{STAFFING}2024-01,5,"{written}",1\n2024-02,6,"2,5",1\n')
    assert months(found)["2024-01"] == {"headcount": 5, "payroll": 12_345_000, "hires": 1}
    assert conventions(found.inputs[0])["amounts"] == "decimals after a comma"


def test_the_decimal_mark_may_be_told(tmp_path: Path) -> None:
    text = "month,payroll,headcount\n2024-01,1.234,2.000\n"
    assert refusal(lambda: sheet(tmp_path, text)).code == "ambiguous-amounts"
    for mark, headcount in (("point", 2), ("comma", 2000)):
        found = sheet(tmp_path, text, columns={"decimal_mark": mark})
        assert months(found)["2024-01"]["headcount"] == headcount


@pytest.mark.parametrize("bad", ["x", "1e5", "nan?", "inf", "1,23", "$", "5%", "200000000000"])
@pytest.mark.parametrize(("column", "name"), [(1, "headcount"), (2, "payroll"), (3, "hires")])
def test_a_cell_that_is_no_number_sets_the_row_aside(tmp_path: Path, bad: str, column: int, name: str) -> None:
    cells = ["2024-02", "5", "1", "1"]
    cells[column] = f'"{bad}"'
    found = sheet(tmp_path, f"{STAFFING}2024-01,5,1.5,1\n{','.join(cells)}\n", columns={"decimal_mark": "point"})
    assert list(months(found)) == ["2024-01"]
    assert lines(found.inputs[0].rejected) == {f"unreadable {name}": (3,)}


def test_the_refusal_names_line_and_value(tmp_path: Path) -> None:
    error = refusal(lambda: sheet(tmp_path, STAFFING + "2024-01,5,1,1\n2024-02,5,lots,1\n", max_rejected=0.01))
    assert error.code == "too-many-rejected"
    assert str(error).startswith("staffing.csv:3: unreadable payroll 'lots'; 1 of 2 rows")


@pytest.mark.parametrize("name", ["headcount", "hires", "payroll"])
def test_people_and_pay_are_never_negative(tmp_path: Path, name: str) -> None:
    row = {"headcount": "-5,1,1", "payroll": "5,-1,1", "hires": "5,1,-1"}[name]
    found = sheet(tmp_path, f"{STAFFING}2024-01,5,1,1\n2024-02,{row}\n")
    assert reasons(found.inputs[0].rejected) == {f"unreadable {name}": 1}


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
    assert sum(reasons(found.inputs[0].rejected).values()) == 1


def test_blank_lines_are_no_months(tmp_path: Path) -> None:
    found = sheet(tmp_path, STAFFING + "2024-01,5,1,1\n\n,,,\n2024-02,5,1,1\n\n")
    assert found.inputs[0].rows_read == 2
    assert found.inputs[0].notes == ()


def test_a_reason_is_told_once_with_its_lines(tmp_path: Path) -> None:
    source = sheet(
        tmp_path, STAFFING + "2024-06,6,1,1\n2024-07,7,1,1\n2024-08,8,1,1\nMedian,1,1,1\nMean,1,1,1\n"
    ).inputs[0]
    assert [item.rows for item in source.left_out] == [2]
    assert [(item.reason, item.rows, item.lines) for item in source.rejected] == [("unreadable month", 2, (5, 6))]


# ---- several sheets


def test_sheets_of_two_years_are_joined(tmp_path: Path) -> None:
    first, second = (sheet(tmp_path, STAFFING + rows) for rows in ("2023-12,5,,\n", "2024-01,6,,\n2024-02,7,,\n"))
    found = joined([first, second])
    assert [figures["headcount"] for figures in months(found).values()] == [5, 6, 7]
    assert len(found.inputs) == 2


def test_sheets_of_one_month_complete_each_other(tmp_path: Path) -> None:
    balance = sheet(tmp_path, "month,cash_balance,marketing\n2024-01,5,1\n2024-02,6,\n", "cash")
    costs = sheet(tmp_path, "month,cash_balance,marketing,cogs\n2024-01,,1,3\n2024-02,,2,4\n", "cash")
    found = joined([balance, costs])
    assert months(found) == {
        "2024-01": {"cash_balance": 50_000, "marketing": 10_000, "cogs": 30_000},
        "2024-02": {"cash_balance": 60_000, "marketing": 20_000, "cogs": 40_000},
    }
    assert found.fields == {"cash_balance", "marketing", "cogs"}


@pytest.mark.parametrize("turned", [False, True])
def test_sheets_at_odds_are_refused(tmp_path: Path, turned: bool) -> None:
    first, second = (sheet(tmp_path, f"{STAFFING}2024-01,5,1,1\n2024-02,{count},1,1\n") for count in (6, 7))
    error = refusal(lambda: joined([second, first] if turned else [first, second]))
    assert error.code == "files-at-odds"
    assert "another headcount for 2024-02" in error.message
