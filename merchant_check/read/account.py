"""What became of every row of one file: used, left out on purpose, or rejected as unreadable; and how to read on."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from merchant_check.errors import UserError, Where, clean
from merchant_check.read import amounts, dates
from merchant_check.read.dates import SAMPLE_ROWS, DateFormat
from merchant_check.read.formats import fold, fold_words
from merchant_check.read.recognise import Layout
from merchant_check.read.source import ASSUMED, SAY_ENCODING
from merchant_check.read.table import SHOWN_LINES, Odd, Table
from merchant_check.report import Convention, Input, SetAside

FIELDS_OF = {"date": ("ordered_at", "booked_on"), "amount": ("amount", "quantity", "unit_price", "booked_amount")}
"""The fields that a reason speaks of, where it does not name the field itself."""
ODD_RECORD = "wrong number of fields or a stray quote"
MOST = 0.5  # more unreadable rows than this share are no slips
SIGN = "sign "  # begins the name of a column of currency signs
TOTAL_ROW = "total row"
FEW_CELLS = 8


@dataclass(frozen=True)
class ReadSettings:
    """What the user says about reading: the day today, where to cut, the shop's clock and currency, patience."""

    today: date
    as_of: date | None = None
    timezone: str | None = None
    currency: str | None = None
    max_rejected: float = 0.01


