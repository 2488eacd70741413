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
from merchant_check.read.source import ASSUMED
from merchant_check.read.table import open_table

from .reading import HEADER, SCRATCH, Cells, odd, put, refusal, rows, table

ROW = "1,ann,2024-01-01,5\n"
TWO = [(2, "1", "ann", "2024-01-01", "5"), (3, "2", "bob", "2024-01-02", "6")]


@pytest.fixture(autouse=True, params=["in memory", "in files"])
def _held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test is run twice: as for small files, and as for large ones."""
    if request.param == "in files":
        monkeypatch.setattr("merchant_check.read.content.IN_MEMORY", 0)


# ---- what is read


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "^", ":", "\x1f"])
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
    assert not found.odd


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
    assert not found.odd


def test_titles_above_the_header_are_no_rows(tmp_path: Path) -> None:
    found = table(tmp_path, "Lumen Lamps;;\nOrders of January;;\n\nOrder ID;Date;Total\n1;2024-01-01;5\n")
    assert found.headers == ("Order ID", "Date", "Total")
    assert rows(found) == [(5, "1", "2024-01-01", "5")]
    assert found.rows_read == 1


@pytest.mark.parametrize("blank", ["", "^\n"])
def test_letters_that_look_like_a_compressed_file_are_text(tmp_path: Path, blank: str) -> None:
    found = table(tmp_path, f"x^order_id^amount\n{blank}x^2^3\n{blank}")
    assert [row[1:] for row in rows(found)] == [("x", "2", "3")]


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
    assert odd(found) == [3]
    assert found.rows_read == 3


def test_line_numbers_count_lines_within_cells(tmp_path: Path) -> None:
    text = (
        HEADER + '1,"a\nb",2024-01-01,5\nshort\n2,"a\n\nb",2024-01-02,5\n\n3,c,2024-01-03,5\n4,"x\ny"\n5,d,2024-01-05,5'
    )
    found = table(tmp_path, text)
    assert [line for line, *_ in rows(found)] == [2, 5, 9, 12]
    assert odd(found) == [4, 10]  # the latter goes on in line 11
    assert found.rows_read == 6


def test_the_same_with_crlf(tmp_path: Path) -> None:
    text = HEADER + '1,"a\nb",2024-01-01,5\nshort\n2,c,2024-01-02,"6"\n'
    found = table(tmp_path, text.replace("\n", "\r\n"))
    assert [line for line, *_ in rows(found)] == [2, 5]
    assert odd(found) == [4]


@pytest.mark.parametrize("end", ["", ","])
def test_a_last_separator_may_lack_in_the_header(tmp_path: Path, end: str) -> None:
    """Chase and JD end their rows, but not the header, in a separator."""
    found = table(tmp_path, f"{HEADER.strip()}{end}\n1,ann,2024-01-01,5,\n2,bob,2024-01-02,6,\n")
    assert found.headers == ("order_id", "customer_id", "ordered_at", "amount", "")
    assert rows(found) == [(*row, None) for row in TWO]


def test_a_last_separator_in_few_rows_is_a_wrong_width(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER + "1,ann,2024-01-01,5\n2,bob,2024-01-02,6\n3,cid,2024-01-03,7,\n")
    assert (rows(found), odd(found)) == (TWO, [4])


def test_a_last_cell_that_is_filled_is_no_separator_too_many(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER + "1,ann,2024-01-01,5,x\n2,bob,2024-01-02,6,y\n")
    assert (rows(found), odd(found)) == ([], [2, 3])


# ---- quotes


def test_single_quotes_around_all_cells_are_quotes(tmp_path: Path) -> None:
    found = table(tmp_path, "'order_id','customer_id','ordered_at','amount'\n'1','O''Neil, \"x\"','2024-01-01','5'\n")
    assert found.headers == ("order_id", "customer_id", "ordered_at", "amount")
    assert rows(found) == [(2, "1", 'O\'Neil, "x"', "2024-01-01", "5")]


def test_single_quotes_below_a_plain_header_are_text(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER + "1,'ann','2024-01-01',5\n2,'a,nn',2024-01-01,5\n")
    assert rows(found) == [(2, "1", "'ann'", "'2024-01-01'", "5")]
    assert odd(found) == [3]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        *(('12" wide', '12" wide'), ('5" x 7" sheet', '5" x 7" sheet'), ('the "best"', 'the "best"')),
        *((' "ann, b" ', "ann, b"), ('\t"ann"', "ann"), (' "two\nlines" ', "two\nlines"), (' "" ', "")),
        *((r'"the \"best\""', 'the "best"'), (r'"\"a\", b"', '"a", b')),
        *((r'"ends in \"', "ends in \\"), (r'"C:\new"', "C:\\new"), ('"say ""hi"""', 'say "hi"')),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quotes_are_read_as_they_were_meant(tmp_path: Path, written: str, name: str, end: str) -> None:
    """Inches within plain cells, blanks around quoted ones, and quotes escaped by a backslash."""
    text = f"{HEADER}1,ann,2024-01-01,5\n9,{written},2024-01-01,5\n2,bob,2024-01-02,6\n"
    found = table(tmp_path, text.replace("\n", end))
    assert [row[1:] for row in rows(found)] == [
        TWO[0][1:],
        ("9", name, "2024-01-01", "5"),
        TWO[1][1:],
    ]
    assert not found.odd


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_quotes_are_mended_with_any_separator(tmp_path: Path, quote: str, separator: str) -> None:
    header = separator.join(f"{quote}{name}{quote}" for name in HEADER.strip().split(","))
    row = separator.join(["9", f" {quote}a{separator}b{quote} ", "2024-01-01", f"5{quote} x 7{quote}"])
    found = table(tmp_path, f"{header}\n{row}\n")
    assert rows(found) == [(2, "9", f"a{separator}b", "2024-01-01", f"5{quote} x 7{quote}")]


