"""What became of every row of one file: used, left out on purpose, or rejected as unreadable; and how to read on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from merchant_check.errors import UserError, clean
from merchant_check.read.recognise import Layout
from merchant_check.read.table import SHOWN_LINES, Table
from merchant_check.report import Input, SetAside

FIELDS_OF = {"date": ("ordered_at",), "amount": ("amount", "quantity", "unit_price")}
"""The fields that a reason speaks of, where it does not name the field itself."""


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

    def __post_init__(self) -> None:
        self.rejected += self.table.rejected

    def reject(self, reason: str, lines: Sequence[int]) -> None:
        """Set rows aside as unreadable."""
        _enter(self.rejected, reason, len(lines), lines)

    def leave_out(self, reason: str, rows: int, lines: Sequence[int]) -> None:
        """Leave rows out on purpose; `lines` may name fewer rows than are left out."""
        _enter(self.left_out, reason, rows, lines)

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
            remedy="mend the file, or raise report.max_rejected in the config to set such rows aside",
            where=self.table.where(line),
        )

    def _echo(self, reason: str, line: int) -> str:
        """The unreadable value itself, where the reason names a field."""
        named = reason.removeprefix("unreadable ").replace(" ", "_")
        columns = [self.layout.columns[name] for name in FIELDS_OF.get(named, (named,)) if name in self.layout.columns]
        rows = self.table.frame.filter(line=line).select(columns).collect().rows() if columns else []
        return f" {', '.join(repr(clean(str(value or ''))) for value in rows[0])}" if rows else ""

    def input(self, first: date | None, last: date | None) -> Input:
        """The file's entry in the report's data line."""
        aside = sum(item.rows for item in (*self.rejected, *self.left_out))
        return Input(
            role=self.layout.role,
            path=self.table.path,
            format=self.layout.shape,
            encoding=self.table.encoding,
            delimiter=self.table.delimiter,
            columns=self.layout.headers,
            rows_read=self.table.rows_read,
            rows_used=self.table.rows_read - aside,
            rejected=tuple(self.rejected),
            left_out=tuple(self.left_out),
            notes=tuple(self.notes),
            first=first,
            last=last,
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