@dataclass
class Account:
    """One file's book of rows; every row is in exactly one place, so read = used + left out + rejected."""

    table: Table
    layout: Layout
    rejected: list[SetAside] = field(default_factory=list)
    left_out: list[SetAside] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    conventions: list[Convention] = field(default_factory=list)
    signs: Set[str] = frozenset()  # the currencies' signs that stand at the amounts

    def __post_init__(self) -> None:
        totals = [odd.line for odd in self.table.odd if odd.below and self._is_total(odd)]
        footers = [odd.line for odd in self.table.odd if odd.below and self._is_footer(odd)]
        self.leave_out(TOTAL_ROW, len(totals), totals)
        self.leave_out("footer", len(footers), footers)
        below = {*totals, *footers}
        odd = [odd.line for odd in self.table.odd if odd.line not in below]
        self.reject(ODD_RECORD, len(odd), odd)

    def _is_total(self, odd: Odd) -> bool:
        return fold(odd.text.split(self.table.delimiter or ",")[0]) in fold_words("total_words")

    def _is_footer(self, odd: Odd) -> bool:
        """A line that the export's program is known to write below the table, or that is words and no fields."""
        trailers = "|".join(self.layout.traits.get("trailer", ()))
        words = (self.table.delimiter or ",") not in odd.text and " " in odd.text.strip()
        return not self._is_total(odd) and (words or bool(trailers and re.match(f'["\\s]*(?:{trailers})', odd.text)))

    @cached_property
    def sample(self) -> pl.DataFrame:
        """The first rows of the file."""
        return self.table.frame.head(SAMPLE_ROWS).collect()

    def common(self, column: str) -> list[str]:
        """The column's different cells, if its first rows have only a few: those will be the frequent ones."""
        found: list[str] = self.sample[column].drop_nulls().unique(maintain_order=True).to_list()
        return found if len(found) <= FEW_CELLS else []

    def settle_dates(
        self,
        name: str,
        today: date,
        choices: Sequence[DateFormat] = dates.DATE_FORMATS,
        since: int = dates.FIRST_YEAR,
        like: DateFormat | None = None,
    ) -> DateFormat:
        """How a field's dates are written. Raises UserError where the file leaves it open."""
        layout = self.layout
        wanted = layout.settings.get("date_format")
        found = dates.settle(
            self.table, layout.cell(name), layout.headers[name], wanted, layout.role, today, choices, since, like
        )
        self.conventions.append(Convention(name, found.format.name, found.by))
        if found.format is dates.EXCEL:
            self.notes.append("the dates are Excel's day numbers, counted from 1900")
        return found.format

    def identical_lines(self) -> pl.Series:
        """The lines of rows that repeat an earlier row of the file in every column."""
        everything = pl.struct(pl.col("^c[0-9]+$"))
        return self.table.frame.filter(~everything.is_first_distinct()).select("line").collect()["line"]

    def has_cells(self, name: str) -> bool:
        """Whether any row has something in the field."""
        return bool(self.table.frame.select(self.layout.text(name).is_not_null().any()).collect().item())

    def settle_decimals(self, *names: str) -> str:
        """Which sign stands before the decimals of these fields. Raises UserError where the file leaves it open."""
        layout = self.layout
        cells = [layout.cell(name).alias(name) for name in names if layout.has(name)]
        cells += [pl.col(column) for column in (*layout.plus, *layout.minus)]
        if not cells:
            return amounts.POINT
        found = amounts.settle(self.table, cells, layout.settings.get("decimal_mark"), layout.role)
        self.conventions.append(Convention("amounts", f"decimals after a {found.mark}", found.by))
        return found.mark

    def reject(self, reason: str, rows: int, lines: Sequence[int]) -> None:
        """Set rows aside as unreadable; `lines` may name only the first of them."""
        _enter(self.rejected, reason, rows, lines)

    def leave_out(self, reason: str, rows: int, lines: Sequence[int]) -> None:
        """Leave rows out on purpose; `lines` may name only the first of them."""
        _enter(self.left_out, reason, rows, lines)

    def refuse_foreign(self, words: pl.Series) -> None:
        """Raise UserError where a figure depends on words whose encoding is not known; say so where none does."""
        if self.table.encoding != ASSUMED:
            return
        foreign = words.filter(words.str.contains(r"[^\x00-\x7f]"))
        if foreign.len():
            raise UserError(
                "unknown-encoding",
                f"holds {clean(foreign[0])!r}, in an encoding that can't be told",
                remedy=SAY_ENCODING,
                where=self.table.where(),
            )
        self.notes.append("the encoding is not known: letters outside ASCII stand only where no figure needs them")

    def signs_at(self, *names: str) -> dict[str, pl.Expr]:
        """The currencies' signs at these amounts, as columns for `refuse_mixed_signs`; none where a column tells the
        currency."""
        layout = self.layout
        if layout.has("currency"):
            return {}
        cells = {name: layout.cell(name) for name in names if layout.has(name)}
        cells |= {column: pl.col(column) for column in (*layout.plus, *layout.minus)}
        return {f"{SIGN}{name}": amounts.sign(cell) for name, cell in cells.items()}

    def refuse_mixed_signs(self, rows: pl.LazyFrame) -> None:
        """Raise UserError where the rows' columns of signs are of different currencies: such amounts must not be added
        up."""
        columns = [name for name in rows.collect_schema() if name.startswith(SIGN)]
        found = rows.select(pl.col(name).drop_nulls().unique().implode() for name in columns).collect(
            engine="streaming"
        )
        self.signs = {sign for name in columns for sign in found[name][0]}
        refuse_signs(self.signs, self.table.where())

    def refuse_above(self, max_rejected: float) -> None:
        """Raise UserError when more than this share of the rows is unreadable, pointing at the first of them."""
        unreadable = sum(item.rows for item in self.rejected)
        if unreadable <= max_rejected * self.table.rows_read:
            return
        first = min(self.rejected, key=lambda item: item.lines[0])
        line = first.lines[0]
        raise UserError(
            "too-many-rejected",
            f"{first.reason}{self._echo(first.reason, line)}; "
            f"{unreadable} of {self.table.rows_read} rows can't be read, more than max_rejected ({max_rejected:.3g})",
            remedy=self._remedy(unreadable / self.table.rows_read),
            where=self.table.where(line),
        )

    def _remedy(self, share: float) -> str:
        """What to do about this share of unreadable rows: few may be set aside, most mean that something is amiss."""
        if share > MOST:
            return "mend the file, or export it again; merchant-check inspect shows how it was understood"
        return f"mend the file, or pass --max-rejected {math.ceil(share * 100) / 100:g} to set such rows aside"

    def cell(self, name: str, line: int) -> str:
        """What stands in a field of a line, for messages."""
        cell = self.table.at(pl.Series([line], dtype=pl.UInt32)).select(self.layout.cell(name)).collect().item()
        return str(cell or "").strip()

    def _echo(self, reason: str, line: int) -> str:
        """The unreadable value itself, where the reason names a field."""
        named = reason.removeprefix("unreadable ").replace(" ", "_")
        names = [name for name in FIELDS_OF.get(named, (named,)) if self.layout.has(name)]
        shown = [clean(self.cell(name, line)) for name in names]
        return f" {', '.join(map(repr, shown))}" if shown else ""

    def input(self, first: date | None, last: date | None) -> Input:
        """The file's entry in the report's data line."""
        aside = sum(item.rows for item in (*self.rejected, *self.left_out))
        return Input(
            role=self.layout.role,
            path=self.table.path,
            format=self.layout.format,
            encoding=self.table.encoding,
            delimiter=self.table.delimiter,
            header_line=self.table.header_line,
            columns=self.layout.headers,
            conventions=tuple(self.conventions),
            rows_read=self.table.rows_read,
            rows_used=self.table.rows_read - aside,
            rejected=tuple(self.rejected),
            left_out=tuple(self.left_out),
            notes=tuple(self.notes),
            first=first,
            last=last,
        )


def refuse_signs(signs: Set[str], where: Where) -> None:
    """Raise UserError where amounts that are to be added up carry the signs of several currencies."""
    if len(signs) > 1:
        raise UserError(
            "several-currencies",
            f"the amounts are in several currencies ({', '.join(map(clean, sorted(signs)[:SHOWN_LINES]))})",
            remedy="export a column with the currency of each order, or one currency at a time",
            where=where,
        )


def counted(number: int, noun: str) -> str:
    """ "1 order", "1,240 orders"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _enter(book: list[SetAside], reason: str, rows: int, lines: Sequence[int]) -> None:
    """Add rows to the reason's entry."""
    if not rows:
        return
    entered = next((item for item in book if item.reason == reason), SetAside(reason, 0))
    shown = tuple(sorted((*entered.lines, *lines))[:SHOWN_LINES])
    book[:] = [item for item in book if item is not entered]
    book.append(SetAside(reason, entered.rows + rows, shown))