@pytest.mark.parametrize(
    "stray", ['9,"a"b",c",2024-01-01,5', '9,"12" wide",2024-01-01,5', '9,"a"b,2024-01-01,5', '9," a" b ,2024-01-01,5']
)
def test_a_row_with_stray_quotes_is_set_aside(tmp_path: Path, stray: str) -> None:
    found = table(tmp_path, f"{HEADER}{ROW}{stray}\n2,bob,2024-01-02,6\n")
    assert [line for line, *_ in rows(found)] == [2, 4]
    assert odd(found) == [3]


def test_every_row_lost_to_a_stray_quote_is_counted(tmp_path: Path) -> None:
    """The quote opens a cell that goes on to the next quote, or to the end: all those rows are gone."""
    body = '2,"bob,2024-01-02,6\n3,cid,2024-01-03,7\n4,dan"x,2024-01-04,8\n5,eve,2024-01-05,9\n'
    found = table(tmp_path, HEADER + ROW + body)
    assert [line for line, *_ in rows(found)] == [2, 6]
    assert odd(found) == [3, 4, 5]
    assert {item.below for item in found.odd} == {False}
    found = table(tmp_path, HEADER + ROW + '2,"bob,2024-01-02,6\n' + "3,cid,2024-01-03,7\n" * 50)
    assert odd(found) == list(range(3, 54))
    assert {item.below for item in found.odd} == {True}
    assert found.rows_read == 52


def test_lines_lost_to_a_stray_quote_are_counted_where_no_row_can_be_told_among_them(tmp_path: Path) -> None:
    found = table(tmp_path, 'order_id,amount\n1,5\n2,"6\n3,7\n4,8\n')
    assert (rows(found), odd(found)) == ([(2, "1", "5")], [3, 4, 5])


def test_a_last_row_whose_quotes_are_escaped_is_read(tmp_path: Path) -> None:
    """What is odd above it is no footer."""
    found = table(
        tmp_path,
        HEADER
        + ROW
        + r"""short
9,"12\"",2024-01-01,5""",
    )
    assert rows(found)[1:] == [(4, "9", '12"', "2024-01-01", "5")]
    assert [(item.line, item.below) for item in found.odd] == [(3, False)]


def test_a_record_that_swallowed_rows_is_set_aside(tmp_path: Path) -> None:
    """Its quotes are sound, but a line within is a whole row: two orders are not to vanish in a third one's name."""
    body = '2,bob,2024-01-02,"6\n3,cid,2024-01-03,7\n4,dan,2024-01-04,8"\n5,eve,2024-01-05,9\n'
    found = table(tmp_path, HEADER + ROW + body)
    assert [line for line, *_ in rows(found)] == [2, 6]
    assert odd(found) == [3, 4, 5]


