"""Files become tables of text cells with line numbers, whose header row settles how their records are written."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import polars as pl

from merchant_check.errors import Where, clean, refusal
from merchant_check.read.across import Across, months_across
from merchant_check.read.content import opened
from merchant_check.read.records import Fetch, Form, read_records
from merchant_check.read.scratch import Scratch
from merchant_check.read.source import ASSUMED, SAY_ENCODING, Source, open_source

SHOWN_LINES = 5  # how many line numbers a report names for each reason
DELIMITERS = (",", ";", "\t", "|", "^", ":", "\x1f")
QUOTES = ('"', "'")
MOST_ACCOUNTS = 10_000  # rows below months across
PREAMBLE_LINES = 40  # exports put titles, periods and account data above the header row
MOST_FETCHED = 1 << 20  # lines held in memory as text at a time
FEW_ROWS = 20  # enough to see that rows end in a separator too many

Known = Callable[[Sequence[str]], int]
"""How many of the names of a row are header names that mean something."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A line that is no sound row; `below`: no sound row comes after it."""

    line: int
    text: str
    below: bool


@dataclass(frozen=True)
class Dialect:
    """What the user says about a file's bytes, where recognition needs help: None leaves it to the file."""

    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True)
class Table:
    """One file as text. `frame` has a UInt32 column `line` and the String columns c0, c1, … in header order;
    empty fields are null. Blank lines and rows of a wrong width are already left out of it, the latter listed in
    `odd`."""

    path: str
    headers: tuple[str, ...]
    frame: pl.LazyFrame
    encoding: str
    delimiter: str | None
    rows_read: int
    odd: tuple[Odd, ...] = ()
    header_line: int = 1
    across: bool = False  # months stood across in the file, and each became a row
    fetch: Fetch | None = None

    def at(self, lines: pl.Series) -> pl.LazyFrame:
        """The rows that begin at these lines."""
        if self.fetch and len(lines) <= MOST_FETCHED:
            return self.fetch(lines)
        return self.frame.filter(pl.col("line").is_in(lines.implode()))

    def where(self, line: int | None = None) -> Where:
        return Where(self.path, line)


def open_table(path: str, name: str, known: Known, scratch: Scratch, dialect: Dialect = Dialect()) -> Table:
    """Read a file as a table; `-` is standard input, `name` is what reports and errors call it.

    `known` settles which row is the header and which separator is used. The table's frame may read from `scratch`.
    Raises UserError when the file can't be opened or is no table.
    """
    delimiters = (dialect.delimiter,) if dialect.delimiter else DELIMITERS

    def vouch(text: str) -> int:
        return known(_header(text, known, delimiters).foreign)

    source = open_source(path, name, vouch, dialect.encoding, scratch)
    if source.is_parquet:
        return _parquet(source)
    if across := months_across(source.start.split("\n", PREAMBLE_LINES)[:PREAMBLE_LINES]):
        return _turned(source, across)
    header = _with_last_cells(_header(source.start, known, delimiters), source.start)
    if source.encoding == ASSUMED and header.foreign:
        reason = f"the header {clean(header.foreign[0])!r} is in an encoding that can't be told"
        raise refusal(name, "unknown-encoding", reason, SAY_ENCODING, header.line)
    if dialect.delimiter and len(header.cells) < 2:
        reason = f"has no separator {clean(dialect.delimiter)!r} in its header row"
        raise refusal(name, "wrong-delimiter", reason, "name the right one with --delimiter, or none", header.line)
    form = Form(header.line, len(header.cells), header.delimiter, header.quote)
    records = read_records(source.content, form, scratch)
    return Table(
        name,
        tuple(header.cells),
        records.frame,
        encoding=source.encoding,
        delimiter=header.delimiter,
        rows_read=records.count + len(records.unsound),
        odd=tuple(Odd(line, text, below=line > records.last) for line, text in records.unsound),
        header_line=header.line,
        fetch=records.at,
    )


@dataclass(frozen=True)
class _Header:
    """The header row: its line, its cells, the separator between them, the quote around them."""

    line: int
    cells: list[str]
    delimiter: str
    quote: str
    names: int  # how many cells are known header names

    @property
    def foreign(self) -> list[str]:
        """The names that are not ASCII: if they are known, the encoding they were read in is the right one."""
        return [cell for cell in self.cells if not cell.isascii()]


