"""Text becomes days, money and clean words, as polars expressions: one convention for a whole column, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from merchant_check.errors import UserError, clean
from merchant_check.facts import MINOR
from merchant_check.read.recognise import fold, formats
from merchant_check.read.table import Table

LARGEST_AMOUNT: Final = 1e11  # currency units; up to here a float holds ten-thousandths exactly, and sums fit 64 bits
SAMPLE_ROWS: Final = 1000
FIRST_YEAR, LAST_YEAR = 1980, 2100  # outside, an order's date is a placeholder (0001, 1900, 1970, 9999)
FIRST_HIRE = 1940
NUMBER: Final = r"^[+-]?[0-9]+(?:\.[0-9]*)?$|^[+-]?\.[0-9]+$"
_CLOCK: Final = r"(?:[T ](?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:\.[0-9]+)?)?)?"
_OFFSET: Final = r"(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"


@dataclass(frozen=True)
class DateFormat:
    """A way to write a day: what it looks like, and how the day reads once the clock is cut off."""

    name: str
    pattern: str
    strptime: str


ISO: Final = DateFormat("YYYY-MM-DD", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d")
DATE_FORMATS: Final = (
    ISO,
    DateFormat("YYYY/MM/DD", r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", "%Y/%m/%d"),
    DateFormat("DD.MM.YYYY", r"^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}", "%d.%m.%Y"),
    DateFormat("YYYYMMDD", r"^[0-9]{8}", "%Y%m%d"),
    DateFormat("DD/MM/YYYY", r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", "%d/%m/%Y"),
    DateFormat("MM/DD/YYYY", r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", "%m/%d/%Y"),
    DateFormat("DD-MM-YYYY", r"^[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}", "%d-%m-%Y"),
    DateFormat("MM-DD-YYYY", r"^[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}", "%m-%d-%Y"),
)


def text(column: str) -> pl.Expr:
    """The column trimmed (no-break blanks too), with whatever means "nothing here" as null."""
    trimmed = pl.col(column).str.strip_chars(" \t\r\n\u00a0\u200b\ufeff")
    missing = [str(word).lower() for word in formats()["missing_words"]]
    return pl.when((trimmed != "") & ~trimmed.str.to_lowercase().is_in(missing)).then(trimmed)


def money(column: str) -> pl.Expr:
    """A plain decimal number as ten-thousandths (Int64); null where it is none or beyond LARGEST_AMOUNT."""
    return minor(number(column))


def minor(amount: pl.Expr) -> pl.Expr:
    """Currency units (Float64) as ten-thousandths (Int64); null beyond LARGEST_AMOUNT."""
    return pl.when(amount.abs() <= LARGEST_AMOUNT).then((amount * MINOR).round()).cast(pl.Int64)


def number(column: str) -> pl.Expr:
    """A plain decimal number (Float64); null where it is none. `inf`, `nan` and `1e5` are no numbers here.

    Negative is also what bookkeepers write: (12.00), 12.00- and a true minus sign.
    """
    written = (
        pl.col(column)
        .str.strip_chars()
        .str.replace("\u2212", "-", literal=True)
        .str.replace(r"^(?:\(([0-9.]+)\)|([0-9.]+)-)$", "-${1}${2}")
    )
    return pl.when(written.str.contains(NUMBER)).then(written.cast(pl.Float64, strict=False))


def day(column: str, how: DateFormat, timezone: str | None) -> pl.Expr:
    """The calendar day of a stamp: as written, or in `timezone` where the stamp carries an offset and one is set."""
    written = pl.col(column).str.strip_chars()
    head = written.str.extract(f"({how.pattern})", 1).str.to_date(how.strptime, strict=False)
    whole = written.str.contains(f"{how.pattern}{_CLOCK}{_OFFSET}$")
    if timezone:
        head = pl.coalesce(_in_zone(written, how, timezone), head)
    sane = head.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return pl.when(whole & sane).then(head)


def offset_hours(table: Table, column: str) -> set[int]:
    """The whole hours of all offsets from UTC that the column's stamps carry; empty where they carry none."""
    signed = pl.col(column).str.extract(r":[0-9]{2}(?:\.[0-9]+)? ?([+-][0-9]{2}):?[0-9]{2}$", 1).cast(pl.Int64)
    zero = pl.when(pl.col(column).str.contains(r"[0-9] ?(?:Z|UTC)$")).then(0)
    hours = pl.coalesce(signed, zero).drop_nulls().unique().alias("hours")
    if table.frame.head(SAMPLE_ROWS).select(hours).collect().is_empty():
        return set()
    return set(table.frame.select(hours).collect(engine="streaming")["hours"].to_list())