@pytest.mark.parametrize("end", ["", ",x"])
def test_a_record_that_swallowed_rows_is_set_aside_wherever_it_ends(tmp_path: Path, end: str) -> None:
    body = f'1,"ann,2024-01-01,5{end}\n2,bob,2024-01-02,6{end}\n3,cid",2024-01-03,7{end}\n4,dan,2024-01-04,8{end}\n'
    found = table(tmp_path, HEADER.replace("\n", ",note\n" if end else "\n") + body)
    assert [line for line, *_ in rows(found)] == [5]
    assert odd(found) == [2, 3, 4]


@pytest.mark.parametrize("note", ["a, b\nc, d", "a\nb, c\nd", "one\n\n\nfour", "x\n,\ny"])
def test_text_of_several_lines_with_separators_swallowed_nothing(tmp_path: Path, note: str) -> None:
    found = table(tmp_path, f'{HEADER}1,"{note}",2024-01-01,5\n2,bob,2024-01-02,6\n')
    assert [row[1:] for row in rows(found)] == [("1", note, "2024-01-01", "5"), TWO[1][1:]]
    assert not found.odd


def test_a_plain_cell_with_an_inch_opens_no_record(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER + '1,12" wide,2024-01-01,5\n2,bob,2024-01-02,6\n3,7" high,2024-01-03,5\n')
    assert [row[:3] for row in rows(found)] == [(2, "1", '12" wide'), (3, "2", "bob"), (4, "3", '7" high')]


def test_a_large_file_keeps_its_line_numbers(tmp_path: Path) -> None:
    body = [f"{number},customer {number},2024-01-01 10:00:00,{number % 97}" for number in range(40_000)]
    body[10_000] = '10000,"two\nlines",2024-01-01 10:00:00,7'
    body[20_000], body[30_000], body[30_001] = "20000,short", "", "30001,long,2024-01-01,5,6"
    found = table(tmp_path, HEADER + "\n".join(body) + "\n")
    assert odd(found) == [20_003, 30_004]
    assert found.rows_read == 39_999
    numbers = {order: line for line, order, *_ in rows(found)}
    assert len(numbers) == 39_997
    assert [numbers[order] for order in ("0", "10000", "10001", "39999")] == [2, 10_002, 10_004, 40_002]


@pytest.mark.parametrize("width", [3, 8000])
def test_quoted_cells_are_read_in_rows_of_any_width(tmp_path: Path, width: int) -> None:
    quoted = '"a, b"' + ',"x"' * (width - 1)
    header = ",".join(f"name {number}" for number in range(width))
    found = table(tmp_path, f"{header}\n{quoted}\n{quoted},\n{quoted}\n")
    assert [row[:3] for row in rows(found)] == [(2, "a, b", "x"), (4, "a, b", "x")]
    assert odd(found) == [3]


def test_rows_keep_their_order_and_lines_however_many_lines_are_missing(tmp_path: Path) -> None:
    """Read more than once, in either engine, with the lines or without."""
    kinds = ["{0},ann,2024-01-01,5", '{0},"two\nlines",2024-01-01,5', "short", ",,,", '{0}, "a" ,2024-01-01,5']
    body = [kinds[number % 7 % 5].format(number) for number in range(5_000)]
    found = table(tmp_path, HEADER + "\n".join(body) + "\n")
    lines, line = [], 2
    for number, text in enumerate(body):
        if number % 7 % 5 in (0, 1, 4):
            lines.append((line, str(number)))
        line += text.count("\n") + 1
    for engine in ("streaming", "in-memory"):
        assert found.frame.select("line", "c0").collect(engine=engine).rows() == lines
    assert found.frame.select("c0").collect(engine="streaming")["c0"].to_list() == [order for _, order in lines]
    assert found.frame.collect_schema()["line"] == pl.UInt32
    assert found.rows_read == len(lines) + len(odd(found))


TEXT = st.text(st.sampled_from('ab01 .,;\n"é'), max_size=6)


