"""Text becomes numbers: point or comma for the decimals of a whole file, settled by its rows, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from merchant_check.errors import Open, UserError, clean
from merchant_check.facts import MINOR
from merchant_check.read.dates import SAMPLE_ROWS
from merchant_check.read.table import Table
from merchant_check.read.text import BLANKS, GUARD, closely_read, quickly_or_closely

LARGEST_AMOUNT: Final = 1e11  # currency units; up to here a float holds ten-thousandths exactly, and sums fit 64 bits
POINT, COMMA = "point", "comma"
PLAIN: Final = {
    POINT: r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$",
    COMMA: r"^[+-]?(?:[0-9]+(?:,[0-9]*)?|,[0-9]+)$",
}
CURRENCY: Final = r"(?:[A-Z]{0,3}\p{Sc}|[A-Z]{3}|RM|Rs\.?|Rp\.?|[Kk]r\.?|zł|Kč|Ft|лв\.?|руб\.?|元|円|원|人民币)"
ZEROS: Final = (
    0x660,
    0x6F0,
    0x7C0,
    0x966,
    0x9E6,
    0xA66,
    0xAE6,
    0xB66,
    0xBE6,
    0xC66,
    0xCE6,
    0xD66,
    0xE50,
    0xED0,
    0x1040,
)
"""The code points of 0 in other scripts; their 1 to 9 follow."""
SIGNS: Final = {chr(zero + digit): str(digit) for zero in ZEROS for digit in range(10)} | {
    "\u066b": ".",
    "\u066c": ",",
    "\u2212": "-",
}
STRAY: Final = 0.01  # so small a share of amounts in the other way are mistakes, which are set aside
ENOUGH: Final = 10  # so many grouped amounts, beside as many small ones that are not, are no decimals
CLEAR: Final = r"^[+-]?[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})$"  # decimals after a point that can't be thousands
SPACES: Final = "[ \u00a0\u202f\u2009]"
APOSTROPHES: Final = "['\u2019]"
MARKS: Final = {POINT: r"\.", COMMA: ","}
"""The pattern of each mark."""


def _body(decimal: str, *marks: str) -> str:
    """The figures of an amount: plain, or with one of the marks between groups of three (the Indian way: commas or
    points between groups of two, before a last one of three)."""
    groups = [rf"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+" for mark in marks]
    indian = [rf"[1-9][0-9]?(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}" for mark in marks if mark in MARKS.values()]
    return rf"(?:(?:{'|'.join(['[0-9]+', *groups, *indian])})(?:{decimal}[0-9]*)?|{decimal}[0-9]+)"


BODY: Final = {
    POINT: _body(MARKS[POINT], MARKS[COMMA], APOSTROPHES, SPACES),
    COMMA: _body(MARKS[COMMA], MARKS[POINT], APOSTROPHES, SPACES),
}
_BEFORE: Final = rf"{SPACES}?(?:[-+(]?{SPACES}?{CURRENCY}?|{CURRENCY}{SPACES}?[-+(]){SPACES}?"
_AFTER: Final = rf"{SPACES}?(?:{CURRENCY}?{SPACES}?[-)]?|[-)]{SPACES}?{CURRENCY})"
WRITTEN: Final = {how: f"^({_BEFORE})({body})({_AFTER})$" for how, body in BODY.items()}
SCIENTIFIC: Final = r"^([+-]?[0-9](?:\.([0-9]+))?)[eE]\+?(-?[0-9]{1,2})$"


def minor(amount: pl.Expr) -> pl.Expr:
    """Currency units (Float64) as ten-thousandths (Int64); null beyond LARGEST_AMOUNT."""
    return pl.when(amount.abs() <= LARGEST_AMOUNT).then((amount * MINOR).round()).cast(pl.Int64)


def number(column: pl.Expr, decimal: str) -> pl.Expr:
    """An amount as it stands in exports (Float64); null where it is none. `inf`, `nan` and `12%` are none.

    Thousands may be grouped, a currency's sign or code stand before or after, digits be of any script; negative is
    also what bookkeepers write: (12.00), 12.00- and a true minus sign.
    """
    return quickly_or_closely(column, plain(column, decimal), lambda cells: _closely(cells, decimal), pl.Float64)


@dataclass(frozen=True)
class Dress:
    """What stands before and after the figures of amounts, and between their thousands: $12,500.00."""

    before: str = ""
    after: str = ""
    thousands: str = ""


BARE: Final = Dress()


def usual_dress(sample: pl.Series, decimal: str) -> Dress:
    """How most amounts of a sample are dressed; what makes an amount negative is no dress."""
    cells = sample.drop_nulls()
    if cells.str.contains(PLAIN[decimal]).all():
        return BARE
    parts = cells.str.extract_groups(WRITTEN[decimal]).struct.unnest().drop_nulls()
    parts = parts.rename({"1": "before", "2": "body", "3": "after"})
    around = pl.concat_str("before", "after")
    parts = parts.filter(~around.str.contains("[-+()]") & (around.str.count_matches(CURRENCY) <= 1))
    if parts.is_empty():
        return BARE
    before, after, _ = parts.group_by("before", "after").len().sort("len", "before", "after").row(-1)
    between = parts["body"].str.extract(rf"[0-9]([^0-9{MARKS[decimal]}])[0-9]{{3}}").drop_nulls().mode().sort()
    return Dress(before, after, between[0] if len(between) else "")


def plain(column: pl.Expr, decimal: str, dress: Dress = BARE) -> pl.Expr:
    """Amounts that are written in figures alone, or as most are dressed; null for others."""
    bare = _figures(column, PLAIN[decimal], column, decimal)
    if dress == BARE:
        return bare
    figures = column.str.strip_prefix(dress.before).str.strip_suffix(dress.after)
    body = _body(MARKS[decimal])
    if dress.thousands:
        figures = figures.str.replace_all(dress.thousands, "", literal=True)
        body = _body(MARKS[decimal], re.escape(dress.thousands))
    pattern = f"^{re.escape(dress.before)}[+-]?{body}{re.escape(dress.after)}$"
    return pl.coalesce(bare, _figures(column, pattern, figures, decimal))


def _figures(column: pl.Expr, pattern: str, figures: pl.Expr, decimal: str) -> pl.Expr:
    """The number in the figures of the column's cells that match a pattern; null for others."""
    pointed = figures.str.replace(",", ".", literal=True) if decimal == COMMA else figures
    return pl.when(column.str.contains(pattern)).then(pointed.cast(pl.Float64, strict=False))


