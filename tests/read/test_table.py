"""Bytes become rows: every record's width is verified, and what is no table of text is refused by name."""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant_check.read.recognise import known
from merchant_check.read.table import open_table

from .reading import HEADER, Cells, lines, put, reasons, refusal, rows, table

WIDTH = "wrong number of fields or a stray quote"
ROW = "1,ann,2024-01-01,5\n"
TWO = [(2, "1", "ann", "2024-01-01", "5"), (3, "2", "bob", "2024-01-02", "6")]


# ---- what is read


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_header_settles_the_separator(tmp_path: Path, separator: str) -> None:
    found = table(tmp_path, (HEADER + ROW + "2,bob,2024-01-02,6\n").replace(",", separator))
    assert found.delimiter == separator
    assert found.headers == ("order_id", "customer_id", "ordered_at", "amount")
    assert rows(found) == TWO
    assert found.rows_read == 2


def test_a_separator_within_names_and_values_changes_nothing(tmp_path: Path) -> None:
    found = table(tmp_path, 'order_id;"customer, id";ordered_at;amount\n1;Ann, Ltd;2024-01-01;5\n')
    assert found.headers == ("order_id", "customer, id", "ordered_at", "amount")
    assert rows(found) == [(2, "1", "Ann, Ltd", "2024-01-01", "5")]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text.rstrip("\n").replace("\n", "\r\n"),
    ],
    ids=["plain", "BOM", "BOM and CRLF", "CRLF", "no last line end", "CRLF, no last line end"],
)
def test_line_ends_and_a_bom_change_nothing(tmp_path: Path, change: object) -> None:
    assert callable(change)
    found = table(tmp_path, change(HEADER + ROW + "2,bob,2024-01-02,6\n"))
    assert found.headers == ("order_id", "customer_id", "ordered_at", "amount")
    assert rows(found) == TWO
    assert not found.rejected


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quoting_everything_changes_nothing(tmp_path: Path, end: str) -> None:
    text = (HEADER + ROW + "2,bob,2024-01-02,6\n").strip()
    quoted = end.join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.split("\n")) + end
    found = table(tmp_path, quoted)
    assert found.headers == ("order_id", "customer_id", "ordered_at", "amount")
    assert rows(found) == TWO


def test_text_is_kept_as_it_stands(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER + "007,Zoë,2024-01-01,1e5\n008,李,true,nan\n")
    assert rows(found) == [(2, "007", "Zoë", "2024-01-01", "1e5"), (3, "008", "李", "true", "nan")]


def test_an_empty_cell_is_nothing(tmp_path: Path) -> None:
    assert rows(table(tmp_path, HEADER + "1,,2024-01-01,5\n")) == [(2, "1", None, "2024-01-01", "5")]


def test_quoted_cells_may_hold_separators_quotes_and_line_ends(tmp_path: Path) -> None:
    text = HEADER + '1,"Ann, ""the first""",2024-01-01,5\n2,"two\nlines",2024-01-02,6\n3,"a\n\n,\nb",2024-01-03,7\n'
    assert rows(table(tmp_path, text)) == [
        (2, "1", 'Ann, "the first"', "2024-01-01", "5"),
        (3, "2", "two\nlines", "2024-01-02", "6"),
        (5, "3", "a\n\n,\nb", "2024-01-03", "7"),
    ]


def test_blank_lines_above_the_header_are_counted(tmp_path: Path) -> None:
    found = table(tmp_path, "\n  \n" + HEADER + ROW)
    assert rows(found) == [(4, "1", "ann", "2024-01-01", "5")]


@pytest.mark.parametrize("blank", ["", ",", ",,,", ",,,,,,", ",,,\r"])
def test_blank_lines_and_rows_of_separators_are_no_rows(tmp_path: Path, blank: str) -> None:
    found = table(tmp_path, f"{HEADER}{ROW}{blank}\n2,bob,2024-01-02,6\n{blank}\n")
    assert [line for line, *_ in rows(found)] == [2, 4]
    assert found.rows_read == 2
    assert not found.rejected


def test_titles_above_the_header_are_no_rows(tmp_path: Path) -> None:
    found = table(tmp_path, "Lumen Lamps;;\nOrders of January;;\n\nOrder ID;Date;Total\n1;2024-01-01;5\n")
    assert found.headers == ("Order ID", "Date", "Total")
    assert rows(found) == [(5, "1", "2024-01-01", "5")]
    assert found.rows_read == 1