def _header(text: str, known: Known, delimiters: Sequence[str]) -> _Header:
    """The row, among the first ones, with the most known names, read with the separator and quote that show them.

    Where no row has two, the first that is not blank: what is missing will be said of its names.
    """
    lines = list(enumerate(text.split("\n", PREAMBLE_LINES)[:PREAMBLE_LINES], 1))
    rows = [(number, line.rstrip("\r")) for number, line in lines if line.strip(" \t\r,;")]
    found = [
        _Header(number, cells, delimiter, quote, known(cells))
        for number, line in rows
        for delimiter in delimiters
        for quote in QUOTES
        if (quote == QUOTES[0] or line.lstrip().startswith(quote)) and (cells := _cells(line, delimiter, quote))
    ]
    if not found:
        return _Header(1, [""], delimiters[0], QUOTES[0], 0)
    most = max(header.names for header in found)
    if most >= 2:  # cells of a row of data may be header names by chance, so the first good row wins
        first_good = next(header.line for header in found if header.names * 2 >= most)
        rows_of = [header for header in found if header.line == first_good]
        return max(rows_of, key=lambda header: (header.names, len(header.cells), header.quote != QUOTES[0]))
    first = [header for header in found if header.line == found[0].line]
    return max(first, key=lambda header: (header.names, len(header.cells)))


def _cells(line: str, delimiter: str, quote: str) -> list[str]:
    reader = csv.reader([line], delimiter=delimiter, quotechar=quote, strict=True, skipinitialspace=True)
    try:
        return [cell.strip() for cell in next(reader, [])]
    except csv.Error:
        return []


def _with_last_cells(header: _Header, start: str) -> _Header:
    """Some programs end their rows, but not the header, in a separator: that makes a last column without a name."""
    rows = [row.rstrip("\r") for row in start.split("\n")[header.line :][:FEW_ROWS]]
    filled = [row for row in rows if row.strip(f" {header.delimiter}")]
    wider = [
        row.endswith(header.delimiter) and len(_cells(row, header.delimiter, header.quote)) == len(header.cells) + 1
        for row in filled
    ]
    if sum(wider) > len(wider) - sum(wider):
        return replace(header, cells=[*header.cells, ""])
    return header


def _turned(source: Source, across: Across) -> Table:
    """A table with the months across: each of them becomes a row, with the lines down as its columns."""
    columns = {"c0": [across.names[at] for at in across.columns]}
    headers = ["Month"]
    with opened(source.content) as file:
        lines = (line.decode().replace("\r", "").removesuffix("\n") for line in islice(file, across.line, None))
        try:
            for row in csv.reader(lines, delimiter=across.delimiter):
                if row and row[0].strip():
                    columns[f"c{len(headers)}"] = [row[at].strip() if at < len(row) else "" for at in across.columns]
                    headers.append(row[0].strip())
                if len(headers) > MOST_ACCOUNTS:
                    reason = f"has over {MOST_ACCOUNTS:,} rows below months across"
                    raise refusal(source.name, "too-large", reason, "export one row for each month")
        except csv.Error as error:
            raise refusal(source.name, "corrupt-csv", f"cannot read its rows ({error})", "export it again") from None
    frame = pl.LazyFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return Table(
        source.name,
        tuple(headers),
        frame.with_columns(line=pl.lit(across.line, pl.UInt32)),
        encoding=source.encoding,
        delimiter=across.delimiter,
        rows_read=len(across.columns),
        header_line=across.line,
        across=True,
    )


def _parquet(source: Source) -> Table:
    """Parquet is typed already; its values take the same road as text, so that they are checked the same way.

    All of it is decoded once here, so that damage is found before a figure depends on it.
    """
    try:
        frame = pl.scan_parquet(source.content, glob=False, hive_partitioning=False)
        headers = tuple(frame.collect_schema().names())
        text = frame.select(pl.nth(index).cast(pl.String).alias(f"c{index}") for index in range(len(headers)))
        rows = int(frame.select(pl.len()).collect().item())
        text.select(pl.all().null_count()).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        reason = f"cannot read the parquet file ({str(error).splitlines()[0]})"
        raise refusal(source.name, "corrupt-parquet", reason, "write it again, with plain columns") from None
    lined = text.with_row_index("line", offset=1)
    return Table(source.name, headers, lined, encoding="parquet", delimiter=None, rows_read=rows)