def writable(cells: list[str]) -> bool:
    """Not blank, no separator too many, and no line within a cell that looks like a row: these are judged otherwise."""
    filled = re.search('[^ ,\n"]', "".join(cells)) and (len(cells), cells[-1]) != (4, "")
    return bool(filled) and all(line.count(",") < 3 for cell in cells for line in cell.split("\n")[1:-1])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(st.lists(TEXT, min_size=1, max_size=5).filter(writable), max_size=8),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
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
    assert odd(found) == bad
    assert found.rows_read == len(good) + len(bad)


PIECES = st.sampled_from(
    [*"ab1 ", ",", ",", ",", "\n", "\n", '"', '""', '"x"', '"a,b"', '"a\nb"', "\r\n", ",5\n", "1,ann,"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(PIECES, max_size=25).map("".join))
def test_however_broken_the_text_no_row_is_made_up(tmp_path: Path, body: str) -> None:
    """Whatever is accepted is what Python's reader finds on that line; every other line is counted as odd."""
    text = f"order_id,customer,amount\n{body}"
    found = table(tmp_path, text)
    physical = text.split("\n")
    for line, *cells in rows(found):
        assert isinstance(line, int)
        record = next(csv.reader([f"{rest}\n" for rest in physical[line - 1 :]], skipinitialspace=True))
        assert [str(cell or "").strip() for cell in cells] == [cell.replace("\r", "").strip() for cell in record]
        assert len(record) == len(found.headers)
    assert found.rows_read == len(rows(found)) + len(found.odd)


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


@pytest.mark.parametrize("name", ["cp1252", "latin-1", "utf-8", "utf-16", "shift_jis", "gb18030", "cp437"])
def test_a_told_encoding_is_believed(tmp_path: Path, name: str) -> None:
    word = "顧客" if name in ("shift_jis", "gb18030") else "Zoë"
    content = f"order_id,ordered_at,amount,{word}\n1,2024-01-01,5,{word}\n"
    found = table(tmp_path, content.encode(name), encoding=name)
    assert found.headers[3] == word
    assert rows(found) == [(2, "1", "2024-01-01", "5", word)]


@pytest.mark.parametrize("name", ["latin-99", "hex", "zip"])
def test_an_encoding_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    error = refusal(lambda: table(tmp_path, HEADER + ROW, encoding=name))
    assert (error.code, repr(name) in error.message) == ("unknown-encoding", True)


def test_a_wrongly_told_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    latin = (HEADER + ROW + "2,Zoë,2024-01-02,6\n").encode("latin-1")
    error = refusal(lambda: table(tmp_path, latin, encoding="utf-8"))
    assert str(error).startswith("orders.csv:3: is not whole utf-8")
    assert "--encoding" in error.remedy


def test_chinese_headers_prove_gb18030(tmp_path: Path) -> None:
    text = "订单编号,买家会员名,买家实际支付金额,订单状态,订单创建时间\n1,安,5,交易成功,2024-01-01\n"
    found = table(tmp_path, text.encode("gb18030"))
    assert found.encoding == "gb18030"
    assert rows(found) == [(2, "1", "安", "5", "交易成功", "2024-01-01")]


def test_cells_of_an_unknown_encoding_are_read_byte_by_byte(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER.encode() + b"1,Zo\xeb M\xfcller,2024-01-01,5\n")
    assert found.encoding == ASSUMED
    assert rows(found) == [(2, "1", "Zoë Müller", "2024-01-01", "5")]


def test_headers_of_an_unknown_encoding_are_refused(tmp_path: Path) -> None:
    content = "Bestellnummer;Käufer;date;amount\n1;ann;2024-01-01;5\n".encode("latin-1")
    error = refusal(lambda: table(tmp_path, content))
    assert str(error).startswith("orders.csv:1: the header 'Käufer' is in an encoding that can't be told")
    assert "--encoding" in error.remedy


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    assert refusal(lambda: table(tmp_path, (HEADER + ROW).encode("utf-16")[:-1])).where is not None


def test_utf_8_with_a_broken_line_is_refused_with_that_line(tmp_path: Path) -> None:
    """What was UTF-8 up to there is in no other encoding."""
    content = (HEADER + "1,Zoë,2024-01-01,5\n").encode() + b"2,Zo\xeb,2024-01-02,6\n"
    error = refusal(lambda: table(tmp_path, content))
    assert error.code == "unknown-encoding"
    assert str(error).startswith("orders.csv:3: byte 0xeb is not UTF-8")


# ---- a told separator


def test_a_told_separator_is_believed(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER.replace(",", "~") + "1~a,b;c~2024-01-01~5\n", delimiter="~")
    assert (found.delimiter, rows(found)) == ("~", [(2, "1", "a,b;c", "2024-01-01", "5")])
    found = table(tmp_path, "a;order_id,b;ordered_at,c;amount\n1;2,3;4,5;6\n", delimiter=";")
    assert found.headers == ("a", "order_id,b", "ordered_at,c", "amount")


def test_a_told_separator_that_is_not_there_is_refused(tmp_path: Path) -> None:
    error = refusal(lambda: table(tmp_path, HEADER + ROW, delimiter=";"))
    assert error.code == "wrong-delimiter"
    assert str(error).startswith("orders.csv:1: has no separator ';'")
    assert "--delimiter" in error.remedy


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
    found = open_table(str(tmp_path / "orders.parquet"), "orders.parquet", known, SCRATCH)
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


def test_damage_within_a_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    pl.DataFrame({"order_id": [str(number * 7919) for number in range(10_000)], "amount": 5}).write_parquet(path)
    data = bytearray(path.read_bytes())
    data[2000:4000] = bytes(2000)
    assert refusal(lambda: table(tmp_path, bytes(data), "orders.parquet")).code == "corrupt-parquet"


def test_lists_in_a_parquet_file_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"order_id": [["1"]], "amount": [5]}).write_parquet(tmp_path / "orders.parquet")
    assert refusal(lambda: open_table(str(tmp_path / "orders.parquet"), "x", known, SCRATCH)).code == "corrupt-parquet"


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