def test_a_word_among_the_values_makes_no_header(tmp_path: Path) -> None:
    found = table(tmp_path, "Nr;Wann;Wert;Art\n1;2024-01-01;5;cash\n2;2024-01-02;6;cash\n")
    assert found.headers == ("Nr", "Wann", "Wert", "Art")
    assert found.rows_read == 2


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER)
    assert rows(found) == []
    assert found.rows_read == 0


def test_a_second_bom_stays_out_of_the_way_of_recognition(tmp_path: Path) -> None:
    found = table(tmp_path, "\ufeff\ufeff" + HEADER + ROW)
    assert known(found.headers) == 4


# ---- rows of a wrong width


@pytest.mark.parametrize(
    "bad", ["9,short,2024-01-01", "9", "9,long,2024-01-01,5,6", "9,long,2024-01-01,5,", '9,"a,b,2024-01-01",5']
)
def test_a_row_of_a_wrong_width_is_set_aside_with_its_line(tmp_path: Path, bad: str) -> None:
    found = table(tmp_path, f"{HEADER}{ROW}{bad}\n2,bob,2024-01-02,6\n")
    assert [line for line, *_ in rows(found)] == [2, 4]
    assert reasons(found.rejected) == {WIDTH: 1}
    assert lines(found.rejected) == {WIDTH: (3,)}
    assert found.rows_read == 3


def test_line_numbers_count_lines_within_cells(tmp_path: Path) -> None:
    text = (
        HEADER + '1,"a\nb",2024-01-01,5\nshort\n2,"a\n\nb",2024-01-02,5\n\n3,c,2024-01-03,5\n4,"x\ny"\n5,d,2024-01-05,5'
    )
    found = table(tmp_path, text)
    assert [line for line, *_ in rows(found)] == [2, 5, 9, 12]
    assert lines(found.rejected) == {WIDTH: (4, 10)}
    assert found.rows_read == 6


def test_the_same_with_crlf(tmp_path: Path) -> None:
    text = HEADER + '1,"a\nb",2024-01-01,5\nshort\n2,c,2024-01-02,"6"\n'
    found = table(tmp_path, text.replace("\n", "\r\n"))
    assert [line for line, *_ in rows(found)] == [2, 5]
    assert lines(found.rejected) == {WIDTH: (4,)}


def test_only_the_first_lines_are_named_but_all_are_counted(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER + "short\n" * 9 + ROW)
    assert reasons(found.rejected) == {WIDTH: 9}
    assert lines(found.rejected) == {WIDTH: (2, 3, 4, 5, 6)}


@pytest.mark.parametrize("stray", ['9,5" x 7" sheet,2024-01-01,5', '9,"a"b",c",2024-01-01,5', '9, "a",2024-01-01,5'])
def test_a_row_with_stray_quotes_is_set_aside(tmp_path: Path, stray: str) -> None:
    found = table(tmp_path, f"{HEADER}{ROW}{stray}\n2,bob,2024-01-02,6\n")
    assert [line for line, *_ in rows(found)] == [2, 4]
    assert lines(found.rejected) == {WIDTH: (3,)}


def test_every_row_lost_to_a_stray_quote_is_counted(tmp_path: Path) -> None:
    """The quote opens a cell that goes on to the next quote, or to the end: all those rows are gone."""
    body = '2,"bob,2024-01-02,6\n3,cid,2024-01-03,7\n4,dan"x,2024-01-04,8\n5,eve,2024-01-05,9\n'
    found = table(tmp_path, HEADER + ROW + body)
    assert [line for line, *_ in rows(found)] == [2, 6]
    assert lines(found.rejected) == {WIDTH: (3, 4, 5)}
    found = table(tmp_path, HEADER + ROW + '2,"bob,2024-01-02,6\n' + "3,cid,2024-01-03,7\n" * 50)
    assert reasons(found.rejected) == {WIDTH: 51}
    assert found.rows_read == 52


def test_a_large_file_keeps_its_line_numbers(tmp_path: Path) -> None:
    body = [f"{number},customer {number},2024-01-01 10:00:00,{number % 97}" for number in range(40_000)]
    body[10_000] = '10000,"two\nlines",2024-01-01 10:00:00,7'
    body[20_000], body[30_000], body[30_001] = "20000,short", "", "30001,long,2024-01-01,5,6"
    found = table(tmp_path, HEADER + "\n".join(body) + "\n")
    assert lines(found.rejected) == {WIDTH: (20_003, 30_004)}
    assert found.rows_read == 39_999
    numbers = {order: line for line, order, *_ in rows(found)}
    assert len(numbers) == 39_997
    assert [numbers[order] for order in ("0", "10000", "10001", "39999")] == [2, 10_002, 10_004, 40_002]


