"""The records of a text: every one's width is verified; sound ones become a frame, the others are mended or told."""

from __future__ import annotations

import codecs
import io
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

import polars as pl

from merchant_check.read.content import Content, first
from merchant_check.read.scratch import Scratch, room_on_disk

TELLING_WIDTH = 4  # a line of text may well have a separator or two, but hardly as many as a row of this width
SHOWN_TEXT = 200  # characters of an unsound record that are kept, to tell footers from broken rows
MOST_IN_PATTERN = 1000  # fields that polars' patterns have room for
LONGEST = 16 << 20  # characters of lines taken for one record, beyond which a stray quote is sure


@dataclass(frozen=True)
class Form:
    """How records are written: they stand after a line (the header's), with so many fields."""

    after: int
    width: int
    delimiter: str
    quote: str

    @property
    def field(self) -> str:
        """The pattern of a field, plain or with its quotes in order."""
        sep, quote = re.escape(self.delimiter), self.quote
        return f"(?:[^{quote}{sep}]*|{quote}[^{quote}]*(?:{quote}{quote}[^{quote}]*)*{quote})"

    @property
    def record(self) -> str:
        """The pattern of a sound record."""
        return f"{self.field}(?:{re.escape(self.delimiter)}{self.field}){{{self.width - 1}}}"


Fetch = Callable[[pl.Series], pl.LazyFrame]


@dataclass(frozen=True)
class Records:
    """The usable records as a frame, how many they are, and the line where the last one begins; and the unsound ones,
    line by line, blank ones aside. `at` fetches the records of some lines faster than the frame does, where it can."""

    frame: pl.LazyFrame
    count: int
    last: int
    unsound: list[tuple[int, str]]
    at: Fetch | None = None


def read_records(text: Content, form: Form, scratch: Scratch) -> Records:
    """Verify every record's width in one vectorised pass over the lines, and read those that are sound.

    polars pads short rows, cuts long ones and swallows lines after a stray quote without a word, so the records are
    counted here independently of its parser, and it is given nothing but sound ones. Most lines have no quote and the
    right number of separators: only the others are looked at closely, and what is still in doubt then is judged one by
    one, while the rest is copied.
    """
    lines = pl.scan_lines(text, name="text", row_index_name="line", row_index_offset=1, glob=False).filter(
        pl.col("line") > form.after
    )
    # the second condition stands in a column of its own, so that it is computed for the lines alone that pass the first
    doubtful = lines.filter(_unusual(form)).with_columns(usable=_usable(form)).filter(~pl.col("usable")).select("line")
    total, doubts = pl.collect_all([lines.select(pl.len()), doubtful], engine="streaming")
    count = int(total.item())
    if doubts.is_empty():
        frame = _scan(text, form, skip=form.after)
        return Records(frame, count, form.after + count, [], lambda wanted: _at(lines, form, wanted))
    return _mended(text, form, doubts["line"], count, scratch)


def _at(lines: pl.LazyFrame, form: Form, wanted: pl.Series) -> pl.LazyFrame:
    """The records that stand on the wanted lines, of a text in which each is one line: the others need no parsing."""
    whole = pl.concat_str("text", pl.lit("\n"))  # a copy: a text alone would keep all the file's lines in memory
    found = lines.filter(pl.col("line").is_in(wanted.implode())).select("line", text=whole).collect(engine="streaming")
    return _scan("".join(found["text"]).encode(), form, skip=0).with_columns(line=found["line"])


def _unusual(form: Form) -> pl.Expr:
    """Lines that may be no sound record, or a blank one."""
    text = pl.col("text")
    return (
        (text.str.count_matches(form.delimiter, literal=True) != form.width - 1)
        | text.str.contains(form.quote, literal=True)
        | text.str.contains(rf"^(?:[ \t]|{re.escape(form.delimiter)}|$)")
    )


def _usable(form: Form) -> pl.Expr:
    """Lines that are certainly sound records, and not blank."""
    if form.width > MOST_IN_PATTERN:
        return pl.lit(value=False)
    text = pl.col("text")
    blank = rf"^[ \t\r{form.quote}{re.escape(form.delimiter)}]*$"
    return text.str.contains(f"^{form.record}$") & ~text.str.contains(blank)


def _scan(text: Content, form: Form, skip: int) -> pl.LazyFrame:
    """The records as text columns c0, c1, …, and the UInt32 `line` where each begins if each is one line."""
    schema = {f"c{index}": pl.String for index in range(form.width)}
    if first(text, len(codecs.BOM_UTF8) + 1) in (b"", codecs.BOM_UTF8):
        return pl.LazyFrame(schema={"line": pl.UInt32, **schema})
    return pl.scan_csv(
        text,
        has_header=False,
        skip_lines=skip,
        separator=form.delimiter,
        quote_char=form.quote,
        schema=schema,
        row_index_name="line",
        row_index_offset=form.after + 1,
        glob=False,
    )


def _mended(text: Content, form: Form, doubts: pl.Series, count: int, scratch: Scratch) -> Records:
    """The records of a text with lines in doubt: read from a copy without what is unsound."""
    if isinstance(text, bytes):
        held = io.BytesIO()
        copy = _Copy(io.BytesIO(text), held, form)
        copy.write(doubts, count)
        copied: Content = held.getvalue()
    else:
        copied = scratch.path()
        with text.open("rb") as source, room_on_disk(), copied.open("wb") as target:
            copy = _Copy(source, target, form)
            copy.write(doubts, count)
    return Records(copy.with_lines(_scan(copied, form, skip=0)), copy.records, copy.last, copy.unsound)


