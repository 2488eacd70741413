"""Text becomes days: one way of writing them for a whole column, settled by all of its rows, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import polars as pl

from merchant_check.errors import Open, UserError, clean
from merchant_check.read.formats import month_by_name
from merchant_check.read.table import Table
from merchant_check.read.text import by_value

SAMPLE_ROWS: Final = 1000
FIRST_YEAR, LAST_YEAR = 1980, 2100  # outside, an order's date is a placeholder (0001, 1900, 1970, 9999)
FIRST_HIRE = 1940

_CLOCK: Final = (
    r"(?:,?[T ]{1,2}(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:[.,][0-9]+)?)?(?: ?[AaPp]\.?[Mm]\.?)?)?"
)
_OFFSET: Final = r"(?: ?(?:Z|GMT|UTC|[A-Z]{3,4}|(?:GMT|UTC)?[+-][0-9]{2}:?[0-9]{2}))?"
ZONED: Final = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r" ?(?:Z|GMT|UTC|(?:GMT|UTC)?(?P<digits>[+-][0-9]{2}:?[0-9]{2}))$"
)
POSITIONED: Final = r"[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?(?![0-9:.,]| ?[AaPp])"
UNPADDED: Final = r"^(?:[0-9]+[-/.]){0,2}[0-9](?:[^0-9]|$)"  # a day, month or year of one figure
MOST_ENDS: Final = 8  # offsets and the names of zones are few
_WORD: Final = r"[\p{L}]{3,10}\.?"
_WEEKDAY: Final = r"(?:\p{L}{2,9}\.?,? )?"
_NUMBER_OF: Final = {"Y": r"[0-9]{4}", "y": r"[0-9]{2}", "D": r"[0-9]{1,2}", "M": r"[0-9]{1,2}", "B": _WORD}

Read = Callable[[str], date | None]
EpochUnit = Literal["s", "ms", "us"]


@dataclass(frozen=True)
class DateFormat:
    """A way to write a day: the look of its day part, and how that reads: by `strptime` (in polars, fast), or by
    `read`, once for each distinct day, or as `epoch`, a count of time since 1970 in that unit."""

    name: str
    pattern: str
    strptime: str = ""
    read: Read | None = None
    epoch: EpochUnit | None = None
    clock: str = _CLOCK  # what may follow the day

    @property
    def short_year(self) -> bool:
        return "YY" in self.name and "YYYY" not in self.name

    @property
    def look(self) -> str:
        """What formats that may be taken for one another have in common: 24/01/05 may begin with its year or day."""
        return f"short {self.name[2]}" if self.short_year and self.strptime else self.pattern


def _worded(name: str, order: str, pattern: str) -> DateFormat:
    """Days with a month's name: `order` says which of day (D), month (B) and year (Y, y) comes when."""
    return DateFormat(name, f"^{_WEEKDAY}{pattern}", read=lambda written: _by_words(written, order))


def _by_words(written: str, order: str) -> date | None:
    parts = re.findall(r"[0-9]+|[^\W\d_]+", written)[-len(order) :]
    found = dict(zip(order, parts, strict=False))
    month = month_by_name(found.get("B", ""))
    year = int(found["Y"]) if "Y" in found else _century(int(found["y"]))
    return _date(year, month or 0, int(found.get("D", 1)))


def _century(year: int) -> int:
    """A year of two digits in full, by the rule of strptime: 69 is 2069, 70 is 1970."""
    return year + (2000 if year < 70 else 1900)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso_week(written: str) -> date | None:
    year, week, day = written.replace("W", "").split("-")
    try:
        return date.fromisocalendar(int(year), int(week), int(day))
    except ValueError:
        return None


def _ordinal(written: str) -> date | None:
    year, number = map(int, written.split("-"))
    found = date(year, 1, 1) + timedelta(number - 1) if 1 <= year < LAST_YEAR else None
    return found if found and found.year == year else None


def _by_order(order: str) -> Read:
    """Reads figures between any signs: `order` says which of them is year, month and day."""

    def read(written: str) -> date | None:
        found = dict(zip(order, map(int, re.findall(r"[0-9]+", written)), strict=True))
        return _date(found["Y"], found["M"], found.get("D", 1))

    return read


def _excel(written: str) -> date:
    return date(1899, 12, 30) + timedelta(int(written))


