"""Bytes become a table of text with line numbers: every record's width is verified, odd ones are set aside."""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from merchant_check.errors import UserError, Where
from merchant_check.report import SetAside

MAX_UNPACKED = 4 << 30  # bytes a gzip file may unfold to: a bomb must not fill the memory
SHOWN_LINES = 5  # how many line numbers a report names for each reason
DELIMITERS = (",", ";", "\t", "|")
NOT_CSV = {
    b"PK\x03\x04": ("an Excel or zip file", "export it as CSV and pass that file"),
    b"%PDF": ("a PDF", "export the data as CSV and pass that file"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "save it as CSV UTF-8 and pass that file"),
    b"<": ("a web page or XML", "download the export again: a login page may have been saved instead"),
    b"{": ("JSON", "export the data as CSV and pass that file"),
    b"[": ("JSON", "export the data as CSV and pass that file"),
}


@dataclass(frozen=True)
class Table:
    """One file as text. `frame` has a UInt32 column `line` and the String columns c0, c1, … in header order;
    blank fields are null. Rows of a wrong width are already left out of it and counted in `rejected`."""

    path: str
    headers: tuple[str, ...]
    frame: pl.LazyFrame
    encoding: str
    delimiter: str | None
    rows_read: int
    rejected: tuple[SetAside, ...] = ()

    def where(self, line: int | None = None) -> Where:
        return Where(self.path, line)


def open_table(path: str, name: str, knows: Callable[[list[str]], int]) -> Table:
    """Read a file as text; `-` is standard input. `name` is what reports and errors call it.

    `knows` counts the names in a header row that mean something; it settles the separator.
    Raises UserError when the file can't be opened or is not a table.
    """
    data = _unpacked(name, _bytes(path, name))
    if data.startswith(b"PAR1"):
        return _parquet(name, data)
    header_line, header_text = _header(_checked_text(name, data))
    delimiter = max(DELIMITERS, key=lambda sep: (knows(_split(header_text, sep)), len(_split(header_text, sep))))
    headers = _split(header_text, delimiter)
    structure = _check_structure(data, delimiter, len(headers), header_line)
    frame = _scan(data, delimiter, len(headers), structure)
    return Table(
        name,
        tuple(headers),
        frame,
        encoding="utf-8",
        delimiter=delimiter,
        rows_read=structure.records - structure.blank,
        rejected=set_aside("wrong number of fields or a stray quote", structure.bad_lines),
    )