def test_nul_bytes_are_refused(tmp_path: Path) -> None:
    error = refusal(lambda: table(tmp_path, HEADER.encode() + b"1,an\x00n,2024-01-01,5\n"))
    assert "NUL" in error.message


@pytest.mark.parametrize("end", ["\r", "\r\r\n"])
def test_other_line_ends_are_line_ends(tmp_path: Path, end: str) -> None:
    found = table(tmp_path, (HEADER + ROW).replace("\n", end))
    assert [line for line, *_ in rows(found)] == [2]


def test_line_separators_are_line_ends_where_there_are_no_others(tmp_path: Path) -> None:
    found = table(tmp_path, (HEADER + ROW + "2,bob,2024-01-02,6\n").replace("\n", "\u2028"))
    assert rows(found) == TWO
    assert rows(table(tmp_path, f"{HEADER}1,an\u2028n,2024-01-01,5\n")) == [(2, "1", "an\u2028n", "2024-01-01", "5")]


def test_one_cr_among_many_lines_is_text(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER + ROW * 20 + "2,bo\rb,2024-01-02,6\n")
    assert len(rows(found)) == 21
    assert rows(found)[-1][2] == "bo b"


def test_a_folder_and_a_missing_file_are_refused_by_name(tmp_path: Path) -> None:
    folder = refusal(lambda: open_table(str(tmp_path), "exports", known, SCRATCH))
    assert (folder.code, str(folder).split(":")[0]) == ("is-a-folder", "exports")
    missing = refusal(lambda: open_table(str(tmp_path / "no.csv"), "no.csv", known, SCRATCH))
    assert (missing.code, str(missing).split(":")[0]) == ("cannot-open", "no.csv")
    assert "No such file" in missing.message


@pytest.mark.parametrize("name", ["orders-*.csv", "orders-[12].csv"])
def test_a_path_is_no_pattern(tmp_path: Path, name: str) -> None:
    put(tmp_path, HEADER + ROW, "orders-1.csv")
    assert refusal(lambda: open_table(str(tmp_path / name), name, known, SCRATCH)).code == "cannot-open"
    assert rows(table(tmp_path, HEADER + ROW, name)) == [TWO[0]]


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((HEADER + ROW).encode())))
    found = open_table("-", "stdin", known, SCRATCH)
    assert found.path == "stdin"
    assert rows(found) == [TWO[0]]
