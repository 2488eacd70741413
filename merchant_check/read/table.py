"""Text becomes a table of text cells with line numbers: every record's width is verified, odd ones are set aside."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from merchant_check.errors import UserError, Where
from merchant_check.read.source import Source, open_source
from merchant_check.report import SetAside

SHOWN_LINES = 5  # how many line numbers a report names for each reason
DELIMITERS = (",", ";", "\t", "|", "^", ":", "\x1f")
PREAMBLE_LINES = 40  # exports put titles, periods and account data above the header row
ODD_RECORD = "wrong number of fields or a stray quote"

Known = Callable[[Sequence[str]], int]
"""How many of the names of a row are header names that mean something."""


@dataclass(frozen=True)
class Table:
    """One file as text. `frame` has a UInt32 column `line` and the String columns c0, c1, … in header order;
    empty fields are null. Blank lines and rows of a wrong width are already left out of it, the latter counted in
    `rejected`."""

    path: str
    headers: tuple[str, ...]
    frame: pl.LazyFrame
    encoding: str
    delimiter: str | None
    rows_read: int
    rejected: tuple[SetAside, ...] = ()
    header_line: int = 1

    def where(self, line: int | None = None) -> Where:
        return Where(self.path, line)


def open_table(path: str, name: str, known: Known) -> Table:
    """Read a file as a table; `-` is standard input, `name` is what reports and errors call it.

    `known` settles which row is the header and which separator is used.
    Raises UserError when the file can't be opened or is no table.
    """
    source = open_source(path, name, lambda text: _header(text, known).names)
    if source.is_parquet:
        return _parquet(source)
    header = _header(source.data[: 1 << 20].decode("utf-8", "ignore"), known)
    records = _records(source.data, header)
    return Table(
        name,
        tuple(header.cells),
        records.frame,
        encoding=source.encoding,
        delimiter=header.delimiter,
        rows_read=records.count,
        rejected=set_aside(ODD_RECORD, records.bad_lines),
        header_line=header.line,
    )


@dataclass(frozen=True)
class _Header:
    """The header row: its line, its cells and the separator between them."""

    line: int
    cells: list[str]
    delimiter: str
    names: int  # how many cells are known header names


def _header(text: str, known: Known) -> _Header:
    """The row, among the first ones, with the most known names, read with the separator that shows them.

    Where no row has two, the first that is not blank: what is missing will be said of its names.
    """
    lines = list(enumerate(text.split("\n", PREAMBLE_LINES)[:PREAMBLE_LINES], 1))
    rows = [(number, line.rstrip("\r")) for number, line in lines if line.strip(" \t\r,;")]
    found = [
        _Header(number, cells, delimiter, known(cells))
        for number, line in rows
        for delimiter in DELIMITERS
        if (cells := _cells(line, delimiter))
    ]
    most = max(header.names for header in found)
    if most >= 2:  # cells of a row of data may be header names by chance, so the first good row wins
        first_good = next(header.line for header in found if header.names * 2 >= most)
        rows_of = [header for header in found if header.line == first_good]
        return max(rows_of, key=lambda header: (header.names, len(header.cells)))
    first = [header for header in found if header.line == found[0].line]
    return max(first, key=lambda header: (header.names, len(header.cells)))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True), [])]
    except csv.Error:
        return []


@dataclass(frozen=True)
class _Records:
    """The usable records as a frame; how many there were, blank ones aside; and the lines of the unusable ones."""

    frame: pl.LazyFrame
    count: int
    bad_lines: list[int]


def _records(data: bytes, header: _Header) -> _Records:
    """Verify every record's width in one vectorised pass over the lines, and read those that are sound.

    polars pads short rows, cuts long ones and swallows lines after a stray quote without a word, so the records are
    counted here independently of its parser, and it is given nothing but sound ones.
    """
    text, width = pl.col("text"), len(header.cells)
    lines = (
        pl.scan_lines(data, name="text", row_index_name="line", row_index_offset=1, glob=False)
        .filter(pl.col("line") > header.line)
        .with_columns(quotes=text.str.count_matches('"', literal=True))
    )
    several_lines = lines.select((pl.col("quotes") % 2).any()).collect(engine="streaming").item()
    records = _joined(lines) if several_lines else lines.with_columns(height=pl.lit(1, pl.UInt32))
    sep = re.escape(header.delimiter)
    # each well-formed quoted field becomes one mark; what then still holds a quote, or follows a mark, is stray
    bare = text.str.replace_all(f'(^|{sep})"(?:[^"]|"")*"', "${1}\x01")
    stray = bare.str.contains('"', literal=True) | bare.str.contains(f"\x01[^{sep}]")
    sound = (bare.str.count_matches(header.delimiter, literal=True) == width - 1) & ~stray
    blank = text.str.strip_chars(f' \t\r"{header.delimiter}') == ""
    # a stray quote that opens a field makes many lines one bad record: each of them is a row that was lost
    rows = pl.when(stray).then("height").otherwise(1)
    odd = records.filter(~sound | blank).select("line", rows=rows, blank=blank)
    total, found = pl.collect_all([records.select(pl.len()), odd], engine="streaming")
    bad = found.filter(~pl.col("blank"))
    bad_lines = [number for line, lost in bad.select("line", "rows").rows() for number in range(line, line + lost)]
    count = int(total.item()) - found.height + len(bad_lines)
    if not found.height and not several_lines:
        frame = _scan(data, header, skip=header.line).with_columns(line=pl.col("record") + (header.line + 1))
        return _Records(frame.drop("record"), count, bad_lines)
    kept = records.filter(sound & ~blank).select("line", "text").collect(engine="streaming")
    clean = "\n".join(kept["text"]).encode()
    starts = kept.select("line").with_row_index("record").lazy()
    frame = _scan(clean, header, skip=0).join(starts, on="record", how="left", maintain_order="left")
    return _Records(frame.drop("record"), count, bad_lines)


def _joined(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Join lines into records: a record goes on while a quoted field is open (an odd number of quotes so far)."""
    closed_before = pl.col("quotes").cum_sum().shift(1, fill_value=0) % 2 == 0
    return (
        lines.with_columns(record=closed_before.cum_sum())
        .group_by("record", maintain_order=True)
        .agg(pl.col("line").first(), pl.col("text").str.join("\n"), height=pl.len())
        .collect()
        .lazy()
    )