TEXT = st.text(st.sampled_from('ab01 .,;\n"é'), max_size=6)
RECORDS = st.lists(
    st.lists(TEXT, min_size=1, max_size=5).filter(lambda cells: re.search('[^ ,\n"]', "".join(cells))), max_size=8
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=RECORDS, quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), end=st.sampled_from(["\n", "\r\n"])
)
def test_whatever_a_csv_writer_wrote_is_read_back(
    tmp_path: Path, records: list[list[str]], quoting: Literal[0, 1], end: str
) -> None:
    """Rows of the right width come back cell by cell, on the right lines; others are set aside, on theirs."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=quoting, lineterminator=end)
    writer.writerow(["order_id", "ordered_at", "amount"])
    writer.writerow(["1", "ann", "5"])
    good: list[Cells] = [(2, "1", "ann", "5")]
    bad: list[int] = []
    for cells in records:
        line = file.getvalue().count("\n") + 1
        writer.writerow(cells)
        if len(cells) == 3:
            good.append((line, *cells))
        else:
            bad.append(line)
    found = table(tmp_path, file.getvalue())
    assert [tuple("" if cell is None else cell for cell in row) for row in rows(found)] == good
    assert reasons(found.rejected) == ({WIDTH: len(bad)} if bad else {})
    assert lines(found.rejected) == ({WIDTH: tuple(bad[:5])} if bad else {})
    assert found.rows_read == len(records) + 1


PIECES = st.sampled_from(
    [*"ab1 ", ",", ",", ",", "\n", "\n", '"', '""', '"x"', '"a,b"', '"a\nb"', "\r\n", ",5\n", "1,ann,"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(PIECES, max_size=25).map("".join))
def test_however_broken_the_text_no_row_is_made_up(tmp_path: Path, body: str) -> None:
    """Whatever is accepted is what a strict reader finds on that line; every other row is counted as rejected."""
    text = f"order_id,customer,amount\n{body}"
    found = table(tmp_path, text)
    physical = text.split("\n")
    for line, *cells in rows(found):
        assert isinstance(line, int)
        record = next(csv.reader([f"{rest}\n" for rest in physical[line - 1 :]], strict=True))
        assert [cell or "" for cell in cells] == [cell.replace("\r", "") for cell in record]
        assert len(record) == 3
    assert found.rows_read == len(rows(found)) + sum(reasons(found.rejected).values())


# ---- encodings


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ((HEADER + "1,Zoë,2024-01-01,5\n").encode("utf-16"), "utf-16"),
        ((HEADER + "1,Zoë,2024-01-01,5\n").encode("utf-16-le"), "utf-16-le"),
        ((HEADER + "1,Zoë,2024-01-01,5\n").encode("utf-16-be"), "utf-16-be"),
        ((HEADER + "1,Zoë,2024-01-01,5\n").encode("utf-32"), "utf-32"),
        ((HEADER + "1,Zoë,2024-01-01,5\n").encode("utf-8-sig"), "utf-8"),
    ],
    ids=["UTF-16", "UTF-16 LE without BOM", "UTF-16 BE without BOM", "UTF-32", "UTF-8 with BOM"],
)
def test_an_encoding_that_proves_itself_is_read(tmp_path: Path, data: bytes, encoding: str) -> None:
    found = table(tmp_path, data)
    assert rows(found) == [(2, "1", "Zoë", "2024-01-01", "5")]
    assert found.encoding == encoding


def test_an_encoding_that_leaves_itself_open_is_refused(tmp_path: Path) -> None:
    latin = (HEADER + "1,Zoë Müller,2024-01-01,5\n").encode("latin-1")
    assert refusal(lambda: table(tmp_path, latin)).remedy
    assert refusal(lambda: table(tmp_path, (HEADER + ROW).encode("utf-16")[:-1])).where is not None


# ---- packed and typed files


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    packed = gzip.compress((HEADER + ROW + "2,bob,2024-01-02,6\n").encode())
    assert rows(table(tmp_path, packed, "orders.csv.gz")) == TWO
    assert rows(table(tmp_path, packed, "orders.csv")) == TWO  # told by its bytes, not by its name


@pytest.mark.parametrize(
    "broken", [lambda data: data[:-9], lambda data: data[:40], lambda data: data[:-8] + b"12345678"]
)
def test_a_broken_gzip_file_is_refused(tmp_path: Path, broken: object) -> None:
    assert callable(broken)
    packed = gzip.compress((HEADER + ROW * 100).encode())
    error = refusal(lambda: table(tmp_path, broken(packed), "orders.csv.gz"))
    assert error.code == "corrupt-gzip"
    assert "orders.csv.gz: " in str(error)
    assert "truncated or corrupt" in error.message


def test_parquet_is_read_like_text(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "order_id": [1, 2, None],
            "customer_id": ["ann", None, "bob"],
            "ordered_at": [datetime(2024, 1, 1, 10, 30), datetime(2024, 1, 2), None],  # noqa: DTZ001
            "amount": [5.5, 0.1, 3.0],
            "refund": [Decimal("1.25"), None, Decimal("0.00")],
            "shipped": [date(2024, 1, 3), None, None],
        }
    )
    frame.write_parquet(tmp_path / "orders.parquet")
    found = open_table(str(tmp_path / "orders.parquet"), "orders.parquet", known)
    assert found.headers == tuple(frame.columns)
    assert found.rows_read == 3
    assert (found.encoding, found.delimiter) == ("parquet", None)
    first, second, third = rows(found)
    assert first[:3] == (1, "1", "ann")
    assert str(first[3]).startswith("2024-01-01 10:30:00")
    assert first[4:] == ("5.5", "1.25", "2024-01-03")
    assert second[2] is None
    assert third[:2] == (3, None)


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    assert refusal(lambda: table(tmp_path, b"PAR1 and no more", "orders.parquet")).code == "corrupt-parquet"


# ---- what is refused


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"PK\x03\x04rest", "Excel"),
        (b"\xd0\xcf\x11\xe0rest", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf\r\n <?xml version='1.0'?>", "web page or XML"),
        (b'{"orders": []}', "JSON"),
        (b'\n[{"order_id": 1}]', "JSON"),
    ],
)
def test_other_kinds_of_file_are_named(tmp_path: Path, start: bytes, name: str) -> None:
    error = refusal(lambda: table(tmp_path, start))
    assert error.code == "not-csv"
    assert name in error.message
    assert error.remedy


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refusal(lambda: table(tmp_path, content)).code == "empty-file"


def test_bytes_that_are_not_utf_8_are_refused_with_their_line(tmp_path: Path) -> None:
    error = refusal(lambda: table(tmp_path, HEADER.encode() + b"1,ann,2024-01-01,5\n2,Zo\xeb,2024-01-02,6\n"))
    assert error.code == "unknown-encoding"
    assert "0xeb" in error.message
    assert error.where is not None
    assert error.where.line == 3


def test_nul_bytes_are_refused(tmp_path: Path) -> None:
    error = refusal(lambda: table(tmp_path, HEADER.encode() + b"1,an\x00n,2024-01-01,5\n"))
    assert "NUL" in error.message


@pytest.mark.parametrize("end", ["\r", "\r\r\n"])
def test_other_line_ends_are_line_ends(tmp_path: Path, end: str) -> None:
    found = table(tmp_path, (HEADER + ROW).replace("\n", end))
    assert [line for line, *_ in rows(found)] == [2]


def test_one_cr_among_many_lines_is_text(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER + ROW * 20 + "2,bo\rb,2024-01-02,6\n")
    assert len(rows(found)) == 21
    assert rows(found)[-1][2] == "bo b"


def test_a_folder_and_a_missing_file_are_refused_by_name(tmp_path: Path) -> None:
    folder = refusal(lambda: open_table(str(tmp_path), "exports", known))
    assert (folder.code, str(folder).split(":")[0]) == ("is-a-folder", "exports")
    missing = refusal(lambda: open_table(str(tmp_path / "no.csv"), "no.csv", known))
    assert (missing.code, str(missing).split(":")[0]) == ("cannot-open", "no.csv")
    assert "No such file" in missing.message


@pytest.mark.parametrize("name", ["orders-*.csv", "orders-[12].csv"])
def test_a_path_is_no_pattern(tmp_path: Path, name: str) -> None:
    put(tmp_path, HEADER + ROW, "orders-1.csv")
    assert refusal(lambda: open_table(str(tmp_path / name), name, known)).code == "cannot-open"
    assert rows(table(tmp_path, HEADER + ROW, name)) == [TWO[0]]


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((HEADER + ROW).encode())))
    found = open_table("-", "stdin", known)
    assert found.path == "stdin"
    assert rows(found) == [TWO[0]]