def numbers(cells: pl.Series, decimal: str) -> pl.Series:
    """The amounts of some cells."""
    return cells.to_frame("cell").select(number(pl.col("cell"), decimal)).to_series()


def _closely(cells: pl.Series, decimal: str) -> pl.Series:
    """The amounts of cells that are not plain: trimmed, dressed, or none at all."""
    bare = cells.str.strip_chars(BLANKS).str.replace(GUARD, "${1}${2}")
    simple = bare.str.normalize("NFKC").str.replace_many(SIGNS).str.strip_chars(BLANKS)
    parts = simple.str.extract_groups(WRITTEN[decimal]).struct.unnest()
    signs, body = parts["1"] + parts["3"], parts["2"]
    thousands, point = (",", ".") if decimal == POINT else (".", ",")
    digits = body.str.replace_all(rf"['\u2019]|{SPACES}", "").str.replace_all(thousands, "", literal=True)
    size = digits.str.replace(point, ".", literal=True).cast(pl.Float64, strict=False)
    marks = pl.DataFrame({"size": size, "signs": signs, "cell": simple})
    minus, brackets = (pl.col("signs").str.count_matches(sign) for sign in ("-", "[()]"))
    currencies = pl.col("signs").str.count_matches(CURRENCY)
    # one bracket alone is a cut one, and two signs of one kind say nothing for certain
    sure = brackets.is_in([0, 2]) & (minus + brackets / 2 <= 1) & (currencies <= 1)
    signed = pl.when(minus + brackets > 0).then(-pl.col("size")).otherwise("size")
    return marks.select(pl.coalesce(pl.when(sure).then(signed), _scientific(pl.col("cell")))).to_series()


def _scientific(cell: pl.Expr) -> pl.Expr:
    """1.2345E+03, as long as no figure before the point is lost: 1.2E+03 may have been 1234."""
    parts = cell.str.extract_groups(SCIENTIFIC)
    decimals = parts.struct.field("2").str.len_chars().fill_null(0)
    exponent = parts.struct.field("3").cast(pl.Int64, strict=False)
    return pl.when(decimals >= exponent).then(cell.cast(pl.Float64, strict=False))


def sign(column: pl.Expr) -> pl.Expr:
    """The currency's sign or code that stands at an amount, null where none does (Categorical)."""

    def found(cells: pl.Series) -> pl.Series:
        if not cells.str.contains(r"[\p{L}\p{Sc}]").any():
            return pl.Series(cells.name, [None], pl.Categorical).new_from_index(0, len(cells))
        written = cells.str.normalize("NFKC").str.strip_chars(BLANKS)
        amount = numbers(cells, POINT).is_not_null() | numbers(cells, COMMA).is_not_null()
        signs = written.str.extract(f"({CURRENCY})", 1).str.to_uppercase().str.strip_chars(".")
        return signs.set(~amount, None).cast(pl.Categorical)

    dressed = pl.when(~column.str.contains(PLAIN[POINT])).then(column)
    return closely_read(dressed, found, pl.Categorical)


