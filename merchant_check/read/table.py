"""Text becomes a table of text cells with line numbers: every record's width is verified, odd ones are set aside."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from merchant_check.errors import UserError, Where, clean, refusal
from merchant_check.read.across import Across, months_across
from merchant_check.read.source import ASSUMED, SAY_ENCODING, Source, open_source

SHOWN_LINES = 5  # how many line numbers a report names for each reason
DELIMITERS = (",", ";", "\t", "|", "^", ":", "\x1f")
QUOTES = ('"', "'")
PREAMBLE_LINES = 40  # exports put titles, periods and account data above the header row
FEW_ROWS = 20  # enough to see that rows end in a separator too many
TELLING_WIDTH = 4  # a line of text may well have a separator or two, but hardly as many as a row of this width
SHOWN_TEXT = 200  # characters of an odd record that are kept, to tell footers from broken rows

Known = Callable[[Sequence[str]], int]
"""How many of the names of a row are header names that mean something."""


@dataclass(frozen=True)
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

    def where(self, line: int | None = None) -> Where:
        return Where(self.path, line)


def open_table(path: str, name: str, known: Known, dialect: Dialect = Dialect()) -> Table:
    """Read a file as a table; `-` is standard input, `name` is what reports and errors call it.

    `known` settles which row is the header and which separator is used.
    Raises UserError when the file can't be opened or is no table.
    """
    delimiters = (dialect.delimiter,) if dialect.delimiter else DELIMITERS
    source = open_source(path, name, lambda text: known(_header(text, known, delimiters).foreign), dialect.encoding)
    if source.is_parquet:
        return _parquet(source)
    start = source.data[: 1 << 20].decode("utf-8", "ignore")
    if across := months_across(start.split("\n", PREAMBLE_LINES)[:PREAMBLE_LINES]):
        return _turned(source, across)
    header = _with_last_cells(_header(start, known, delimiters), start)
    if source.encoding == ASSUMED and header.foreign:
        reason = f"the header {clean(header.foreign[0])!r} is in an encoding that can't be told"
        raise refusal(name, "unknown-encoding", reason, SAY_ENCODING, header.line)
    if dialect.delimiter and len(header.cells) < 2:
        reason = f"has no separator {clean(dialect.delimiter)!r} in its header row"
        raise refusal(name, "wrong-delimiter", reason, "name the right one with --delimiter, or none", header.line)
    records = _records(source.data, header)
    return Table(
        name,
        tuple(header.cells),
        records.frame,
        encoding=source.encoding,
        delimiter=header.delimiter,
        rows_read=records.count,
        odd=tuple(records.odd),
        header_line=header.line,
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


@dataclass(frozen=True)
class _Records:
    """The usable records as a frame; how many there were, blank ones aside; and the unusable ones, line by line."""

    frame: pl.LazyFrame
    count: int
    odd: list[Odd]


def _records(data: bytes, header: _Header) -> _Records:
    """Verify every record's width in one vectorised pass over the lines, and read those that are sound.

    polars pads short rows, cuts long ones and swallows lines after a stray quote without a word, so the records are
    counted here independently of its parser, and it is given nothing but sound ones. Most lines have no quote and the
    right number of separators: only the others are looked at closely.
    """
    lines = pl.scan_lines(data, name="text", row_index_name="line", row_index_offset=1, glob=False).filter(
        pl.col("line") > header.line
    )
    quotes = pl.col("text").str.count_matches(header.quote, literal=True)
    total, doubtful = pl.collect_all(
        [lines.select(pl.len()), lines.filter(_doubtful(header)).with_columns(quotes=quotes)], engine="streaming"
    )
    if (doubtful["quotes"] % 2 == 1).any():
        records = _joined(lines.with_columns(quotes=quotes), header)
        found = _judged(records, header)
        kept = found.filter(pl.col("sound") & ~pl.col("blank")).select("line", "text")
    else:
        found = _judged(doubtful.with_columns(height=pl.lit(1), swallowed=pl.lit(value=False)), header)
        if found.filter(~pl.col("sound") | pl.col("blank")).is_empty():
            frame = _scan(data, header, skip=header.line).with_columns(line=pl.col("record") + (header.line + 1))
            return _Records(frame.drop("record"), int(total.item()), [])
        off = found.filter(~pl.col("sound") | pl.col("blank"))["line"]
        kept = lines.filter(~pl.col("line").is_in(off.implode())).collect(engine="streaming").select("line", "text")
    unsound = found.filter(~pl.col("sound") & ~pl.col("blank")).with_columns(
        mended=pl.when(~pl.col("swallowed")).then(
            pl.col("text").map_elements(lambda record: _reread(record, header), return_dtype=pl.String)
        )
    )
    mended = unsound.filter(pl.col("mended").is_not_null()).select("line", text="mended")
    if mended.height:
        kept = pl.concat([kept, mended]).sort("line")
    odd = list(_odd(unsound.filter(pl.col("mended").is_null()), kept["line"].last()))
    clean_text = "\n".join(kept["text"]).encode()
    starts = kept.select("line").with_row_index("record").lazy()
    frame = _scan(clean_text, header, skip=0).join(starts, on="record", how="left", maintain_order="left")
    return _Records(frame.drop("record"), kept.height + len(odd), odd)


def _doubtful(header: _Header) -> pl.Expr:
    """Lines that may be no sound row, or a blank one."""
    text, width = pl.col("text"), len(header.cells)
    return (
        (text.str.count_matches(header.delimiter, literal=True) != width - 1)
        | text.str.contains(header.quote, literal=True)
        | text.str.contains(rf"^(?:[ \t]|{re.escape(header.delimiter)}|$)")
    )


def _judged(records: pl.DataFrame, header: _Header) -> pl.DataFrame:
    """The records with `sound` (as wide as the header, its quotes in order), `blank`, and the `rows` an unsound one
    counts for: a stray quote that opens a field makes many lines one record, and each of them is a row lost."""
    text, sep, quote = pl.col("text"), header.delimiter, header.quote
    bare = _marked(text, header)
    stray = bare.str.contains(quote, literal=True) | bare.str.contains(f"\x01[^{re.escape(sep)}]")
    wide = bare.str.count_matches(sep, literal=True) == len(header.cells) - 1
    lost = stray | pl.col("swallowed")
    return records.with_columns(
        sound=wide & ~lost,
        blank=text.str.strip_chars(f" \t\r{quote}{sep}") == "",
        rows=pl.when(lost).then("height").otherwise(1),
    )


def _marked(text: pl.Expr, header: _Header) -> pl.Expr:
    """The record with a mark for each well-formed quoted field; a quote that is left, or what follows a mark, is
    stray."""
    sep, quote = re.escape(header.delimiter), header.quote
    return text.str.replace_all(f"(^|{sep}){quote}(?:[^{quote}]|{quote}{quote})*{quote}", "${1}\x01")


def _odd(records: pl.DataFrame, last: object) -> Iterator[Odd]:
    """The lines of unusable records."""
    newest = last if isinstance(last, int) else 0
    for line, text, rows in records.select("line", "text", "rows").iter_rows():
        for number in range(line, line + rows):
            yield Odd(number, text[:SHOWN_TEXT], below=number > newest)


def _joined(lines: pl.LazyFrame, header: _Header) -> pl.DataFrame:
    """Join lines into records: a record goes on while a quoted field is open.

    A field opens at a quote after a separator that nothing closes, and closes on the next line with an odd quote; an
    odd quote elsewhere (12" wide) is text. `swallowed` tells records in which a line is a whole row by itself, or the
    first and the last are as wide as a row: there a stray quote has opened a field, and rows were lost in it.
    """
    text, quote, sep = pl.col("text"), header.quote, re.escape(header.delimiter)
    telling = len(header.cells) >= TELLING_WIDTH
    wide = (text.str.count_matches(header.delimiter, literal=True) == len(header.cells) - 1) & telling
    whole = rf"[ \t]*(?:{quote}(?:[^{quote}]|{quote}{quote})*{quote}[ \t]*|[^{quote}{sep} \t][^{sep}]*|){sep}"
    opens = text.str.contains(rf"^(?:{whole})*[ \t]*{quote}(?:[^{quote}]|{quote}{quote})*$")
    all_lines = lines.with_columns(opens=opens, wide=wide).collect(engine="streaming")
    odd = all_lines.filter(pl.col("quotes") % 2 == 1)
    turns = odd.select("line", turns=pl.Series(list(_turns(odd["opens"])), dtype=pl.Boolean))
    closed_before = pl.col("turns").fill_null(value=False).cum_sum().shift(1, fill_value=0) % 2 == 0
    return (
        all_lines.lazy()
        .join(turns.lazy(), on="line", how="left", maintain_order="left")
        .with_columns(record=closed_before.cum_sum())
        .group_by("record", maintain_order=True)
        .agg(
            pl.col("line").first(),
            pl.col("text").str.join("\n"),
            height=pl.len(),
            swallowed=(pl.len() > 1)
            & ((pl.col("wide").first() & pl.col("wide").last()) | ((pl.col("quotes") == 0) & pl.col("wide")).any()),
        )
        .collect()
    )


def _turns(opens: pl.Series) -> Iterator[bool]:
    """For each line with an odd quote: whether it opens or closes a field."""
    inside = False
    for opening in opens:
        turned = inside or opening
        inside ^= turned
        yield turned


def _reread(record: str, header: _Header) -> str | None:
    """A record that only its quotes make unsound, written out properly: blanks around quoted fields, quotes within
    plain ones, and quotes escaped by a backslash. None where its fields can't be told for certain."""
    for text in (record, record.replace(f"\\{header.quote}", header.quote * 2)):
        cells = list(_fields(text.rstrip("\r"), header))
        if len(cells) == len(header.cells) and None not in cells:
            return header.delimiter.join(f"{header.quote}{cell}{header.quote}" for cell in cells)
    return None


def _fields(text: str, header: _Header) -> Iterator[str | None]:
    """The fields of a record, with their quotes doubled; None where one is neither plain nor well-formed."""
    sep, quote = re.escape(header.delimiter), header.quote
    field = re.compile(
        rf"[ \t]*{quote}(?P<quoted>(?:[^{quote}]|{quote}{quote})*){quote}[ \t]*(?={sep}|\Z)"
        rf"|(?P<plain>(?![ \t]*{quote})[^{sep}\n]*)(?={sep}|\Z)"
    )
    at = 0
    while at <= len(text):
        found = field.match(text, at)
        if not found:
            yield None
            return
        quoted = found["quoted"]
        yield quoted if quoted is not None else found["plain"].replace(quote, quote * 2)
        at = found.end() + 1


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
        quote_char=header.quote,
        schema=schema,
        row_index_name="record",
        glob=False,
    )


def _turned(source: Source, across: Across) -> Table:
    """A table with the months across: each of them becomes a row, with the lines down as its columns."""
    text = source.data.decode("utf-8", "replace")
    lines = (line.replace("\r", "") for line in text.split("\n")[across.line :])
    try:
        rows = list(csv.reader(lines, delimiter=across.delimiter))
    except csv.Error as error:
        raise refusal(source.name, "corrupt-csv", f"cannot read its rows ({error})", "export it again") from None
    named = [row for row in rows if row and row[0].strip()]
    columns = {"c0": [across.names[at] for at in across.columns]}
    for index, row in enumerate(named, 1):
        columns[f"c{index}"] = [row[at].strip() if at < len(row) else "" for at in across.columns]
    frame = pl.LazyFrame(columns, schema=dict.fromkeys(columns, pl.String))
    lined = frame.with_columns(line=pl.lit(across.line, pl.UInt32))
    headers = ("Month", *(row[0].strip() for row in named))
    return Table(
        source.name,
        headers,
        lined,
        encoding=source.encoding,
        delimiter=across.delimiter,
        rows_read=len(across.columns),
        header_line=across.line,
        across=True,
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