def _numeric(name: str, strptime: str) -> DateFormat:
    """A format in figures: the pattern follows from its name."""
    looks = {"YYYY": "[0-9]{4}", "YY": "[0-9]{2}", "MM": "[0-9]{1,2}", "DD": "[0-9]{1,2}"}
    pattern = re.sub("YYYY|YY|MM|DD", lambda part: looks[part[0]], name.replace(".", r"\."))
    return DateFormat(name, f"^{pattern}", strptime)


ISO: Final = _numeric("YYYY-MM-DD", "%Y-%m-%d")
EXCEL: Final = DateFormat("excel-serial", r"^[3-6][0-9]{4}", read=_excel, clock=r"(?:\.[0-9]+)?")
DATE_FORMATS: Final = (
    ISO,
    _numeric("YYYY/MM/DD", "%Y/%m/%d"),
    _numeric("YYYY.MM.DD", "%Y.%m.%d"),
    _numeric("DD.MM.YYYY", "%d.%m.%Y"),
    DateFormat("YYYYMMDD", r"^[0-9]{8}", "%Y%m%d", clock=f"(?:T[0-9]{{4,6}})?{_CLOCK}"),
    _numeric("DD/MM/YYYY", "%d/%m/%Y"),
    _numeric("MM/DD/YYYY", "%m/%d/%Y"),
    _numeric("DD-MM-YYYY", "%d-%m-%Y"),
    _numeric("MM-DD-YYYY", "%m-%d-%Y"),
    *(
        _numeric(name.replace("-", sign), form.replace("-", sign))
        for sign in "/-."
        for name, form in (("DD-MM-YY", "%d-%m-%y"), ("MM-DD-YY", "%m-%d-%y"), ("YY-MM-DD", "%y-%m-%d"))
    ),
    _worded("DD-MON-YYYY", "DBY", rf"[0-9]{{1,2}}\.?[ -]{_WORD}[ -][0-9]{{4}}"),
    _worded("DD-MON-YY", "DBy", rf"[0-9]{{1,2}}\.?[ -]{_WORD}[ -][0-9]{{2}}"),
    _worded("MON-DD-YYYY", "BDY", rf"{_WORD}[ -][0-9]{{1,2}},?[ -][0-9]{{4}}"),
    _worded("MON-DD-YY", "BDy", rf"{_WORD}[ -][0-9]{{1,2}},?[ -][0-9]{{2}}"),
    DateFormat("YYYY年MM月DD日", "^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日", read=_by_order("YMD")),
    DateFormat("YYYY-Www-D", "^[0-9]{4}-W[0-9]{2}-[1-7]", read=_iso_week),
    DateFormat("YYYY-DDD", "^[0-9]{4}-[0-9]{3}", read=_ordinal),
    EXCEL,
    DateFormat("epoch-s", "^[0-9]{9,10}", epoch="s", clock=r"(?:\.[0-9]+)?"),
    DateFormat("epoch-ms", "^[0-9]{12,13}", epoch="ms", clock=""),
    DateFormat("epoch-us", "^[0-9]{15,16}", epoch="us", clock=""),
)
ALSO_CALLED: Final = {"YYYY-M-D": ISO.name}
MONTH_FORMATS: Final = (
    DateFormat("YYYY-MM", "^[0-9]{4}-[0-9]{1,2}", read=_by_order("YM"), clock=""),
    DateFormat("YYYY/MM", "^[0-9]{4}/[0-9]{1,2}", read=_by_order("YM"), clock=""),
    DateFormat("YYYYMM", "^[0-9]{6}", read=lambda cell: _date(int(cell[:4]), int(cell[4:]), 1), clock=""),
    DateFormat("MM/YYYY", "^[0-9]{1,2}/[0-9]{4}", read=_by_order("MY"), clock=""),
    DateFormat("MM-YYYY", "^[0-9]{1,2}-[0-9]{4}", read=_by_order("MY"), clock=""),
    DateFormat("YYYY年MM月", "^[0-9]{4}年[0-9]{1,2}月", read=_by_order("YM"), clock=""),
    DateFormat("MON-YYYY", rf"^{_WORD}[ -][0-9]{{4}}", read=lambda cell: _by_words(cell, "BY"), clock=""),
    DateFormat("MON-YY", rf"^{_WORD}[ -]'?[0-9]{{2}}", read=lambda cell: _by_words(cell, "By"), clock=""),
)