def plain_sign(column: pl.Expr, dress: Dress) -> pl.Expr:
    """The currency's sign or code, as `sign` finds it, at amounts that `plain` reads."""
    if not dress.before and not dress.after:
        return pl.lit(None, pl.Categorical)
    usual = pl.Series("cell", [f"{dress.before}1{dress.after}"]).to_frame().select(sign(pl.col("cell"))).item()
    dressed = column.str.starts_with(dress.before) & column.str.ends_with(dress.after)
    return pl.when(dressed).then(pl.lit(usual, pl.Categorical))


def by_frequency(currencies: pl.Series) -> list[str]:
    """The different currency codes in capitals, the most frequent first."""
    counts = currencies.drop_nulls().cast(pl.String).str.to_uppercase().rename("code").value_counts(name="rows")
    return counts.sort("rows", "code", descending=[True, False])["code"].to_list()


@dataclass(frozen=True)
class Decimals:
    """Which sign stands before a file's decimals, and what settled it."""

    mark: str
    by: str


def settle(table: Table, columns: Sequence[pl.Expr], wanted: str | None, role: str) -> Decimals:
    """Which sign stands before the decimals of the file's amounts: all rows together settle it.

    Raises UserError where they leave it open (1,234 may be 1234 or 1.234) or speak for both.
    """
    if wanted is not None:
        return Decimals(wanted, "the setting")
    for frame in (table.frame.head(SAMPLE_ROWS), table.frame):
        evidence = _evidence(frame, columns)
        seen, cells = evidence.counts, {kind: clean(cell) for kind, cell in evidence.cells.items()}
        for mark, other in ((POINT, COMMA), (COMMA, POINT)):
            if seen[mark] and seen[other] <= STRAY * seen[mark]:
                return Decimals(mark, f"amounts such as {cells[mark]}")
    if not seen[POINT] and not seen["open"]:
        return Decimals(POINT, "no amount has decimals")
    if not seen[POINT] and seen["grouped"]:
        return Decimals(POINT if "," in cells["open"] else COMMA, "grouped from one thousand on, and not below")
    said = (
        f"the amounts have decimals after a point ({cells[POINT]}) and after a comma ({cells[COMMA]})"
        if seen[POINT]
        else f"the amount {cells['open']!r} may be in thousands or have three decimals: no other amount settles it"
    )
    raise UserError(
        "ambiguous-amounts",
        said,
        remedy=f"set columns.{role}.decimal_mark to point or comma in the config",
        where=table.where(),
        question=Open(f"columns.{role}.decimal_mark", (POINT, COMMA)),
    )


@dataclass(frozen=True)
class _Evidence:
    """Amounts that only one reading takes (`point`, `comma`), that both take differently (`open`), and columns in
    which those from 1000 on are grouped and those below are not (`grouped`): how many of each, and a cell."""

    counts: Mapping[str, int]
    cells: Mapping[str, str]


def _evidence(frame: pl.LazyFrame, columns: Sequence[pl.Expr]) -> _Evidence:
    counts = dict.fromkeys((POINT, COMMA, "open", "grouped"), 0)
    cells: dict[str, str] = {}
    for column in columns:
        found = _column_evidence(frame.select(cell=column).drop_nulls())
        counts = {kind: counts[kind] + found.counts[kind] for kind in counts}
        cells = {**found.cells, **cells}
    return _Evidence(counts, cells)


def _column_evidence(column: pl.LazyFrame) -> _Evidence:
    clear = pl.col("cell").str.contains(CLEAR)
    pointed, rest = pl.collect_all(
        [
            column.filter(clear).select(pl.len(), pl.col("cell").first()),
            column.filter(~clear).group_by("cell", maintain_order=True).len(),
        ],
        engine="streaming",
    )
    cells, rows = rest["cell"], rest["len"]
    point, comma = numbers(cells, POINT), numbers(cells, COMMA)
    whole = cells.str.contains(r"^[+-]?[0-9]+$")
    kinds = {
        POINT: point.is_not_null() & comma.is_null(),
        COMMA: comma.is_not_null() & point.is_null(),
        "open": (point != comma).fill_null(value=False),
    }
    counts = {kind: int(rows.filter(where).sum()) for kind, where in kinds.items()}
    small, large = (int(rows.filter(whole & where).sum()) for where in (point.abs() < 1000, point.abs() >= 1000))
    shown = {kind: str(cells.filter(where).first()) for kind, where in kinds.items() if where.any()}
    clearly = {POINT: str(pointed["cell"].item())} if pointed["len"].item() else {}
    grouped = counts["open"] >= ENOUGH and small >= ENOUGH and not large
    counts |= {POINT: counts[POINT] + int(pointed["len"].item()), "grouped": int(grouped)}
    return _Evidence(counts, {**shown, **clearly})