class _Copy:
    """A text on its way into a copy that holds nothing but sound records: lines that are not in doubt as they are, the
    others judged record by record.

    A record goes on while a quoted field is open. A field opens at a quote after a separator that nothing closes, and
    closes on the next line with an odd quote; an odd quote elsewhere (12" wide) is text.
    """

    def __init__(self, source: BinaryIO, target: BinaryIO, form: Form) -> None:
        self.source, self.target, self.form = source, target, form
        self.line = 0  # read so far
        self.records = 0  # written so far
        self.last = 0  # the line where the newest of them begins
        self.unsound: list[tuple[int, str]] = []
        self._starts, self._missing = array("I"), array("I")
        sep, quote = re.escape(form.delimiter), form.quote
        within = f"[^{quote}]*(?:{quote}{quote}[^{quote}]*)*"
        whole = rf"[ \t]*(?:{quote}{within}{quote}[ \t]*|[^{quote}{sep} \t][^{sep}]*|){sep}"
        self._opens = re.compile(rf"(?:{whole})*[ \t]*{quote}{within}")
        self._in_order = re.compile(f"{form.field}(?:{sep}{form.field})*")
        self._sound = re.compile(form.record)
        self._field = re.compile(
            rf"[ \t]*{quote}(?P<quoted>{within}){quote}[ \t]*(?={sep}|\Z)"
            rf"|(?P<plain>(?![ \t]*{quote})[^{sep}\n]*)(?={sep}|\Z)"
        )

    def write(self, doubts: Iterable[int], count: int) -> None:
        """Copy the text, whose header is followed by so many lines."""
        for _ in range(self.form.after):
            self._next_line()
        self.target.write(codecs.BOM_UTF8)  # polars takes some letters at the very start for a compressed file
        for line in doubts:
            if line > self.line:  # else it is part of the record before
                self._copy_lines(line - 1 - self.line)
                self._judge()
        self._copy_lines(self.form.after + count - self.line)

    def with_lines(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The copy's frame with the lines of the original: each is behind by the lines missing before it."""
        if not self._starts:
            return frame
        starts = pl.Series(self._starts, dtype=pl.UInt32)
        missing = pl.Series([0, *self._missing], dtype=pl.UInt32)

        def original(lines: pl.Series) -> pl.Series:
            return lines + missing.gather(starts.search_sorted(lines, side="right"))

        return frame.with_columns(pl.col("line").map_batches(original, pl.UInt32, is_elementwise=True))

    def _next_line(self) -> str | None:
        """The next line without its end; None after the last."""
        line = self.source.readline()
        self.line += bool(line)
        return line.removesuffix(b"\n").removesuffix(b"\r").decode() if line else None

    def _copy_lines(self, count: int) -> None:
        if count:
            self.target.writelines(islice(self.source, count))
            self.line += count
            self.records += count
            self.last = self.line

    def _judge(self) -> None:
        """Copy the next record if it is sound or can be mended; a blank one is left out, any other entered as unsound,
        line by line where a stray quote made many lines of it."""
        began = self.line + 1
        text, swallowed = self._next_record()
        missing = self.line - began + 1
        if not text.strip(f" \t\r{self.form.quote}{self.form.delimiter}"):
            pass
        elif not swallowed and (whole := self._whole(text)) is not None:
            self.target.write(f"{whole}\n".encode())
            self.records += 1
            self.last = began
            missing -= 1
        else:
            rows = missing if swallowed or not self._in_order.fullmatch(text) else 1
            self.unsound += ((line, text[:SHOWN_TEXT]) for line in range(began, began + rows))
        if missing:
            self._starts.append(self.form.after + 1 + self.records)
            self._missing.append((self._missing[-1] if self._missing else 0) + missing)

    def _next_record(self) -> tuple[str, bool]:
        """The lines of the next record, and whether it swallowed rows: a line in it is a whole row by itself, or the
        first and the last are as wide as a row, so that a stray quote has opened a field."""
        first = self._next_line() or ""
        if not self._is_odd(first) or not self._opens.fullmatch(first):
            return first, False
        lines, size, swallowed, last = [first], len(first), False, first
        while (line := self._next_line()) is not None:
            last = line
            size += len(line)
            if size <= LONGEST:
                lines.append(line)
            if self._is_odd(line):
                break
            swallowed |= self.form.quote not in line and self._is_wide(line)
        swallowed |= last is not first and self._is_wide(first) and self._is_wide(last)
        return "\n".join(lines), swallowed or size > LONGEST

    def _is_odd(self, line: str) -> bool:
        return line.count(self.form.quote) % 2 == 1

    def _is_wide(self, line: str) -> bool:
        width = self.form.width
        return width >= TELLING_WIDTH and line.count(self.form.delimiter) == width - 1

    def _whole(self, record: str) -> str | None:
        """A sound record as it is; one that only its quotes make unsound written out properly: blanks around quoted
        fields, quotes within plain ones, and quotes escaped by a backslash. None where its fields can't be told for
        certain."""
        if self._sound.fullmatch(record):
            return record
        delimiter, quote = self.form.delimiter, self.form.quote
        for text in (record, record.replace(f"\\{quote}", quote * 2)):
            fields = list(self._fields(text.rstrip("\r")))
            if len(fields) == self.form.width and None not in fields:
                return delimiter.join(f"{quote}{each}{quote}" for each in fields)
        return None

    def _fields(self, text: str) -> Iterator[str | None]:
        """The fields of a record, with their quotes doubled; None where one is neither plain nor well-formed."""
        quote = self.form.quote
        at = 0
        while at <= len(text):
            found = self._field.match(text, at)
            if not found:
                yield None
                return
            quoted = found["quoted"]
            yield quoted if quoted is not None else found["plain"].replace(quote, quote * 2)
            at = found.end() + 1