def _scan(data: bytes, header: _Header, skip: int) -> pl.LazyFrame:
    """The records as text columns c0, c1, … with a UInt32 `record` that counts them from 0."""
    schema = {f"c{index}": pl.String for index in range(len(header.cells))}
    if not data:
        return pl.LazyFrame(schema={"record": pl.UInt32, **schema})
    return pl.scan_csv(
        data,
        has_header=False,
        skip_lines=skip,
        separator=header.delimiter,
        schema=schema,
        row_index_name="record",
        glob=False,
    )


def _parquet(source: Source) -> Table:
    """Parquet is typed already; its values take the same road as text, so that they are checked the same way."""
    try:
        frame = pl.read_parquet(source.data)
        text = frame.select(pl.all().cast(pl.String))
    except pl.exceptions.PolarsError as error:
        raise UserError(
            "corrupt-parquet",
            f"cannot read the parquet file ({str(error).splitlines()[0]})",
            remedy="write it again, with plain columns",
            where=Where(source.name),
        ) from None
    headers = tuple(text.columns)
    text.columns = [f"c{index}" for index in range(len(headers))]
    lines = text.with_row_index("line", offset=1)
    return Table(source.name, headers, lines.lazy(), encoding="parquet", delimiter=None, rows_read=frame.height)


def set_aside(reason: str, lines: Sequence[int]) -> tuple[SetAside, ...]:
    """One entry of a data line, or none where no row fell under the reason."""
    return (SetAside(reason, len(lines), tuple(sorted(lines)[:SHOWN_LINES])),) if lines else ()