def _in_zone(written: pl.Expr, how: DateFormat, timezone: str) -> pl.Expr:
    """The day in `timezone` of stamps that carry an offset; null for the others."""
    stamp = (
        written.str.replace(" ", "T", literal=True)
        .str.replace(r" ?(?:Z|UTC)$", "+0000")
        .str.replace(r" ?([+-][0-9]{2}):?([0-9]{2})$", "${1}${2}")
    )
    zoned = pl.coalesce(
        stamp.str.to_datetime(form, strict=False, time_zone="UTC")
        for form in (f"{how.strptime}T%H:%M:%S%.f%z", f"{how.strptime}T%H:%M%z")
    )
    return zoned.dt.convert_time_zone(timezone).dt.date()


def date_format(table: Table, column: str, header: str, wanted: str | None) -> DateFormat:
    """The one format in which the column's dates are written; `wanted` is the user's own choice, by name.

    Settled by the whole column. Raises UserError where two formats read it equally well (day and month can't be
    told apart) or where none reads any of it.
    """
    if wanted is not None:
        return _named_format(table, wanted)
    candidates = [how for how, read in _readable(table.frame.head(SAMPLE_ROWS), column, DATE_FORMATS).items() if read]
    counts = _readable(table.frame, column, candidates) if len(candidates) > 1 else dict.fromkeys(candidates, 1)
    if not candidates:
        raise _no_format(table, column, header)
    best = max(candidates, key=lambda how: counts[how])
    rivals = [how for how in candidates if counts[how] == counts[best]]
    if len(rivals) > 1:
        names = " or ".join(how.name for how in rivals)
        raise UserError(
            "ambiguous-dates",
            f"the dates in {clean(header)!r} may be {names}: no day above 12 settles it",
            remedy=f"set columns.orders.date_format: {rivals[0].name} (or {rivals[1].name}) in the config",
            where=table.where(),
        )
    return best


def _readable(frame: pl.LazyFrame, column: str, formats: Sequence[DateFormat]) -> dict[DateFormat, int]:
    """How many rows each format reads."""
    counts = frame.select(day(column, how, None).is_not_null().sum().alias(how.name) for how in formats).collect()
    return {how: counts[how.name].item() for how in formats}


def _no_format(table: Table, column: str, header: str) -> UserError:
    sample = table.frame.select(pl.col(column).drop_nulls().first()).collect().item()
    if sample is None:
        return UserError(
            "no-rows",
            f"has no rows below its header, or nothing in the column {clean(header)!r}",
            remedy="export a period with orders",
            where=table.where(),
        )
    return UserError(
        "unknown-date-format",
        f"cannot read the dates in {clean(header)!r}, such as {clean(str(sample))!r}",
        remedy="export them as YYYY-MM-DD",
        where=table.where(),
    )


def _named_format(table: Table, wanted: str) -> DateFormat:
    found = [how for how in DATE_FORMATS if how.name == wanted.upper()]
    if not found:
        names = ", ".join(how.name for how in DATE_FORMATS)
        raise UserError(
            "unknown-date-format",
            f"knows no date format {clean(wanted)!r}",
            remedy=f"set columns.orders.date_format to one of {names}",
            where=table.where(),
        )
    return found[0]


def folded(words: pl.Expr) -> pl.Expr:
    """Words folded as `fold` does with headers, for comparing status words."""
    return words.str.to_lowercase().str.replace_all(r"[\s_\-./#*()]+", "")


def parse_number(written: str | None) -> float | None:
    """One plain decimal number from a small sheet, written as `number` takes it; None where it is none."""
    plain = re.sub(r"^(?:\(([0-9.]+)\)|([0-9.]+)-)$", r"-\1\2", (written or "").strip().replace("\u2212", "-"))
    return float(plain) if re.match(NUMBER, plain) else None


def parse_day(written: str | None) -> date | None:
    """One ISO day (or stamp) from a small sheet; None where it is none."""
    if not written or not re.match(f"{ISO.pattern}{_CLOCK}{_OFFSET}$", written.strip()):
        return None
    try:
        found = date.fromisoformat(written.strip()[:10])
    except ValueError:
        return None
    return found if FIRST_HIRE <= found.year <= LAST_YEAR else None


def is_missing(written: str | None) -> bool:
    """The cell says "nothing here"."""
    return not written or fold(written) == "" or written.strip().lower() in map(str, formats()["missing_words"])