def _bytes(path: str, name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except IsADirectoryError:
        raise UserError(
            "is-a-folder", "this is a folder", remedy="name the files in it, e.g. folder/*.csv", where=Where(name)
        ) from None
    except OSError as error:
        raise UserError(
            "cannot-open", f"cannot open it: {error.strerror}", remedy="check the path", where=Where(name)
        ) from None


def _unpacked(name: str, data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            unpacked = stream.read(MAX_UNPACKED + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise UserError(
            "corrupt-gzip",
            f"the gzip file is truncated or corrupt ({error})",
            remedy="download or compress it again",
            where=Where(name),
        ) from None
    if len(unpacked) > MAX_UNPACKED:
        raise UserError(
            "too-large",
            f"unfolds to more than {MAX_UNPACKED >> 30} GiB, the limit for gzip files",
            remedy="unpack it yourself and pass the CSV",
            where=Where(name),
        )
    return unpacked


def _checked_text(name: str, data: bytes) -> str:
    """The start of the text, after everything that makes a file not a UTF-8 CSV has been refused."""

    def refuse(code: str, message: str, remedy: str) -> UserError:
        return UserError(code, message, remedy=remedy, where=Where(name))

    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise refuse("empty-file", "the file is empty", "export it again")
    for magic, (what, remedy) in NOT_CSV.items():
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(magic):
            raise refuse("not-csv", f"this is {what}, not CSV", remedy)
    if b"\0" in data:
        raise refuse("not-utf-8", "it holds NUL bytes: UTF-16 or a binary file", "save it as CSV UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(
            "not-utf-8",
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            remedy="save the file with the encoding UTF-8",
            where=Where(name, line),
        ) from None
    if b"\r" in data and b"\n" not in data:
        raise refuse("line-ends", "lines end with CR alone", "save it with LF or CRLF line ends")
    return data[: 1 << 20].decode("utf-8-sig", errors="ignore")


def _header(text: str) -> tuple[int, str]:
    """The first line that is not blank, with its number."""
    lines = enumerate(text.replace("\r\n", "\n").split("\n"), 1)
    return next((number, line) for number, line in lines if line.strip())


def _split(header: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([header], delimiter=delimiter, strict=True), [])]
    except csv.Error:
        return []


@dataclass(frozen=True)
class _Structure:
    """Which records after the header are usable; `bad` counts them from 0, `lines` names the line each starts on
    (None when every record is one line)."""

    header_line: int
    records: int
    blank: int
    bad: list[int]
    bad_lines: list[int]
    lines: pl.Series | None


def _check_structure(data: bytes, delimiter: str, width: int, header_line: int) -> _Structure:
    """Verify every record's width in one vectorised pass over the lines.

    polars pads short rows, cuts long ones and swallows lines after a stray quote without a word, so the lines are
    counted here independently of its parser.
    """
    text = pl.col("text")
    lines = (
        pl.scan_lines(data, name="text", row_index_name="line", row_index_offset=1)
        .filter(pl.col("line") > header_line)
        .with_columns(quotes=text.str.count_matches('"', literal=True))
    )
    several_lines = lines.select((pl.col("quotes") % 2).any()).collect(engine="streaming").item()
    records = _joined(lines) if several_lines else lines.with_row_index("record")
    sep = re.escape(delimiter)
    # each well-formed quoted field becomes one mark; what then still holds a quote, or follows a mark, is stray
    bare = text.str.replace_all(f'(^|{sep})"(?:[^"]|"")*"', "${1}\x01")
    good = (
        (bare.str.count_matches(delimiter, literal=True) == width - 1)
        & ~bare.str.contains('"', literal=True)
        & ~bare.str.contains(f"\x01[^{sep}]")
    )
    blank = text.str.strip_chars(f' \t"{delimiter}') == ""
    odd = records.filter(~good | blank).select("record", "line", blank=blank)
    count, found = pl.collect_all([records.select(pl.len()), odd], engine="streaming")
    bad = found.filter(~pl.col("blank"))
    return _Structure(
        header_line,
        records=int(count.item()),
        blank=found.height - bad.height,
        bad=bad["record"].to_list(),
        bad_lines=bad["line"].to_list(),
        lines=records.select("line").collect()["line"] if several_lines else None,
    )


def _joined(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Join lines into records: a record goes on while a quoted field is open (an odd number of quotes so far)."""
    closed_before = pl.col("quotes").cum_sum().shift(1, fill_value=0) % 2 == 0
    return (
        lines.with_columns(record=closed_before.cum_sum() - 1)
        .group_by("record", maintain_order=True)
        .agg(pl.col("line").first(), pl.col("text").str.join("\n"))
        .collect()
        .lazy()
    )


def _scan(data: bytes, delimiter: str, width: int, structure: _Structure) -> pl.LazyFrame:
    """The usable records as text columns c0, c1, … with the line each starts on."""
    frame = pl.scan_csv(
        data,
        has_header=False,
        skip_lines=structure.header_line,
        separator=delimiter,
        schema={f"c{index}": pl.String for index in range(width)},
        truncate_ragged_lines=True,
        missing_columns="insert",
        row_index_name="record",
        glob=False,
    )
    if structure.lines is not None:
        starts = structure.lines.to_frame("line").with_row_index("record").lazy()
        frame = frame.join(starts, on="record", how="left", maintain_order="left")
    else:
        frame = frame.with_columns(line=pl.col("record") + (structure.header_line + 1))
    usable = ~pl.all_horizontal(pl.col("^c[0-9]+$").is_null())
    if structure.bad:
        usable &= ~pl.col("record").is_in(structure.bad)
    return frame.filter(usable).drop("record")


def _parquet(path: str, data: bytes) -> Table:
    """Parquet is typed already; its values take the same road as text, so that they are checked the same way."""
    try:
        frame = pl.read_parquet(data)
        text = frame.select(pl.all().cast(pl.String))
    except pl.exceptions.PolarsError as error:
        raise UserError(
            "corrupt-parquet", f"cannot read the parquet file ({error})", remedy="write it again", where=Where(path)
        ) from None
    headers = tuple(text.columns)
    text.columns = [f"c{index}" for index in range(len(headers))]
    lines = text.with_row_index("line", offset=1)
    return Table(path, headers, lines.lazy(), encoding="parquet", delimiter=None, rows_read=frame.height)


def set_aside(reason: str, lines: list[int]) -> tuple[SetAside, ...]:
    """One entry of a data line, or none where no row fell under the reason."""
    return (SetAside(reason, len(lines), tuple(sorted(lines)[:SHOWN_LINES])),) if lines else ()