def day(column: pl.Expr, how: DateFormat, timezone: str | None = None, since: int = FIRST_YEAR) -> pl.Expr:
    """The calendar day of a stamp: as written, or in `timezone` where the stamp carries an offset and one is set.

    Null where the cell is no stamp of this format, or its year is before `since` or beyond LAST_YEAR.
    """
    written = column.str.strip_chars()
    if how.epoch:
        return _in_years(_since_1970(written, how, how.epoch, timezone), since)
    head = written.str.extract(f"({how.pattern})", 1)
    found = by_value(head, how.read, pl.Date) if how.read else head.str.to_date(how.strptime, strict=False)
    if timezone:
        found = pl.coalesce(_in_zone(written, found, timezone), found)
    return _in_years(pl.when(_is_stamp(written, how)).then(found), since)


def plain_day(
    column: pl.Expr, how: DateFormat, timezone: str | None, sample: pl.Series, since: int = FIRST_YEAR
) -> pl.Expr:
    """The same for stamps that are built like those of the `sample`, read by position; null for others."""
    build = _build(sample, how)
    return _in_years(_by_position(column, build, timezone), since) if build else pl.lit(None, pl.Date)


def _in_years(day: pl.Expr, since: int) -> pl.Expr:
    return pl.when(day.is_between(date(since, 1, 1), date(LAST_YEAR, 12, 31))).then(day)


@dataclass(frozen=True)
class _Build:
    """How stamps are built: a day and a clock of `length` characters, then one of a few ends, such as an offset."""

    strptime: str
    length: int
    ends: tuple[str, ...]

    @property
    def has_clock(self) -> bool:
        return "%H" in self.strptime


def _build(sample: pl.Series, how: DateFormat) -> _Build | None:
    """How the first stamp of the sample is built, with the ends that stand in all of it; None where its parts have no
    fixed places, as in 9/30/2025."""
    filled = sample.drop_nulls()
    found = re.match(f"({how.pattern})({POSITIONED})?", filled[0]) if how.strptime and len(filled) else None
    if not found or filled.str.contains(UNPADDED).any():
        return None
    clock = re.sub("[0-9]{2}", "%H", found[2] or "", count=1)
    clock = re.sub("(?<=:)[0-9]{2}", "%M", clock, count=1)
    clock = re.sub("(?<=:)[0-9]{2}", "%S", clock, count=1)
    ends = [end for end in filled.str.slice(found.end()).unique() if re.fullmatch(_OFFSET, end)]
    return _Build(how.strptime + clock, found.end(), tuple(sorted(ends))) if len(ends) <= MOST_ENDS else None


def _by_position(column: pl.Expr, build: _Build, timezone: str | None) -> pl.Expr:
    head, end = column.str.head(build.length), column.str.slice(build.length)
    fits = (head.str.len_chars() == build.length) & end.is_in(build.ends)
    if build.ends == ("",):
        head, fits = column, column.str.len_chars() == build.length
    if not build.has_clock:
        return pl.when(fits).then(head.str.to_date(build.strptime, strict=False))
    stamp = head.str.to_datetime(build.strptime, strict=False, time_unit="ms", cache=False)
    day = stamp.dt.date()
    for each in build.ends if timezone else ():
        if (minutes := _offset_minutes(each)) is not None:
            utc = (stamp - pl.duration(minutes=minutes)).dt.replace_time_zone("UTC")
            day = pl.when(end == each).then(utc.dt.convert_time_zone(str(timezone)).dt.date()).otherwise(day)
    return pl.when(fits).then(day)


def _offset_minutes(end: str) -> int | None:
    """The minutes from UTC that the end of a stamp tells; None where it tells none."""
    found = re.fullmatch(r" ?(?:Z|GMT|UTC|(?:GMT|UTC)?(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2}))", end)
    if not found:
        return None
    size = int(found["hours"] or 0) * 60 + int(found["minutes"] or 0)
    return -size if found["sign"] == "-" else size


