"""No row disappears: read = used + left out + rejected, and too many unreadable rows are a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from .reading import HEADER, amounts, conventions, count, customers, lines, read, reasons, refusal

LAST = "last,zoe,2024-12-31,1\n"
BROKEN = "wrong number of fields or a stray quote"


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


@pytest.mark.parametrize("each_day", [1, 2, 3, 20])
def test_the_first_lines_are_named_of_orders_left_out(tmp_path: Path, each_day: int) -> None:
    rows = [f"{row},ann,2024-01-{1 + row // each_day:02},5,{'cancelled' if row % 2 else 'paid'}\n" for row in range(20)]
    (source,) = read(tmp_path, "order_id,customer_id,ordered_at,amount,status\n" + "".join(rows)).inputs
    assert lines(source.left_out) == {"cancelled": (3, 5, 7, 9, 11)}


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
        BROKEN: (11,),
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
    assert len(str(error)) < 300
    assert str(error).isprintable()


def test_the_refusal_points_at_the_first_unreadable_row(tmp_path: Path) -> None:
    text = HEADER + "1,ann,2024-01-01,5\n2,ann,2024-01-01,five\n3,ann,never,5\n,ann,2024-01-01,5\n" + LAST
    error = refusal(lambda: read(tmp_path, text, max_rejected=0.01))
    assert error.where is not None
    assert error.where.line == 3
    assert "3 of 5 rows" in error.message


def test_broken_records_are_refused_before_anything_is_read_from_the_others(tmp_path: Path) -> None:
    text = HEADER + "1,ann,03/04/2024,5\n2,ann,04/05/2024\n"
    assert "wrong number of fields" in refusal(lambda: read(tmp_path, text, max_rejected=0.01)).message
    assert refusal(lambda: read(tmp_path, text, max_rejected=0.5)).code == "ambiguous-dates"


@pytest.mark.parametrize(("bad", "enough"), [(2, "0.03"), (3, "0.04"), (5, "0.06")])
def test_a_few_rows_may_be_set_aside_and_the_remedy_is_enough(tmp_path: Path, bad: int, enough: str) -> None:
    good = "".join(f"{number},ann,2024-01-01,5\n" for number in range(99 - bad))
    text = HEADER + good + "".join(f"x{number},ann,never,5\n" for number in range(bad))
    error = refusal(lambda: read(tmp_path, text, max_rejected=0.01))
    assert f"--max-rejected {enough} " in error.remedy
    assert len(amounts(read(tmp_path, text, max_rejected=float(enough)))) == 99 - bad


def test_where_most_rows_are_unreadable_something_else_is_amiss(tmp_path: Path) -> None:
    text = HEADER + "1,ann,2024-01-01,5\nx,ann,never,5\ny,ann,never,5\nz,ann,never,5\n"
    error = refusal(lambda: read(tmp_path, text, max_rejected=0.01))
    assert "--max-rejected" not in error.remedy
    assert "export it again" in error.remedy


# ---- below the table


@pytest.mark.parametrize(
    "footer", ["83 record(s) downloaded", "Exported by Ann on 2024-01-31", '"End of the report"', "  The end  "]
)
def test_words_below_the_table_are_a_footer(tmp_path: Path, footer: str) -> None:
    (source,) = read(tmp_path, f"{HEADER}1,ann,2024-01-01,5\n\n{footer}\n", max_rejected=0.0).inputs
    assert lines(source.left_out) == {"footer": (4,)}
    assert (source.rows_read, source.rows_used) == (2, 1)


@pytest.mark.parametrize(
    "row", ["2,bob,2024-01-02", "2,Bob the second,2024-01-02,5,6", "2", '"Bob', "Exported, by Ann", "End"]
)
def test_a_broken_row_below_the_table_is_no_footer(tmp_path: Path, row: str) -> None:
    (source,) = read(tmp_path, f"{HEADER}1,ann,2024-01-01,5\n{row}\n").inputs
    assert lines(source.rejected) == {BROKEN: (3,)}


def test_words_within_the_table_are_no_footer(tmp_path: Path) -> None:
    (source,) = read(tmp_path, HEADER + "1,ann,2024-01-01,5\nExported by Ann\n2,bob,2024-01-02,6\n").inputs
    assert lines(source.rejected) == {BROKEN: (3,)}


def test_an_export_names_its_own_footers(tmp_path: Path) -> None:
    header = "Sales Record Number,Order Number,Buyer Username,Total Price,Sale Date\n"
    text = header + '1,1,ann,$5.00,Jan-31-24\n"83 record(s), downloaded"\nSeller ID: lumen,x\nOther ID: lumen,x\n'
    (source,) = read(tmp_path, text).inputs
    assert lines(source.left_out) == {"footer": (3, 4)}
    assert lines(source.rejected) == {BROKEN: (5,)}


@pytest.mark.parametrize("row", ["Total,,,11", "TOTAL,,2024-01-02,11", "Grand total,,,", "Summe,,,11", "合计,,,11"])
def test_a_total_row_is_left_out(tmp_path: Path, row: str) -> None:
    text = HEADER + f"1,ann,2024-01-01,5\n2,bob,2024-01-02,6\n{row}\n"
    found = read(tmp_path, text, max_rejected=0.0)
    assert amounts(found) == [5, 6]
    assert lines(found.inputs[0].left_out) == {"total row": (4,)}


@pytest.mark.parametrize("row", ["Total,11", "Total", "Total,,,,,11"])
def test_a_total_row_of_another_width_is_left_out_below_the_table(tmp_path: Path, row: str) -> None:
    (source,) = read(tmp_path, f"{HEADER}1,ann,2024-01-01,5\n{row}\n", max_rejected=0.0).inputs
    assert lines(source.left_out) == {"total row": (3,)}
    (source,) = read(tmp_path, f"{HEADER}1,ann,2024-01-01,5\n{row}\n2,bob,2024-01-02,6\n").inputs
    assert lines(source.rejected) == {BROKEN: (3,)}


def test_a_customer_called_total_is_a_customer(tmp_path: Path) -> None:
    assert amounts(read(tmp_path, HEADER + "1,Total,2024-01-01,5\n2,Summe,2024-01-02,6\n")) == [5, 6]


# ---- the data line


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
    assert conventions(source) == {"ordered_at": "YYYY-MM-DD", "amounts": "decimals after a point"}


# ---- 8-bit text of an unknown encoding

STATUS = "order_id,customer_id,ordered_at,amount,status\n"


def test_names_may_be_in_an_unknown_encoding(tmp_path: Path) -> None:
    text = STATUS + "1,Zo\xeb,2024-01-01,5,paid\n2,Zo\xe9,2024-01-02,6,paid\n"
    found = read(tmp_path, text.encode("latin-1"))
    assert len(set(customers(found))) == 2
    (source,) = found.inputs
    assert source.encoding == "8-bit, not known which"
    assert any("encoding is not known" in note for note in source.notes)
    assert not read(tmp_path, text).inputs[0].notes


def test_words_that_decide_may_not(tmp_path: Path) -> None:
    text = STATUS + "1,ann,2024-01-01,5,paid\n2,bob,2024-01-02,6,pay\xe9\n"
    error = refusal(lambda: read(tmp_path, text.encode("latin-1")))
    assert error.code == "unknown-encoding"
    assert "'payé'" in error.message
    assert "--encoding" in error.remedy
    assert count(read(tmp_path, text)) == 2
