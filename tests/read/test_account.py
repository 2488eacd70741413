"""No row disappears: read = used + left out + rejected, and too many unreadable rows are a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from .reading import HEADER, amounts, lines, read, reasons, refusal, table

LAST = "last,zoe,2024-12-31,1\n"


def messy() -> str:
    """A row of every fate; `read` checks that the account closes."""
    return (
        "order_id,customer_id,ordered_at,amount,status,currency\n"
        "1,ann,2024-01-01,5,paid,EUR\n"
        "1,ann,2024-01-01,5,paid,EUR\n"
        "2,bob,2024-01-02,5,cancelled,EUR\n"
        "\n"
        "3,cid,2024-01-03,5,pending,EUR\n"
        "4,dan,2024-01-04,5,paid,USD\n"
        "5,eve,2044-01-05,5,paid,EUR\n"
        ",,,,,\n"
        "6,,2024-01-06,0,paid,EUR\n"
        "7,fay,2024-01-07,5,paid\n"
        ",gus,2024-01-08,5,paid,EUR\n"
        "8,hal,soon,5,paid,EUR\n"
        "9,ida,2024-01-09,five,paid,EUR\n"
        "10,jan,2024-02-01,5,paid,EUR\n"
        "10,jan,2024-02-02,-5,paid,EUR\n"
    )


def test_every_row_is_in_exactly_one_place(tmp_path: Path) -> None:
    (source,) = read(tmp_path, messy(), currency="EUR").inputs
    assert (source.rows_read, source.rows_used) == (13, 2)
    assert reasons(source.left_out) == {
        "identical duplicate": 1,
        "cancelled": 1,
        "unpaid": 1,
        "other currency": 1,
        "in the future": 1,
        "amount 0 without a customer": 1,
        "after as_of": 1,
    }
    assert lines(source.rejected) == {
        "wrong number of fields or a stray quote": (11,),
        "unreadable order id": (12,),
        "unreadable date": (13,),
        "unreadable amount": (14,),
    }


@pytest.mark.parametrize(("bad", "total", "refused"), [(1, 100, False), (1, 99, True), (2, 200, False), (3, 200, True)])
def test_more_than_one_in_a_hundred_unreadable_rows_are_refused(
    tmp_path: Path, bad: int, total: int, refused: bool
) -> None:
    good = "".join(f"{number},ann,2024-01-01,5\n" for number in range(total - bad))
    text = HEADER + good + "".join(f"x{number},ann,never,5\n" for number in range(bad))
    if refused:
        assert refusal(lambda: read(tmp_path, text, max_rejected=0.01)).code == "too-many-rejected"
    else:
        assert len(amounts(read(tmp_path, text, max_rejected=0.01))) == total - bad


def test_no_unreadable_row_passes_where_none_is_allowed(tmp_path: Path) -> None:
    text = HEADER + "".join(f"{number},ann,2024-01-01,5\n" for number in range(99)) + "x,ann,never,5\n"
    assert refusal(lambda: read(tmp_path, text, max_rejected=0.0)).code == "too-many-rejected"
    assert read(tmp_path, HEADER + LAST, max_rejected=0.0).inputs[0].rows_used == 1


def test_left_out_rows_are_not_unreadable(tmp_path: Path) -> None:
    header = HEADER.replace("amount", "amount,status")
    text = header + "1,ann,2024-01-01,5,paid\n" + "".join(f"{number},ann,2024-01-01,5,void\n" for number in range(2, 9))
    assert read(tmp_path, text, max_rejected=0.0).inputs[0].rows_used == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("x,ann,32.13.2024,5", "unreadable date '32.13.2024'"),
        ('x,ann,2024-01-01,"12,3,4"', "unreadable amount '12,3,4'"),
        ("n/a,ann,2024-01-01,5", "unreadable order id 'n/a'"),
        ("x,ann,2024-01-01", "wrong number of fields"),
        ("x,ann,\x1b[31mred,5", "x1b[31mred'"),
        (f"x,ann,{'9' * 300},5", "...'"),
    ],
)
def test_the_refusal_names_file_line_value_and_remedy(tmp_path: Path, row: str, told: str) -> None:
    text = f"{HEADER}1,ann,2024-01-01,5\n2,ann,2024-01-01,5\n\n{row}\n{LAST}"
    error = refusal(lambda: read(tmp_path, text, max_rejected=0.01))
    assert str(error).startswith("orders1.csv:5: ")
    assert told in error.message
    assert "1 of 4 rows can't be read, more than max_rejected (0.01)" in error.message
    assert "max_rejected" in error.remedy
    assert len(str(error)) < 300
    assert str(error).isprintable()


def test_the_refusal_points_at_the_first_unreadable_row(tmp_path: Path) -> None:
    text = HEADER + "1,ann,2024-01-01,5\n2,ann,2024-01-01,five\n3,ann,never,5\n4,ann\n" + LAST
    error = refusal(lambda: read(tmp_path, text, max_rejected=0.01))
    assert error.where is not None
    assert error.where.line == 3
    assert "3 of 5 rows" in error.message


def test_lines_are_named_within_cells_of_several_lines(tmp_path: Path) -> None:
    text = HEADER + '1,"ann\nof\nx",2024-01-01,5\n2,bob,never,5\n3,"a\nb",2024-01-01,x\n' + LAST
    (source,) = read(tmp_path, text).inputs
    assert lines(source.rejected) == {"unreadable date": (5,), "unreadable amount": (6,)}


def test_each_file_has_its_own_account(tmp_path: Path) -> None:
    second = HEADER + "2,bob,2024-01-02,6\n3,bob,never,6\n"
    found = read(tmp_path, HEADER + "1,ann,2024-01-01,5\n2,bob,2024-01-02,6\n", second)
    assert [source.rows_read for source in found.inputs] == [2, 2]
    assert [source.rows_used for source in found.inputs] == [1, 1]
    assert [source.path for source in found.inputs] == ["orders1.csv", "orders2.csv"]


def test_one_bad_file_is_not_drowned_in_a_good_one(tmp_path: Path) -> None:
    good = HEADER + "".join(f"{number},ann,2024-01-01,5\n" for number in range(1000))
    error = refusal(lambda: read(tmp_path, good, HEADER + "x,ann,never,5\n" + LAST, max_rejected=0.01))
    assert str(error).startswith("orders2.csv:2: ")


def test_the_data_line_says_how_the_file_was_read(tmp_path: Path) -> None:
    text = "Order;Buyer ID;Date;Total\n1;ann;2024-01-01;5\n"
    (source,) = read(tmp_path, text).inputs
    assert (source.role, source.format, source.encoding, source.delimiter) == ("orders", "generic orders", "utf-8", ";")
    assert source.columns == {"order_id": "Order", "customer_id": "Buyer ID", "ordered_at": "Date", "amount": "Total"}
    assert table(tmp_path, text).rows_read == 1
