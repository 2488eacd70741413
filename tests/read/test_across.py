"""A profit and loss has its months across: each becomes a row, and neither totals nor parts of months do."""

from __future__ import annotations

from pathlib import Path

import pytest

from .reading import refusal
from .test_sheet import months, sheet

PROFIT = (
    'Lumen Ltd,,,,\nProfit and Loss,,,,\n"January - March, 2024",,,,\n,,,,\n'
    ",Jan 2024,Feb 2024,Mar 2024,Total\n"
    "Income,,,,\nSales,100.00,200.00,300.00,600.00\n"
    'Total for Income,$100.00,"$1,200.00",300.00,600.00\n'
    "Cost of Goods Sold,,,,\nTotal for Cost of Goods Sold,10.00,,30.00,40.00\n"
    "Gross Profit,90.00,(180.00),270.00,540.00\n"
    "Expenses,,,,\nAdvertising,5.00,6.00,7.00,18.00\nNet Income,1.00,2.00,-3.00,0.00\n"
)


def test_a_profit_and_loss_by_month_is_read_across(tmp_path: Path) -> None:
    found = sheet(tmp_path, PROFIT, "cash")
    money = {"company_revenue": 100, "cogs": 10, "gross_profit": 90, "marketing": 5}
    assert months(found) == {
        "2024-01": {name: amount * 10_000 for name, amount in money.items()},
        "2024-02": {"company_revenue": 12_000_000, "gross_profit": -1_800_000, "marketing": 60_000},
        "2024-03": {"company_revenue": 3_000_000, "cogs": 300_000, "gross_profit": 2_700_000, "marketing": 70_000},
    }
    (source,) = found.inputs
    assert (source.format, source.header_line, source.rows_read) == ("QuickBooks profit and loss", 5, 3)


@pytest.mark.parametrize(
    "names",
    [
        *("January 2024,February 2024,March 2024", "2024-01,2024-02,2024-03", "Jan. 2024,Feb. 2024,Mar. 2024"),
        "janv. 2024,févr. 2024,mars 2024",
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_months_across_may_be_written_in_other_ways(tmp_path: Path, names: str, separator: str) -> None:
    lines_down = f",{names},Total\nTotal Income,5,6,7,18\nGross Profit,1,2,3,6\nNet Income,1,2,3,6\n"
    found = sheet(tmp_path, lines_down.replace(",", separator), "cash")
    assert [figures["company_revenue"] for figures in found.months.values()] == [50_000, 60_000, 70_000]


@pytest.mark.parametrize("part", ["Mar 1-15, 2024", "Mar 2024 to date", "Jan 2024 - Mar 2024"])
def test_a_part_of_a_month_across_is_no_month(tmp_path: Path, part: str) -> None:
    """QuickBooks heads the month under way "Mar 1-15, 2024"; neither it nor the total is a month's figure."""
    text = PROFIT.replace("Jan 2024", "Dec 2023,Jan 2024").replace("Mar 2024", f'"{part}"')
    text = text.replace("Gross Profit,", "Gross Profit,1.00,").replace("Net Income,", "Net Income,1.00,")
    found = sheet(tmp_path, text, "cash")
    assert list(months(found)) == ["2023-12", "2024-01", "2024-02"]
    assert found.inputs[0].rows_read == 3


def test_two_months_across_are_too_few_to_tell(tmp_path: Path) -> None:
    assert refusal(lambda: sheet(tmp_path, PROFIT.replace("Mar 2024", "Total"), "cash")).code == "no-role"


def test_a_row_of_months_is_no_header_where_it_begins_with_one(tmp_path: Path) -> None:
    text = "month,headcount,joined,since\n2024-01,5,2024-01,2023-01\n2024-02,6,2024-01,2024-02\n"
    assert list(months(sheet(tmp_path, text, columns={"hires": "headcount"}))) == ["2024-01", "2024-02"]


LONG = "x" * 200_000  # more than Python's csv takes in one field


def test_a_line_without_end_is_no_row_of_months(tmp_path: Path) -> None:
    assert refusal(lambda: sheet(tmp_path, f"{LONG}\n", "cash")).code == "no-role"


def test_a_field_without_end_below_the_months_is_refused(tmp_path: Path) -> None:
    assert refusal(lambda: sheet(tmp_path, PROFIT + f"{LONG},1.00,,,\n", "cash")).code == "corrupt-csv"


def test_rows_below_months_are_as_many_as_accounts_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_check.read.table.MOST_ACCOUNTS", 5)
    assert refusal(lambda: sheet(tmp_path, PROFIT, "cash")).code == "too-large"