def _since_1970(written: pl.Expr, how: DateFormat, unit: EpochUnit, timezone: str | None) -> pl.Expr:
    """Counts of time since 1970: the day in `timezone`, or in UTC."""
    whole = pl.when(_is_stamp(written, how)).then(written.str.extract("^([0-9]+)", 1))
    stamp = pl.from_epoch(whole.cast(pl.Int64, strict=False), unit).dt.replace_time_zone("UTC")
    return stamp.dt.convert_time_zone(timezone or "UTC").dt.date()


def offset_hours(table: Table, column: pl.Expr, sample: pl.DataFrame) -> set[int]:
    """The whole hours of all offsets from UTC that the column's stamps carry; empty where the sample's carry none."""
    if sample.select(_parts(column).struct.field("offset")).to_series().count() == 0:
        return set()
    end = column.str.strip_chars().str.tail(len("+00:00"))
    ends = table.frame.select(end.str.extract("([+-].*|Z|[A-Z]{3})$", 1).unique()).collect(engine="streaming")
    minutes = map(_offset_minutes, ends.to_series().drop_nulls())
    return {each // 60 for each in minutes if each is not None}


def _parts(written: pl.Expr) -> pl.Expr:
    """The minute of the day and the offset from UTC in minutes of stamps that carry both (struct); null in others."""
    groups = written.str.strip_chars().str.extract_groups(ZONED)
    hour, minute = (groups.struct.field(name).cast(pl.Int64) for name in ("hour", "minute"))
    half = groups.struct.field("half").str.to_lowercase()
    hour = pl.when(half.is_not_null()).then(hour % 12 + pl.when(half == "p").then(12).otherwise(0)).otherwise(hour)
    digits = groups.struct.field("digits").str.replace(":", "", literal=True)
    size = digits.str.slice(1, 2).cast(pl.Int64) * 60 + digits.str.slice(3, 2).cast(pl.Int64)
    signed = pl.when(digits.str.starts_with("-")).then(-size).otherwise(size)
    return pl.struct(minute=hour * 60 + minute, offset=pl.when(hour.is_not_null()).then(signed.fill_null(0)))


def _in_zone(written: pl.Expr, day: pl.Expr, timezone: str) -> pl.Expr:
    """The day in `timezone` of stamps that carry an offset; null for the others."""
    parts = _parts(written)
    since_midnight = parts.struct.field("minute") - parts.struct.field("offset")
    stamp = day.cast(pl.Datetime("us")) + pl.duration(minutes=since_midnight)
    return stamp.dt.replace_time_zone("UTC").dt.convert_time_zone(timezone).dt.date()


@dataclass(frozen=True)
class Settled:
    """How a column's dates are written, and what settled it."""

    format: DateFormat
    by: str


def settle(
    table: Table,
    column: pl.Expr,
    header: str,
    wanted: str | None,
    role: str,
    today: date,
    choices: Sequence[DateFormat] = DATE_FORMATS,
    since: int = FIRST_YEAR,
    like: DateFormat | None = None,
) -> Settled:
    """The one format in which the column's dates are written; `wanted` is the user's own choice, by name.

    Settled by the whole column, or by another column of the file (`like`) where that leaves it open; where a year has
    two digits, a reading that puts days after `today` is the worse one. Raises UserError where two formats read it
    equally well (day and month can't be told apart) or none reads any.
    """
    if wanted is not None:
        return Settled(_named(table, wanted, role, choices), "the setting")

    cells = table.frame.select(cell=column)
    head = cells.head(SAMPLE_ROWS).collect()

    def readable(frame: pl.LazyFrame, formats: Sequence[DateFormat]) -> dict[DateFormat, int]:
        return {how: rows for alike in _by_look(formats) for how, rows in _readable(frame, alike, today, since).items()}

    alike = _alike(head["cell"].drop_nulls().str.strip_chars(), choices)
    candidates = [how for how, read in readable(head.lazy(), alike).items() if read]
    if not candidates:
        raise _no_format(table, column, header, role, choices)
    if len(candidates) == 1:
        return Settled(candidates[0], "its look")
    counts = readable(cells, candidates)
    best = max(candidates, key=lambda how: counts[how])
    rivals = [how for how in candidates if counts[how] == counts[best] and how.look == best.look]
    if like in rivals:
        return Settled(like, "the other dates of the file")
    if len(rivals) > 1:
        raise _open_or_mixed(table, column, header, role, rivals, since)
    rivalled = any(how.look == best.look for how in candidates if how is not best)
    return Settled(best, "days above 12" if rivalled else "its look")


def _by_look(formats: Sequence[DateFormat]) -> list[list[DateFormat]]:
    """The formats in groups of one pattern, such as DD/MM/YYYY and MM/DD/YYYY."""
    looks = dict.fromkeys((how.pattern, how.clock) for how in formats)
    return [[how for how in formats if (how.pattern, how.clock) == look] for look in looks]


def _readable(frame: pl.LazyFrame, formats: Sequence[DateFormat], today: date, since: int) -> dict[DateFormat, int]:
    """How many of the cells formats of one pattern read: found by the distinct days, which are few."""
    written, look = pl.col("cell").str.strip_chars(), formats[0]
    stamp = pl.when(_is_stamp(written, look)).then(written.str.extract(f"({look.pattern})"))
    days = frame.select(cell=stamp).drop_nulls().group_by("cell").len().collect(engine="streaming")
    found = {}
    for how in formats:
        read = day(pl.col("cell"), how, None, since)
        good = read <= today if how.short_year else read.is_not_null()
        found[how] = days.select(pl.col("len").filter(good).sum()).item()
    return found


def _is_stamp(written: pl.Expr, how: DateFormat) -> pl.Expr:
    """Whether the text is a day of this format, with whatever may follow it."""
    offset = "" if how.epoch else _OFFSET
    return written.str.contains(f"{how.pattern}{how.clock}{offset}$")


def _alike(cells: pl.Series, choices: Sequence[DateFormat]) -> list[DateFormat]:
    """The formats that some of the cells look like. What begins as YYYY-MM-DD looks like nothing else."""
    if ISO in choices and len(cells) and cells.str.contains(ISO.pattern).all():
        return [ISO]
    return [how for how in choices if cells.str.contains(how.pattern).any()]


def _open_or_mixed(
    table: Table, column: pl.Expr, header: str, role: str, rivals: Sequence[DateFormat], since: int
) -> UserError:
    """Two ways of reading are equally good: where they take the same rows it is open which one is meant, else the
    column is written in both."""
    first, second, *_ = rivals
    unlike = day(column, first, since=since).is_null() != day(column, second, since=since).is_null()
    if table.frame.select(unlike.any()).collect().item():
        return UserError(
            "mixed-dates",
            f"the dates in {clean(header)!r} are written in two ways, {first.name} and {second.name}",
            remedy="export them in one way; merchant-check can't tell which row is which",
            where=table.where(),
        )
    names = " or ".join(how.name for how in rivals)
    return UserError(
        "ambiguous-dates",
        f"the dates in {clean(header)!r} may be {names}: no day of them settles it",
        remedy=f"pass --date-format {role}={first.name} (or {second.name}), "
        f"or set columns.{role}.date_format in the config",
        where=table.where(),
        question=Open(f"columns.{role}.date_format", tuple(how.name for how in rivals)),
    )


def _no_format(table: Table, column: pl.Expr, header: str, role: str, choices: Sequence[DateFormat]) -> UserError:
    filled = column.filter(column.str.strip_chars() != "")
    sample = table.frame.select(filled.first()).collect().item()
    if sample is None:
        return UserError(
            "no-rows",
            f"has no rows below its header, or nothing in the column {clean(header)!r}",
            remedy="export a period with orders" if role == "orders" else "export it again, with all its rows",
            where=table.where(),
        )
    return UserError(
        "unknown-date-format",
        f"cannot read the dates in {clean(header)!r}, such as {clean(str(sample))!r}",
        remedy=f"export them as {choices[0].name}, or name another column in columns.{role} in the config",
        where=table.where(),
    )


def _named(table: Table, wanted: str, role: str, choices: Sequence[DateFormat]) -> DateFormat:
    name = ALSO_CALLED.get(wanted.upper(), wanted)
    found = [how for how in choices if how.name.casefold() == name.casefold()]
    if not found:
        names = ", ".join(how.name for how in choices)
        raise UserError(
            "unknown-date-format",
            f"knows no date format {clean(wanted)!r}",
            remedy=f"pass --date-format {role}=X, or set columns.{role}.date_format: X, with X one of {names}",
            where=table.where(),
        )
    return found[0]
