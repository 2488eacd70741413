"""Files are opened as the user says, or as they show themselves, and each gets its role."""

from __future__ import annotations

from pathlib import Path

import pytest

from merchant_check.read.files import File, Settings, open_files

from .reading import HEADER, SCRATCH, put, refusal, rows

ORDERS = HEADER + "1,Zoë,2024-01-01,5\n"
CASH = "month,cash_balance\n2024-01,5\n"
STAFFING = "month,headcount\n2024-01,5\n"


def opened(folder: Path, columns: Settings, *contents: str | bytes, role: str | None = None) -> list[tuple[str, str]]:
    """The name and role of each file."""
    files = [
        File(put(folder, content, f"file{number}.csv"), f"file{number}.csv", role)
        for number, content in enumerate(contents, 1)
    ]
    return [(table.path, layout.role) for table, layout in open_files(files, columns, SCRATCH)]


def test_files_get_their_roles_by_their_headers(tmp_path: Path) -> None:
    found = opened(tmp_path, {}, CASH, ORDERS, STAFFING)
    assert found == [("file1.csv", "cash"), ("file2.csv", "orders"), ("file3.csv", "staffing")]


def test_a_role_may_be_told(tmp_path: Path) -> None:
    both = "order id,date,description,amount,balance\n1,2024-01-01,x,5,5\n"
    assert opened(tmp_path, {}, both, role="orders") == [("file1.csv", "orders")]
    assert opened(tmp_path, {}, both, role="cash") == [("file1.csv", "cash")]


@pytest.mark.parametrize("role", [None, "orders"])
def test_an_encoding_told_for_a_role_is_that_roles(tmp_path: Path, role: str | None) -> None:
    name = put(tmp_path, ORDERS.encode("cp437"), "orders.csv")
    ((table, _),) = open_files([File(name, "orders.csv", role)], {"orders": {"encoding": "cp437"}}, SCRATCH)
    assert rows(table) == [(2, "1", "Zoë", "2024-01-01", "5")]


def test_a_separator_told_for_one_role_leaves_the_others_alone(tmp_path: Path) -> None:
    told = {"orders": {"delimiter": "~"}}
    found = opened(tmp_path, told, CASH, ORDERS.replace(",", "~"), STAFFING)
    assert found == [("file1.csv", "cash"), ("file2.csv", "orders"), ("file3.csv", "staffing")]


def test_a_sheet_of_two_roles_serves_both_whatever_is_told_for_a_third(tmp_path: Path) -> None:
    both = "month,headcount,cash_balance\n2024-01,5,5\n"
    found = opened(tmp_path, {"orders": {"delimiter": "~"}}, both)
    assert found == [("file1.csv", "staffing"), ("file1.csv", "cash")]


def test_a_separator_that_does_not_fit_a_told_role_is_refused(tmp_path: Path) -> None:
    told = {"orders": {"delimiter": "~"}}
    assert refusal(lambda: opened(tmp_path, told, ORDERS, role="orders")).code == "wrong-delimiter"


def test_the_refusal_of_a_file_is_the_one_without_settings(tmp_path: Path) -> None:
    told = {"orders": {"encoding": "cp437"}}
    assert refusal(lambda: opened(tmp_path, told, b"")).code == "empty-file"
    assert refusal(lambda: opened(tmp_path, told, "a,b\n1,2\n")).code == "no-role"
